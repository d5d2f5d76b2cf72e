package api

import (
	"context"
	"io"

	"github.com/segue-dev/segue/spec"
)

// Service is everything that can be asked of segue. The controller answers it; Client asks it over the socket.
// Errors that a caller branches on are *Refusal.
type Service interface {
	// List gives the objects that match, sorted by kind, namespace and name.
	List(ctx context.Context, query Query) (List, error)
	// Watch calls each with every status that changes after the first List of the same query, in order, until ctx
	// ends or each returns an error. Its first calls are that first List.
	Watch(ctx context.Context, query Query, each func(Status) error) error
	// Apply validates, then keeps all of the manifests or none.
	Apply(ctx context.Context, request ApplyRequest) (ApplyResult, error)
	// Plan says what Apply would lead to, and changes nothing.
	Plan(ctx context.Context, request ApplyRequest) (PlanResult, error)
	// Delete marks objects for deletion; their instances are drained and removed.
	Delete(ctx context.Context, request DeleteRequest) (ApplyResult, error)
	// Intend records what a person wants of a Deployment beside its manifest.
	Intend(ctx context.Context, intent Intent) (ApplyResult, error)
	// Steer reads sources now, suspends or resumes them.
	Steer(ctx context.Context, order SourceOrder) (SourceResult, error)
	// Events gives those that match, oldest first; with follow it goes on until ctx ends.
	Events(ctx context.Context, query EventQuery, each func(Event) error) error
	// Logs copies an instance's log.
	Logs(ctx context.Context, query LogQuery, to io.Writer) error
	// Version says who answers.
	Version(ctx context.Context) (Version, error)
}

// Query selects objects. Empty fields match everything.
type Query struct {
	Kind      string `json:"kind,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	// Selector is a label selector, as KEY=VALUE,KEY!=VALUE,KEY.
	Selector string `json:"selector,omitempty"`
}

// Selects says whether the query is about an object, labels apart. Sources are meant only where they are asked for.
func (q Query) Selects(kind string, name spec.Name) bool {
	return (q.Kind == kind || q.Kind == "" && kind != KindSource) && (q.Namespace == "" || q.Namespace == name.Namespace) &&
		(q.Name == "" || q.Name == name.Name)
}

// List is an answer to a Query.
type List struct {
	Items []Status `json:"items"`
}

// ApplyRequest asks for manifests to be kept and followed.
type ApplyRequest struct {
	Manifests []spec.Manifest `json:"manifests"`
	// Owner is who speaks: OwnerApply for the command, a source's name otherwise.
	Owner string `json:"owner"`
	// By is the person; the server fills it in from the socket's peer credentials.
	By     string `json:"by,omitempty"`
	Cause  string `json:"cause,omitempty"`
	DryRun bool   `json:"dryRun,omitempty"`
	// Deletions are planned, too; Apply ignores them.
	Deletions []DeleteRequest `json:"deletions,omitempty"`
}

// OwnerApply is the owner of what was applied by hand.
const OwnerApply = "apply"

// ApplyResult says what became of each object.
type ApplyResult struct {
	Items []Applied `json:"items"`
}

// Applied is what became of one object.
type Applied struct {
	Kind string    `json:"kind"`
	Name spec.Name `json:"name"`
	// Result is created, configured, unchanged, deleted or an intent's past participle (paused, promoted, …).
	Result string `json:"result"`
	// Generation is the object's after this.
	Generation int64 `json:"generation"`
	// Note is one more sentence for the person; "" when there is nothing to add.
	Note string `json:"note,omitempty"`
}

// DeleteRequest names what is to be deleted.
type DeleteRequest struct {
	Kind  string    `json:"kind"`
	Name  spec.Name `json:"name"`
	Owner string    `json:"owner"`
	By    string    `json:"by,omitempty"`
	// Orphans: labelled containers that no object claims are meant, by their Deployment's name.
	Orphans bool `json:"orphans,omitempty"`
}

// The verbs of an Intent.
const (
	Pause    = "pause"
	Resume   = "resume"
	Promote  = "promote"
	Abort    = "abort"
	Retry    = "retry"
	Restart  = "restart"
	Undo     = "undo"
	Scale    = "scale"
	SetImage = "set image"
)

// Intent is what a person wants of one Deployment.
type Intent struct {
	Verb string    `json:"verb"`
	Name spec.Name `json:"name"`
	By   string    `json:"by,omitempty"`
	// ToRevision is undo's; 0 means the previous one unless HasRevision.
	ToRevision  int    `json:"toRevision,omitempty"`
	HasRevision bool   `json:"hasRevision,omitempty"`
	Replicas    int    `json:"replicas,omitempty"`
	Image       string `json:"image,omitempty"`
	Cause       string `json:"cause,omitempty"`
}

// EventQuery selects events. Empty fields match everything.
type EventQuery struct {
	Kind      string `json:"kind,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	Follow    bool   `json:"follow,omitempty"`
}

// LogQuery selects a log.
type LogQuery struct {
	// Instance is an instance's name; or Deployment, which means its newest instance (of Revision, if that is not 0).
	Instance   string    `json:"instance,omitempty"`
	Deployment spec.Name `json:"deployment,omitzero"`
	Revision   int       `json:"revision,omitempty"`
	// Previous reads the kept log of the last failed instance.
	Previous   bool `json:"previous,omitempty"`
	Follow     bool `json:"follow,omitempty"`
	Tail       int  `json:"tail"`
	Timestamps bool `json:"timestamps,omitempty"`
}

// Version says who answers.
type Version struct {
	Version string `json:"version"`
	Owner   string `json:"owner"`
	// PID is the controller's.
	PID int `json:"pid"`
}
