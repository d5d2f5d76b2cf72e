package reconcile

import (
	"fmt"
	"math/rand"
	"net/netip"
	"strconv"
	"time"

	"github.com/segue-dev/segue/spec"
)

// newSimulation draws the world of a seed and all that will happen to it.
func newSimulation(seed int64) *simulation {
	s := &simulation{
		seed: seed, rng: rand.New(rand.NewSource(seed)), next: Next,
		take: (*world).take, opened: map[string]bool{}, dead: map[string]time.Time{},
	}
	costs := simCosts
	costs.Reload = time.Duration(1+s.rng.Intn(2)) * tick * 2
	costs.Worker = time.Duration(s.rng.Intn(12)) * time.Second
	costs.Exit = time.Duration(s.rng.Intn(8)) * time.Second
	s.w = &world{now: day, costs: costs, network: netip.MustParsePrefix("10.83.0.0/24")}
	if s.rng.Intn(8) == 0 {
		// So few addresses that they are used again within one world.
		s.w.network = netip.MustParsePrefix("10.83.0.0/26")
	}
	for i := range 1 + s.rng.Intn(2) {
		n := newNginx(fmt.Sprintf("web-%d", i+1))
		n.keepAlive = time.Duration(s.rng.Intn(4)*3) * time.Second
		s.w.nginx = append(s.w.nginx, n)
	}
	for i := range 1 + s.rng.Intn(3) {
		e := newEureka(fmt.Sprintf("eureka-%d", i+1), day)
		e.refreshAt = day.Add(time.Duration(s.rng.Intn(6)) * tick)
		s.w.eureka = append(s.w.eureka, e)
	}
	ordinary := 1 + s.rng.Intn(3)
	if len(s.w.eureka) > 1 && s.rng.Intn(3) == 0 {
		ordinary = 1
		s.addServer(s.w.eureka[0])
		s.addServer(s.w.eureka[1])
	}
	for i := range ordinary {
		s.addDeployment([]string{"orders", "payments", "stock"}[i])
	}
	s.faults = s.drawFaults()
	return s
}

func (s *simulation) addDeployment(name string) {
	d := &worldDeployment{behaviours: map[string]behaviour{}, pulls: map[string]*worldPull{}}
	first := s.drawSettings()
	d.desired = Desired{Name: spec.ParseName(name), Wanted: revision("v1", 1, first), PropagationTime: longestMemory}
	s.w.deployments = append(s.w.deployments, d)
	s.loops = append(s.loops, &simLoop{d: d, woken: true})
	if s.rng.Intn(5) == 0 {
		s.adopt(d)
	}
}

// addServer has a Deployment run a Eureka server.
func (s *simulation) addServer(e *worldEureka) {
	d := &worldDeployment{behaviours: map[string]behaviour{}, pulls: map[string]*worldPull{}}
	settings := spec.DeploymentSpec{
		Replicas: ptr(1), Template: spec.Template{Image: "eureka", ReadinessProbe: &spec.Probe{}}, ProgressDeadlineSeconds: ptr(60),
		Strategy: s.drawStrategy(),
	}
	d.desired = Desired{Name: spec.ParseName(e.url), Wanted: revision("v1", 1, settings)}
	e.by, e.refusing, e.state, e.refusedAt = e.url, true, ServerUnknown, day
	s.w.deployments = append(s.w.deployments, d)
	s.loops = append(s.loops, &simLoop{d: d, woken: true})
}

// adopt puts something there that ran before segue came: containers, or a process at an address. Traffic comes to it
// through the user's own nginx configuration until he includes segue's files.
func (s *simulation) adopt(d *worldDeployment) {
	c := d.desired.Wanted.Deployment.Spec
	addressOnly := s.rng.Intn(2) == 0
	for i := range 1 + s.rng.Intn(2) {
		name := fmt.Sprintf("old-%s-%d", d.desired.Name, i+1)
		one := &worldContainer{adopted: true, addressOnly: addressOnly}
		one.Container = Container{
			Name: name, ID: name, Deployment: d.desired.Name, Revision: AdoptedRevision, State: ContainerRunning, StartedAt: day.Add(-time.Hour),
			Address: netip.AddrFrom4([4]byte{192, 168, byte(len(s.loops)), byte(i + 1)}),
		}
		if c.Eureka != nil && c.Eureka.Mode != spec.ManagedRegistration { // what is proxied now registered itself before
			one.eurekaID = eurekaIDOf(name)
			s.opened[name] = true
		}
		s.w.containers = append(s.w.containers, one)
	}
	if addressOnly && len(d.slots()) > 0 {
		d.takenSlots = map[string]string{"a": "old"}
	}
	for _, n := range s.w.nginx {
		n.included = false
	}
}

func (s *simulation) drawSettings() spec.DeploymentSpec {
	c := spec.DeploymentSpec{
		Replicas: ptr(1 + s.rng.Intn(4)), Template: spec.Template{Image: "i", ReadinessProbe: &spec.Probe{}},
		ProgressDeadlineSeconds: ptr(60), DrainTimeoutSeconds: ptr(s.rng.Intn(3) * 3), MinReadySeconds: ptr(s.rng.Intn(3)),
	}
	if s.rng.Intn(6) > 0 {
		c.Routes = map[string]spec.Route{"http": {}}
	}
	c.Eureka = s.drawRegistration()
	if s.rng.Intn(3) == 0 {
		c.Template.Warmup = []spec.Warmup{{Path: "/warm"}}
	}
	if s.rng.Intn(6) == 0 {
		c.AutoRollback = ptr(false)
	}
	c.Strategy = s.drawStrategy()
	if s.rng.Intn(8) == 0 {
		c.Replicas = ptr(1)
		c.Strategy = spec.Strategy{Type: spec.BlueGreen, BlueGreen: &spec.BlueGreenStrategy{
			ScaleDownDelaySeconds: ptr(s.rng.Intn(6)), Slots: map[string]spec.Slot{"a": {HostPort: 8081}, "b": {HostPort: 8082}},
		}}
	}
	return c
}

// drawRegistration is a way to be found in Eureka, or none.
func (s *simulation) drawRegistration() *spec.Registration {
	switch s.rng.Intn(6) {
	case 0, 1:
		return &spec.Registration{}
	case 2:
		return &spec.Registration{Mode: spec.ManagedRegistration}
	case 3:
		return &spec.Registration{Mode: spec.ProxiedRegistration, App: []string{"A", "B"}[s.rng.Intn(2)]}
	default:
		return nil
	}
}

func (s *simulation) drawStrategy() spec.Strategy {
	switch s.rng.Intn(7) {
	case 0, 1, 2:
		return spec.Strategy{Type: spec.RollingUpdate, RollingUpdate: &spec.RollingUpdateStrategy{
			MaxSurge:       ptr(spec.IntOrPercent(strconv.Itoa(s.rng.Intn(3)))),
			MaxUnavailable: ptr(spec.IntOrPercent(strconv.Itoa(s.rng.Intn(3)))),
		}}
	case 3:
		return spec.Strategy{Type: spec.Recreate}
	default:
		return spec.Strategy{Type: spec.BlueGreen, BlueGreen: &spec.BlueGreenStrategy{
			ScaleDownDelaySeconds: ptr(s.rng.Intn(6)), AutoPromote: ptr(s.rng.Intn(3) > 0),
		}}
	}
}
