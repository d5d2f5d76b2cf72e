package drivertest

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// Registry is one Eureka server and the driver of its object.
type Registry struct {
	world   *World
	changed func(string)
	url     string
	state   reconcile.ServerState
	leases  map[string]*reconcile.Lease
}

// NewRegistry adds a Eureka object with one server to the world.
func (w *World) NewRegistry(url string) *Registry {
	r := &Registry{world: w, changed: func(string) {}, url: url, state: reconcile.ServerUp, leases: map[string]*reconcile.Lease{}}
	w.Lock()
	defer w.Unlock()
	w.registries = append(w.registries, r)
	return r
}

// Run tells of changes until ctx ends.
func (r *Registry) Run(ctx context.Context, changed func(id string)) error {
	r.world.Lock()
	r.changed = changed
	r.world.Unlock()
	<-ctx.Done()
	return ctx.Err()
}

// View reads the server now.
func (r *Registry) View(_ context.Context, _ time.Time) (reconcile.EurekaView, error) {
	r.world.Lock()
	defer r.world.Unlock()
	server := reconcile.EurekaServer{URL: r.url, State: r.state, Leases: map[string]reconcile.Lease{}}
	for id, lease := range r.leases {
		server.Leases[id] = *lease
	}
	if r.state != reconcile.ServerUp {
		server.Leases = nil
	}
	return reconcile.EurekaView{Began: time.Now(), Servers: []reconcile.EurekaServer{server}}, nil
}

// Leases are the statuses by id.
func (r *Registry) Leases() map[string]reconcile.LeaseStatus {
	r.world.Lock()
	defer r.world.Unlock()
	statuses := map[string]reconcile.LeaseStatus{}
	for id, lease := range r.leases {
		statuses[id] = lease.Status
	}
	return statuses
}

// AddLease puts a lease into the registry.
func (r *Registry) AddLease(lease reconcile.Lease) {
	r.world.Lock()
	defer r.world.Unlock()
	r.leases[lease.ID] = &lease
}

// Watch shows every lease anyway.
func (r *Registry) Watch([]string) {}

// Seed puts a dark lease where there is none.
func (r *Registry) Seed(_ context.Context, order reconcile.LeaseOrder) error {
	r.world.Lock()
	if r.leases[order.ID] == nil {
		r.leases[order.ID] = &reconcile.Lease{
			ID: order.ID, App: order.App, Status: reconcile.LeaseOutOfService, Visible: reconcile.No, HiddenSince: time.Now(),
			HostName: order.HostName, Port: order.Port,
		}
	} else if lease := r.leases[order.ID]; !lease.Own {
		lease.HostName, lease.Port = order.HostName, order.Port
	}
	r.world.Unlock()
	r.tell(order.ID)
	return nil
}

// unsaid is what Open answers while the app itself says DOWN.
type unsaid string

func (u unsaid) Error() string { return "open " + string(u) + ": the app itself says DOWN" }

func (unsaid) NotYet() bool { return true }

// Open makes the lease UP, unless its app says DOWN; consumers see it after the world's Cache.
func (r *Registry) Open(_ context.Context, order reconcile.LeaseOrder) error {
	r.world.Lock()
	lease := r.leases[order.ID]
	down := lease != nil && lease.Own && !order.Managed && lease.Status == reconcile.LeaseDown
	r.world.Unlock()
	if down {
		return unsaid(order.ID)
	}
	r.set(order, reconcile.LeaseUp)
	return nil
}

// Close makes it OUT_OF_SERVICE.
func (r *Registry) Close(_ context.Context, order reconcile.LeaseOrder) error {
	r.set(order, reconcile.LeaseOutOfService)
	return nil
}

func (r *Registry) set(order reconcile.LeaseOrder, status reconcile.LeaseStatus) {
	r.world.Lock()
	lease := r.leases[order.ID]
	if lease == nil {
		lease = &reconcile.Lease{ID: order.ID, App: order.App, Own: true, HostName: order.HostName, Port: order.Port}
		r.leases[order.ID] = lease
	}
	lease.Status, lease.Overridden = status, reconcile.LeaseNone
	r.world.Unlock()
	r.tell(order.ID)
	r.world.after(r.world.Cache, func() { r.refresh(order.ID) })
}

// refresh is what consumers see now.
func (r *Registry) refresh(id string) {
	r.world.Lock()
	if lease := r.leases[id]; lease != nil {
		up := lease.Status == reconcile.LeaseUp
		lease.Visible = reconcile.TriOf(up)
		if up {
			lease.VisibleSince, lease.HiddenSince = time.Now(), time.Time{}
		} else if lease.HiddenSince.IsZero() {
			lease.HiddenSince, lease.VisibleSince = time.Now(), time.Time{}
		}
	}
	r.world.Unlock()
	r.tell(id)
}

// Remove deletes the lease.
func (r *Registry) Remove(_ context.Context, order reconcile.LeaseOrder) error {
	r.world.Lock()
	delete(r.leases, order.ID)
	r.world.Unlock()
	r.tell(order.ID)
	return nil
}

func (r *Registry) tell(id string) {
	r.world.Lock()
	changed := r.changed
	r.world.Unlock()
	changed(id)
}

// appStarted lets a self-registering app post its registration a while after its start: to every registry, or to those
// in its environment variable EUREKA. The caller holds the lock.
func (r *Registry) appStarted(c *container) {
	var settings map[string]any
	written := c.launch.Env["SPRING_APPLICATION_JSON"]
	if servers := c.launch.Env["EUREKA"]; servers != "" && !strings.Contains(servers, r.url) {
		return
	}
	if written == "" || json.Unmarshal([]byte(written), &settings) != nil {
		return
	}
	id, _ := settings["eureka.instance.instance-id"].(string)
	if !strings.HasSuffix(id, ":"+c.Name) {
		return
	}
	r.world.after(r.world.Post, func() {
		r.world.Lock()
		if c.State == reconcile.ContainerRunning {
			lease := r.leases[id]
			if lease == nil {
				r.world.violate("%s registered itself without a dark lease", c.Name)
				lease = &reconcile.Lease{ID: id, Status: reconcile.LeaseUp}
				r.leases[id] = lease
			}
			lease.Own = true
			lease.HostName, _ = settings["eureka.instance.hostname"].(string)
			if port, told := settings["eureka.instance.non-secure-port"].(float64); told {
				lease.Port = int(port)
			}
			if c.image.SaysDown > 0 {
				lease.Status, lease.Overridden = reconcile.LeaseDown, reconcile.LeaseOutOfService
				r.world.after(c.image.SaysDown, func() { r.saysUp(id) })
			}
		}
		r.world.Unlock()
		r.tell(id)
	})
}

// saysUp ends an app's DOWN: what was dark before is dark again.
func (r *Registry) saysUp(id string) {
	r.world.Lock()
	if lease := r.leases[id]; lease != nil && lease.Status == reconcile.LeaseDown {
		lease.Status = reconcile.LeaseOutOfService
	}
	r.world.Unlock()
	r.tell(id)
}

// Clone is a copy of the leases, for comparisons.
func (r *Registry) Clone() map[string]*reconcile.Lease {
	r.world.Lock()
	defer r.world.Unlock()
	return maps.Clone(r.leases)
}
