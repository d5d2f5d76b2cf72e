package eureka

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// standing is whether a server can be asked, as looks at it went.
type standing struct {
	state  reconcile.ServerState
	reason string
	// restartedAt is when it last came back, empty or after being away.
	restartedAt time.Time
	// looked: there was a good look. missed counts those that failed since.
	looked bool
	missed int
	// refusedSince is when it began to refuse TCP without a break; zero while it does not.
	refusedSince time.Time
	// away: its consumers could not read it either. It refused TCP, or two looks in a row failed; one slow answer is
	// not that.
	away bool
}

// answers takes in a good look and says whether that changes anything.
func (s *standing) answers(returned bool, at time.Time) (changed bool) {
	changed = returned || s.state != reconcile.ServerUp
	if returned {
		s.restartedAt = at
	}
	*s = standing{state: reconcile.ServerUp, restartedAt: s.restartedAt, looked: true}
	return changed
}

// fails takes in a failed look and says whether that changes anything. A server that refuses TCP for longer than its
// consumers' caches live is down: they have asked another one since, where there is one, and it tells nobody anything. What
// fails in any other way may well answer others.
func (s *standing) fails(began, ended time.Time, err error, cacheTime time.Duration) (changed bool) {
	before := s.state
	s.missed++
	s.state, s.reason = reconcile.ServerUnknown, err.Error()
	refused := errors.Is(err, syscall.ECONNREFUSED)
	s.away = s.away || refused || s.missed > 1
	s.refusedSince = since(refused, s.refusedSince, began)
	switch lasted := ended.Sub(s.refusedSince); {
	case !refused:
	case lasted <= cacheTime:
		s.reason = fmt.Sprintf("refuses connections for %d s; counts as down after %d s", int(lasted.Seconds()), int(cacheTime.Seconds()))
	default:
		s.state, s.reason = reconcile.ServerDown, "refuses connections since "+s.refusedSince.UTC().Format(time.RFC3339)
	}
	return before != s.state || s.missed == 1
}
