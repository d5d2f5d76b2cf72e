package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// row is one line of get, and what -o json shows of it.
type row struct {
	name   spec.Name
	cells  []string
	object any
}

// columns are the headings of a resource after NAME.
func columns(r resource, wide bool) []string {
	switch {
	case r.same(sources):
		return sourceColumns(wide)
	case r.same(deployments) && wide:
		return []string{"READY", "UP-TO-DATE", "AVAILABLE", "AGE", "REVISION", "STRATEGY", "IMAGE", "OWNER", "STATUS"}
	case r.same(deployments):
		return []string{"READY", "UP-TO-DATE", "AVAILABLE", "AGE", "STATUS"}
	case r.same(instances) && wide:
		return []string{"READY", "STATUS", "RESTARTS", "AGE", "REVISION", "NGINX", "EUREKA", "IP", "IMAGE"}
	case r.same(instances):
		return []string{"READY", "STATUS", "RESTARTS", "AGE"}
	case r.same(nginxes) && wide:
		return []string{"SERVERS", "AGE", "EXPIRES", "SWITCH", "VERSION", "GENERATION", "STATUS"}
	case r.same(nginxes):
		return []string{"SERVERS", "AGE", "EXPIRES", "STATUS"}
	case r.same(eurekas):
		return []string{"SERVERS", "LEASES", "AGE", "STATUS"}
	default:
		return []string{"REVISION", "RESULT", "IMAGE", "BY", "AGE", "CHANGE-CAUSE"}
	}
}

// rowsOf are a resource's rows in one object.
func rowsOf(r resource, s api.Status, wide bool, now time.Time) []row {
	switch {
	case r.same(sources) && s.Source != nil:
		return []row{sourceRow(s, wide, now)}
	case r.same(deployments) && s.Deployment != nil:
		return []row{deploymentRow(s, wide, now)}
	case r.same(instances) && s.Deployment != nil:
		return instanceRows(s, wide, now)
	case r.same(nginxes) && s.Nginx != nil:
		return []row{nginxRow(s, wide, now)}
	case r.same(eurekas) && s.Eureka != nil:
		return []row{eurekaRow(s, now)}
	case r.same(revisions) && s.Deployment != nil:
		return revisionRows(s, now)
	default:
		return nil
	}
}

func deploymentRow(s api.Status, wide bool, now time.Time) row {
	d := s.Deployment
	cells := []string{
		fmt.Sprintf("%d/%d", d.ReadyReplicas, d.Replicas), strconv.Itoa(d.UpdatedReplicas), strconv.Itoa(d.AvailableReplicas), since(s.CreatedAt, now),
	}
	if wide {
		cells = append(cells, strconv.Itoa(d.Revision), dash(d.Strategy), dash(d.Image), dash(s.Owner))
	}
	status := d.Phase
	if d.Reason != "" {
		status += ": " + d.Reason
	}
	if d.Pinned != "" {
		status = fmt.Sprintf("Pinned by %s until its text changes, or segue retry. %s", d.Pinned, status)
	}
	if d.Orphan {
		status = "Orphan: no object claims its containers; apply one, or segue delete deployment " + s.Name.String() + " --orphans"
	}
	return row{s.Name, append(cells, status), objectOf(s)}
}

func instanceRows(s api.Status, wide bool, now time.Time) []row {
	var rows []row
	for _, i := range s.Deployment.Instances {
		ready := "0/1"
		if i.Ready {
			ready = "1/1"
		}
		cells := []string{ready, i.Status, strconv.Itoa(i.Restarts), since(i.StartedAt, now)}
		if wide {
			cells = append(cells, strconv.Itoa(i.Revision), dash(i.Nginx), dash(i.Eureka), dash(i.Address), dash(i.Image))
		}
		o := object{APIVersion: spec.APIVersion, Kind: "Instance", Status: i,
			Metadata: objectMetadata{Name: i.Name, Namespace: s.Name.Namespace, CreatedAt: i.StartedAt}}
		rows = append(rows, row{spec.Name{Namespace: s.Name.Namespace, Name: i.Name}, cells, o})
	}
	return rows
}

func nginxRow(s api.Status, wide bool, now time.Time) row {
	up, reason := 0, ""
	var switches, versions, generations []string
	for _, server := range s.Nginx.Servers {
		if isUp(server.State) {
			up++
		}
		if reason == "" && server.Reason != "" {
			reason = server.Name + ": " + server.Reason
		}
		switches, versions, generations = append(switches, server.Switch), append(versions, server.Version), append(generations, server.Generation)
	}
	expires := "-"
	var first time.Time
	for _, certificate := range s.Nginx.Certificates {
		if first.IsZero() || certificate.NotAfter.Before(first) {
			first = certificate.NotAfter
		}
	}
	if !first.IsZero() && first.Before(now) {
		expires = "expired"
	} else if !first.IsZero() {
		expires = age(first.Sub(now))
	}
	cells := []string{fmt.Sprintf("%d/%d", up, len(s.Nginx.Servers)), since(s.CreatedAt, now), expires}
	if wide {
		cells = append(cells, distinct(switches), distinct(versions), distinct(generations))
	}
	return row{s.Name, append(cells, serversStatus(reason, s.Nginx.Conditions)), objectOf(s)}
}

func eurekaRow(s api.Status, now time.Time) row {
	up, reason := 0, ""
	leases := map[string]int{}
	for _, server := range s.Eureka.Servers {
		if isUp(server.State) {
			up++
		}
		if reason == "" && server.Reason != "" {
			reason = server.URL + ": " + server.Reason
		}
		for status, n := range server.Leases {
			leases[status] = max(leases[status], n)
		}
	}
	var words []string
	for status, n := range leases {
		words = append(words, fmt.Sprintf("%d %s", n, status))
	}
	slices.Sort(words)
	cells := []string{fmt.Sprintf("%d/%d", up, len(s.Eureka.Servers)), dash(strings.Join(words, ", ")), since(s.CreatedAt, now), serversStatus(reason, s.Eureka.Conditions)}
	return row{s.Name, cells, objectOf(s)}
}

func isUp(state string) bool { return strings.EqualFold(state, "Up") }

// serversStatus is what a server says of itself, else what the first condition that does not hold says.
func serversStatus(reason string, conditions []api.Condition) string {
	if reason != "" {
		return reason
	}
	for _, c := range conditions {
		bad := c.Type == api.ConditionRouteConflict || c.Type == api.ConditionWaitingForInclude
		if (c.Status == "True") == bad && c.Status != "Unknown" || c.Status == "Unknown" && !bad {
			return cmp.Or(c.Message, c.Reason, c.Type)
		}
	}
	return "Synced"
}

func revisionRows(s api.Status, now time.Time) []row {
	var rows []row
	for _, h := range s.Deployment.History {
		cells := []string{strconv.Itoa(h.Revision), h.Result, dash(h.Image), dash(h.By), since(h.At, now), dash(h.Cause)}
		o := object{APIVersion: spec.APIVersion, Kind: "Revision", Status: h,
			Metadata: objectMetadata{Name: fmt.Sprintf("%s-%d", s.Name.Name, h.Revision), Namespace: s.Name.Namespace, CreatedAt: h.At}}
		rows = append(rows, row{s.Name, cells, o})
	}
	return rows
}

func dash(text string) string { return cmp.Or(text, "-") }

// distinct are the different words among several, once each.
func distinct(words []string) string {
	slices.Sort(words)
	words = slices.DeleteFunc(slices.Compact(words), func(word string) bool { return word == "" })
	return dash(strings.Join(words, ","))
}
