package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/controller/api"
)

const (
	// queueSize is how many notices wait for one receiver at most.
	queueSize = 1000
	// keepPause is how long what is to be kept waits to be written together. A kill may have the last moment's told twice.
	keepPause = time.Second
	// firstPause and longestPause bound the waits between requests that failed; each is twice the one before.
	firstPause   = time.Second
	longestPause = time.Minute
)

// Watcher publishes what is to be told of. The controller does.
type Watcher interface {
	Watch(ctx context.Context, query api.Query, each func(api.Status) error) error
}

// Options are what a courier works with, beside its target.
type Options struct {
	Watcher Watcher
	// Remembered is what Keep was last given, in the life before; nil when there was none.
	Remembered []byte
	// Keep returns when the value is on disk.
	Keep func(value []byte) error
	// Note adds an event about the receiver.
	Note func(warning bool, reason, message string)
	// Host and Agent are what the notices say of this machine and program.
	Host, Agent string
	Log         logr.Logger
}

// Courier serves one receiver.
type Courier struct {
	options Options
	target  *compiled
	poster  *poster
	// wake: there is something to send; dirty: there is something to keep.
	wake, dirty chan struct{}

	mu       sync.Mutex
	memory   *memory
	lost     loss
	failing  bool
	emptied  []chan struct{}
	attempts int
}

// NewCourier makes one for a target without faults. It starts nothing.
func NewCourier(target Target, options Options) (*Courier, error) {
	made, found := target.compile()
	if len(found) > 0 {
		return nil, fmt.Errorf("notification %s: %s: %s", target.Name, found[0].Field, found[0].Message)
	}
	remembered, err := recall(options.Remembered, time.Now())
	if err != nil {
		return nil, fmt.Errorf("notification %s: %w", target.Name, err)
	}
	return &Courier{
		options: options, target: made, poster: &poster{target: made, agent: options.Agent}, memory: remembered,
		wake: make(chan struct{}, 1), dirty: make(chan struct{}, 1),
	}, nil
}

// Name is the target's.
func (c *Courier) Name() string { return c.target.Name }

// Run works until ctx ends and returns when everything that it started has ended. What is not sent by then is kept for
// the next start. Its error is ctx's.
func (c *Courier) Run(ctx context.Context) error {
	var group sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	nudge(c.dirty)
	group.Go(func() { c.keep(ctx) })
	group.Go(func() { c.deliver(ctx) })
	watched := make(chan error, 2)
	for _, query := range []api.Query{{}, {Kind: api.KindSource}} {
		group.Go(func() {
			watched <- c.options.Watcher.Watch(ctx, query, func(status api.Status) error { c.See(status); return nil })
		})
	}
	err := <-watched
	cancel()
	group.Wait()
	c.save()
	return err
}

// See has told what is new in a status. It returns at once.
func (c *Courier) See(status api.Status) {
	s := sightOf(status)
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	events, count, changed := c.memory.see(s, c.wants)
	if !changed {
		return
	}
	for i, e := range events {
		if c.wants(e) && c.memory.push(c.notice(s, e, count+i, now)) {
			c.lost.add(fmt.Sprintf("more than %d wait for %s", queueSize, c.target.Name))
		}
	}
	nudge(c.wake)
	nudge(c.dirty)
}

func (c *Courier) wants(e Event) bool { return slices.Contains(c.target.On, e) }

