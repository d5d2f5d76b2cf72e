package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

func (d *describing) deployment(s api.Status) {
	status := s.Deployment
	d.field("Strategy", "%s", status.Strategy)
	d.field("Image", "%s", status.Image)
	revision := fmt.Sprintf("%d (%s)", status.Revision, dash(status.Hash))
	if status.TargetRevision != status.Revision {
		revision += fmt.Sprintf(", leading to %d", status.TargetRevision)
	}
	d.field("Revision", "%s", revision)
	d.field("Replicas", "%d desired | %d updated | %d live | %d ready | %d available", status.Replicas, status.UpdatedReplicas, status.LiveReplicas, status.ReadyReplicas, status.AvailableReplicas)
	phase := status.Phase
	if status.Reason != "" {
		phase += ": " + status.Reason
	}
	d.field("Status", "%s", phase)
	if status.Pinned != "" {
		d.field("Pinned", "by %s: what it left is not tried again until the manifest changes", status.Pinned)
	}
	if m := s.Manifest.Deployment; m != nil {
		d.routes(s.Name, m.Spec)
	}
	d.fronts(status.Fronts)
	d.gates(s)
	d.rejected(status.Rejected)
	d.conditions(status.Conditions)
	d.instanceTable(status.Instances)
	d.history(s)
}

func (d *describing) routes(name spec.Name, written spec.DeploymentSpec) {
	var names []string
	for route := range written.Routes {
		names = append(names, route)
	}
	slices.Sort(names)
	for _, routeName := range names {
		route := written.Routes[routeName]
		to := "any hostname"
		switch {
		case route.Internal:
			to = "http://" + name.String() + " on the Docker networks"
		case route.Upstream != "":
			to = "upstream " + route.Upstream
		case route.Variable != "":
			to = "variable $" + route.Variable
		case len(route.Hostnames) > 0:
			to = strings.Join(route.Hostnames, ", ")
		}
		if len(route.Paths) > 0 {
			to += " " + strings.Join(route.Paths, ", ")
		}
		on := "the only nginx"
		if route.Nginx != "" {
			on = "nginx/" + route.Nginx
		}
		d.field("Route "+routeName, "%s, on %s", to, on)
	}
	if r := written.Eureka; r != nil {
		mode := r.Mode
		if mode == "" {
			mode = spec.SelfRegistered
		}
		in := "the only registry"
		if r.Registry != "" {
			in = "eureka/" + r.Registry
		}
		d.field("Eureka", "%s, mode %s", in, mode)
	}
}

// fronts are the nginx servers that Eureka's clients call in place of the instances.
func (d *describing) fronts(fronts []api.Front) {
	for _, f := range fronts {
		at := f.Address
		if at == "" {
			at = "no port yet"
		}
		text := fmt.Sprintf("%s in place of the instances: %s", at, f.Eureka)
		switch {
		case f.Leaving:
			text += ", on its way out"
		case f.Reason != "":
			text += ", " + f.Reason
		case f.State != "up":
			text += ", " + f.State
		}
		d.field("nginx "+f.Server, "%s", text)
	}
}

// order is that of the gates of a replacement; those not in it stand where they are shut.
var order = []string{"pause", "dependency", "pull", "slot", "ready", "warm", "minReady", "register", "promotion", "route", "front", "visible", "delay", "propagation", "drain", "connections", "registry"}

// gates lists what must open, in order: open, SHUT with what it waits for, or later.
func (d *describing) gates(s api.Status) {
	status := s.Deployment
	if len(status.WaitingFor) == 0 {
		d.field("Next", "%s", strings.Join(status.NextSteps, ", "))
		return
	}
	shut := map[string][]api.Wait{}
	var others []string
	first := len(order)
	for _, w := range status.WaitingFor {
		shut[w.Gate] = append(shut[w.Gate], w)
		at := slices.Index(order, w.Gate)
		if at < 0 && !slices.Contains(others, w.Gate) {
			others = append(others, w.Gate)
		} else if at >= 0 {
			first = min(first, at)
		}
	}
	fmt.Fprintln(d.to, "Gates:")
	for i, gate := range append(slices.Clone(others), order...) {
		waits := shut[gate]
		for _, w := range waits {
			text := waitWords(s, w, d.now)
			if w.Gate == "ready" && w.Reason != "" {
				text += ": " + strings.ReplaceAll(w.Reason, "\n", " ")
			}
			fmt.Fprintf(d.to, "  %s %-12s %s\n", d.cli.paint("31", "SHUT "), gate, text)
		}
		if len(waits) > 0 || !d.applies(gate, s) {
			continue
		}
		if i-len(others) < first {
			fmt.Fprintf(d.to, "  %s %s\n", d.cli.paint("32", "open "), gate)
		} else {
			fmt.Fprintf(d.to, "  later %s\n", gate)
		}
	}
	next := "to be decided when a gate opens"
	if len(status.NextSteps) > 0 {
		next = strings.Join(status.NextSteps, ", ")
	}
	d.field("Next", "%s", next)
	if !status.Deadline.IsZero() {
		d.field("Deadline", "%s: rejected if nothing changes before", status.Deadline.Local().Format("15:04:05"))
	}
}

