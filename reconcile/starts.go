package reconcile

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// starts proposes what is missing: first instances of the accepted revision that keep the service whole, then those
// of the target. Where the app registers itself each start is preceded by a dark lease on every server.
func (s *scene) starts(sh shape) {
	given := givenNames{next: s.highestN() + 1}
	if sh.heal > 0 && s.backoff(s.accepted.Hash) {
		s.launch(s.accepted, sh.heal, &given, "the accepted revision keeps the service whole", false)
	}
	if sh.missing <= 0 || !s.target.adopted() && !s.pulled() {
		return
	}
	if sh.start == 0 {
		s.waitForRoom()
		return
	}
	if !s.backoff(s.target.revision.Hash) || !s.triedAgain() {
		return
	}
	reason := fmt.Sprintf("%d of %d of revision %d run", len(s.fresh), s.terms.replicas, s.target.revision.Number)
	s.launch(s.target.revision, sh.start, &given, reason, s.target.rollout)
}

// waitForRoom looks again when the old ones may make room after a start that failed.
func (s *scene) waitForRoom() {
	failed := s.observed.StartFailed
	until := failed.At.Add(startRetry)
	if failed.State == WishFailed && s.now.Before(until) {
		s.wait(Wait{Gate: "start", Since: failed.At, Until: until, Reason: failed.Reason})
		s.again(until)
	}
}

// StartMemory is how long a failed start counts that is not the target's own fault. What is wanted is tried every 10 s,
// so that an older one is of a start that nobody wants any more.
const StartMemory = time.Minute

// triedAgain: no start has failed, or the next may be tried: every 10 s for what is another's fault, else after as long
// as the last exit of a crash loop would hold it.
func (s *scene) triedAgain() bool {
	failed := s.observed.StartFailed
	if failed.State != WishFailed {
		return true
	}
	wait := 10 * time.Second
	if failed.Own {
		wait <<= min(max(s.decision.Clock.FailedStarts-1, 0), 5)
	}
	until := failed.At.Add(wait)
	s.wait(Wait{Gate: "start", Since: failed.At, Until: until, Reason: failed.Reason})
	if !s.now.Before(until) {
		return true
	}
	s.again(until)
	return false
}

// givenNames are what one decision has handed out so far: the number of the next new name, and how many slots.
type givenNames struct {
	next, slots int
}

// launch starts n instances of a revision.
func (s *scene) launch(revision Revision, n int, given *givenNames, reason string, isNew bool) {
	if revision.Hash == AdoptedRevision {
		s.revive(revision, n, reason, isNew)
		return
	}
	slots, hasSlots := s.freeSlots()
	prepared := s.seeded(revision.Hash)
	for i := range n {
		slot := ""
		if hasSlots {
			if given.slots >= len(slots) {
				s.wait(Wait{Gate: "slot", Reason: s.slotHolders()})
				s.again(s.now.Add(poll))
				return
			}
			slot = slots[given.slots]
			given.slots++
		}
		name := fmt.Sprintf("%s-%s-%d", s.desired.Name, revision.Hash, given.next)
		if i < len(prepared) {
			name = prepared[i]
		} else {
			given.next++
		}
		if s.selfRegisters(revision) {
			if ready, shut := s.dark(name, revision.Hash, isNew); !ready {
				if shut.Gate != "" {
					s.wait(shut)
				} else {
					s.step(Step{Kind: Seed, Instance: name, Revision: revision.Hash, Slot: slot, Reason: "it is to start dark"})
				}
				s.again(s.now.Add(poll))
				continue
			}
		}
		s.step(Step{Kind: Start, Instance: name, Revision: revision.Hash, Slot: slot, Reason: reason})
	}
}

// pulled: the target's image is there. Failures are tried again every 30 s.
func (s *scene) pulled() bool {
	wish := s.observed.Pull
	retryAt := wish.At.Add(30 * time.Second)
	step := Step{Kind: Pull, Revision: s.target.revision.Hash, Reason: "its image is needed: " + s.target.revision.Deployment.Spec.Template.Image}
	switch wish.State {
	case WishDone:
		return true
	case WishPending:
		s.wait(Wait{Gate: "pull", Since: wish.At, Reason: wish.Reason})
	case WishFailed:
		s.wait(Wait{Gate: "pull", Since: wish.At, Reason: wish.Reason})
		if s.now.Before(retryAt) {
			s.again(retryAt)
			return false
		}
		step.Repeat = true
		s.step(step)
		s.again(s.now.Add(30 * time.Second))
	default:
		s.step(step)
		s.again(s.now.Add(poll))
	}
	return false
}

