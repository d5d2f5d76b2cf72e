package testbed

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Spring is a generation of Spring Cloud, as spring.sh builds it.
type Spring string

// The generations.
const (
	// Boot4 is Spring Boot 4.0 with Spring Cloud 2025.1.
	Boot4 Spring = "boot4"
	// Boot2 is Spring Boot 2.7 with Spring Cloud 2021.0.
	Boot2 Spring = "boot2"
)

// Make builds the generation's images, if they are not there.
func (s Spring) Make(ctx context.Context) error {
	repository, err := Repository()
	if err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, repository+"/test/testbed/spring.sh", "images", string(s)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("make images of %s: %w: %s", s, err, out)
	}
	return nil
}

// Repository is the image, without a version, of its eureka, gateway or service.
func (s Spring) Repository(application string) string {
	return "segue-testbed/" + string(s) + "-" + application
}

// Service is a Deployment of its service. It finds the Eureka servers by their URLs.
func (s Spring) Service(name, servers string) App {
	return App{
		Name: name, Version: 1, Replicas: 2, Eureka: "{}", Routes: "-", Repository: s.Repository("service"),
		Readiness: "/actuator/health/readiness", Env: map[string]string{"SPRING_APPLICATION_NAME": name, "EUREKA": servers},
	}
}

// Gateway is a Deployment of its gateway, which sends what is asked of SERVICE.test to that service.
func (s Spring) Gateway(name, servers string, services ...App) App {
	var names, hosts []string
	for _, service := range services {
		names = append(names, service.Name)
		hosts = append(hosts, service.Host())
	}
	return App{
		Name: name, Version: 1, Replicas: 1, Repository: s.Repository("gateway"), Readiness: "/actuator/health/readiness",
		Routes: "{http: {hostnames: [" + strings.Join(hosts, ", ") + "]}}",
		Env:    map[string]string{"EUREKA": servers, "SERVICES": strings.Join(names, ",")},
	}
}

// ShortConsumer are the settings of a consumer whose caches live for a second each.
var ShortConsumer = map[string]string{
	"EUREKA_CLIENT_REGISTRYFETCHINTERVALSECONDS": "1", "SPRING_CLOUD_LOADBALANCER_CACHE_TTL": "1s",
}

// ShortEureka are the settings of a server whose response cache lives for a second.
var ShortEureka = map[string]string{"EUREKA_SERVER_RESPONSECACHEUPDATEINTERVALMS": "1000"}

// Eureka starts so many of its servers, as each other's peers, in containers on the network segue.
// name is part of their containers'.
func (s Spring) Eureka(ctx context.Context, b *Bed, name string, count int, settings map[string]string) ([]*Registry, error) {
	var servers []*Registry
	var ips []string
	for n := range count {
		b.registries++
		ip := fmt.Sprintf("10.83.250.%d", 10+b.registries)
		ips = append(ips, ip)
		servers = append(servers, &Registry{Name: fmt.Sprintf("%s-eureka-%s-%d", b.Name, name, n+1), URL: registryURL(ip), bed: b})
	}
	for n, server := range servers {
		env := map[string]string{"HOST": ips[n]}
		var peers []string
		for m, ip := range ips {
			if m != n {
				peers = append(peers, registryURL(ip)+"/")
			}
		}
		if len(peers) > 0 {
			// As Spring's documentation has peers: each is a client of the others.
			env["PEERS"], env["EUREKA_CLIENT_REGISTERWITHEUREKA"], env["EUREKA_CLIENT_FETCHREGISTRY"] = strings.Join(peers, ","), "true", "true"
		}
		maps.Copy(env, settings)
		if err := b.spring(ctx, server.Name, ips[n], s.Repository("eureka")+":1", env); err != nil {
			return nil, err
		}
	}
	for _, server := range servers {
		if err := server.answersWithin(ctx, 2*time.Minute); err != nil {
			return nil, err
		}
	}
	return servers, nil
}

// awaitReady waits until a Spring application answers a health endpoint well. A busy machine takes a while to start one.
func awaitReady(ctx context.Context, url string) error {
	ctx, done := context.WithTimeout(ctx, 2*time.Minute)
	defer done()
	for {
		code, err := ask(ctx, http.MethodGet, url, nil, nil)
		if err == nil && code == http.StatusOK {
			return nil
		}
		if !Pause(ctx, 200*time.Millisecond) {
			return fmt.Errorf("%s: %d: %w", url, code, err)
		}
	}
}

// spring runs an image on the network segue.
func (b *Bed) spring(ctx context.Context, name, ip, image string, env map[string]string) error {
	args := []string{"run", "-d", "--name", name, "--label", label + "=" + b.Name, "--network", "segue", "--ip", ip}
	for _, key := range slices.Sorted(maps.Keys(env)) {
		args = append(args, "-e", key+"="+env[key])
	}
	_, err := Docker(ctx, append(args, image)...)
	return err
}

// answersWithin waits for a server that starts slowly.
func (r *Registry) answersWithin(ctx context.Context, limit time.Duration) error {
	ctx, done := context.WithTimeout(ctx, limit)
	defer done()
	for {
		err := r.answers(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
}
