package reconcile

import (
	"fmt"
	"testing"
	"time"

	"github.com/segue-dev/segue/spec"
)

// stories are told in testdata, one file each, by the name of the file.
var stories = map[string]func(*testing.T) *story{
	"first":            func(t *testing.T) *story { s := newStory(t, settings(2)); s.settle(); return s },
	"rolling":          func(t *testing.T) *story { return rolled(t, settings(3)) },
	"rolling-surge-3":  func(t *testing.T) *story { return rolled(t, rolling(3, "100%", "0")) },
	"rolling-no-surge": func(t *testing.T) *story { return rolled(t, rolling(3, "0", "1")) },
	"rolling-eureka":   func(t *testing.T) *story { return rolled(t, registered(settings(2), spec.SelfRegistered)) },
	"rolling-eureka-surge-2": func(t *testing.T) *story {
		return rolled(t, registered(rolling(4, "2", "0"), spec.SelfRegistered))
	},
	"rolling-managed":    func(t *testing.T) *story { return rolled(t, registered(settings(2), spec.ManagedRegistration)) },
	"rolling-proxied":    func(t *testing.T) *story { return rolled(t, registered(settings(2), spec.ProxiedRegistration)) },
	"move-to-proxied":    func(t *testing.T) *story { return moved(t, spec.SelfRegistered, spec.ProxiedRegistration) },
	"move-to-managed":    func(t *testing.T) *story { return moved(t, spec.ProxiedRegistration, spec.ManagedRegistration) },
	"move-to-self":       func(t *testing.T) *story { return moved(t, spec.ProxiedRegistration, spec.SelfRegistered) },
	"move-away-and-back": func(t *testing.T) *story { return tellAwayAndBack(t, blueGreen(2, 30, true)) },
	"delete-proxied": func(t *testing.T) *story {
		s := served(t, registered(settings(2), spec.ProxiedRegistration))
		s.say("segue delete orders")
		s.d.desired.Deleted = true
		s.settle()
		return s
	},
	"proxied-nginx-down": tellProxiedNginxDown,
	"bluegreen":          func(t *testing.T) *story { return rolled(t, blueGreen(2, 30, true)) },
	"bluegreen-eureka":   func(t *testing.T) *story { return rolled(t, registered(blueGreen(2, 30, true), spec.SelfRegistered)) },
	"bluegreen-promotion": func(t *testing.T) *story {
		s := rolled(t, blueGreen(2, 10, false))
		s.say("segue promote orders")
		s.d.desired.Record.Promoted = "v2"
		s.settle()
		return s
	},
	"slots":    func(t *testing.T) *story { return rolled(t, slotted()) },
	"recreate": func(t *testing.T) *story { return rolled(t, recreate(2)) },
	"worker":   func(t *testing.T) *story { return rolled(t, worker(2)) },
	"min-ready": func(t *testing.T) *story {
		return rolled(t, with(settings(1), func(c *spec.DeploymentSpec) { c.MinReadySeconds = ptr(5) }))
	},
	"warm-up":                 func(t *testing.T) *story { return rolled(t, warmed(settings(1))) },
	"scale":                   tellScale,
	"scale-to-zero":           tellScaleToZero,
	"delete":                  tellDelete,
	"depends-on":              tellDependsOn,
	"undo":                    tellUndo,
	"retry":                   tellRetry,
	"pause":                   tellPause,
	"abort":                   tellAbort,
	"edit-overtakes":          tellEditOvertakes,
	"bluegreen-edit-in-delay": func(t *testing.T) *story { return tellEditAfterTakeover(t, blueGreen(2, 60, true)) },
	"rolling-edit-in-drain": func(t *testing.T) *story {
		return tellEditAfterTakeover(t, registered(settings(2), spec.ManagedRegistration))
	},
}

// failures are stories of what goes wrong; they are in stories_failure_test.go.
func init() {
	for name, tell := range failures {
		stories[name] = tell
	}
}

