package api

// EurekaStatus is how a Eureka object is.
type EurekaStatus struct {
	ObservedGeneration int64          `json:"observedGeneration"`
	Servers            []EurekaServer `json:"servers"`
	Conditions         []Condition    `json:"conditions"`
}

// EurekaServer is how one Eureka server is.
type EurekaServer struct {
	URL string `json:"url"`
	// State is up, down or unknown; Reason why it is not up.
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
	// Leases counts this owner's by status.
	Leases map[string]int `json:"leases,omitempty"`
}
