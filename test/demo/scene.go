package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/testbed"
)

// scene is one act of the demo. play returns when what it began has ended.
type scene struct {
	title string
	play  func(context.Context, *stage) error
}

// scenes are those under load, in their order.
var scenes = []scene{
	{"rolling update: orders 1 → 2", func(ctx context.Context, s *stage) error {
		return s.release(ctx, &s.orders, 2)
	}},
	{"blue/green: shop 1 → 2, promoted by hand", func(ctx context.Context, s *stage) error {
		s.shop.Version = 2
		if err := s.segue.Write("shop.yaml", s.shop.YAML()); err != nil {
			return err
		}
		if _, err := s.segue.Await(ctx, s.shop.Name, "waiting for promotion", time.Minute, waitsForPromotion); err != nil {
			return err
		}
		if out, code, err := s.segue.CLI(ctx, "promote", s.shop.Name); err != nil || code != 0 {
			return fmt.Errorf("promote: exit %d, %w: %s", code, err, out)
		}
		return s.rolled(ctx, s.shop)
	}},
	{"bad release: orders 2 → 3 never gets ready", func(ctx context.Context, s *stage) error {
		good := s.orders
		bad := s.orders
		bad.Version = 3
		bad.Spec = append(slices.Clone(bad.Spec), "progressDeadlineSeconds: 5")
		bad.Env = map[string]string{"FAIL_READY": "true"}
		if err := s.segue.Write("orders.yaml", bad.YAML()); err != nil {
			return err
		}
		status, err := s.segue.Await(ctx, bad.Name, "rolled back", time.Minute, func(d api.DeploymentStatus) bool {
			return d.Rejected != nil && d.Rejected.Image == bad.Image() && allRun(d, good)
		})
		if err != nil {
			return err
		}
		s.say("rolled back by itself: " + status.Rejected.Reason)
		return nil
	}},
	{"kill -9: segue dies half-way of orders 2 → 4", func(ctx context.Context, s *stage) error {
		s.orders.Version = 4
		if err := s.segue.Write("orders.yaml", s.orders.YAML()); err != nil {
			return err
		}
		_, err := s.segue.Await(ctx, s.orders.Name, "half-way", time.Minute, func(d api.DeploymentStatus) bool {
			return slices.ContainsFunc(d.Instances, func(i api.Instance) bool { return i.Image == s.orders.Image() && i.Ready })
		})
		if err != nil {
			return err
		}
		if err := s.segue.Kill(); err != nil {
			return err
		}
		s.say("segue is dead (SIGKILL); nobody notices")
		if !testbed.Pause(ctx, 3*time.Second) {
			return ctx.Err()
		}
		if err := s.segue.Start(ctx); err != nil {
			return err
		}
		s.say("segue is back")
		return s.rolled(ctx, s.orders)
	}},
}

// first deploys both services for the first time.
func first(ctx context.Context, s *stage) error {
	for _, app := range []testbed.App{s.orders, s.shop} {
		if err := s.segue.Write(app.Name+".yaml", app.YAML()); err != nil {
			return err
		}
	}
	if err := s.include(ctx); err != nil {
		return err
	}
	for _, app := range []testbed.App{s.orders, s.shop} {
		if err := s.rolled(ctx, app); err != nil {
			return err
		}
	}
	return nil
}

// release rolls app to another version and waits until nothing of the old one is left.
func (s *stage) release(ctx context.Context, app *testbed.App, version int) error {
	app.Version = version
	if err := s.segue.Write(app.Name+".yaml", app.YAML()); err != nil {
		return err
	}
	return s.rolled(ctx, *app)
}

func (s *stage) rolled(ctx context.Context, app testbed.App) error {
	_, err := s.segue.Await(ctx, app.Name, "rolled to "+app.Image(), 90*time.Second, testbed.Rolled(app))
	return err
}

func (s *stage) say(text string) { fmt.Printf("  %s  %s\n", time.Now().Format("15:04:05"), text) }

func waitsForPromotion(d api.DeploymentStatus) bool {
	return slices.ContainsFunc(d.Conditions, func(c api.Condition) bool {
		return c.Type == api.ConditionPromoted && c.Status == "False"
	}) && d.UpdatedReplicas == d.Replicas && slices.ContainsFunc(d.WaitingFor, func(w api.Wait) bool { return w.Gate == "promotion" })
}

// allRun says that every instance runs what app says.
func allRun(d api.DeploymentStatus, app testbed.App) bool {
	return d.AvailableReplicas == app.Replicas && d.LiveReplicas == app.Replicas && !slices.ContainsFunc(d.Instances, func(i api.Instance) bool {
		return i.Image != app.Image() && i.ExitCode == nil
	})
}
