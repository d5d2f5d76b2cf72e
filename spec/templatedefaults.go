package spec

import (
	"maps"
	"slices"
	"strings"
)

// defaulted is what is meant, but for what depends on the rest of the Deployment.
func (t Template) defaulted() Template {
	otherwise(&t.ImagePullPolicy, pullPolicyOf(t.Image))
	t.Ports = slices.Clone(t.Ports)
	for i := range t.Ports {
		if t.Ports[i].HostPort != 0 {
			otherwise(&t.Ports[i].HostIP, defaultHostIP)
		}
		otherwise(&t.Ports[i].AppProtocol, ProtocolHTTP)
	}
	files := maps.Clone(t.Files)
	for target, file := range files {
		otherwise(&file.Mode, "0444")
		files[target] = file
	}
	t.Files = files
	t.StartupProbe = t.StartupProbe.defaulted(t)
	t.ReadinessProbe = t.ReadinessProbe.defaulted(t)
	t.LivenessProbe = t.LivenessProbe.defaulted(t)
	t.Warmup = slices.Clone(t.Warmup)
	for i := range t.Warmup {
		t.Warmup[i] = t.Warmup[i].defaulted(t)
	}
	if t.Lifecycle != nil && t.Lifecycle.PreStop != nil {
		lifecycle, preStop := *t.Lifecycle, *t.Lifecycle.PreStop
		preStop.HTTPGet = preStop.HTTPGet.defaulted(t)
		lifecycle.PreStop = &preStop
		t.Lifecycle = &lifecycle
	}
	return t
}

// pullPolicyOf is Always for a registry's :latest, written or meant, and IfNotPresent otherwise: an image without a
// registry's host in its name may have been built on this machine.
func pullPolicyOf(image string) PullPolicy {
	host, rest, hasHost := strings.Cut(image, "/")
	if !hasHost || !strings.ContainsAny(host, ".:") && host != "localhost" || strings.Contains(image, "@") {
		return PullIfNotPresent
	}
	if _, tag, tagged := strings.Cut(rest, ":"); tagged && tag != "latest" {
		return PullIfNotPresent
	}
	return PullAlways
}

func (p *Probe) defaulted(t Template) *Probe {
	if p == nil {
		return nil
	}
	meant := *p
	meant.HTTPGet = p.HTTPGet.defaulted(t)
	if p.TCPSocket != nil {
		meant.TCPSocket = &TCPSocketAction{Port: p.TCPSocket.Port.defaulted(t)}
	}
	given(&meant.InitialDelaySeconds, 0)
	given(&meant.PeriodSeconds, 10)
	given(&meant.TimeoutSeconds, 1)
	given(&meant.SuccessThreshold, 1)
	given(&meant.FailureThreshold, 3)
	return &meant
}

func (g *HTTPGetAction) defaulted(t Template) *HTTPGetAction {
	if g == nil {
		return nil
	}
	meant := *g
	otherwise(&meant.Path, "/")
	meant.Port = g.Port.defaulted(t)
	otherwise(&meant.Scheme, "HTTP")
	meant.Expect = g.Expect.defaulted()
	return &meant
}

func (e *Expect) defaulted() *Expect {
	meant := Expect{}
	if e != nil {
		meant = *e
	}
	otherwise(&meant.Status, "200-399")
	return &meant
}

func (w Warmup) defaulted(t Template) Warmup {
	otherwise(&w.Method, "GET")
	w.Port = w.Port.defaulted(t)
	given(&w.TimeoutSeconds, 10)
	w.Expect = w.Expect.defaulted()
	given(&w.Repeat, 1)
	return w
}
