package docker

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"golang.org/x/sync/errgroup"

	"github.com/segue-dev/segue/reconcile"
)

// inspections is how many containers are inspected side by side.
const inspections = 8

// view is the one shared snapshot of the engine's containers. A read lists them and inspects those whose entry in the
// list is new or that were touched since they were last inspected; an event inspects the one that it names.
type view struct {
	cli   *client.Client
	owner string
	stops *stops
	// reading is held by whoever reads the engine, so that a later read never loses to an earlier one.
	reading chan struct{}

	mu sync.Mutex
	// began is when the last whole read began; zero when nothing may be answered from entries.
	began time.Time
	// turn counts what made them so. What a read that began in an earlier turn has found is for its caller alone.
	turn int
	// readsOf are when the last reads of single Deployments began, since the last whole one.
	readsOf map[string]time.Time
	// connected is when the present connection to the event stream was made; zero without one.
	connected time.Time
	entries   map[string]entry
	// remembered are the ids of containers whose exits were in the engine's history when the connection was made.
	remembered map[string]bool
	// sorted is the answer that entries and connected make; nil when they have changed since.
	sorted  []reconcile.Container
	touched map[string]time.Time
	// adopted are Deployments by container name; watched are names and ids of containers that manifests name.
	adopted map[string]string
	watched map[string]bool
}

// entry is one container as last inspected.
type entry struct {
	container reconcile.Container
	// listed is what the list says of it; a change there asks for an inspection.
	listed string
	// readAt is when the inspection began.
	readAt time.Time
}

func newView(cli *client.Client, owner string, stops *stops) *view {
	return &view{
		cli: cli, owner: owner, stops: stops,
		reading: make(chan struct{}, 1), readsOf: map[string]time.Time{},
		entries: map[string]entry{}, touched: map[string]time.Time{}, adopted: map[string]string{}, watched: map[string]bool{},
	}
}

// everyone stands for all Deployments where one may be named.
const everyone = ""

// containers answers for one Deployment, or everyone, from a snapshot begun at or after began. Callers that wait for the
// same read share it. Without an event stream nothing keeps a snapshot fresh, so one begun before the call does not do.
func (v *view) containers(ctx context.Context, deployment string, began time.Time) ([]reconcile.Container, time.Time, error) {
	arrived := time.Now()
	if list, at, ok := v.answer(deployment, began, arrived); ok {
		return list, at, nil
	}
	if err := v.lock(ctx); err != nil {
		return nil, time.Time{}, fmt.Errorf("wait for the engine's snapshot: %w", err)
	}
	defer v.unlock()
	if list, at, ok := v.answer(deployment, began, arrived); ok {
		return list, at, nil
	}
	list, at, _, err := v.read(ctx, deployment)
	return list, at, err
}

func (v *view) answer(deployment string, began, arrived time.Time) ([]reconcile.Container, time.Time, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	at := v.began
	if own := v.readsOf[deployment]; own.After(at) {
		at = own
	}
	if v.began.IsZero() || at.Before(began) || v.connected.IsZero() && at.Before(arrived) {
		return nil, time.Time{}, false
	}
	if v.sorted == nil {
		v.sorted = v.sort(v.entries)
	}
	return only(v.sorted, deployment), at, true
}

// only is a list of those of one Deployment, or everyone's.
func only(all []reconcile.Container, deployment string) []reconcile.Container {
	if deployment == everyone {
		return slices.Clone(all)
	}
	var list []reconcile.Container
	for _, c := range all {
		if c.Deployment.String() == deployment {
			list = append(list, c)
		}
	}
	return list
}

// sort gives entries by name. The caller holds mu.
func (v *view) sort(entries map[string]entry) []reconcile.Container {
	all := make([]reconcile.Container, 0, len(entries))
	for _, e := range entries {
		c := e.container
		c.ExitCounts = c.State == reconcile.ContainerExited && !v.connected.IsZero() && !c.ExitedAt.Before(v.connected)
		all = append(all, c)
	}
	v.exitedAlone(all)
	slices.SortFunc(all, func(a, b reconcile.Container) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (v *view) lock(ctx context.Context) error {
	select {
	case v.reading <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (v *view) unlock() { <-v.reading }

// touch notes that a container has changed or may have: the next read inspects it.
func (v *view) touch(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.touched[id] = time.Now()
}

// connect notes that the event stream is there; disconnect that it is not. Neither leaves anything to answer from.
func (v *view) connect(at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.turned()
	v.connected, v.entries = at, map[string]entry{}
}

func (v *view) disconnect() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.turned()
	v.connected = time.Time{}
}

func (v *view) invalidate() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.turned()
}

// turned ends what may be answered from entries. The caller holds mu.
func (v *view) turned() {
	v.turn++
	v.began, v.sorted = time.Time{}, nil
}

func (v *view) adopt(containers map[string]string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	same := len(containers) == len(v.adopted)
	for name, deployment := range containers {
		same = same && v.adopted[name] == deployment
	}
	if same {
		return
	}
	v.turned()
	v.adopted = make(map[string]string, len(containers))
	for name, deployment := range containers {
		v.adopted[name] = deployment
	}
}

// seen is one inspection and when it began.
type seen struct {
	container.InspectResponse
	at time.Time
}

// inspectAll inspects by id or name. What does not exist is not in the answer.
func (v *view) inspectAll(ctx context.Context, names []string) (map[string]seen, error) {
	var mu sync.Mutex
	found := make(map[string]seen, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inspections)
	for _, name := range names {
		group.Go(func() error {
			at := time.Now()
			c, err := v.cli.ContainerInspect(ctx, name)
			if errdefs.IsNotFound(err) || (err == nil && !isNamed(c, name)) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("inspect container %s: %w", name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			found[name] = seen{c, at}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return found, nil
}

// entryOf makes the entry of one inspection; false for a stranger. deployment is who adopts it, "" for nobody.
func (v *view) entryOf(s seen, deployment string) (entry, bool) {
	e := entry{listed: inspectedAs(s.InspectResponse), readAt: s.at}
	switch {
	case s.Config.Labels[labelOwner] == v.owner && s.Config.Labels[labelDeployment] != "":
		e.container = instanceOf(s.InspectResponse)
		if e.container.Retired {
			e.container.RetiredAt = v.stops.firstSeen(e.container.ID, s.at)
		}
	case deployment != "":
		e.container = adoptedOf(s.InspectResponse, deployment)
		if e.container.State == reconcile.ContainerRunning {
			e.container.RetiredAt = v.stops.of(e.container.ID).since
		}
	default:
		return entry{}, false
	}
	return e, true
}

// isNamed tells a name from the beginning of an id, by which the engine finds containers too.
func isNamed(c container.InspectResponse, name string) bool {
	return c.ID == name || c.Name == "/"+name
}
