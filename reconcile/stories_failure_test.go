package reconcile

import (
	"net/netip"
	"testing"
	"time"

	"github.com/segue-dev/segue/spec"
)

var failures = map[string]func(*testing.T) *story{
	"never-ready":       func(t *testing.T) *story { return failed(t, hasty(settings(3)), behaviour{neverReady: true}) },
	"never-ready-first": tellNeverReadyFirst,
	"never-ready-bluegreen": func(t *testing.T) *story {
		return failed(t, hasty(blueGreen(2, 30, true)), behaviour{neverReady: true})
	},
	"crash-loop":      func(t *testing.T) *story { return failed(t, settings(2), behaviour{crashAfter: time.Second}) },
	"no-command":      func(t *testing.T) *story { return failed(t, settings(2), behaviour{noCommand: true}) },
	"disk-full":       tellDiskFull,
	"no-image":        func(t *testing.T) *story { return failed(t, hasty(settings(2)), behaviour{noImage: true}) },
	"bad-warm-up":     func(t *testing.T) *story { return failed(t, hasty(warmed(settings(2))), behaviour{badWarmup: true}) },
	"ready-then-dies": func(t *testing.T) *story { return failed(t, settings(2), behaviour{crashAfter: 14 * time.Second}) },
	"ready-then-sick": func(t *testing.T) *story { return failed(t, settings(2), behaviour{sickAfter: 14 * time.Second}) },
	"bluegreen-then-dies": func(t *testing.T) *story {
		return failed(t, blueGreen(2, 30, true), behaviour{crashAfter: 20 * time.Second})
	},
	"recreate-fails":    func(t *testing.T) *story { return failed(t, recreate(1), behaviour{crashAfter: time.Second}) },
	"killed":            tellKilled,
	"engine-restarts":   tellEngineRestarts,
	"eureka-restarts":   tellEurekaRestarts,
	"says-down":         func(t *testing.T) *story { return failed(t, own(settings(1)), behaviour{downFor: 16 * time.Second}) },
	"says-down-always":  func(t *testing.T) *story { return failed(t, hasty(own(settings(1))), behaviour{downFor: time.Hour}) },
	"never-registers":   func(t *testing.T) *story { return failed(t, hasty(own(settings(1))), behaviour{silent: true}) },
	"eureka-server":     tellEurekaServer,
	"dependency-blinks": tellDependencyBlinks,
	"nginx-down":        func(t *testing.T) *story { return tellServer(t, "is down", ServerDown) },
	"nginx-unknown":     func(t *testing.T) *story { return tellServer(t, "does not answer", ServerUnknown) },
	"registry-away":     tellRegistryAway,
	"adopt-container":   func(t *testing.T) *story { return tellAdopt(t, settings(1), false) },
	"adopt-address":     func(t *testing.T) *story { return tellAdopt(t, slotted(), true) },
	"include-missing":   tellIncludeMissing,
	"undo-to-adopted":   func(t *testing.T) *story { return tellUndoToAdopted(t, settings(2), false) },
	"undo-to-address":   func(t *testing.T) *story { return tellUndoToAdopted(t, slotted(), true) },
	"undo-to-broken":    tellUndoToBroken,
	"undo-to-removed":   tellUndoToRemoved,
}

// failed is the story of a second revision that is no good.
func failed(t *testing.T, c spec.DeploymentSpec, b behaviour) *story {
	s := served(t, c)
	s.apply("v2", b, nil)
	s.settle()
	return s
}

// hasty has a short deadline, so that its story is short.
func hasty(c spec.DeploymentSpec) spec.DeploymentSpec {
	return with(c, func(c *spec.DeploymentSpec) { c.ProgressDeadlineSeconds = ptr(30) })
}

// own registers itself.
func own(c spec.DeploymentSpec) spec.DeploymentSpec { return registered(c, spec.SelfRegistered) }

func tellNeverReadyFirst(t *testing.T) *story {
	s := newStory(t, hasty(settings(2)))
	s.d.behaviours["v1"] = behaviour{neverReady: true}
	s.settle()
	s.runFor(time.Minute)
	return s
}

func tellKilled(t *testing.T) *story {
	s := served(t, registered(settings(2), spec.SelfRegistered))
	s.kill("orders-v1-1")
	s.settle()
	return s
}

func tellEngineRestarts(t *testing.T) *story {
	s := served(t, settings(2))
	s.apply("v2", behaviour{}, nil)
	s.runFor(20 * time.Second)
	s.say("the engine restarts: every container ends with code 0")
	for _, c := range s.w.containers {
		if c.State == ContainerRunning {
			s.w.exit(c, 0)
			c.ExitCounts = false
		}
	}
	s.settle()
	return s
}

// tellEurekaRestarts: the server forgets what was taken out of it and shows it UP again, in the middle of its drain.
func tellEurekaRestarts(t *testing.T) *story {
	s := served(t, registered(settings(1), spec.SelfRegistered))
	s.apply("v2", behaviour{}, nil)
	s.runUntil(time.Hour, func(d Decision) bool { return len(d.Waits) > 0 && d.Waits[0].Gate == "propagation" })
	s.runFor(10 * time.Second)
	s.say("eureka-1 restarts empty")
	e := s.w.eureka[0]
	e.leases, e.restartedAt, e.refreshAt = map[string]*worldLease{}, s.w.now, s.w.now.Add(s.w.costs.Response)
	s.settle()
	return s
}

