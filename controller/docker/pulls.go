package docker

import (
	"context"
	"sync"
	"time"

	"github.com/docker/docker/client"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

const (
	// pullTimeout ends a pull that makes no end.
	pullTimeout = time.Hour
	// doneFor and failedFor are how long a pull's result is handed out before asking starts a new one. The planner
	// asks again 30 s after a failure.
	doneFor   = time.Minute
	failedFor = 25 * time.Second
)

// pulls are the wishes for images.
type pulls struct {
	cli     *client.Client
	errands *errands

	mu  sync.Mutex
	all map[pullKey]*pull
}

type pullKey struct{ image, policy string }

// pull is one wish for an image.
type pull struct {
	wish     reconcile.Wish
	image    reconcile.PulledImage
	progress progress
}

func newPulls(cli *client.Client, errands *errands) *pulls {
	return &pulls{cli: cli, errands: errands, all: map[pullKey]*pull{}}
}

// Pull implements controller.Runtime. What needs no registry is answered in the same call; a result is handed out for
// a while, then asking pulls anew. An empty policy is Kubernetes' default.
func (r *Runtime) Pull(ctx context.Context, image, policy string) (reconcile.Wish, reconcile.PulledImage) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if policy == "" {
		policy = string(defaultPolicy(image))
	}
	now := time.Now()
	key := pullKey{image, policy}
	if wish, pulled, ok := r.pulls.known(key, now); ok {
		return wish, pulled
	}
	present, err := r.pulls.present(ctx, image)
	if err != nil {
		return reconcile.Wish{State: reconcile.WishFailed, Reason: err.Error(), Own: pullFaultIsOwn(err), At: now}, reconcile.PulledImage{}
	}
	switch {
	case present.found && (policy != string(spec.PullAlways) || !present.fromRegistry):
		return reconcile.Wish{State: reconcile.WishDone, At: now}, present.image
	case policy == string(spec.PullNever):
		return reconcile.Wish{State: reconcile.WishFailed, Own: true, At: now,
			Reason: "image " + image + " is not on this host, and imagePullPolicy is Never"}, reconcile.PulledImage{}
	case isImageID(image):
		return reconcile.Wish{State: reconcile.WishFailed, Own: true, At: now,
			Reason: "image " + image + " is no longer on this host, and it came from no registry"}, reconcile.PulledImage{}
	}
	return r.pulls.start(key, now)
}

// known is the wish that is under way, or that ended a moment ago.
func (p *pulls) known(key pullKey, now time.Time) (reconcile.Wish, reconcile.PulledImage, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.all[key]
	if known == nil {
		return reconcile.Wish{}, reconcile.PulledImage{}, false
	}
	age := now.Sub(known.wish.At)
	if (known.wish.State == reconcile.WishDone && age > doneFor) || (known.wish.State == reconcile.WishFailed && age > failedFor) {
		delete(p.all, key)
		return reconcile.Wish{}, reconcile.PulledImage{}, false
	}
	wish, image := known.wish, known.image
	if wish.State == reconcile.WishPending {
		image.Progress, image.Size = known.progress.String(), known.progress.total()
		wish.Reason = "pulling " + key.image
		if image.Progress != "" {
			wish.Reason += ": " + image.Progress
		}
	}
	return wish, image, true
}

func (p *pulls) start(key pullKey, now time.Time) (reconcile.Wish, reconcile.PulledImage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all[key] == nil {
		p.all[key] = &pull{wish: reconcile.Wish{State: reconcile.WishPending, At: now, Reason: "pulling " + key.image}}
		p.errands.add(func(ctx context.Context, changed func(string)) {
			p.fetch(ctx, key)
			changed("")
		})
	}
	return p.all[key].wish, p.all[key].image
}

// fetch pulls and then resolves.
func (p *pulls) fetch(ctx context.Context, key pullKey) {
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	wish, image := reconcile.Wish{State: reconcile.WishDone}, reconcile.PulledImage{}
	err := p.download(ctx, key)
	if err == nil {
		var now presence
		if now, err = p.present(ctx, key.image); err == nil {
			image = now.image
		}
	}
	if err != nil {
		wish = reconcile.Wish{State: reconcile.WishFailed, Reason: err.Error(), Own: pullFaultIsOwn(err)}
	}
	wish.At = time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all[key] = &pull{wish: wish, image: image}
}

// advance notes the progress of one layer.
func (p *pulls) advance(key pullKey, layer, status string, current, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if under := p.all[key]; under != nil {
		under.progress.note(layer, status, current, total)
	}
}
