package eureka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// How often what the servers need is prepared, and how long that may take.
const (
	prepareInterval = 5 * time.Second
	prepareTimeout  = 30 * time.Second
)

var errReadOnly = errors.New("order eureka: this driver only reads")

// Driver is the controller's Registry for one Eureka object.
type Driver struct {
	options Options
	wishes  *wishes
	watches []*watch

	mu sync.Mutex
	// adopted are the ids without the owner's prefix that View shows.
	adopted []string
	// trouble is what Prepare said last.
	trouble error
}

// New makes a driver. It starts nothing and asks nobody.
func New(options Options) (*Driver, error) {
	if len(options.Spec.Servers) == 0 {
		return nil, errors.New("make eureka driver: no servers")
	}
	if options.Owner == "" {
		return nil, errors.New("make eureka driver: no owner")
	}
	d := &Driver{options: options, wishes: newWishes()}
	beats := &pulse{}
	for n, base := range options.Spec.Servers {
		base = strings.TrimRight(base, "/")
		if slices.ContainsFunc(options.Spec.Servers[:n], func(other string) bool { return strings.TrimRight(other, "/") == base }) {
			return nil, fmt.Errorf("make eureka driver: %s is named twice", base)
		}
		client, err := NewClient(base, ClientOptions{
			Username: options.Spec.Username, PasswordFile: options.Spec.PasswordFile, CAFile: options.Spec.CAFile, Dial: options.Dial,
			ReadFile: options.ReadFile,
		})
		if err != nil {
			return nil, err
		}
		d.watches = append(d.watches, &watch{
			server: &server{client: client, wishes: d.wishes, pulse: beats},
			memory: newMemory(base, options.cacheTime(), d.wishes),
			prefix: options.Owner + ":", watched: d.watching, log: options.Log, wake: make(chan struct{}, 1), readOnly: options.ReadOnly,
		})
	}
	return d, nil
}

// Run polls and heartbeats until ctx ends. It ends with ctx's error.
func (d *Driver) Run(ctx context.Context, changed func(id string)) error {
	var running sync.WaitGroup
	if d.options.Prepare != nil {
		d.prepare(ctx)
		running.Go(func() {
			tick := time.NewTicker(prepareInterval)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					d.prepare(ctx)
				}
			}
		})
	}
	for _, w := range d.watches {
		running.Go(func() {
			w.run(ctx, changed)
			w.server.client.Close()
		})
	}
	running.Wait()
	return ctx.Err()
}

func (d *Driver) prepare(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, prepareTimeout)
	defer cancel()
	err := d.options.Prepare(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trouble = err
}

// View is what is known, as read at or after began. A server that does not answer is Unknown at once: what is unknown
// is so at any time.
func (d *Driver) View(ctx context.Context, began time.Time) (reconcile.EurekaView, error) {
	view := reconcile.EurekaView{}
	for _, w := range d.watches {
		if _, at, _ := w.memory.view(began); at.Before(began) {
			w.poke(began)
		}
	}
	for _, w := range d.watches {
		seen, at, err := w.view(ctx, began)
		if err != nil {
			return reconcile.EurekaView{}, fmt.Errorf("view eureka %s: %w", w.memory.url, err)
		}
		if seen.State != reconcile.ServerUnknown && (view.Began.IsZero() || at.Before(view.Began)) {
			view.Began = at
		}
		view.Servers = append(view.Servers, d.explained(seen))
	}
	d.compare(view.Servers)
	if view.Began.IsZero() {
		view.Began = began
	}
	return view, nil
}

func (w *watch) view(ctx context.Context, began time.Time) (reconcile.EurekaServer, time.Time, error) {
	for {
		seen, at, ended := w.memory.view(began)
		if ended == nil {
			return seen, at, nil
		}
		w.poke(began)
		select {
		case <-ended:
		case <-ctx.Done():
			return seen, at, ctx.Err()
		}
	}
}

// compare says of each server what its consumers do not find there and would on another.
func (d *Driver) compare(servers []reconcile.EurekaServer) {
	if len(servers) < 2 {
		return
	}
	shown := make([]map[string]entry, len(servers))
	for n, w := range d.watches {
		shown[n] = w.memory.shown()
	}
	for n, w := range d.watches {
		if servers[n].State == reconcile.ServerUp {
			servers[n].Lacks, servers[n].LacksOne = w.memory.lacking(slices.Concat(shown[:n], shown[n+1:]), time.Now())
		}
	}
}

// explained adds why a server of segue's own may not answer.
func (d *Driver) explained(seen reconcile.EurekaServer) reconcile.EurekaServer {
	d.mu.Lock()
	defer d.mu.Unlock()
	if seen.State != reconcile.ServerUp && d.trouble != nil {
		seen.Reason += "; " + d.trouble.Error()
	}
	return seen
}

// Watch says which ids without this owner's prefix View shows.
func (d *Driver) Watch(ids []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.adopted = slices.Clone(ids)
}

func (d *Driver) watching() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.adopted
}

// Seed puts a dark lease on every server and keeps it alive until the app's own POST. On a server where the app has
// spoken already it is an override.
func (d *Driver) Seed(ctx context.Context, order reconcile.LeaseOrder) error {
	return d.order(ctx, seeded, order)
}

// Open makes the instance UP. It is Unsaid while an app that registers itself has not done so, has registered another
// address than order's, or says DOWN itself.
func (d *Driver) Open(ctx context.Context, order reconcile.LeaseOrder) error {
	return d.order(ctx, opened, order)
}

// Close takes the instance out of service, and keeps it so until it is opened or removed.
func (d *Driver) Close(ctx context.Context, order reconcile.LeaseOrder) error {
	return d.order(ctx, closed, order)
}

func (d *Driver) order(ctx context.Context, state wishState, order reconcile.LeaseOrder) error {
	if d.options.ReadOnly {
		return errReadOnly
	}
	d.wishes.order(state, order, time.Now())
	wanted, _ := d.wishes.get(order.ID)
	return d.everywhere(func(w *watch) error {
		return w.server.converge(ctx, w.memory.app(order.ID, wanted.app()), order.ID, ordered)
	})
}

// Remove ends the heartbeats and deletes the lease. It is for dead instances and managed ones only: a live app that
// registers itself is back, as UP, with its next heartbeat.
func (d *Driver) Remove(ctx context.Context, order reconcile.LeaseOrder) error {
	if d.options.ReadOnly {
		return errReadOnly
	}
	d.wishes.remove(order.ID, time.Now())
	for _, w := range d.watches {
		w.server.pulse.forget(order.ID)
	}
	ordered := wish{order: order}
	err := d.everywhere(func(w *watch) error {
		return w.server.remove(ctx, order.ID, ordered.app(), w.memory.app(order.ID, ""))
	})
	d.wishes.gone(order.ID, time.Now())
	return err
}

// everywhere asks each server that is not known not to answer, at once, and waits for all.
func (d *Driver) everywhere(do func(w *watch) error) error {
	errs := make([]error, len(d.watches))
	var asking sync.WaitGroup
	for n, w := range d.watches {
		if !w.memory.askable() {
			continue
		}
		asking.Go(func() { errs[n] = do(w) })
	}
	asking.Wait()
	for _, w := range d.watches {
		w.poke(time.Now())
	}
	return errors.Join(errs...)
}
