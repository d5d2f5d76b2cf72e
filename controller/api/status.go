package api

import (
	"time"

	"github.com/segue-dev/segue/spec"
)

// Status is one object as it is wanted and as it is. It is never changed after it was published.
type Status struct {
	Kind string    `json:"kind"`
	Name spec.Name `json:"name"`
	// Owner is apply, a source's name, or "" for an unowned object.
	Owner    string        `json:"owner"`
	Manifest spec.Manifest `json:"manifest"`
	// Generation counts the manifest's changes; CreatedAt is when the object was first kept.
	Generation int64     `json:"generation"`
	CreatedAt  time.Time `json:"createdAt"`
	Deleting   bool      `json:"deleting,omitempty"`
	// By and Cause say who asked for this generation, and why; Commit is the hash of the commit that brought it, "" where
	// none did.
	By     string `json:"by,omitempty"`
	Cause  string `json:"cause,omitempty"`
	Commit string `json:"commit,omitempty"`
	// Exactly one of these is set.
	Deployment *DeploymentStatus `json:"deployment,omitempty"`
	Nginx      *NginxStatus      `json:"nginx,omitempty"`
	Eureka     *EurekaStatus     `json:"eureka,omitempty"`
	Source     *SourceStatus     `json:"source,omitempty"`
}

// DeploymentStatus is how a Deployment is.
type DeploymentStatus struct {
	// ObservedGeneration is the one that the rest speaks of.
	ObservedGeneration int64 `json:"observedGeneration"`
	// Phase is a reconcile.Phase in words; Reason the one sentence that get shows.
	Phase  string `json:"phase"`
	Reason string `json:"reason"`
	// Revision is the number of the wanted revision, Hash its hash, TargetRevision the one that the steps lead to.
	Revision       int    `json:"revision"`
	Hash           string `json:"hash"`
	TargetRevision int    `json:"targetRevision"`
	// Settled: nothing is left to do for this generation, for good or ill.
	Settled bool `json:"settled"`

	Image             string      `json:"image"`
	Strategy          string      `json:"strategy"`
	Replicas          int         `json:"replicas"`
	UpdatedReplicas   int         `json:"updatedReplicas"`
	ReadyReplicas     int         `json:"readyReplicas"`
	AvailableReplicas int         `json:"availableReplicas"`
	LiveReplicas      int         `json:"liveReplicas"`
	Conditions        []Condition `json:"conditions"`
	WaitingFor        []Wait      `json:"waitingFor,omitempty"`
	NextSteps         []string    `json:"nextSteps,omitempty"`
	Rejected          *Rejected   `json:"rejected,omitempty"`
	Paused            bool        `json:"paused,omitempty"`
	Pinned            string      `json:"pinned,omitempty"`
	History           []History   `json:"history,omitempty"`
	Instances         []Instance  `json:"instances"`
	// Fronts are the nginx servers that are registered in place of the instances (eureka.mode Proxied).
	Fronts []Front `json:"fronts,omitempty"`
	Orphan bool    `json:"orphan,omitempty"`
	// Deadline is when the wanted revision is rejected if nothing changes; zero while the clock stands.
	Deadline time.Time `json:"deadline,omitzero"`
}

// Condition types; reasons are Kubernetes' where they fit.
const (
	ConditionProgressing       = "Progressing"
	ConditionAvailable         = "Available"
	ConditionReplicaFailure    = "ReplicaFailure"
	ConditionPromoted          = "Promoted"
	ConditionRolledBack        = "RolledBack"
	ConditionNginxSynced       = "NginxSynced"
	ConditionEurekaSynced      = "EurekaSynced"
	ConditionRouteConflict     = "RouteConflict"
	ConditionWaitingForInclude = "WaitingForInclude"
)

// Condition is one statement about an object; LastTransitionTime changes only when Status does.
type Condition struct {
	Type string `json:"type"`
	// Status is True, False or Unknown.
	Status             string    `json:"status"`
	Reason             string    `json:"reason"`
	Message            string    `json:"message"`
	LastTransitionTime time.Time `json:"lastTransitionTime"`
}

