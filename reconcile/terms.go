package reconcile

import (
	"sort"
	"strings"
	"time"

	"github.com/segue-dev/segue/spec"
)

// terms are the numbers that a Deployment is run by, with defaults filled in and budgets clamped.
type terms struct {
	strategy spec.StrategyType
	// replicas is how many are whole; most is the larger of that and of what is written. They differ only for revision
	// 0, whose containers are as many as there are.
	replicas, most int
	// surge and unavailable are RollingUpdate's budgets. floor is how many must go on serving.
	surge, unavailable, floor int
	deadline                  time.Duration
	drainTimeout              time.Duration
	scaleDownDelay            time.Duration
	autoPromote               bool
	autoRollback              bool
	paused                    bool
	// slots are the names of the fixed places, sorted; nil where there are none.
	slots     []string
	hasRoutes bool
	hasEureka bool
	// proxied: consumers of Eureka find nginx in place of the instances.
	proxied bool
}

// termsOf reads the terms of target. Replicas and paused are always the wanted ones: undo and rollback restore
// everything else.
func termsOf(target, wanted spec.DeploymentSpec) terms {
	t := terms{
		strategy:       target.Strategy.Type,
		replicas:       intOr(wanted.Replicas, 1),
		deadline:       seconds(target.ProgressDeadlineSeconds, 600),
		drainTimeout:   seconds(target.DrainTimeoutSeconds, 60),
		scaleDownDelay: seconds(nil, 60),
		autoPromote:    true,
		autoRollback:   boolOr(target.AutoRollback, !recreatesWritable(target)),
		paused:         boolOr(wanted.Paused, false),
		hasRoutes:      len(target.AllRoutes()) > 0,
		hasEureka:      target.Eureka != nil,
		proxied:        target.Proxied(),
	}
	if t.strategy == "" {
		t.strategy = spec.RollingUpdate
	}
	if bg := target.Strategy.BlueGreen; bg != nil {
		t.autoPromote = boolOr(bg.AutoPromote, true)
		t.scaleDownDelay = seconds(bg.ScaleDownDelaySeconds, 60)
		for name := range bg.Slots {
			t.slots = append(t.slots, name)
		}
		sort.Strings(t.slots)
	}
	t.resize(t.replicas, target.Strategy.RollingUpdate)
	return t
}

// resize changes the number of replicas and what follows from it.
func (t *terms) resize(replicas int, s *spec.RollingUpdateStrategy) {
	t.most = max(t.replicas, replicas)
	t.replicas = replicas
	t.surge, t.unavailable = 0, 0
	if t.strategy == spec.RollingUpdate {
		t.surge, t.unavailable = budgets(s, t.most)
	}
	t.floor = max(t.replicas-t.unavailable, min(t.replicas, 1))
}

// budgets rounds as Kubernetes does and clamps: with replicas 1, surge 0 and unavailable 1 nothing could ever be
// replaced without emptying the upstream, so that becomes surge 1 and unavailable 0. What cannot be read counts as
// its default; spec refuses it before it gets here.
func budgets(s *spec.RollingUpdateStrategy, replicas int) (surge, unavailable int) {
	surge = 1
	if s != nil && s.MaxSurge != nil {
		if n, err := s.MaxSurge.Of(replicas, true); err == nil {
			surge = n
		}
	}
	if s != nil && s.MaxUnavailable != nil {
		if n, err := s.MaxUnavailable.Of(replicas, false); err == nil {
			unavailable = n
		}
	}
	unavailable = min(unavailable, max(replicas-1, 0))
	if surge == 0 && unavailable == 0 {
		surge = 1
	}
	return surge, unavailable
}

// maxLive is how many instances may be live at once.
func (t terms) maxLive() int {
	switch t.strategy {
	case spec.BlueGreen:
		return 2 * t.most
	case spec.Recreate:
		return t.most
	default:
		return t.most + t.surge
	}
}

// recreatesWritable: two revisions may have written to the same volume one after the other, so the older one may not
// be able to read what it finds.
func recreatesWritable(s spec.DeploymentSpec) bool {
	if s.Strategy.Type != spec.Recreate {
		return false
	}
	for _, volume := range s.Template.Volumes {
		if !strings.HasSuffix(volume, ":ro") {
			return true
		}
	}
	return false
}

func intOr(v *int, otherwise int) int {
	if v == nil {
		return otherwise
	}
	return *v
}

func boolOr(v *bool, otherwise bool) bool {
	if v == nil {
		return otherwise
	}
	return *v
}

func seconds(v *int, otherwise int) time.Duration {
	return time.Duration(intOr(v, otherwise)) * time.Second
}
