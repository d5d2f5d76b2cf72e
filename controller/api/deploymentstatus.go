package api

import (
	"time"

	"github.com/segue-dev/segue/spec"
)

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