// served is a story whose first revision serves.
func served(t *testing.T, first spec.DeploymentSpec) *story {
	s := newStory(t, first)
	s.settle()
	s.begin()
	return s
}

// rolled is the story of the second revision after the first.
func rolled(t *testing.T, c spec.DeploymentSpec) *story {
	s := served(t, c)
	s.apply("v2", behaviour{}, nil)
	s.settle()
	return s
}

// moved is the story of a Deployment that is to be found in Eureka in another way.
func moved(t *testing.T, from, to spec.RegistrationMode) *story {
	s := served(t, registered(settings(2), from))
	s.apply("v2", behaviour{}, func(c *spec.DeploymentSpec) { c.Eureka = &spec.Registration{Mode: to} })
	s.settle()
	return s
}

// tellProxiedNginxDown: one of two nginx servers goes and comes back, then both.
func tellProxiedNginxDown(t *testing.T) *story {
	s := served(t, registered(settings(1), spec.ProxiedRegistration))
	first, second := s.w.nginx[0], s.w.nginx[1]
	s.say("nginx web-1 is stopped")
	first.state = ServerDown
	s.settle()
	s.say("nginx web-2 is stopped as well")
	second.state = ServerDown
	s.runFor(3 * patience)
	s.say("both are started")
	s.w.nginxReturns(first)
	s.w.nginxReturns(second)
	s.settle()
	return s
}

func with(c spec.DeploymentSpec, change func(*spec.DeploymentSpec)) spec.DeploymentSpec {
	change(&c)
	return c
}

func rolling(replicas int, surge, unavailable spec.IntOrPercent) spec.DeploymentSpec {
	return with(settings(replicas), func(c *spec.DeploymentSpec) {
		c.Strategy = spec.Strategy{Type: spec.RollingUpdate, RollingUpdate: &spec.RollingUpdateStrategy{MaxSurge: &surge, MaxUnavailable: &unavailable}}
	})
}

func registered(c spec.DeploymentSpec, mode spec.RegistrationMode) spec.DeploymentSpec {
	return with(c, func(c *spec.DeploymentSpec) { c.Eureka = &spec.Registration{Mode: mode} })
}

func blueGreen(replicas, delay int, auto bool) spec.DeploymentSpec {
	return with(settings(replicas), func(c *spec.DeploymentSpec) {
		c.Strategy = spec.Strategy{Type: spec.BlueGreen, BlueGreen: &spec.BlueGreenStrategy{ScaleDownDelaySeconds: &delay, AutoPromote: &auto}}
	})
}

func slotted() spec.DeploymentSpec {
	return with(blueGreen(1, 10, true), func(c *spec.DeploymentSpec) {
		c.Strategy.BlueGreen.Slots = map[string]spec.Slot{"real1": {HostPort: 8081}, "real2": {HostPort: 8082}}
	})
}

func recreate(replicas int) spec.DeploymentSpec {
	return with(settings(replicas), func(c *spec.DeploymentSpec) { c.Strategy = spec.Strategy{Type: spec.Recreate} })
}

// worker is a Deployment that nobody sends to.
func worker(replicas int) spec.DeploymentSpec {
	return with(settings(replicas), func(c *spec.DeploymentSpec) { c.Routes = nil })
}

func warmed(c spec.DeploymentSpec) spec.DeploymentSpec {
	return with(c, func(c *spec.DeploymentSpec) { c.Template.Warmup = []spec.Warmup{{Path: "/warm"}} })
}

func (s *story) scale(n int) {
	s.d.desired.Wanted.Deployment.Spec.Replicas = &n
	s.say(fmt.Sprintf("segue scale orders --replicas=%d", n))
}

func tellScale(t *testing.T) *story {
	s := served(t, settings(1))
	s.scale(3)
	s.settle()
	s.scale(2)
	s.settle()
	return s
}

func tellScaleToZero(t *testing.T) *story {
	s := served(t, settings(2))
	s.scale(0)
	s.settle()
	s.scale(1)
	s.settle()
	return s
}

