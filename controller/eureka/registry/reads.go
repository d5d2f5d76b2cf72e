package registry

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
)

// instance is a live read: by app and id, or by id alone when app is "".
func (r *Registry) instance(k key) (eureka.Instance, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if k.app == "" {
		for _, other := range r.sorted() {
			if other.id == k.id {
				k = other
				break
			}
		}
	}
	if l := r.live(k, now); l != nil {
		return l.seen(), true
	}
	return eureka.Instance{}, false
}

// all is the whole registry by application, sorted.
func (r *Registry) all(keep func(eureka.Instance) bool) eureka.Applications {
	answer := eureka.Applications{Version: "1", Apps: []eureka.Application{}}
	var kept []eureka.Instance
	for _, k := range r.sorted() {
		if shown := r.leases[k].seen(); keep(shown) {
			kept = append(kept, shown)
		}
	}
	answer.Apps = grouped(kept)
	answer.Hash = hash(kept)
	return answer
}

// delta is what changed in the last minutes, the last change of an instance last; its hash is the whole registry's.
func (r *Registry) delta() eureka.Applications {
	now := time.Now()
	r.changes = slices.DeleteFunc(r.changes, func(c change) bool { return now.Sub(c.at) > deltaRetention })
	r.deltas++
	var shown, all []eureka.Instance
	for _, c := range r.changes {
		seen := c.lease.seen()
		seen.Action = c.action
		shown = append(shown, seen)
	}
	for _, l := range r.leases {
		all = append(all, l.instance)
	}
	return eureka.Applications{Version: strconv.Itoa(r.deltas), Hash: hash(all), Apps: grouped(shown)}
}

func (r *Registry) sorted() []key {
	return slices.SortedFunc(maps.Keys(r.leases), func(a, b key) int {
		if by := strings.Compare(a.app, b.app); by != 0 {
			return by
		}
		return strings.Compare(a.id, b.id)
	})
}

// grouped puts instances under their applications and keeps their order.
func grouped(instances []eureka.Instance) []eureka.Application {
	apps := []eureka.Application{}
	at := map[string]int{}
	for _, i := range instances {
		n, known := at[i.App]
		if !known {
			n = len(apps)
			at[i.App] = n
			apps = append(apps, eureka.Application{Name: i.App, Instances: []eureka.Instance{}})
		}
		apps[n].Instances = append(apps[n].Instances, i)
	}
	return apps
}

// hash counts by status, in the alphabet's order: DOWN_1_UP_3_.
func hash(instances []eureka.Instance) string {
	count := map[string]int{}
	for _, i := range instances {
		count[string(i.Status)]++
	}
	var b strings.Builder
	for _, status := range slices.Sorted(maps.Keys(count)) {
		b.WriteString(status + "_" + strconv.Itoa(count[status]) + "_")
	}
	return b.String()
}
