package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/testbed"
)

// springStats is what the service counts of itself.
type springStats struct {
	Requests, DarkRequests, Warmups int
	FirstMillis, ReadyMillis        int64
}

// watchman looks at every instance of apps several times a second, and at what the servers say of it.
type watchman struct {
	town *town
	apps []testbed.App

	mu    sync.Mutex
	stats map[string]springStats
	// said are the statuses that each server had for each instance, in order.
	said map[string][]string
	// most is how many instances of an app were ever UP at once.
	most  map[string]int
	waits map[string]bool
}

func (t *town) watch(ctx context.Context, apps ...testbed.App) *watchman {
	w := &watchman{town: t, apps: apps, stats: map[string]springStats{}, said: map[string][]string{}, most: map[string]int{}, waits: map[string]bool{}}
	ctx, enough := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		for testbed.Pause(ctx, 300*time.Millisecond) {
			for _, app := range apps {
				w.look(ctx, app)
			}
		}
	})
	DeferCleanup(func() {
		enough()
		watching.Wait()
	})
	return w
}

func (w *watchman) look(ctx context.Context, app testbed.App) {
	list, err := w.town.segue.Client.List(ctx, api.Query{Kind: "Deployment", Name: app.Name})
	if err != nil {
		return // it was killed
	}
	for _, item := range list.Items {
		w.mu.Lock()
		for _, wait := range item.Deployment.WaitingFor {
			w.waits[wait.Gate+": "+wait.Reason] = true
		}
		w.mu.Unlock()
		up := 0
		for _, instance := range item.Deployment.Instances {
			if w.lookAt(ctx, app, instance) {
				up++
			}
		}
		w.mu.Lock()
		w.most[app.Name] = max(w.most[app.Name], up)
		w.mu.Unlock()
	}
}

// lookAt says whether some server has the instance UP.
func (w *watchman) lookAt(ctx context.Context, app testbed.App, instance api.Instance) bool {
	up := false
	for n, server := range w.town.servers {
		lease, err := server.Lease(ctx, app.Name, instance.EurekaID)
		if err != nil {
			continue // it is away
		}
		key, status := fmt.Sprintf("%s at %d", instance.Name, n+1), lease.Status
		up = up || status == "UP"
		if status == "" {
			status = "-"
		}
		w.mu.Lock()
		if said := w.said[key]; len(said) == 0 || said[len(said)-1] != status {
			w.said[key] = append(said, status)
		}
		w.mu.Unlock()
	}
	if instance.ExitCode != nil {
		return up
	}
	if one, err := springStatsOf(ctx, instance.Address); err == nil {
		w.mu.Lock()
		w.stats[instance.Name] = one
		w.mu.Unlock()
	}
	return up
}

// expectDark fails where an instance was asked before it was ready, warm, and had been ready for as long as it must.
func (w *watchman) expectDark() {
	GinkgoHelper()
	w.expectAsked()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, instance := range slices.Sorted(maps.Keys(w.said)) {
		AddReportEntry("a lease's statuses", instance+": "+strings.Join(w.said[instance], " "), ReportEntryVisibilityFailureOrVerbose)
	}
	for name, one := range w.stats {
		if one.FirstMillis == 0 {
			continue
		}
		Expect(one.Warmups).To(BeNumerically(">", 0), "warm-ups of %s", name)
		Expect(one.FirstMillis-one.ReadyMillis).To(BeNumerically(">=", dwell.Milliseconds()), "ms from ready to the first request of %s", name)
	}
}

// expectAsked fails where an instance was asked before it was ready, or hardly one was asked.
func (w *watchman) expectAsked() {
	GinkgoHelper()
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := 0
	for name, one := range w.stats {
		Expect(one.DarkRequests).To(BeZero(), "requests that reached %s before it was ready: %+v", name, one)
		if one.FirstMillis != 0 {
			asked++
		}
	}
	Expect(asked).To(BeNumerically(">", 1), "instances that were asked: %v", w.stats)
}

// asked is how many instances of an app were asked so far.
func (w *watchman) asked(app testbed.App) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := 0
	for name, one := range w.stats {
		if strings.HasPrefix(name, app.Name+"-") && one.FirstMillis != 0 {
			asked++
		}
	}
	return asked
}

// expectOrder fails where a server ever said UP of an instance that had not been dark there before.
func (w *watchman) expectOrder() {
	GinkgoHelper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for instance, said := range w.said {
		up := slices.Index(said, "UP")
		if up > 0 {
			Expect(said[:up]).To(ContainElement("OUT_OF_SERVICE"), "%s: %v", instance, said)
		}
	}
}

// expectSteady fails where a lease of one of the apps was UP, was something else, and was UP again. Peers do that to the
// lease of an app that stops as soon as it is out of service, as with Recreate, for a moment.
func (w *watchman) expectSteady(apps ...testbed.App) {
	GinkgoHelper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for instance, said := range w.said {
		if !slices.ContainsFunc(apps, func(a testbed.App) bool { return strings.HasPrefix(instance, a.Name+"-") }) {
			continue
		}
		ups := 0
		for _, status := range said {
			if status == "UP" {
				ups++
			}
		}
		Expect(ups).To(BeNumerically("<=", 1), "%s: %v", instance, said)
	}
}

// expectForgotten fails where a server had the lease of one that died when it was last asked. Peers that are busy pass the
// last heartbeats of the dead on to one another for up to 30 s, and so bring its lease back, even UP; it is deleted again.
// What follows does not concern that lease.
func (w *watchman) expectForgotten(instance string) {
	GinkgoHelper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for n := range w.town.servers {
		key := fmt.Sprintf("%s at %d", instance, n+1)
		Expect(w.said[key]).NotTo(BeEmpty(), key)
		Expect(w.said[key][len(w.said[key])-1]).To(Equal("-"), "%s: %v", key, w.said[key])
		delete(w.said, key)
	}
}

// expectAlone fails where two instances of an app were ever UP at once.
func (w *watchman) expectAlone(app testbed.App) {
	GinkgoHelper()
	w.mu.Lock()
	defer w.mu.Unlock()
	Expect(w.most).To(HaveKeyWithValue(app.Name, 1), "instances that were UP at once: %v", w.most)
}
