package controller

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/diff"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// Plan says what Apply would lead to, and changes nothing.
func (c *Controller) Plan(ctx context.Context, request api.ApplyRequest) (api.PlanResult, error) {
	if err := c.worksHere(request.Manifests); err != nil {
		return api.PlanResult{}, err
	}
	c.objects.writing.Lock()
	changes, err := c.objects.proposals(request.Manifests, author{owner: ownerOf(request.Owner), by: request.By, cause: request.Cause}, time.Now())
	c.objects.writing.Unlock()
	if err != nil {
		return api.PlanResult{}, err
	}
	var result api.PlanResult
	for _, one := range changes {
		item, err := c.planOf(ctx, one, request.Manifests)
		if err != nil {
			return api.PlanResult{}, err
		}
		result.Items = append(result.Items, item)
	}
	return result, nil
}

// planOf is the plan of one object.
func (c *Controller) planOf(ctx context.Context, one change, together []spec.Manifest) (api.Plan, error) {
	item := api.Plan{Kind: one.key.kind, Name: one.key.name, Result: one.result}
	if one.note != "" {
		item.Notes = append(item.Notes, one.note)
	}
	var kept spec.Manifest
	var files map[string]string
	if one.before != nil {
		kept, files = one.before.Manifest, one.before.Files
	}
	var err error
	if item.Diff, err = diff.Unified(kept, one.after.Manifest); err != nil {
		return item, err
	}
	if one.before != nil {
		if item.Changed, err = diff.Words(kept, one.after.Manifest, files, one.after.Files); err != nil {
			return item, err
		}
	}
	if one.key.kind == spec.KindDeployment {
		c.planDeployment(ctx, one, together, &item)
	}
	return item, nil
}

// planDeployment folds the planner over what is observed now, as if the change had been made.
func (c *Controller) planDeployment(ctx context.Context, one change, together []spec.Manifest, item *api.Plan) {
	if r := c.objects.record(one.key.name); r != nil {
		item.From = r.Wanted.Number
		if last, ok := lastOf(r.Accepted); ok {
			item.From = last.Number
		}
	}
	item.To = one.record.Wanted.Number
	p := c.imagine(one, together)
	c.looks.observer.observe(ctx, p)
	if p.observed.Engine.Name != "" {
		item.Notes = append(item.Notes, fmt.Sprintf("%s does not answer (%s), so nothing is known of what runs", p.observed.Engine.Name, p.observed.Engine.Reason))
		return
	}
	item.Notes = append(item.Notes, p.assumeUp()...)
	if p.record.Rejected != nil && p.record.Rejected.Revision.Hash == p.desired.Wanted.Hash {
		item.Notes = append(item.Notes, fmt.Sprintf("revision %d was rejected (%s) and is not tried again; segue retry %s", item.To, p.record.Rejected.Reason, p.name))
	}
	c.lookForImage(ctx, p)
	costs := c.costs(p)
	now := time.Now()
	planned := reconcile.Plan(p.desired, p.observed, now, costs)
	item.Steps = planLines(planned, p.gateWords())
	item.Total = totalOf(planned)
	item.Notes = append(item.Notes, p.notes(item.From, item.To, len(planned))...)
	if cheaper := p.cheaper(now, costs, item.Total); cheaper != "" {
		item.Notes = append(item.Notes, cheaper)
	}
}

// imagine is a look at the Deployment as if the change had been made, together with the objects beside it.
func (c *Controller) imagine(one change, together []spec.Manifest) *pass {
	c.looks.mu.Lock()
	taken := c.looks.claimed[one.key.name]
	c.looks.mu.Unlock()
	beside := &objects{store: c.objects.store, byKey: map[key]*object{}, records: map[spec.Name]*record{}}
	for _, k := range c.objects.keys() {
		if kept := c.objects.get(k); kept != nil {
			beside.byKey[k] = kept
		}
	}
	for _, m := range together {
		beside.byKey[keyOf(m)] = &object{Manifest: m}
	}
	m := newMemory()
	p := beside.pass(one.key.name, one.after, one.record, m, taken)
	p.imagined = true
	return p
}

// assumeUp makes what cannot be asked now work, as the plan hopes, and says so. What is only about to be made works.
func (p *pass) assumeUp() []string {
	var notes []string
	for i := range p.observed.Nginx {
		server := &p.observed.Nginx[i]
		if server.State != reconcile.ServerUnknown {
			continue
		}
		if server.Reason != notLooked {
			notes = append(notes, fmt.Sprintf("nginx %s does not answer (%s); the plan holds once it does", server.Name, server.Reason))
		}
		server.State, server.Included = reconcile.ServerUp, reconcile.Yes
		server.Serves, server.Reachable, server.Connections = map[string][]string{}, map[string][]string{}, map[string]int{}
	}
	for i := range p.observed.Eureka {
		server := &p.observed.Eureka[i]
		if server.State != reconcile.ServerUnknown {
			continue
		}
		if server.Reason != notLooked {
			notes = append(notes, fmt.Sprintf("eureka %s does not answer (%s); the plan holds once it does", server.URL, server.Reason))
		}
		server.State, server.Leases = reconcile.ServerUp, map[string]reconcile.Lease{}
	}
	p.observed.StartFailed = reconcile.Wish{}
	return notes
}