// tellEurekaServer: orders is a Eureka server itself, and the one beside it has just restarted.
func tellEurekaServer(t *testing.T) *story {
	c := recreate(1)
	c.Routes = nil
	s := newStory(t, c)
	s.w.eureka = []*worldEureka{newEureka("eureka-1", day), newEureka("eureka-2", day)}
	own := s.w.eureka[0]
	own.by, own.refusing, own.state = "orders", true, ServerUnknown
	app := &worldDeployment{desired: Desired{Name: spec.ParseName("app"), Wanted: revision("a1", 1, registered(settings(1), spec.SelfRegistered))}}
	s.w.deployments = append(s.w.deployments, app)
	s.w.containers = append(s.w.containers, &worldContainer{
		Container: Container{Name: "app-a1-1", Deployment: app.desired.Name, Revision: "a1", State: ContainerRunning, StartedAt: day},
		eurekaID:  eurekaIDOf("app-a1-1"),
	})
	s.settle()
	s.runFor(time.Minute)
	s.begin()
	s.say("eureka-2 restarts empty")
	e := s.w.eureka[1]
	e.leases, e.restartedAt, e.refreshAt = map[string]*worldLease{}, s.w.now, s.w.now.Add(s.w.costs.Response)
	s.apply("v2", behaviour{}, nil)
	s.settle()
	return s
}

func tellDependencyBlinks(t *testing.T) *story {
	s := served(t, settings(3))
	s.say("the database is away for 10 s: no probe passes")
	s.w.blinkUntil = s.w.now.Add(10 * time.Second)
	s.runFor(30 * time.Second)
	return s
}

func tellServer(t *testing.T, what string, state ServerState) *story {
	s := served(t, settings(2))
	s.say("nginx web-2 " + what)
	n := s.w.nginx[1]
	n.state, n.workers = state, nil
	s.apply("v2", behaviour{}, nil)
	s.runFor(75 * time.Second)
	s.say("nginx web-2 is back")
	s.w.nginxReturns(n)
	s.settle()
	return s
}

func tellDiskFull(t *testing.T) *story {
	s := served(t, settings(1))
	s.say("the disk is full")
	s.w.diskFull = true
	s.apply("v2", behaviour{}, nil)
	s.runFor(30 * time.Second)
	s.say("there is room again")
	s.w.diskFull = false
	s.settle()
	return s
}

func tellRegistryAway(t *testing.T) *story {
	s := served(t, hasty(settings(1)))
	s.d.registryAway = true
	s.say("the image registry does not answer")
	s.apply("v2", behaviour{}, nil)
	s.runFor(100 * time.Second)
	s.say("the image registry is back")
	s.d.registryAway = false
	s.settle()
	return s
}

// tellAdopt: what runs today is taken over once the user's configuration includes segue's files.
func tellAdopt(t *testing.T, c spec.DeploymentSpec, addressOnly bool) *story {
	s := newStory(t, c)
	one := &worldContainer{adopted: true, addressOnly: addressOnly}
	one.Container = Container{
		Name: "orders-old", ID: "old", Deployment: s.d.desired.Name, Revision: AdoptedRevision, State: ContainerRunning, StartedAt: day.Add(-time.Hour),
		Address: netip.MustParseAddr("10.83.128.7"),
	}
	if addressOnly {
		one.Name, s.d.takenSlots = "127.0.0.1:8081", map[string]string{"real1": "127.0.0.1:8081"}
	}
	s.w.containers = append(s.w.containers, one)
	for _, n := range s.w.nginx {
		n.included = false
	}
	s.runFor(20 * time.Second)
	s.say("the user includes segue's files and reloads nginx")
	for _, n := range s.w.nginx {
		n.included = true
	}
	s.settle()
	return s
}

// undoneToAdopted is a story that has taken over what ran before and is to go back to it.
func undoneToAdopted(t *testing.T, c spec.DeploymentSpec, addressOnly bool) *story {
	s := tellAdopt(t, c, addressOnly)
	s.begin()
	s.say("segue rollout undo orders --to-revision=0")
	s.d.desired.Wanted = Revision{Hash: AdoptedRevision, Deployment: s.d.desired.Wanted.Deployment}
	return s
}

// tellUndoToAdopted goes back to what ran before segue came, and forward again.
func tellUndoToAdopted(t *testing.T, c spec.DeploymentSpec, addressOnly bool) *story {
	s := undoneToAdopted(t, c, addressOnly)
	s.settle()
	s.apply("v2", behaviour{}, nil)
	s.settle()
	return s
}

// tellUndoToBroken: what ran before does not come up any more, so the newer revision returns.
func tellUndoToBroken(t *testing.T) *story {
	s := undoneToAdopted(t, settings(1), false)
	s.d.behaviours[AdoptedRevision] = behaviour{crashAfter: time.Second}
	s.settle()
	return s
}

// tellUndoToRemoved: nobody is stopped for a container that somebody has removed.
func tellUndoToRemoved(t *testing.T) *story {
	s := undoneToAdopted(t, settings(1), false)
	s.say("docker rm orders-old")
	if err := s.w.remove("orders-old"); err != nil {
		t.Fatal(err)
	}
	s.settle()
	return s
}

func tellIncludeMissing(t *testing.T) *story {
	s := newStory(t, settings(1))
	s.w.nginx[1].included = false
	s.runFor(time.Minute)
	s.say("the user includes segue's files on web-2 and reloads it")
	s.w.nginx[1].included = true
	s.settle()
	return s
}