// applies says whether a gate is in this Deployment's way at all.
func (d *describing) applies(gate string, s api.Status) bool {
	m := s.Manifest.Deployment
	if m == nil {
		return false
	}
	blueGreen := m.Spec.Strategy.Type == spec.BlueGreen
	switch gate {
	case "dependency":
		return len(m.Spec.DependsOn) > 0
	case "slot":
		return blueGreen && m.Spec.Strategy.BlueGreen != nil && len(m.Spec.Strategy.BlueGreen.Slots) > 0
	case "promotion":
		b := m.Spec.Strategy.BlueGreen
		return blueGreen && b != nil && b.AutoPromote != nil && !*b.AutoPromote
	case "delay":
		return blueGreen
	case "warm":
		return len(m.Spec.Template.Warmup) > 0
	case "minReady":
		return m.Spec.MinReadySeconds != nil && *m.Spec.MinReadySeconds > 0
	case "visible", "propagation":
		return m.Spec.Eureka != nil
	case "register":
		return m.Spec.Eureka != nil && !m.Spec.Proxied()
	case "front":
		return m.Spec.Proxied()
	case "route", "connections":
		return len(m.Spec.AllRoutes()) > 0
	case "pause", "registry":
		return false
	default:
		return true
	}
}

func (d *describing) rejected(r *api.Rejected) {
	if r == nil {
		return
	}
	fmt.Fprintf(d.to, "Rejected:           revision %d, %s ago: %s\n", r.Revision, age(d.now.Sub(r.At)), r.Reason)
	var lines []string
	if r.LastProbe != "" {
		lines = append(lines, labelled("probe", r.LastProbe)...)
	}
	if r.ExitCode != nil {
		lines = append(lines, labelled("exit code", strconv.Itoa(*r.ExitCode))...)
	}
	if len(r.Log) > 0 {
		lines = append(lines, labelled("last log", strings.Join(r.Log, "\n"))...)
	}
	if r.LogFile != "" {
		lines = append(lines, labelled("whole log", r.LogFile)...)
	}
	for _, line := range lines {
		fmt.Fprintln(d.to, line)
	}
}

func (d *describing) instanceTable(all []api.Instance) {
	if len(all) == 0 {
		fmt.Fprintln(d.to, "Instances:          none")
		return
	}
	fmt.Fprintln(d.to, "Instances:")
	lines := [][]string{{"  NAME", "REVISION", "STATUS", "NGINX", "EUREKA", "IP", "AGE"}}
	for _, i := range all {
		lines = append(lines, []string{"  " + i.Name, strconv.Itoa(i.Revision), i.Status, dash(i.Nginx), dash(i.Eureka), dash(i.Address), since(i.StartedAt, d.now)})
	}
	(&table{}).print(d.to, lines...)
}

func (d *describing) history(s api.Status) {
	rows := revisionRows(s, d.now)
	if len(rows) == 0 {
		return
	}
	fmt.Fprintln(d.to, "History:")
	lines := [][]string{{"  REVISION", "RESULT", "IMAGE", "BY", "AGE", "CHANGE-CAUSE"}}
	for _, one := range rows {
		one.cells[0] = "  " + one.cells[0]
		lines = append(lines, one.cells)
	}
	(&table{}).print(d.to, lines...)
}

// instances describes those that are named, or all of the namespace.
func (d *describing) instances(s api.Status, named []target) int {
	if s.Deployment == nil || len(named) == 0 && s.Name.Namespace != d.cli.namespace {
		return 0
	}
	told := 0
	for _, i := range s.Deployment.Instances {
		if len(named) > 0 && !slices.ContainsFunc(named, func(t target) bool { return t.resource.same(instances) && t.name.String() == i.Name }) {
			continue
		}
		d.gap(told)
		told++
		d.field("Name", "%s", i.Name)
		d.field("Deployment", "%s", i.Deployment)
		d.field("Revision", "%d (%s)", i.Revision, dash(i.Hash))
		d.field("Slot", "%s", i.Slot)
		d.field("Image", "%s", i.Image)
		d.field("IP", "%s", dash(i.Address))
		d.field("Status", "%s", i.Status)
		d.field("Ready", "%t", i.Ready)
		d.field("Restarts", "%d", i.Restarts)
		d.field("Age", "%s", since(i.StartedAt, d.now))
		d.field("Nginx", "%s", i.Nginx)
		d.field("Eureka", "%s", i.Eureka)
		d.field("Eureka id", "%s", i.EurekaID)
		d.field("Last probe", "%s", strings.ReplaceAll(i.LastProbe, "\n", "\n                    "))
		if i.ExitCode != nil {
			d.field("Exit code", "%d", *i.ExitCode)
		}
		if len(i.Log) > 0 {
			fmt.Fprintln(d.to, "Last log:")
			for _, line := range i.Log {
				fmt.Fprintln(d.to, "  "+line)
			}
		}
	}
	return told
}
