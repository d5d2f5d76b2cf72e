package controller

import (
	"fmt"
	"sync"
	"time"

	"github.com/segue-dev/segue/spec"
)

// serverTurn lets one Deployment at a time take its Eureka servers away. Two of them are decided upon side by side, and
// each may have looked before the other began.
type serverTurn struct {
	mu     sync.Mutex
	holder spec.Name
	// freedAt is when the last one was done: only what was seen after that counts.
	freedAt time.Time
}

// enter takes the turn for a Deployment whose look began then.
func (t *serverTurn) enter(name spec.Name, began time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.holder == name:
	case t.holder != (spec.Name{}):
		return &turnTaken{by: t.holder}
	case !began.After(t.freedAt):
		return &turnTaken{}
	}
	t.holder = name
	return nil
}

// leave ends the turn of a Deployment that has nothing left to do.
func (t *serverTurn) leave(name spec.Name) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.holder == name {
		t.holder, t.freedAt = spec.Name{}, time.Now()
	}
}

// turnTaken is why a Eureka server stays for now. by is nobody when another one was done a moment ago.
type turnTaken struct{ by spec.Name }

func (e *turnTaken) Error() string {
	if e.by == (spec.Name{}) {
		return "another Eureka server was replaced a moment ago"
	}
	return fmt.Sprintf("deployment/%s is having its Eureka server replaced", e.by)
}

// NotYet says that it is no failure.
func (e *turnTaken) NotYet() bool { return true }
