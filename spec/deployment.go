package spec

// APIVersion is the only apiVersion that segue reads.
const APIVersion = "segue.dev/v1"

// The kinds of object.
const (
	KindDeployment = "Deployment"
	KindNginx      = "Nginx"
	KindEureka     = "Eureka"
)

// Deployment is a service that runs as containers.
type Deployment struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   Metadata       `json:"metadata"`
	Spec       DeploymentSpec `json:"spec"`
}

// DeploymentSpec is the wanted state of a Deployment.
type DeploymentSpec struct {
	// Replicas is how many instances serve; the live count, else 1, when nil. 0 is allowed: routes answer 503.
	Replicas *int     `json:"replicas,omitempty"`
	Strategy Strategy `json:"strategy,omitzero"`
	// MinReadySeconds is how long an instance must stay ready before it counts as ready.
	// Default 0; 10 where there is neither a readinessProbe nor a HEALTHCHECK in the image.
	MinReadySeconds *int `json:"minReadySeconds,omitempty"`
	// ProgressDeadlineSeconds bounds the time in which a new instance starts or fails. Default 600.
	ProgressDeadlineSeconds *int `json:"progressDeadlineSeconds,omitempty"`
	// DrainTimeoutSeconds bounds the wait for open requests and sockets after propagation. Default 60.
	DrainTimeoutSeconds *int `json:"drainTimeoutSeconds,omitempty"`
	// AutoRollback returns to the last accepted revision when a new one fails.
	// Default true; false for Recreate with a writable volume.
	AutoRollback *bool `json:"autoRollback,omitempty"`
	// RevisionHistoryLimit is how many accepted revisions are kept for undo. Default 10.
	RevisionHistoryLimit *int  `json:"revisionHistoryLimit,omitempty"`
	Paused               *bool `json:"paused,omitempty"`
	// DependsOn names Deployments that must be available before a new revision of this one starts.
	DependsOn []string         `json:"dependsOn,omitempty"`
	Adopt     []Adopt          `json:"adopt,omitempty"`
	Routes    map[string]Route `json:"routes,omitempty"`
	Eureka    *Registration    `json:"eureka,omitempty"`
	Template  Template         `json:"template"`
}

// Adopt names something that runs today and is taken over as an instance of revision 0: exactly one of
// Container and Address.
type Adopt struct {
	// Container is the name of a container that segue did not start.
	Container string `json:"container,omitempty"`
	// Port is where the container answers, probes too, if that is another port than the template's.
	Port int `json:"port,omitempty"`
	// Address is HOST:PORT of a process that segue cannot stop.
	Address string `json:"address,omitempty"`
	// EurekaID is the instance id under which it is registered, if it is.
	EurekaID string `json:"eurekaId,omitempty"`
}
