package spec

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// minMemory is the least that a Docker Engine takes as a limit.
const minMemory = 6 << 20

func (c checker) template(s DeploymentSpec) {
	const path = "spec.template"
	t := s.Template
	if t.Image == "" {
		c.problem(path+".image", "required")
	}
	c.fits(path+".image", t.Image, imageGrammar, "NAME[:TAG][@DIGEST], as registry.example.com/orders:1.5")
	enum(c, path+".imagePullPolicy", t.ImagePullPolicy)
	if t.WorkingDir != "" && !cleanAbsolute(t.WorkingDir) {
		c.problem(path+".workingDir", "%q is not a clean absolute path", t.WorkingDir)
	}
	c.fits(path+".user", t.User, userGrammar, "USER[:GROUP], names or numbers")
	c.labels(path+".labels", t.Labels)
	c.env(path+".env", t.Env)
	for i, from := range t.EnvFrom {
		if from.File == "" {
			c.problem(item(path+".envFrom", i)+".file", "required")
		}
	}
	c.mounts(t)
	c.networks(s)
	c.ports(t)
	c.resources(t.Resources)
	c.probes(t)
	c.lifecycle(s)
}

// mounts checks files and volumes, which share the container's paths.
func (c checker) mounts(t Template) {
	taken := map[string]string{}
	for i, written := range t.Volumes {
		path := item("spec.template.volumes", i)
		volume, err := ParseVolume(written)
		if err != nil {
			c.problem(path, "%s", err)
			continue
		}
		if other := taken[volume.Target]; other != "" {
			c.problem(path, "%s is taken by %s", volume.Target, other)
		}
		taken[volume.Target] = path
	}
	for _, target := range slices.Sorted(maps.Keys(t.Files)) {
		file, path := t.Files[target], below("spec.template.files", target)
		switch {
		case !cleanAbsolute(target) || target == "/":
			c.problem(path, "%q is not a clean absolute path in the container", target)
		case taken[target] != "":
			c.problem(path, "%s is taken by %s", target, taken[target])
		}
		c.exactlyOne(path, map[string]bool{"source": file.Source != "", "content": file.Content != nil})
		if file.Content != nil && Sealed([]byte(*file.Content)) {
			c.problem(below(path, "content"), "is encrypted with age; put it into a file of its own, and name that as source")
		}
		c.fits(below(path, "mode"), file.Mode, modeGrammar, `three octal digits, as "0444"`)
		if file.Source != "" && strings.ContainsRune(file.Source, 0) || file.Source == "." || strings.HasSuffix(file.Source, string(filepath.Separator)) {
			c.problem(below(path, "source"), "%q is not a file's path", file.Source)
		}
	}
}

func (c checker) networks(s DeploymentSpec) {
	for i, network := range s.Template.Networks {
		path := item("spec.template.networks", i)
		switch network {
		case "":
			c.problem(path, "empty; write a Docker network's name")
		case "segue":
			c.problem(path, "every instance is on segue's own network anyway; leave it out")
		case "host", "none", "bridge", "default":
			c.problem(path, "Docker's %s network cannot be joined beside segue's; name one made with docker network create", network)
		default:
			c.fits(path, network, containerGrammar, "a Docker network's name")
		}
		if slices.Index(s.Template.Networks, network) < i {
			c.problem(path, "%q is named twice", network)
		}
	}
	if len(s.Template.Aliases) > 0 && s.Strategy.Type != Recreate {
		c.problem("spec.template.aliases", "only with strategy.type: Recreate: Docker's DNS would send traffic to instances that start or stop")
	}
	for i, alias := range s.Template.Aliases {
		c.fits(item("spec.template.aliases", i), alias, aliasGrammar, "a host name")
	}
}

func (c checker) ports(t Template) {
	names, numbers, places := map[string]bool{}, map[int]bool{}, map[string]bool{}
	for i, port := range t.Ports {
		path := item("spec.template.ports", i)
		c.fits(path+".name", port.Name, portNameGrammar, "at most 15 lower-case letters, digits and -")
		if port.Name != "" && plainInteger.MatchString(port.Name) {
			c.problem(path+".name", "%q reads as a number; use a letter", port.Name)
		}
		if port.Name != "" && names[port.Name] {
			c.problem(path+".name", "%q is another port's name, too", port.Name)
		}
		if port.ContainerPort == 0 {
			c.problem(path+".containerPort", "required: 1 to 65535")
		}
		c.port(path+".containerPort", port.ContainerPort)
		if numbers[port.ContainerPort] {
			c.problem(path+".containerPort", "%d stands here twice", port.ContainerPort)
		}
		c.port(path+".hostPort", port.HostPort)
		c.hostIP(path, port.HostIP, port.HostPort)
		place := hostPlace(port.HostIP, port.HostPort)
		if port.HostPort != 0 && places[place] {
			c.problem(path+".hostPort", "%s stands here twice", place)
		}
		enum(c, path+".appProtocol", port.AppProtocol)
		names[port.Name], numbers[port.ContainerPort], places[place] = true, true, true
	}
}

func (c checker) resources(r Resources) {
	parse := func(path, text string, read func(string) (int64, error)) int64 {
		if text == "" {
			return 0
		}
		n, err := read(text)
		if err != nil {
			c.problem(path, "%s", err)
		}
		return n
	}
	const path = "spec.template.resources"
	cpu := parse(path+".limits.cpu", r.Limits.CPU, ParseCPU)
	memory := parse(path+".limits.memory", r.Limits.Memory, ParseMemory)
	requestedCPU := parse(path+".requests.cpu", r.Requests.CPU, ParseCPU)
	requested := parse(path+".requests.memory", r.Requests.Memory, ParseMemory)
	if memory > 0 && memory < minMemory {
		c.problem(path+".limits.memory", "%q is below the 6Mi that Docker takes at least", r.Limits.Memory)
	}
	if cpu > 0 && requestedCPU > cpu {
		c.problem(path+".requests.cpu", "more than the limit %s", r.Limits.CPU)
	}
	if memory > 0 && requested > memory {
		c.problem(path+".requests.memory", "more than the limit %s", r.Limits.Memory)
	}
}

func (c checker) lifecycle(s DeploymentSpec) {
	const path = "spec.template.lifecycle"
	t := s.Template
	c.atLeast("spec.template.terminationGracePeriodSeconds", t.TerminationGracePeriodSeconds, 0)
	if t.Lifecycle == nil {
		return
	}
	if text := t.Lifecycle.StopSignal; text != "" && !signalGrammar.MatchString(text) {
		remedy := "want one as SIGTERM or SIGRTMIN+3"
		if signalGrammar.MatchString("SIG" + strings.ToUpper(text)) {
			remedy = "write SIG" + strings.ToUpper(text)
		}
		c.problem(path+".stopSignal", "%q is not a signal's name; %s", text, remedy)
	}
	p := t.Lifecycle.PreStop
	if p == nil {
		return
	}
	c.exactlyOne(path+".preStop", map[string]bool{"exec": p.Exec != nil, "httpGet": p.HTTPGet != nil, "sleep": p.Sleep != nil})
	c.action(path+".preStop", p.HTTPGet, p.Exec, t)
	if p.Sleep == nil {
		return
	}
	c.atLeast(path+".preStop.sleep.seconds", &p.Sleep.Seconds, 0)
	if grace := s.gracePeriod(); p.Sleep.Seconds > grace {
		c.problem(path+".preStop.sleep.seconds", "%d is longer than the grace of %d (terminationGracePeriodSeconds), which it is part of", p.Sleep.Seconds, grace)
	}
}