func tellDelete(t *testing.T) *story {
	s := served(t, registered(settings(2), spec.SelfRegistered))
	s.say("segue delete orders")
	s.d.desired.Deleted = true
	s.settle()
	return s
}

func tellDependsOn(t *testing.T) *story {
	s := newStory(t, settings(1))
	s.d.dependencies = []string{"default/eureka is not available yet"}
	s.runFor(5 * time.Second)
	s.say("eureka is available")
	s.d.dependencies = nil
	s.settle()
	return s
}

func tellUndo(t *testing.T) *story {
	s := rolled(t, settings(2))
	s.begin()
	s.say("segue rollout undo orders")
	s.d.desired.Wanted = s.d.desired.Record.Accepted[0]
	s.settle()
	return s
}

// tellRetry: the revision was not at fault after all; the database that it needs was not there yet.
func tellRetry(t *testing.T) *story {
	s := served(t, with(settings(1), func(c *spec.DeploymentSpec) { c.ProgressDeadlineSeconds = ptr(30) }))
	s.apply("v2", behaviour{neverReady: true}, nil)
	s.settle()
	s.say("segue retry orders; what v2 needs is there now")
	s.d.behaviours["v2"] = behaviour{}
	s.d.desired.Record.Rejected = nil
	s.settle()
	return s
}

func tellPause(t *testing.T) *story {
	s := served(t, settings(3))
	s.apply("v2", behaviour{}, nil)
	s.runFor(20 * time.Second)
	s.say("segue rollout pause orders")
	s.d.desired.Record.Paused = true
	s.runFor(30 * time.Second)
	s.kill("orders-v1-1")
	s.runFor(30 * time.Second)
	s.say("segue rollout resume orders")
	s.d.desired.Record.Paused = false
	s.settle()
	return s
}

func tellAbort(t *testing.T) *story {
	s := served(t, settings(2))
	s.apply("v2", behaviour{}, nil)
	s.runFor(20 * time.Second)
	s.say("segue abort orders")
	s.d.desired.Record.Aborted = "v2"
	s.settle()
	return s
}

func tellEditOvertakes(t *testing.T) *story {
	s := served(t, settings(2))
	s.apply("v2", behaviour{}, nil)
	s.runFor(20 * time.Second)
	s.apply("v3", behaviour{}, nil)
	s.settle()
	return s
}

// tellEditAfterTakeover: all of v2 serves and the last of v1 has yet to go when a bad v3 is applied; v2 is what is gone
// back to.
func tellEditAfterTakeover(t *testing.T, c spec.DeploymentSpec) *story {
	s := served(t, with(c, func(c *spec.DeploymentSpec) { c.ProgressDeadlineSeconds = ptr(20) }))
	s.apply("v2", behaviour{}, nil)
	if !s.runUntil(5*time.Minute, func(d Decision) bool { return !d.SwitchedAt.IsZero() }) {
		t.Fatal("v2 never takes over")
	}
	s.runFor(5 * time.Second)
	s.apply("v3", behaviour{neverReady: true}, nil)
	s.settle()
	if last, _ := lastAccepted(s.d.desired.Record.Accepted, ""); last.Hash != "v2" {
		t.Errorf("the last accepted revision is %s", last.Hash)
	}
	return s
}

// tellAwayAndBack: the registration is taken away, and given back when nginx has just left what is registered.
func tellAwayAndBack(t *testing.T, c spec.DeploymentSpec) *story {
	s := served(t, registered(c, spec.SelfRegistered))
	s.apply("v2", behaviour{}, func(c *spec.DeploymentSpec) { c.Eureka = nil })
	if !s.runUntil(5*time.Minute, func(Decision) bool { return !s.w.nginx[0].routes("orders", "orders-v1-1") }) {
		t.Fatal("v2 never comes to nginx")
	}
	s.w.advance(s.w.now.Add(2 * s.w.costs.Reload))
	s.apply("v3", behaviour{}, func(c *spec.DeploymentSpec) { c.Eureka = &spec.Registration{} })
	s.settle()
	return s
}