// lookForImage spares the plan a pull where the image is on the host already and the policy lets it be used.
func (c *Controller) lookForImage(ctx context.Context, p *pass) {
	revision := p.target
	if revision.Deployment.Defaulted().Spec.Template.ImagePullPolicy == spec.PullAlways && revision.Image == "" {
		return
	}
	revision.Deployment.Spec.Template.ImagePullPolicy = spec.PullNever
	if asked := askPull(ctx, c.options.Runtime, revision); asked.wish.State == reconcile.WishDone {
		p.observed.Pull = asked.wish
		p.desired.ImageHealth = p.desired.ImageHealth || asked.image.HasHealthcheck
	}
}

// gateWords are what the target's own gates wait for: the model's answers are not the app's.
func (p *pass) gateWords() map[string]string {
	how := p.probing(p.target.Hash)
	ready := "it answers"
	for _, probe := range []*spec.Probe{how.readiness, how.fallback} {
		switch {
		case probe == nil:
			continue
		case probe.HTTPGet != nil:
			ready = "GET " + orElse(probe.HTTPGet.Path, "/")
		case probe.TCPSocket != nil:
			ready = "its port accepts"
		case probe.Exec != nil:
			ready = "its command succeeds"
		}
		break
	}
	words := map[string]string{"ready": "ready: " + ready, "pull": "the image is fetched"}
	if n := len(how.warmup); n > 0 {
		words["ready"] += ", then " + count(n, "warm-up request")
		words["warm"] = count(n, "warm-up request")
	}
	return words
}

// costs are how long things take, as far as they were seen.
func (c *Controller) costs(p *pass) reconcile.Costs {
	costs := reconcile.DefaultCosts
	c.looks.mu.Lock()
	if m := c.looks.memories[p.name]; m != nil && m.boot > 0 {
		costs.Boot = m.boot
	}
	c.looks.mu.Unlock()
	for _, name := range p.around.registries {
		if one := c.objects.get(key{kind: spec.KindEureka, name: name}); one != nil {
			costs.Response = secondsOf(one.Manifest.Eureka.Defaulted().Spec.Caches.ResponseSeconds, 30)
		}
	}
	return costs
}

// notes are what a person should know of the change.
func (p *pass) notes(from, to, steps int) []string {
	var notes []string
	s := p.desired.Wanted.Deployment.Spec
	if steps == 0 {
		return nil
	}
	rollsBack := s.AutoRollback == nil || *s.AutoRollback
	switch {
	case from == to || from == 0:
	case rollsBack:
		notes = append(notes, fmt.Sprintf("If it fails: revision %d serves on and %d is rolled back by itself.", from, to))
	default:
		notes = append(notes, fmt.Sprintf("If it fails: autoRollback is false, so what is ready stays; segue rollout undo %s goes back to revision %d.", p.name, from))
	}
	if s.Strategy.Type == spec.Recreate && from != 0 {
		notes = append(notes, "Recreate stops all, then starts: between the two, requests are answered 503 with Retry-After.")
	}
	for _, route := range sortedKeys(p.conflicts) {
		notes = append(notes, fmt.Sprintf("route %s belongs to %s, which is older: it stays there until that is deleted", route, p.conflicts[route]))
	}
	return notes
}

// cheaper says what a larger surge would save, where that is a fifth or more.
func (p *pass) cheaper(now time.Time, costs reconcile.Costs, total time.Duration) string {
	d := p.desired
	s := d.Wanted.Deployment.Spec
	if s.Strategy.Type != "" && s.Strategy.Type != spec.RollingUpdate || *s.Replicas < 2 || total == 0 {
		return ""
	}
	all := spec.IntOrPercent("100%")
	rolling := spec.RollingUpdateStrategy{}
	if s.Strategy.RollingUpdate != nil {
		rolling = *s.Strategy.RollingUpdate
	}
	rolling.MaxSurge = &all
	d.Wanted.Deployment.Spec.Strategy.RollingUpdate = &rolling
	faster := totalOf(reconcile.Plan(d, p.observed, now, costs))
	if faster <= 0 || faster > total*4/5 {
		return ""
	}
	return fmt.Sprintf("Faster: maxSurge: 100%% → %s", faster.Round(time.Second))
}
