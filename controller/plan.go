package controller

import (
	"context"
	"fmt"
	"slices"
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
	for _, deletion := range request.Deletions {
		var one change
		if err == nil {
			one, err = c.deletion(key{kind: deletion.Kind, name: deletion.Name}, deletion)
			changes = append(changes, one)
		}
	}
	c.objects.writing.Unlock()
	if err != nil {
		return api.PlanResult{}, err
	}
	set := &planSet{control: c, changes: changes, together: request.Manifests}
	if err := set.plan(ctx); err != nil {
		return api.PlanResult{}, err
	}
	return api.PlanResult{Items: set.items}, nil
}

// planOf is the plan of one object.
func (c *Controller) planOf(ctx context.Context, one change, together []spec.Manifest, first awaited) (api.Plan, error) {
	c.noteMovedTag(ctx, &one)
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
		c.planDeployment(ctx, one, together, first, &item)
	}
	return item, nil
}

// planDeployment folds the planner over what is observed now, as if the change had been made.
func (c *Controller) planDeployment(ctx context.Context, one change, together []spec.Manifest, first awaited, item *api.Plan) {
	if one.record == nil {
		one.record = c.objects.record(one.key.name).clone()
	}
	item.To = one.record.Wanted.Number
	if last, ok := lastOf(one.record.Accepted); ok {
		item.From = last.Number
	}
	p, beside := c.imagine(one, together)
	c.looks.observer.observe(ctx, p)
	if p.observed.Engine.Name != "" {
		item.Notes = append(item.Notes, fmt.Sprintf("%s does not answer (%s), so nothing is known of what runs", p.observed.Engine.Name, p.observed.Engine.Reason))
		return
	}
	notes := p.assumeUp()
	if p.record.Rejected != nil && p.record.Rejected.Revision.Hash == p.desired.Wanted.Hash {
		notes = append(notes, fmt.Sprintf("revision %d was rejected (%s) and is not tried again; segue retry %s", item.To, p.record.Rejected.Reason, p.name))
	}
	c.lookForImage(ctx, p)
	f := &forecast{p: p, switches: beside.switchings(p), caches: beside.cachesOf(p)}
	f.costs, f.measured = c.costs(f, beside)
	if c.options.FreeMemory != nil {
		f.free = c.options.FreeMemory()
	}
	f.planned = reconcile.Plan(p.desired, p.observed, p.began, f.costs)
	if item.From != item.To && len(f.planned) > 0 {
		f.await(first, p.observed.Dependencies)
		item.Total = first.longest
	}
	item.Steps = f.tell()
	item.Total += f.totalOf(f.planned)
	item.Promotion = slices.ContainsFunc(f.planned, func(step reconcile.PlannedStep) bool { return step.Promote })
	item.Notes = append(append(item.Notes, f.notes(item.From, item.To)...), notes...)
}

// imagine is a look at the Deployment as if the change had been made, together with the objects beside it.
func (c *Controller) imagine(one change, together []spec.Manifest) (*pass, *objects) {
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
	return p, beside
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
	for i := range p.observed.Fronts {
		if f := &p.observed.Fronts[i]; f.State == reconcile.ServerUnknown {
			f.State, f.Listens = reconcile.ServerUp, reconcile.No
		}
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

// costs are how long things take; whether the start was seen to take so long before.
func (c *Controller) costs(f *forecast, beside *objects) (costs reconcile.Costs, measured bool) {
	costs = reconcile.DefaultCosts
	c.looks.mu.Lock()
	if m := c.looks.memories[f.p.name]; m != nil && m.boot > 0 {
		costs.Boot, measured = m.boot, true
	}
	c.looks.mu.Unlock()
	for _, name := range f.p.around.registries {
		if one := beside.get(key{kind: spec.KindEureka, name: name}); one != nil {
			costs.Response = secondsOf(one.Manifest.Eureka.Defaulted().Spec.Caches.ResponseSeconds, 30)
		}
	}
	if takes, worker := switchTimes(f.switches); takes > 0 {
		// The model changes one server after the other.
		costs.Reload, costs.Worker = takes/time.Duration(max(len(f.p.observed.Nginx), 1)), worker
	}
	return costs, measured
}

// cachesOf is what is to be said of the registry that the Deployment is at.
func (o *objects) cachesOf(p *pass) caches {
	if len(p.around.registries) == 0 {
		return caches{}
	}
	found := caches{name: p.around.registry, servers: max(len(p.observed.Eureka), 1)}
	if found.name == (spec.Name{}) {
		found.name = p.around.registries[0]
	}
	if e := p.target.Deployment.Spec.Eureka; e != nil {
		found.managed = e.Mode == spec.ManagedRegistration || e.Mode == spec.ProxiedRegistration
	}
	if one := o.get(key{kind: spec.KindEureka, name: found.name}); one != nil {
		c := one.Manifest.Eureka.Defaulted().Spec.Caches
		found.fetch, found.balancer = secondsOf(c.FetchSeconds, 30), secondsOf(c.LoadBalancerSeconds, 35)
	}
	return found
}
