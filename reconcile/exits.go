package reconcile

import (
	"fmt"
	"sort"
	"time"
)

// crashLoop is how many exits of one revision in one rollout reject it.
const crashLoop = 3

// exitMemory is how long an exit of the accepted revision slows its next replacement down.
const exitMemory = 10 * time.Minute

// exitsOf are the exits of a revision that are its own: nobody stopped these instances, and segue was there to see
// it. The last comes last.
func (s *scene) exitsOf(hash string) []*member {
	exits := filter(s.exited, func(m *member) bool {
		earlier := hash == s.target.revision.Hash && m.ExitedAt.Before(s.decision.Clock.Begun)
		return m.Revision == hash && !m.Retired && m.ExitCounts && !m.Adopted && !earlier
	})
	sort.SliceStable(exits, func(i, j int) bool { return exits[i].ExitedAt.Before(exits[j].ExitedAt) })
	return exits
}

// backoff answers whether a revision's next instance may start. Exits are counted in waves of the replicas, so that
// three instances that were killed at once come back at once:
//
//	wave  1  2   3   4   5    6    from 7
//	wait  0  10s 20s 40s 80s  160s 300s
func (s *scene) backoff(hash string) bool {
	exits := s.exitsOf(hash)
	if len(exits) == 0 {
		return true
	}
	wave := (len(exits) + max(s.terms.replicas, 1) - 1) / max(s.terms.replicas, 1)
	if wave < 2 {
		return true
	}
	wait := min(10*time.Second<<min(wave-2, 5), 5*time.Minute)
	last := exits[len(exits)-1].ExitedAt
	until := last.Add(wait)
	if !s.now.Before(until) {
		return true
	}
	s.wait(Wait{Gate: "backoff", Since: last, Until: until, Reason: fmt.Sprintf("%d exits so far", len(exits))})
	s.again(until)
	return false
}

// keptExits are exited instances that stay as containers: in a rollout all of the target's, for they are the count,
// the backoff's clock and the logs; else those within exitMemory, and always the last one, for its logs.
func (s *scene) keptExits() []*member {
	if s.desired.Deleted {
		return nil
	}
	var kept []*member
	for _, hash := range []string{s.target.revision.Hash, s.accepted.Hash} {
		exits := s.exitsOf(hash)
		for i, m := range exits {
			last := i == len(exits)-1 && hash == s.target.revision.Hash
			until := m.ExitedAt.Add(exitMemory)
			recent := s.now.Before(until)
			inRollout := s.target.rollout && hash == s.target.revision.Hash && !s.target.hold
			if recent && !inRollout && !last && !s.target.hold {
				s.again(until)
			}
			if last || inRollout || recent && !s.target.hold {
				kept = append(kept, m)
			}
		}
	}
	return kept
}
