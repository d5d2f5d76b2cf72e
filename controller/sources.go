package controller

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/segue-dev/segue/controller/api"
)

// sourcePause is how long changes of status wait to be summed up together.
const sourcePause = 200 * time.Millisecond

// sources knows how the sources are that this controller follows, sums up how far their objects are, and sends back
// what belongs together.
type sources struct {
	control *Controller
	wake    chan struct{}

	mu       sync.Mutex
	byName   map[string]*following
	dirty    map[string]bool
	allDirty bool
}

// following is one source in one life of the controller.
type following struct {
	source Source
	// trouble is why it cannot be read; nil when it can. refused are the files of a directory that are bad.
	trouble *Trouble
	refused string
	checked time.Time
	// wrong: something of what it says was refused, which may be right beside other objects.
	wrong bool
	// asked are those who wait for the next reading that begins now.
	asked []chan api.SteeredSource
}

func newSources(c *Controller) *sources {
	s := &sources{control: c, wake: make(chan struct{}, 1), byName: map[string]*following{}, dirty: map[string]bool{}, allDirty: true}
	for _, one := range c.options.Sources {
		name := one.Name()
		s.byName[name] = &following{source: one}
		if historic, ok := one.(Historic); ok {
			historic.Since(func() string {
				if r := c.objects.source(name); r != nil && r.Applied != nil {
					return r.Applied.Hash
				}
				return ""
			})
		}
	}
	return s
}

// from is where a source is, in words.
func (s *sources) from(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.byName[name]; f != nil {
		if located, ok := f.source.(Located); ok {
			return located.From()
		}
	}
	return name
}

// heard notes a reading and what became of it.
func (s *sources) heard(reading Reading, told api.SteeredSource) {
	s.mu.Lock()
	f := s.byName[told.Name]
	if f == nil {
		s.mu.Unlock()
		return
	}
	f.trouble = nil
	if reading.Err != nil {
		if !errors.As(reading.Err, &f.trouble) {
			f.trouble = &Trouble{Reason: api.ReasonUnreadable, Message: reading.Err.Error()}
		}
	} else {
		f.checked = time.Now()
	}
	if reading.Commit == nil && !reading.Same && reading.Err == nil {
		f.refused = ""
		if told.Result == api.SourceRefused {
			f.refused = told.Note
		}
	}
	if reading.Asked {
		for _, waiting := range f.asked {
			waiting <- told
		}
		f.asked = nil
	}
	s.mu.Unlock()
	s.mark(told.Name)
}

// judged notes whether something of a source was refused.
func (s *sources) judged(name string, wrong bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.byName[name]; f != nil {
		f.wrong = wrong
	}
}

// reconsider has the sources read again of which something was refused: other objects have changed, by another source
// than changer or by a person.
func (s *sources) reconsider(changer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range sortedKeys(s.byName) {
		f := s.byName[name]
		if prompt, ok := f.source.(Prompt); ok && f.wrong && name != changer {
			prompt.Now(false)
		}
	}
}

// mark has a source summed up; "" means all.
func (s *sources) mark(name string) {
	s.mu.Lock()
	if name == "" {
		s.allDirty = true
	} else {
		s.dirty[name] = true
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run sums up until ctx ends.
func (s *sources) run(ctx context.Context) {
	s.mark("")
	var listening sync.WaitGroup
	defer listening.Wait()
	statuses := s.control.board.feed.subscribe()
	defer statuses.close()
	listening.Go(func() {
		for {
			changed, err := statuses.next(ctx)
			if err != nil {
				return
			}
			for _, status := range changed {
				if status.Kind != api.KindSource && status.Owner != "" && status.Owner != api.OwnerApply {
					s.mark(status.Owner)
				}
			}
		}
	})
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		began := time.Now()
		s.sumUp()
		timer := time.NewTimer(sourcePause + 10*time.Since(began))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// sumUp publishes how the sources are that something has changed of.
func (s *sources) sumUp() {
	s.mu.Lock()
	names := sortedKeys(s.dirty)
	if s.allDirty {
		names = sortedKeys(s.byName)
		for _, name := range s.control.objects.sourceNames() {
			if s.byName[name] == nil {
				names = append(names, name)
			}
		}
	}
	s.dirty, s.allDirty = map[string]bool{}, false
	s.mu.Unlock()
	for _, name := range names {
		if err := s.control.judgeAtomic(name); err != nil {
			s.control.options.Log.Error(err, "Sending a commit back failed", "source", name)
			s.control.journal.note(sourceKey(name), warning, "NotKept", err.Error(), "")
		}
		s.publish(name)
	}
}

func (s *sources) publish(name string) {
	k := sourceKey(name)
	before, _ := s.control.board.get(k)
	s.control.board.publish(k, posted{status: s.status(name, before.status.Source)}, func() bool { return true })
}

// named are the sources that a person means by name; all of them by "".
func (s *sources) named(name string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := sortedKeys(s.byName)
	for _, remembered := range s.control.objects.sourceNames() {
		if s.byName[remembered] == nil {
			all = append(all, remembered)
		}
	}
	if name == "" {
		return all, nil
	}
	var found []string
	for _, one := range all {
		_, short, _ := strings.Cut(one, ":")
		if one == name {
			return []string{one}, nil
		}
		if short == name {
			found = append(found, one)
		}
	}
	switch len(found) {
	case 1:
		return found, nil
	case 0:
		return nil, refuse(api.NotFound, fmt.Sprintf("there is no source %q; there %s", name, listed(all)))
	default:
		return nil, refuse(api.Invalid, fmt.Sprintf("%q may be %s", name, strings.Join(found, " or ")))
	}
}

func listed(names []string) string {
	if len(names) == 0 {
		return "are none: segue run --git, --manifests or --sources names them"
	}
	return "are " + strings.Join(names, ", ")
}
