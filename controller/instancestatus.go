package controller

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

// The words of Instance.Status that are not formed from facts.
const (
	wordStarting = "Starting"
	wordNotReady = "NotReady"
	wordReady    = "Ready"
	wordServing  = "Serving"
	wordDraining = "Draining"
	wordStopping = "Stopping"
	wordAdopted  = "Adopted"
)

func instanceStatus(p *pass, i reconcile.Instance) api.Instance {
	revision := p.revisionOf(i.Revision)
	one := api.Instance{
		Name: i.Name, Deployment: p.name, Revision: revision.Number, Hash: i.Revision, Slot: i.Slot,
		Image: revision.Deployment.Spec.Template.Image, Ready: ready(i), Restarts: p.exitsBefore(i),
		StartedAt: i.StartedAt, EurekaID: i.EurekaID, LastProbe: i.Health.Last, Log: i.LastLog,
	}
	if i.Address.IsValid() {
		one.Address = i.Address.String()
	}
	if i.Adopted {
		one.Revision, one.Image = 0, i.Image
	}
	if i.State == reconcile.ContainerExited {
		code := i.ExitCode
		one.ExitCode = &code
	}
	one.Nginx, one.Eureka = nginxColumn(i), eurekaColumn(i.Eureka)
	if one.Eureka == "-" && revision.Deployment.Spec.Proxied() {
		one.Eureka = p.proxiedColumn()
	}
	one.Status = statusWord(i, one.Ready)
	return one
}

func ready(i reconcile.Instance) bool {
	return i.State == reconcile.ContainerRunning && !i.Retired && i.Health.Ready == reconcile.Yes && i.Health.Alive != reconcile.No
}

// exitsBefore counts the exited predecessors of an instance's revision.
func (p *pass) exitsBefore(i reconcile.Instance) int {
	exits := 0
	for _, other := range p.observed.Instances {
		exits += number(other.Revision == i.Revision && other.State == reconcile.ContainerExited && !other.Retired && other.N < i.N)
	}
	return exits
}

func statusWord(i reconcile.Instance, ready bool) string {
	admitted, everywhere := traffic(i)
	switch {
	case i.State == reconcile.ContainerExited && i.OOMKilled:
		return fmt.Sprintf("Exited (%d, out of memory)", i.ExitCode)
	case i.State == reconcile.ContainerExited:
		return fmt.Sprintf("Exited (%d)", i.ExitCode)
	case i.Leaving():
		return wordStopping
	case i.State == reconcile.ContainerCreated:
		return "Created"
	case ready && everywhere:
		return wordServing
	case i.Health.Ready == reconcile.No:
		return wordNotReady
	case i.Adopted && !admitted:
		return wordAdopted
	case ready && !admitted && i.Health.Warm.State == reconcile.WishDone && wasServing(i):
		return wordDraining
	case ready:
		return wordReady
	default:
		return wordStarting
	}
}

// traffic: something sends to it; everything does.
func traffic(i reconcile.Instance) (admitted, everywhere bool) {
	everywhere = true
	for _, fact := range i.Nginx {
		if fact.State == reconcile.ServerDown {
			continue
		}
		admitted = admitted || fact.Routed == reconcile.Yes
		everywhere = everywhere && fact.Routed == reconcile.Yes
	}
	for _, fact := range i.Eureka {
		if fact.State == reconcile.ServerDown {
			continue
		}
		admitted = admitted || fact.Lease.Status == reconcile.LeaseUp
		everywhere = everywhere && fact.Lease.Status == reconcile.LeaseUp
	}
	return admitted, everywhere
}

// wasServing: an old worker or a consumer's cache may still send to it.
func wasServing(i reconcile.Instance) bool {
	for _, fact := range i.Nginx {
		if fact.Reachable == reconcile.Yes || fact.Connections > 0 {
			return true
		}
	}
	for _, fact := range i.Eureka {
		if fact.Lease.Visible == reconcile.Yes {
			return true
		}
	}
	return false
}

// nginxColumn is SERVING/SERVERS.
func nginxColumn(i reconcile.Instance) string {
	if len(i.Nginx) == 0 {
		return "-"
	}
	routed, unknown := 0, 0
	for _, fact := range i.Nginx {
		routed += number(fact.Routed == reconcile.Yes)
		unknown += number(fact.Routed == reconcile.Unknown && fact.State != reconcile.ServerDown)
	}
	column := fmt.Sprintf("%d/%d", routed, len(i.Nginx))
	if unknown > 0 {
		column += fmt.Sprintf(", ? %d/%d", unknown, len(i.Nginx))
	}
	return column
}

// eurekaColumn counts the servers by what they say, as "UP 1/2, ? 1/2".
func eurekaColumn(facts []reconcile.EurekaFact) string {
	if len(facts) == 0 {
		return "-"
	}
	counts := map[string]int{}
	for _, fact := range facts {
		word := string(fact.Lease.Status)
		switch {
		case fact.State == reconcile.ServerUnknown:
			word = "?"
		case fact.State == reconcile.ServerDown:
			word = "down"
		case word == "":
			word = "none"
		}
		counts[word]++
	}
	var parts []string
	for _, word := range sortedKeys(counts) {
		parts = append(parts, fmt.Sprintf("%s %d/%d", word, counts[word], len(facts)))
	}
	slices.SortStableFunc(parts, func(a, b string) int {
		return number(!strings.HasPrefix(a, "UP")) - number(!strings.HasPrefix(b, "UP"))
	})
	return strings.Join(parts, ", ")
}
