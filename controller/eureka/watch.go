package eureka

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/reconcile"
)

// How often a server is looked at: when nothing is under way, when something is, and at most: where what is dark shows
// UP from its app's first heartbeat after the server's return until it is made dark again.
const (
	calm     = 5 * time.Second
	restless = time.Second
	shortest = 250 * time.Millisecond
)

// lookTimeout bounds one look; callTimeout bounds each of its calls.
const lookTimeout = 10 * time.Second

// watch looks at one server again and again. Within a look it makes dark what is to be dark and beats what is to live.
type watch struct {
	server  *server
	memory  *memory
	prefix  string
	watched func() []string
	log     logr.Logger
	wake    chan struct{}
	// readOnly: nothing is written.
	readOnly bool
}

// run looks until ctx ends.
func (w *watch) run(ctx context.Context, changed func(id string)) {
	for ctx.Err() == nil {
		began := time.Now()
		w.look(ctx, changed)
		w.rest(ctx, began)
	}
}

// rest waits until the next look is due or wanted.
func (w *watch) rest(ctx context.Context, began time.Time) {
	timer := time.NewTimer(time.Until(w.next(began)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return
	case <-timer.C:
		return
	case <-w.wake:
	}
	timer.Reset(time.Until(began.Add(shortest)))
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// next is when the next look is due: at the latest when a lease is to be beaten. One whose heartbeat another server
// has had a moment ago is looked at when that should have arrived.
func (w *watch) next(began time.Time) time.Time {
	next := began.Add(calm)
	switch {
	case w.memory.forgetsDark():
		next = began.Add(shortest)
	case w.memory.restless():
		next = began.Add(restless)
	}
	if w.readOnly {
		return next
	}
	now := time.Now()
	overdue, beat := w.memory.beats(w.prefix, now)
	if len(overdue) > 0 {
		beat = now.Add(peerLag)
	}
	if !beat.IsZero() && beat.Before(next) {
		next = beat
	}
	return next
}

// poke has a look that begins at or after that come soon, unless it is under way.
func (w *watch) poke(began time.Time) {
	if w.memory.answering(began) {
		return
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *watch) look(ctx context.Context, changed func(id string)) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	began := time.Now()
	w.memory.begin(began)
	select {
	case <-w.wake: // whoever asked for a look before has it now
	default:
	}
	seen, err := w.server.client.look(ctx, question{prefix: w.prefix, apps: w.memory.apps(w.prefix, w.watched())})
	returned, lost := false, false
	if err == nil {
		returned, lost = w.memory.returned(seen)
		err = w.tend(ctx, &seen, lost)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	if err != nil {
		if w.memory.fail(began, time.Now(), err) {
			w.log.Info("Eureka server does not answer", "server", w.memory.url, "reason", err.Error())
			changed("")
		}
		if answered := (*AnswerError)(nil); errors.As(err, &answered) {
			w.beat(ctx) // a server that refuses to be read may still take heartbeats
		}
		return
	}
	ids, all := w.memory.take(seen, returned)
	if all {
		w.log.Info("Eureka server answers", "server", w.memory.url, "leases", len(seen.live))
		changed("")
		ids = nil
	}
	for _, id := range ids {
		changed(id)
	}
	w.beat(ctx)
}

// tend takes over what nobody beats and mends what is not as it was ordered.
func (w *watch) tend(ctx context.Context, seen *reading, lost bool) error {
	if w.readOnly {
		return nil
	}
	w.adopt(*seen)
	return w.mend(ctx, seen, lost)
}

// adopt takes over the managed leases for which nobody has given an order yet.
func (w *watch) adopt(seen reading) {
	for id, i := range seen.live {
		if strings.HasPrefix(id, w.prefix) && i.Metadata[managedMark] != "" {
			w.server.wishes.adopt(i, seen.began)
		}
	}
}

// mend writes what cannot wait and reads that again, so that the controller never hears of what was put right. A write
// that fails leaves the reading as it was; the next look tries again.
func (w *watch) mend(ctx context.Context, seen *reading, lost bool) error {
	why := polled
	if lost {
		why = restarted
	}
	again := map[string]string{}
	for _, id := range w.server.wishes.ids() {
		wanted, still := w.server.wishes.get(id)
		if !still {
			continue
		}
		lease, found := seen.live[id]
		if next, err := wanted.verdict(lease, found, w.occasion(wanted, why, seen.began)); err != nil || next == nothing {
			continue
		}
		if again[id] = lease.App; !found {
			again[id] = w.memory.app(id, wanted.app())
		}
		seen.exposed[id] = lease.Status == reconcile.LeaseUp
	}
	if len(again) == 0 {
		return nil
	}
	ids := make([]string, 0, len(again))
	for id := range again {
		ids = append(ids, id)
	}
	each(ids, func(id string) {
		wanted, _ := w.server.wishes.get(id)
		if err := w.server.converge(ctx, again[id], id, w.occasion(wanted, why, seen.began)); err != nil {
			w.log.Info("Lease is not as it was ordered", "server", w.memory.url, "id", id, "error", err.Error())
		}
	})
	mended, err := w.server.client.leases(ctx, again)
	if err != nil {
		return err
	}
	for id := range again {
		delete(seen.live, id)
		if i, found := mended[id]; found {
			seen.live[id] = i
		}
	}
	seen.ended = time.Now()
	return nil
}

// occasion: only an order that is older than the server's return can have been lost by it.
func (w *watch) occasion(wanted wish, why occasion, began time.Time) occasion {
	if why == restarted && !wanted.at.Before(began) {
		return polled
	}
	return why
}

// beat keeps alive what is due. Peers pass a heartbeat on, so one that was just beaten elsewhere waits for the next
// look, which sees whether it arrived.
func (w *watch) beat(ctx context.Context) {
	if w.readOnly {
		return
	}
	due, _ := w.memory.beats(w.prefix, time.Now())
	leases := map[string]Instance{}
	var ids []string
	for _, lease := range due {
		if w.server.pulse.claim(lease.ID, time.Now()) {
			leases[lease.ID] = lease
			ids = append(ids, lease.ID)
		}
	}
	each(ids, func(id string) {
		if err := w.server.beat(ctx, leases[id]); err != nil {
			w.server.pulse.forget(id)
			w.log.V(1).Info("Eureka server takes no heartbeat", "server", w.memory.url, "id", id, "error", err.Error())
			return
		}
		w.memory.beaten(id, time.Now())
	})
}