// notice fills in what goes with the event.
func (c *Courier) notice(s sight, e Event, count int, now time.Time) Notice {
	n := s.notice
	n.Event, n.Time, n.Outcome, n.Host = e, now.UTC(), e.outcome(), c.options.Host
	if e == DriftFound {
		n.Reason = s.drift
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%d", c.options.Host, s.key(), s.attempt, e, count))
	n.ID = hex.EncodeToString(sum[:12])
	return n
}

// deliver sends what waits, one after the other, until ctx ends.
func (c *Courier) deliver(ctx context.Context) {
	defer c.poster.close()
	for ctx.Err() == nil {
		n, waits := c.next()
		tell := c.tellLosses(time.Now())
		if !waits {
			c.rest(ctx, tell, c.wake)
			continue
		}
		v := c.poster.post(ctx, n)
		if ctx.Err() != nil {
			return // it may have been taken; it is sent again
		}
		if pause := c.conclude(n, v, time.Now()); pause > 0 {
			c.rest(ctx, pause, nil)
		}
	}
}

// next is the oldest notice that waits.
func (c *Courier) next() (Notice, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.memory.Pending) > 0 {
		return c.memory.Pending[0], true
	}
	for _, waiting := range c.emptied {
		close(waiting)
	}
	c.emptied = nil
	return Notice{}, false
}

// rest waits: for a time, unless that is 0, or to be woken.
func (c *Courier) rest(ctx context.Context, pause time.Duration, wake <-chan struct{}) {
	var over <-chan time.Time
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-ctx.Done():
	case <-over:
	case <-wake:
	}
}

// conclude notes what became of a request, and says how long to wait before the next.
func (c *Courier) conclude(n Notice, v verdict, now time.Time) (pause time.Duration) {
	log := c.options.Log.WithValues("event", string(n.Event), "object", n.Object)
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() { nudge(c.dirty) }()
	c.attempts++
	over := v.fate == later && now.Sub(n.Time) >= c.target.RetryFor
	switch {
	case v.fate == taken:
		c.memory.pop(n.ID)
		log.V(1).Info("Sent a notification")
		c.recover()
		return 0
	case v.fate == never || over:
		c.memory.pop(n.ID)
		reason := v.reason
		if over {
			reason = fmt.Sprintf("tried for %s: %s", c.target.RetryFor, v.reason)
		}
		c.lost.add(fmt.Sprintf("%s of %s: %s", n.Event, n.Object, reason))
		log.Info("Dropped a notification", "reason", reason)
		if v.fate == never {
			c.recover()
			return 0
		}
	}
	if !c.failing {
		c.failing = true
		c.attempts = 1
		log.Info("Sending a notification failed", "reason", v.reason)
		c.options.Note(true, "NotDelivered", fmt.Sprintf("%s of %s: %s; it is tried again for %s", n.Event, n.Object, v.reason, c.target.RetryFor))
	}
	pause = min(firstPause<<min(c.attempts-1, 10), longestPause)
	return max(pause, v.after)
}

// recover: the receiver answers.
func (c *Courier) recover() {
	c.attempts = 0
	if c.failing {
		c.failing = false
		c.options.Note(false, "Delivers", "the receiver answers again")
	}
}

// tellLosses adds an event about what was dropped, now and then; it says when to do so again, 0 when nothing is left.
func (c *Courier) tellLosses(now time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	due := c.lost.due()
	if due.IsZero() {
		return 0
	}
	if wait := due.Sub(now); wait > 0 {
		return wait
	}
	c.options.Note(true, "NotificationsDropped", c.lost.take(now))
	return 0
}

// keep writes what is new until ctx ends, not more often than every keepPause.
func (c *Courier) keep(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.dirty:
		}
		c.save()
		c.rest(ctx, keepPause, nil)
	}
}

func (c *Courier) save() {
	c.mu.Lock()
	value, err := json.Marshal(c.memory)
	c.mu.Unlock()
	if err == nil {
		err = c.options.Keep(value)
	}
	if err != nil {
		c.options.Log.Error(err, "Keeping what was told failed")
		nudge(c.dirty)
	}
}

// Flush waits until nothing waits to be sent, or for ctx's error.
func (c *Courier) Flush(ctx context.Context) error {
	emptied := make(chan struct{})
	c.mu.Lock()
	c.emptied = append(c.emptied, emptied)
	c.mu.Unlock()
	nudge(c.wake)
	select {
	case <-emptied:
		return nil
	case <-ctx.Done():
		return errors.Join(errors.New("some notifications were not sent"), ctx.Err())
	}
}

func nudge(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}
