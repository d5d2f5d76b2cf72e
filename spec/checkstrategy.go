package spec

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

func (c checker) strategy(s DeploymentSpec) {
	const path = "spec.strategy"
	enum(c, path+".type", s.Strategy.Type)
	kind := s.Strategy.Type
	if kind == "" {
		kind = RollingUpdate
		if volumes := s.Template.writableVolumes(); len(volumes) > 0 {
			c.problem(path+".type", "required here: %s is mounted read-write and two revisions would share it; say Recreate, or RollingUpdate if they may", strings.Join(volumes, ", "))
		}
	}
	if s.Strategy.RollingUpdate != nil && kind != RollingUpdate {
		c.problem(path+".rollingUpdate", "excluded by type: %s; leave the block out or say type: RollingUpdate", kind)
	}
	if s.Strategy.BlueGreen != nil && kind != BlueGreen {
		c.problem(path+".blueGreen", "excluded by type: %s; leave the block out or say type: BlueGreen", kind)
	}
	if kind == BlueGreen && len(s.Routes) == 0 && s.Eureka == nil {
		c.problem(path+".type", "BlueGreen has nothing to switch: there are neither spec.routes nor spec.eureka; add one, or say RollingUpdate")
	}
	if r := s.Strategy.RollingUpdate; r != nil {
		c.budgets(path+".rollingUpdate", *r)
	}
	if b := s.Strategy.BlueGreen; b != nil {
		c.atLeast(path+".blueGreen.scaleDownDelaySeconds", b.ScaleDownDelaySeconds, 0)
		c.slots(s)
	}
}

func (c checker) budgets(path string, r RollingUpdateStrategy) {
	values := map[string]*IntOrPercent{"maxSurge": r.MaxSurge, "maxUnavailable": r.MaxUnavailable}
	zeros := 0
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		if value == nil {
			continue
		}
		if !countOrShare.MatchString(string(*value)) {
			c.problem(below(path, name), "%q is not a whole number or a percentage, as 1 or 25%%", string(*value))
			return
		}
		if strings.Trim(strings.TrimSuffix(string(*value), "%"), "0") == "" {
			zeros++
		}
	}
	if zeros == 2 {
		c.problem(path, "maxSurge and maxUnavailable are both 0, so nothing could ever be replaced; make one at least 1")
	}
}

func (c checker) slots(s DeploymentSpec) {
	slots, path := s.Strategy.BlueGreen.Slots, "spec.strategy.blueGreen.slots"
	if slots == nil {
		return
	}
	if len(slots) != 2 {
		c.problem(path, "%s; want exactly 2 that take turns", count(len(slots), "slot"))
	}
	if s.Replicas != nil && *s.Replicas > 1 {
		c.problem("spec.replicas", "%d; must be 1 with slots, as each slot holds one instance", *s.Replicas)
	}
	taken := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(slots)) {
		slot, at := slots[name], below(path, name)
		if !slotGrammar.MatchString(name) {
			c.problem(at, "%q is not allowed as a slot's name; want at most 32 letters, digits, - and _", name)
		}
		c.port(below(at, "hostPort"), slot.HostPort)
		c.hostIP(at, slot.HostIP, slot.HostPort)
		c.env(below(at, "env"), slot.Env)
		if slot.HostPort == 0 {
			continue
		}
		if _, err := s.SlotPort(); err != nil {
			c.problem(below(at, "hostPort"), "unclear which of the container's ports to publish: %s", err)
		}
		place := hostPlace(slot.HostIP, slot.HostPort)
		if other := taken[place]; other != "" {
			c.problem(below(at, "hostPort"), "%s is slot %s's, too; both slots run during a switch", place, other)
		}
		taken[place] = name
	}
}

// SlotPort is the container's port that a slot's hostPort publishes: that of the only route, else the registered one,
// else the only one.
func (s DeploymentSpec) SlotPort() (Port, error) {
	if len(s.Routes) == 1 {
		for name, route := range s.Routes {
			return route.PortOf(s.Template, name)
		}
	}
	if len(s.Routes) == 0 && s.Eureka != nil {
		return s.Eureka.PortOf(s.Template)
	}
	return s.Template.onlyPort()
}

func (c checker) hostIP(path, hostIP string, hostPort int) {
	if hostIP == "" {
		return
	}
	if ip, err := netip.ParseAddr(hostIP); err != nil || ip.Zone() != "" {
		c.problem(below(path, "hostIP"), "%q is not an IP address", hostIP)
	}
	if hostPort == 0 {
		c.problem(below(path, "hostIP"), "without hostPort it publishes nothing; add hostPort or leave it out")
	}
}

func hostPlace(hostIP string, hostPort int) string {
	if hostIP == "" {
		hostIP = defaultHostIP
	}
	return fmt.Sprintf("%s:%d", hostIP, hostPort)
}

// hostPorts reports a fixed port of the host where two instances would want it at once.
func (c checker) hostPorts(s DeploymentSpec) {
	const ways = "; ways out: leave hostPort out (nginx and segue reach the container's own address), strategy.type: Recreate with replicas 1, or BlueGreen with slots, each with a hostPort of its own"
	for i, port := range s.Template.Ports {
		path := item("spec.template.ports", i) + ".hostPort"
		switch {
		case port.HostPort == 0:
		case s.Strategy.Type == "" || s.Strategy.Type == RollingUpdate:
			c.problem(path, "the old and the new instance of a RollingUpdate cannot both have port %d of the host%s", port.HostPort, ways)
		case s.Strategy.Type == BlueGreen:
			c.problem(path, "blue and green cannot both have port %d of the host%s", port.HostPort, ways)
		case s.Replicas != nil && *s.Replicas > 1:
			c.problem(path, "%d replicas cannot all have port %d of the host%s", *s.Replicas, port.HostPort, ways)
		}
	}
}