// selfRegisters: the app is a Eureka client, so an instance must start dark.
func (s *scene) selfRegisters(r Revision) bool {
	written := r.Deployment.Spec
	// What ran before segue came, and is registered though its successors are not, did it by itself.
	return written.SelfRegisters() || r.Hash == AdoptedRevision && written.Proxied()
}

// dark: every server that answers and that the revision registers with shows the seed of name or better. A server that
// does not answer holds new revisions' starts, but never a replacement when nothing else is ready. No wait and not ready
// means: seed it.
func (s *scene) dark(name, hash string, isNew bool) (bool, Wait) {
	missing, unknown := 0, ""
	for _, server := range s.observed.Eureka {
		switch {
		case server.State == ServerDown, slices.Contains(server.ForeignTo, hash):
		case server.State == ServerUnknown:
			unknown = server.URL
		case !holdsSeed(server, name):
			missing++
		}
	}
	if unknown != "" && (isNew || s.anyReady()) {
		return false, Wait{Gate: "culprit", On: unknown, Reason: "it does not answer, so an instance cannot start dark there"}
	}
	return missing == 0, Wait{}
}

func holdsSeed(server EurekaServer, name string) bool {
	for id, lease := range server.Leases {
		if strings.HasSuffix(id, ":"+name) && lease.Status != LeaseNone {
			return true
		}
	}
	return false
}

// seeded are the names of a revision that have a dark lease and no container yet, the lowest first: a start that was
// cut short goes on where it was.
func (s *scene) seeded(hash string) []string {
	prefix := fmt.Sprintf("%s-%s-", s.desired.Name, hash)
	var found []string
	for _, server := range s.observed.Eureka {
		for id, lease := range server.Leases {
			name := id[strings.LastIndex(id, ":")+1:]
			if !strings.HasPrefix(name, prefix) || lease.Own || lease.Status != LeaseOutOfService || s.exists(name) || slices.Contains(found, name) {
				continue
			}
			found = append(found, name)
		}
	}
	sort.Slice(found, func(i, j int) bool {
		if len(found[i]) != len(found[j]) {
			return len(found[i]) < len(found[j])
		}
		return found[i] < found[j]
	})
	return found
}

func (s *scene) exists(name string) bool {
	return slices.ContainsFunc(s.observed.Instances, func(i Instance) bool { return i.Name == name })
}

func (s *scene) anyReady() bool {
	return slices.ContainsFunc(s.current, func(m *member) bool { return m.ready })
}

// highestN is the highest number that an instance's name ever had, as far as anything shows.
func (s *scene) highestN() int {
	n := max(s.observed.HighestN, s.desired.Record.HighestN)
	for _, i := range s.observed.Instances {
		n = max(n, i.N)
	}
	return n
}

// slotHolders says who holds the slots.
func (s *scene) slotHolders() string {
	var words []string
	for _, slot := range s.terms.slots {
		holder := s.observed.TakenSlots[slot]
		for _, i := range s.observed.Instances {
			if i.Slot == slot && i.Live() {
				holder = i.Name
			}
		}
		words = append(words, slot+" is held by "+holder)
	}
	return strings.Join(words, ", ")
}

// freeSlots are the slots that nothing holds, sorted. A running or retiring instance holds its slot's port, and so
// does what segue did not start.
func (s *scene) freeSlots() (free []string, hasSlots bool) {
	if len(s.terms.slots) == 0 {
		return nil, false
	}
	for _, slot := range s.terms.slots {
		if _, taken := s.observed.TakenSlots[slot]; taken {
			continue
		}
		held := false
		for _, i := range s.observed.Instances {
			held = held || i.Slot == slot && i.Live()
		}
		if !held {
			free = append(free, slot)
		}
	}
	return free, true
}
