package controller

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/controller/api"
)

// The types of an event.
const (
	normal  = "Normal"
	warning = "Warning"
)

const (
	// journalSize is how many events are kept, give or take a tenth: so not every one moves all.
	journalSize = 2000
	// journalPause is how long events wait to be written together. A kill may lose those of the last moment.
	journalPause = 2 * time.Second
	journalKey   = "Events/recent"
)

// journal keeps the last events in the order in which they happened. The same event of the same object in a row is
// counted, not repeated.
type journal struct {
	store Store
	log   logr.Logger
	feed  *feed[api.Event]
	dirty chan struct{}

	mu     sync.Mutex
	events []api.Event
	seq    int64
	// unsaved: the store lacks something.
	unsaved bool
}

func newJournal(store Store, log logr.Logger) *journal {
	return &journal{store: store, log: log, feed: newFeed[api.Event](), dirty: make(chan struct{}, 1)}
}

func (j *journal) load(value []byte) error {
	if value == nil {
		return nil
	}
	if err := json.Unmarshal(value, &j.events); err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	for _, e := range j.events {
		j.seq = max(j.seq, e.Seq)
	}
	return nil
}

// note adds an event; At, Seq and Count are filled in.
func (j *journal) note(k key, kind, reason, message, by string) {
	now := time.Now()
	e := api.Event{At: now, LastAt: now, Kind: k.kind, Name: k.name, Type: kind, Reason: reason, Message: message, By: by, Count: 1}
	j.mu.Lock()
	defer j.mu.Unlock()
	if i := j.lastOf(k); i >= 0 && sameEvent(j.events[i], e) {
		j.events[i].Count++
		j.events[i].LastAt = now
		e = j.events[i]
	} else {
		j.seq++
		e.Seq = j.seq
		j.events = append(j.events, e)
		if len(j.events) > journalSize+journalSize/10 {
			j.events = slices.Delete(j.events, 0, len(j.events)-journalSize)
		}
	}
	j.feed.send(e)
	j.unsaved = true
	select {
	case j.dirty <- struct{}{}:
	default:
	}
}

// lastOf is the index of the object's last event, -1 when it has none among the last hundred.
func (j *journal) lastOf(k key) int {
	for i := len(j.events) - 1; i >= max(len(j.events)-100, 0); i-- {
		if j.events[i].Kind == k.kind && j.events[i].Name == k.name {
			return i
		}
	}
	return -1
}

func sameEvent(a, b api.Event) bool {
	return a.Type == b.Type && a.Reason == b.Reason && a.Message == b.Message && a.By == b.By
}

// run writes what is new, a little later, until ctx ends, and once more then.
func (j *journal) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			j.save()
			return
		case <-j.dirty:
		}
		timer := time.NewTimer(journalPause)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
		j.save()
	}
}

// save writes what is new. What is noted while it waits for its moment is in what it writes, so that a second time there
// may be nothing.
func (j *journal) save() {
	j.mu.Lock()
	if !j.unsaved {
		j.mu.Unlock()
		return
	}
	value, err := json.Marshal(j.events)
	j.unsaved = false
	j.mu.Unlock()
	if err == nil {
		err = j.store.Put(journalKey, value)
	}
	if err != nil {
		j.log.Error(err, "Keeping the events failed")
		j.mu.Lock()
		j.unsaved = true
		j.mu.Unlock()
	}
}

// read calls each with the events that match, oldest first; with follow it goes on until ctx ends.
func (j *journal) read(ctx context.Context, query api.EventQuery, each func(api.Event) error) error {
	j.mu.Lock()
	events := slices.Clone(j.events)
	subscription := j.feed.subscribe()
	j.mu.Unlock()
	defer subscription.close()
	for {
		for _, e := range events {
			if !eventMatches(query, e) {
				continue
			}
			if err := each(e); err != nil {
				return err
			}
		}
		if !query.Follow {
			return nil
		}
		var err error
		if events, err = subscription.next(ctx); err != nil {
			return err
		}
	}
}

// eventMatches: what is in no namespace, as a source and a receiver of notifications are, concerns all of them.
func eventMatches(q api.EventQuery, e api.Event) bool {
	return (q.Kind == "" || q.Kind == e.Kind) &&
		(q.Namespace == "" || e.Name.Namespace == "" || q.Namespace == e.Name.Namespace) &&
		(q.Name == "" || q.Name == e.Name.Name)
}
