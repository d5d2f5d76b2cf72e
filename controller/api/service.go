package api

import (
	"context"
	"io"
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

// Version says who answers.
type Version struct {
	Version string `json:"version"`
	Owner   string `json:"owner"`
	// PID is the controller's.
	PID int `json:"pid"`
}
