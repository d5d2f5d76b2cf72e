package reconcile

import (
	"time"

	"github.com/segue-dev/segue/spec"
)

// gates are what an instance has to pass before it may be sent to. They belong to its own revision: an older one that
// heals during a rollout is warmed up as it always was.
type gates struct {
	// warmup: it gets warm-up requests. managed: segue registers it; else the app does.
	warmup, managed bool
	// minReady is how long it has to stay ready.
	minReady time.Duration
}

// gatesOf are the gates of a revision; the target's when nobody remembers it.
func (s *scene) gatesOf(hash string) gates {
	written := s.target.revision.Deployment.Spec
	if hash != s.target.revision.Hash {
		written = s.specOf(hash)
	}
	g := gates{warmup: len(written.Template.Warmup) > 0, minReady: seconds(written.MinReadySeconds, 0)}
	if written.Template.ReadinessProbe == nil && !s.desired.ImageHealth {
		g.minReady = seconds(written.MinReadySeconds, 10)
	}
	if hash == AdoptedRevision {
		// The template's requests are those of what came after it.
		g.warmup = false
	}
	if written.Eureka != nil {
		// A registered instance of a revision that nobody remembers counts as one that registers itself, unless the target is
		// managed: the app's own word is waited for.
		g.managed = written.Eureka.Mode == spec.ManagedRegistration
	}
	return g
}

// specOf is what was written for a revision; the target's when nobody remembers it.
func (s *scene) specOf(hash string) spec.DeploymentSpec {
	if remembered, known := s.desired.revision(hash); known {
		return remembered.Deployment.Spec
	}
	return s.target.revision.Deployment.Spec
}
