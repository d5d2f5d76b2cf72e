package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// stage is what the demo plays on: two nginx servers, a registry that segue runs, segue itself and two services.
type stage struct {
	bed    *testbed.Bed
	segue  *testbed.Controller
	nginx  []*testbed.Nginx
	orders testbed.App
	shop   testbed.App
}

func newStage(ctx context.Context) (*stage, error) {
	repository, err := testbed.Repository()
	if err != nil {
		return nil, err
	}
	bed, err := testbed.New(ctx, "segue-demo", repository+"/bin/segue")
	if err != nil {
		return nil, err
	}
	s := &stage{
		bed: bed,
		orders: testbed.App{
			Name: "orders", Version: 1, Replicas: 2, Strategy: "{type: RollingUpdate, rollingUpdate: {maxSurge: 100%}}",
			Eureka: "{}", Spec: []string{"drainTimeoutSeconds: 3"},
			Env: map[string]string{"START_DELAY": "1s", "EUREKA_HEARTBEAT": "5s"},
		},
		shop: testbed.App{
			Name: "shop", Version: 1, Replicas: 2, Strategy: "{type: BlueGreen, blueGreen: {autoPromote: false, scaleDownDelaySeconds: 2}}",
			Spec: []string{"drainTimeoutSeconds: 3"}, Env: map[string]string{"START_DELAY": "1s"},
		},
	}
	if err := s.set(ctx); err != nil {
		return nil, errors.Join(err, s.close(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// set starts everything but the services.
func (s *stage) set(ctx context.Context) error {
	for _, server := range [][2]string{{"old", testbed.OldNginx}, {"new", testbed.NewNginx}} {
		nginx, err := s.bed.Nginx(ctx, server[0], server[1], "")
		if err != nil {
			return err
		}
		s.nginx = append(s.nginx, nginx)
	}
	segue, err := s.bed.Controller()
	if err != nil {
		return err
	}
	s.segue = segue
	if err := errors.Join(
		segue.Write("edge.yaml", testbed.NginxYAML("edge", "", s.nginx...)),
		segue.Write("eureka.yaml", testbed.ShortCaches),
	); err != nil {
		return err
	}
	return segue.Start(ctx)
}

// include does what a user does once: a line in each nginx's configuration.
func (s *stage) include(ctx context.Context) error {
	for _, nginx := range s.nginx {
		if err := nginx.Include(ctx); err != nil {
			return err
		}
	}
	return nil
}

// jobs are the clients: every kind at every server, for both services, and one that asks Eureka.
func (s *stage) jobs(ctx context.Context) ([]load.Job, error) {
	var jobs []load.Job
	for i, nginx := range s.nginx {
		for _, app := range []testbed.App{s.orders, s.shop} {
			target := load.Target{Address: nginx.Address, Host: app.Host(), Service: app.Name}
			for _, job := range load.Mixed(target, 100) {
				job.Name = fmt.Sprintf("%s, %s nginx: %s %s", app.Name, []string{"old", "new"}[i], job.Client, job.Request)
				jobs = append(jobs, job)
			}
		}
	}
	address, err := testbed.Docker(ctx, "inspect", "-f", "{{.NetworkSettings.Networks.segue.IPAddress}}", testbed.RegistryContainer)
	if err != nil {
		return nil, err
	}
	discovery := &load.Discovery{Server: "http://" + address + ":8761/eureka", VIP: s.orders.Name, Fetch: 2 * time.Second, Balancer: 2 * time.Second}
	target := load.Target{Service: s.orders.Name, Discovery: discovery}
	for _, request := range []load.Request{load.Get, load.Post} {
		jobs = append(jobs, load.Job{Name: "orders, by Eureka: " + string(request), Target: target, Client: load.Careful, Request: request, Rate: 40})
	}
	return jobs, nil
}

// close removes everything. With KEEP set it waits for Ctrl-C first, and says how to look at what is there.
func (s *stage) close(ctx context.Context) error {
	if os.Getenv("KEEP") != "" && s.segue != nil {
		fmt.Printf("\nKept until you press Ctrl-C. Look at it with\n  bin/segue get all --socket %s\n  curl -H 'Host: %s' http://%s/\nand edit the manifests in %s\n",
			s.segue.Socket, s.orders.Host(), s.nginx[0].Address, s.segue.Manifests)
		interrupted, done := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		<-interrupted.Done()
		done()
	}
	var stopped error
	if s.segue != nil {
		stopped = s.segue.Stop()
	}
	return errors.Join(stopped, s.bed.Close(ctx))
}
