package eureka_test

import (
	"context"
	"sync"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/reconcile"
)

// app is a Spring app as Eureka sees it: it registers as STARTING and at once as UP, beats every 30 s, registers anew
// when that is answered with 404, and says DOWN and deregisters at its end. What peers would pass on it says to each
// server itself.
type app struct {
	world  *world
	cancel context.CancelFunc
	ended  chan struct{}

	mu       sync.Mutex
	instance eureka.Instance
}

// starts has an app register two seconds from now.
func (w *world) starts(order reconcile.LeaseOrder, change ...func(*eureka.Instance)) *app {
	ctx, cancel := context.WithCancel(w.ctx)
	a := &app{world: w, cancel: cancel, ended: make(chan struct{}), instance: eureka.Instance{
		ID: order.ID, App: order.App, HostName: order.HostName, IPAddr: order.HostName,
		Port:       eureka.Port{Number: order.Port, Enabled: true},
		DataCenter: "MyOwn", DataCenterClass: eureka.MyOwnDataCenter,
		Lease: eureka.LeaseInfo{RenewalInterval: 30, Duration: 90}, VIP: "orders",
		Overridden: reconcile.LeaseUnknown,
	}}
	for _, c := range change {
		c(&a.instance)
	}
	w.running.Go(func() {
		defer close(a.ended)
		a.run(ctx)
	})
	return a
}

func (a *app) run(ctx context.Context) {
	boot := time.NewTimer(2 * time.Second)
	defer boot.Stop()
	select {
	case <-ctx.Done():
		return
	case <-boot.C:
	}
	a.says(reconcile.LeaseStarting)
	a.says(reconcile.LeaseUp)
	beat := time.NewTicker(30 * time.Second)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			a.says(reconcile.LeaseDown)
			a.everywhere(func(c *eureka.Client) error {
				_, err := c.Cancel(context.WithoutCancel(ctx), a.now().App, a.now().ID)
				return err
			})
			return
		case <-beat.C:
			a.everywhere(func(c *eureka.Client) error {
				i := a.now()
				known, err := c.Heartbeat(ctx, i.App, i.ID, i.LastDirty)
				if err == nil && !known {
					err = c.Register(ctx, i)
				}
				return err
			})
		}
	}
}

// says registers with a status.
func (a *app) says(status reconcile.LeaseStatus) {
	a.mu.Lock()
	a.instance.Status, a.instance.LastDirty = status, max(time.Now().UnixMilli(), a.instance.LastDirty+1)
	a.mu.Unlock()
	a.everywhere(func(c *eureka.Client) error { return c.Register(context.WithoutCancel(a.world.ctx), a.now()) })
}

func (a *app) now() eureka.Instance {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.instance
}

// everywhere does something on each server; those that are away are left out, as an app would.
func (a *app) everywhere(do func(c *eureka.Client) error) {
	for _, n := range a.world.servers {
		c := n.client()
		if err := do(c); err != nil {
			a.world.t.Logf("the app at %s: %v", n.name, err)
		}
		c.Close()
	}
}

// ends is SIGTERM, and waits for the exit.
func (a *app) ends() {
	a.cancel()
	<-a.ended
}