// Wait is one gate that is shut.
type Wait struct {
	Gate   string    `json:"gate"`
	On     string    `json:"on,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	Until  time.Time `json:"until,omitzero"`
	Reason string    `json:"reason"`
}

// Rejected is the revision that failed last and why.
type Rejected struct {
	Revision  int       `json:"revision"`
	Hash      string    `json:"hash"`
	Image     string    `json:"image,omitempty"`
	Reason    string    `json:"reason"`
	LastProbe string    `json:"lastProbe,omitempty"`
	ExitCode  *int      `json:"exitCode,omitempty"`
	Log       []string  `json:"log,omitempty"`
	LogFile   string    `json:"logFile,omitempty"`
	At        time.Time `json:"at"`
}

// History is one revision that was once asked for.
type History struct {
	Revision int       `json:"revision"`
	Hash     string    `json:"hash"`
	Image    string    `json:"image"`
	Cause    string    `json:"cause,omitempty"`
	By       string    `json:"by,omitempty"`
	At       time.Time `json:"at"`
	// Result is accepted, rejected, aborted or progressing.
	Result string `json:"result"`
	// Manifest is the whole Deployment as it was written.
	Manifest *spec.Deployment `json:"manifest,omitempty"`
}

// Instance is one replica.
type Instance struct {
	Name       string    `json:"name"`
	Deployment spec.Name `json:"deployment"`
	Revision   int       `json:"revision"`
	Hash       string    `json:"hash"`
	Slot       string    `json:"slot,omitempty"`
	Image      string    `json:"image"`
	Address    string    `json:"address"`
	Ready      bool      `json:"ready"`
	// Status is one word or phrase: Starting, NotReady, Ready, Serving, Draining, Stopping, Exited (1), Adopted.
	Status string `json:"status"`
	// Restarts counts the exited predecessors of this revision.
	Restarts  int       `json:"restarts"`
	StartedAt time.Time `json:"startedAt,omitzero"`
	// Nginx is SERVING/SERVERS as "2/2"; Eureka as "UP 1/2, ? 1/2"; "-" where there is none.
	Nginx     string   `json:"nginx"`
	Eureka    string   `json:"eureka"`
	EurekaID  string   `json:"eurekaId,omitempty"`
	LastProbe string   `json:"lastProbe,omitempty"`
	ExitCode  *int     `json:"exitCode,omitempty"`
	Log       []string `json:"log,omitempty"`
}

// Front is one nginx server that is registered with Eureka in place of instances.
type Front struct {
	// Nginx is the Nginx object, Server its server; Address is where consumers dial it, "" while nobody knows.
	Nginx   string `json:"nginx"`
	Server  string `json:"server"`
	Address string `json:"address"`
	// State is the nginx server's; Eureka as Instance has it; Leaving: it is on its way out.
	State   string `json:"state"`
	Eureka  string `json:"eureka"`
	Leaving bool   `json:"leaving,omitempty"`
	// Reason says why it is not registered; "" when that is not known or it is.
	Reason string `json:"reason,omitempty"`
}

// NginxStatus is how an Nginx object is.
type NginxStatus struct {
	ObservedGeneration int64         `json:"observedGeneration"`
	Servers            []NginxServer `json:"servers"`
	Conditions         []Condition   `json:"conditions"`
	// Includes are the lines that the user has yet to add, with file and line.
	Includes     []string      `json:"includes,omitempty"`
	Certificates []Certificate `json:"certificates,omitempty"`
	// Notes are what segue read in the user's own configuration and would advise to change.
	Notes []string `json:"notes,omitempty"`
}

// NginxServer is how one nginx server is.
type NginxServer struct {
	Name       string `json:"name"`
	State      string `json:"state"`
	Reason     string `json:"reason,omitempty"`
	Version    string `json:"version,omitempty"`
	Generation string `json:"generation,omitempty"`
	Switch     string `json:"switch,omitempty"`
}

// Certificate is one of an Nginx object's.
type Certificate struct {
	File     string    `json:"file"`
	Names    []string  `json:"names"`
	NotAfter time.Time `json:"notAfter"`
}

// EurekaStatus is how a Eureka object is.
type EurekaStatus struct {
	ObservedGeneration int64          `json:"observedGeneration"`
	Servers            []EurekaServer `json:"servers"`
	Conditions         []Condition    `json:"conditions"`
}

// EurekaServer is how one Eureka server is.
type EurekaServer struct {
	URL    string `json:"url"`
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
	// Leases counts this owner's by status.
	Leases map[string]int `json:"leases,omitempty"`
}
