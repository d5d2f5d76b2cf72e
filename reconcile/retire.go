package reconcile

import "fmt"

// stopping goes on with what is being stopped.
func (s *scene) stopping() {
	for _, m := range s.retiring {
		s.step(Step{Kind: Retire, Instance: m.Name, Revision: m.Revision, Repeat: true, Reason: "it is being stopped"})
		s.again(s.now.Add(poll))
	}
}

// retire stops what is drained, and says of the others what they wait for.
func (s *scene) retire(sh shape) {
	for _, m := range sh.retire {
		if contains(sh.serve, m.Name) || m.AddressOnly && !m.admitted() {
			continue
		}
		drained, shut := s.drained(m, sh.gap && !m.AddressOnly && (!m.target || m.failing()))
		if !drained {
			s.wait(shut)
			if !shut.Until.IsZero() {
				s.again(shut.Until)
			} else {
				s.again(s.now.Add(poll))
			}
			continue
		}
		if m.AddressOnly {
			continue
		}
		if shut, needed := s.neededAsServer(m); needed {
			s.wait(shut)
			s.again(s.now.Add(poll))
			continue
		}
		s.step(Step{Kind: Retire, Instance: m.Name, Revision: m.Revision, Repeat: !m.RetiredAt.IsZero(), Reason: s.retireReason(m)})
		s.again(s.now.Add(poll))
	}
}

func (s *scene) retireReason(m *member) string {
	switch {
	case s.desired.Deleted:
		return "the deployment is deleted and nothing sends to it"
	case m.failing():
		return "its liveness probe failed: " + m.Health.Last
	case s.target.hold:
		return "it is not ready and " + s.target.reason
	case m.target:
		return fmt.Sprintf("%d replicas are enough", s.terms.replicas)
	default:
		return "nothing sends to it and its revision goes"
	}
}
