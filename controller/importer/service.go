package importer

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/spec"
)

// service is one thing that runs, from wherever it was read.
type service struct {
	name, from          string
	image               string
	command, args       []string
	workingDir, user    string
	labels, env         map[string]string
	ports               []port
	mounts              []volume
	networks, dependsOn []string
	memory, reserved    int64
	cpus, reservedCPUs  float64
	health              *health
	stopSignal          string
	grace               time.Duration
	replicas            int
	adopt               []string
	// notes are what was not taken over, in words.
	notes []string
}

// port is a TCP port of a container and where it is published.
type port struct {
	container int
	published []string
}

// volume is a named volume or a path of the host, and where it is mounted.
type volume struct {
	source, target string
	readOnly       bool
}

// health is a check by a command.
type health struct {
	command                       []string
	interval, timeout, startAfter time.Duration
	retries                       int
}

func (s *service) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// deployment is the manifest. It adds to the notes.
func (s *service) deployment() spec.Deployment {
	d := spec.Deployment{APIVersion: spec.APIVersion, Kind: spec.KindDeployment, Metadata: spec.Metadata{Name: nameOf(s.name)}}
	if d.Metadata.Name != s.name {
		s.note("%q is no name of an object: it is called %s here", s.name, d.Metadata.Name)
	}
	if s.replicas > 0 {
		d.Spec.Replicas = &s.replicas
	}
	for _, container := range s.adopt {
		d.Spec.Adopt = append(d.Spec.Adopt, spec.Adopt{Container: container})
	}
	for _, other := range s.dependsOn {
		d.Spec.DependsOn = append(d.Spec.DependsOn, nameOf(other))
	}
	t := &d.Spec.Template
	t.Image, t.Command, t.Args, t.WorkingDir, t.User = s.image, s.command, s.args, s.workingDir, s.user
	t.Labels, t.Env, t.Networks = s.ownLabels(), s.env, s.networks
	s.addPorts(t)
	s.addVolumes(&d)
	t.Resources = spec.Resources{Limits: amounts(s.memory, s.cpus), Requests: amounts(s.reserved, s.reservedCPUs)}
	t.ReadinessProbe = s.health.probe()
	if s.stopSignal != "" {
		t.Lifecycle = &spec.Lifecycle{StopSignal: s.stopSignal}
	}
	if s.grace > 0 {
		t.TerminationGracePeriodSeconds = seconds(s.grace)
	}
	return d
}

func (s *service) addPorts(t *spec.Template) {
	for _, p := range s.ports {
		t.Ports = append(t.Ports, spec.Port{ContainerPort: p.container})
		if len(p.published) > 0 {
			s.note("port %d was published at %s: nginx is to take that over (routes); for a port of the host write hostPort and strategy Recreate, or BlueGreen with slots",
				p.container, strings.Join(p.published, ", "))
		}
	}
	if len(t.Ports) > 0 {
		s.note("no routes yet, as routes: {http: {hostnames: [%s.example.com]}}; where several ports are listed, a route names its own", nameOf(s.name))
	}
}

func (s *service) addVolumes(d *spec.Deployment) {
	writable := false
	for _, m := range s.mounts {
		written := m.source + ":" + m.target
		if m.readOnly {
			written += ":ro"
		}
		if _, err := spec.ParseVolume(written); err != nil {
			s.note("mount %s is not taken over: %s", written, err)
			continue
		}
		d.Spec.Template.Volumes = append(d.Spec.Template.Volumes, written)
		writable = writable || !m.readOnly
	}
	if writable {
		d.Spec.Strategy.Type = spec.Recreate
		s.note("a volume is writable, so two instances would share it: Recreate stops the old one first, with a gap; say RollingUpdate if they may share it")
	}
}

// labelKey is what a label's key may look like in a manifest.
var labelKey = regexp.MustCompile(`^([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$`)

// ownLabels are those that compose and the engine did not write.
func (s *service) ownLabels() map[string]string {
	kept := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(s.labels)) {
		switch {
		case strings.HasPrefix(key, "com.docker.compose.") || strings.HasPrefix(key, "segue.dev/"):
		case !labelKey.MatchString(key):
			s.note("label %s is not taken over: a manifest has no such keys", key)
		default:
			kept[key] = s.labels[key]
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

func (h *health) probe() *spec.Probe {
	if h == nil {
		return nil
	}
	p := &spec.Probe{Exec: &spec.ExecAction{Command: h.command}, PeriodSeconds: seconds(h.interval), TimeoutSeconds: seconds(h.timeout), InitialDelaySeconds: seconds(h.startAfter)}
	if h.retries > 0 {
		p.FailureThreshold = &h.retries
	}
	return p
}

// seconds is nil for nothing, and at least 1.
func seconds(d time.Duration) *int {
	if d <= 0 {
		return nil
	}
	n := max(int((d+time.Second-1)/time.Second), 1)
	return &n
}

func amounts(memory int64, cpus float64) spec.ResourceList {
	var list spec.ResourceList
	if memory > 0 {
		list.Memory = fmt.Sprint(memory)
		for unit, size := range map[string]int64{"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30} {
			if memory%size == 0 && memory/size < 1024 {
				list.Memory = fmt.Sprint(memory/size) + unit
			}
		}
	}
	if cpus > 0 {
		list.CPU = fmt.Sprintf("%dm", int(cpus*1000+0.5))
	}
	return list
}

var notInName = regexp.MustCompile(`[^a-z0-9-]+`)

// nameOf makes an object's name.
func nameOf(name string) string {
	name = notInName.ReplaceAllString(strings.ToLower(name), "-")
	return strings.Trim(name[:min(len(name), 50)], "-")
}
