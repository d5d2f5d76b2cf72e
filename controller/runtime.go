package controller

import (
	"context"
	"io"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// Runtime runs instances. controller/docker is the real one.
//
// Every call has a deadline in its context and returns at once: nothing here waits for a container to become
// anything. An error never means "none".
type Runtime interface {
	// Run keeps the snapshot fresh from the event stream and a slow poll until ctx ends. changed is called with the
	// Deployment's name (spec.Name.String) or with "" for "anything may have changed"; it must not block.
	Run(ctx context.Context, changed func(deployment string)) error
	// Containers are all containers with this owner's label, and those named in adopted, as read by a snapshot that
	// began at or after began. A container that adopted names and that does not exist is not in the answer.
	Containers(ctx context.Context, began time.Time) ([]reconcile.Container, time.Time, error)
	// ContainersOf are those of one Deployment, as read at or after began. What a step of segue's own changed costs a read
	// of its Deployment's containers, not of all.
	ContainersOf(ctx context.Context, deployment string, began time.Time) ([]reconcile.Container, time.Time, error)
	// Adopt says which containers that segue did not start are to be in the snapshot, by name, for which Deployment.
	Adopt(containers map[string]string)
	// Pull starts to resolve and fetch an image, or finds that under way or done.
	Pull(ctx context.Context, image string, policy string) (reconcile.Wish, reconcile.PulledImage)
	// Start creates and starts the instance. It succeeds when the instance runs with our labels already.
	Start(ctx context.Context, launch reconcile.Launch) error
	// Retire does the next missing part of stopping: rename, preStop, signal, kill at the end of the grace.
	// It reads the one container afresh and returns at once.
	Retire(ctx context.Context, instance string, stop reconcile.Stop) error
	// Remove removes an exited, created or retired container and its files. A running one that is not retired is refused.
	Remove(ctx context.Context, instance string) error
	// Logs copies the instance's log.
	Logs(ctx context.Context, instance string, options reconcile.LogOptions, to io.Writer) error
	// Tail is the last lines of the instance's log.
	Tail(ctx context.Context, instance string, lines int) ([]string, error)
	// Exec runs a command in the instance and gives its exit code and output (at most 64 KiB).
	Exec(ctx context.Context, container string, command []string) (code int, output []byte, err error)
}
