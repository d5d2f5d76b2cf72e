package testbed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"
)

// OneHost is what a shell script keeps up on one machine: a Eureka server, a Spring Cloud Gateway that never tries
// again, and N replicas of a service, each on a port of its own that nobody else uses. All are on one Docker network,
// and segue knows nothing of them.
type OneHost struct {
	Eureka *Registry
	// Gateway is its HOST:PORT.
	Gateway string
	// Running are the service's containers, in the order of their numbers.
	Running []string

	bed        *Bed
	generation Spring
	deploys    int
}

// The names of a OneHost.
const (
	OneHostService = "sample-service"
	OneHostEureka  = "sample-eureka"
	OneHostGateway = "sample-gateway"
)

// the profiles that deploy.sh knows, and how many instances each has.
var profiles = map[string]int{"prod": 3, "local": 1}

// OneHost starts the Eureka server and the gateway, as sample-init.sh does.
func (s Spring) OneHost(ctx context.Context, b *Bed, server, consumer map[string]string) (*OneHost, error) {
	const eureka, gateway = "10.84.0.50", "10.84.0.51"
	o := &OneHost{bed: b, generation: s, Eureka: &Registry{Name: OneHostEureka, URL: registryURL(eureka), bed: b}}
	env := map[string]string{"HOST": OneHostEureka}
	maps.Copy(env, server)
	if err := o.run(ctx, OneHostEureka, s.Repository("eureka")+":1", env, "--ip", eureka); err != nil {
		return nil, err
	}
	if err := o.Eureka.answersWithin(ctx, 2*time.Minute); err != nil {
		return nil, err
	}
	env = map[string]string{"EUREKA": o.url(), "SERVICES": OneHostService}
	maps.Copy(env, consumer)
	o.Gateway = gateway + ":8080"
	if err := o.run(ctx, OneHostGateway, s.Repository("gateway")+":1", env, "--ip", gateway); err != nil {
		return nil, err
	}
	return o, awaitReady(ctx, "http://"+o.Gateway+"/actuator/health/readiness")
}

func (o *OneHost) url() string { return "http://" + OneHostEureka + ":8761/eureka/" }

// Build makes the image of a version, as `docker build` does there: what the service needs is in it.
func (o *OneHost) Build(ctx context.Context, version int) error {
	from := fmt.Sprintf("%s:%d", o.generation.Repository("service"), version)
	id, err := Docker(ctx, "create", "--label", label+"="+o.bed.Name, from)
	if err != nil {
		return err
	}
	_, err = Docker(ctx, "commit", "--change", "ENV EUREKA="+o.url(), "--change", "ENV SPRING_APPLICATION_NAME="+OneHostService,
		"--change", "ENV READY_DELAY=1000", id, fmt.Sprintf("%s:%d", OneHostService, version))
	_, left := Docker(ctx, "rm", id)
	return errors.Join(err, left)
}

// Deploy is deploy.sh: start the new ones, wait until each says that it is healthy, stop and remove the old ones. Where
// one does not get healthy all new ones go, and the old ones stay.
func (o *OneHost) Deploy(ctx context.Context, profile string, version int) error {
	if err := o.Build(ctx, version); err != nil {
		return err
	}
	o.deploys++
	old := o.Running
	var started []string
	var ports []int
	for i := range profiles[profile] {
		port, err := unusedPort()
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s-%d-%d", OneHostService, o.deploys, i+1)
		env := map[string]string{"SERVER_PORT": fmt.Sprint(port), "SPRING_PROFILE": profile}
		image := fmt.Sprintf("%s:%d", OneHostService, version)
		if err := o.run(ctx, name, image, env, "-p", fmt.Sprintf("%d:%d", port, port)); err != nil {
			return err
		}
		started, ports = append(started, name), append(ports, port)
	}
	for _, port := range ports {
		if err := awaitReady(ctx, fmt.Sprintf("http://localhost:%d/actuator/health", port)); err != nil {
			return errors.Join(err, stopAndRemove(ctx, started))
		}
	}
	o.Running = started
	return stopAndRemove(ctx, old)
}

// Forget removes the images that Build made.
func (o *OneHost) Forget(ctx context.Context) error {
	images, err := Docker(ctx, "image", "ls", "-q", OneHostService)
	if err != nil || images == "" {
		return err
	}
	_, err = Docker(ctx, append([]string{"rmi", "-f"}, strings.Fields(images)...)...)
	return err
}

func (o *OneHost) run(ctx context.Context, name, image string, env map[string]string, more ...string) error {
	args := append([]string{"run", "-d", "--name", name, "--label", label + "=" + o.bed.Name, "--network", o.bed.Name}, more...)
	for _, key := range slices.Sorted(maps.Keys(env)) {
		args = append(args, "-e", key+"="+env[key])
	}
	_, err := Docker(ctx, append(args, image)...)
	return err
}

func stopAndRemove(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	if _, err := Docker(ctx, append([]string{"stop"}, names...)...); err != nil {
		return err
	}
	_, err := Docker(ctx, append([]string{"rm"}, names...)...)
	return err
}

// unusedPort is one that nobody listens on now.
func unusedPort() (int, error) {
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		return 0, fmt.Errorf("find a port: %w", err)
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
