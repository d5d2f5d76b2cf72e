package spec

// StrategyType is how old instances are replaced by new ones.
type StrategyType string

// The strategies.
const (
	RollingUpdate StrategyType = "RollingUpdate"
	BlueGreen     StrategyType = "BlueGreen"
	Recreate      StrategyType = "Recreate"
)

// Strategy says how old instances are replaced by new ones.
type Strategy struct {
	// Type is RollingUpdate (the default), BlueGreen or Recreate.
	Type          StrategyType           `json:"type,omitempty"`
	RollingUpdate *RollingUpdateStrategy `json:"rollingUpdate,omitempty"`
	BlueGreen     *BlueGreenStrategy     `json:"blueGreen,omitempty"`
}

// RollingUpdateStrategy replaces instances in waves.
type RollingUpdateStrategy struct {
	// MaxSurge is how many instances may live beyond replicas. Default 1.
	MaxSurge *IntOrPercent `json:"maxSurge,omitempty"`
	// MaxUnavailable is how many of replicas may be missing. Default 0.
	MaxUnavailable *IntOrPercent `json:"maxUnavailable,omitempty"`
}

// BlueGreenStrategy starts a whole second set and switches to it at once.
type BlueGreenStrategy struct {
	// AutoPromote switches as soon as every new instance is ready; false waits for segue promote. Default true.
	AutoPromote *bool `json:"autoPromote,omitempty"`
	// ScaleDownDelaySeconds is how long the old set stays warm after the switch. Default 60.
	ScaleDownDelaySeconds *int `json:"scaleDownDelaySeconds,omitempty"`
	// Slots are exactly two fixed places that take turns; replicas must be 1.
	Slots map[string]Slot `json:"slots,omitempty"`
}

// Slot is one of two fixed places of a BlueGreen deployment.
type Slot struct {
	// HostPort is published on HostIP for the instance in this slot.
	HostPort int    `json:"hostPort,omitempty"`
	HostIP   string `json:"hostIP,omitempty"`
	// Env is added to the template's environment for the revision that starts in this slot.
	Env map[string]string `json:"env,omitempty"`
}
