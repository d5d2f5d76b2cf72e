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

	// Image and Replicas are the wanted revision's.
	Image    string `json:"image"`
	Strategy string `json:"strategy"`
	Replicas int    `json:"replicas"`
	// UpdatedReplicas run, are of the wanted revision and are not on their way out; ReadyReplicas are ready, of whatever
	// revision; AvailableReplicas serve: everything sends to them. LiveReplicas have not exited yet, retired ones included.
	UpdatedReplicas   int         `json:"updatedReplicas"`
	ReadyReplicas     int         `json:"readyReplicas"`
	AvailableReplicas int         `json:"availableReplicas"`
	LiveReplicas      int         `json:"liveReplicas"`
	Conditions        []Condition `json:"conditions"`
	// WaitingFor are the gates that are shut; NextSteps what can be done now, or has failed and is done again.
	WaitingFor []Wait    `json:"waitingFor,omitempty"`
	NextSteps  []string  `json:"nextSteps,omitempty"`
	Rejected   *Rejected `json:"rejected,omitempty"`
	Paused     bool      `json:"paused,omitempty"`
	// Pinned is "undo" or "abort" while what these went back to stays against the manifest: until that changes, or retry.
	Pinned string `json:"pinned,omitempty"`
	// History is in the order of the revisions' numbers.
	History   []History  `json:"history,omitempty"`
	Instances []Instance `json:"instances"`
	// Fronts are the nginx servers that are registered in place of the instances (eureka.mode Proxied).
	Fronts []Front `json:"fronts,omitempty"`
	// Orphan: its containers run, and no object claims them.
	Orphan bool `json:"orphan,omitempty"`
	// Deadline is when the wanted revision is rejected if nothing changes; zero while the clock stands.
	Deadline time.Time `json:"deadline,omitzero"`
}

// Wait is one gate that is shut; docs/troubleshooting.md has them all.
type Wait struct {
	Gate string `json:"gate"`
	// On is the instance, server, Deployment or revision that it is about; "" where the gate says all.
	On    string    `json:"on,omitempty"`
	Since time.Time `json:"since,omitzero"`
	// Until is when it opens by itself, or is tried again; zero where nobody knows.
	Until  time.Time `json:"until,omitzero"`
	Reason string    `json:"reason"`
}

// Rejected is the revision that failed last and why.
type Rejected struct {
	Revision  int    `json:"revision"`
	Hash      string `json:"hash"`
	Image     string `json:"image,omitempty"`
	Reason    string `json:"reason"`
	LastProbe string `json:"lastProbe,omitempty"`
	ExitCode  *int   `json:"exitCode,omitempty"`
	// Log are its last lines, LogFile the path of all of it on segue's machine.
	Log     []string  `json:"log,omitempty"`
	LogFile string    `json:"logFile,omitempty"`
	At      time.Time `json:"at"`
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
