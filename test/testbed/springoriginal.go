package testbed

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"
)

// SpringOriginal is what people run before segue comes: containers of Spring's applications with names of their own, on
// the network segue, that find each other by name.
type SpringOriginal struct {
	Spring
	bed *Bed
	// EurekaURLs are the Eureka servers', as clients have them.
	EurekaURLs string
	// Server and Consumer are settings of the servers' caches and of their clients'.
	Server, Consumer map[string]string
}

// Original prepares one with so many Eureka servers, eureka-1 and so on. It starts nothing.
func (s Spring) Original(b *Bed, servers int, server, consumer map[string]string) *SpringOriginal {
	o := &SpringOriginal{Spring: s, bed: b, Server: server, Consumer: consumer}
	var urls []string
	for n := range servers {
		urls = append(urls, fmt.Sprintf("http://eureka-%d:8761/eureka/", n+1))
	}
	o.EurekaURLs = strings.Join(urls, ",")
	return o
}

// Run starts a container of an application, removing an exited one of that name, and gives its address.
func (o *SpringOriginal) Run(ctx context.Context, name, application string, version int, env map[string]string) (string, error) {
	if _, err := Docker(ctx, "rm", "-f", name); err != nil && !strings.Contains(err.Error(), "No such container") {
		return "", err
	}
	o.bed.registries++
	ip := fmt.Sprintf("10.83.250.%d", 10+o.bed.registries)
	return ip, o.bed.spring(ctx, name, ip, fmt.Sprintf("%s:%d", o.Repository(application), version), env)
}

// EurekaEnv are the settings of the server of a name, whose peers are the others.
func (o *SpringOriginal) EurekaEnv(name string) map[string]string {
	var peers []string
	for url := range strings.SplitSeq(o.EurekaURLs, ",") {
		if !strings.Contains(url, "//"+name+":") {
			peers = append(peers, url)
		}
	}
	env := maps.Clone(o.Server)
	if env == nil {
		env = map[string]string{}
	}
	env["HOST"], env["PEERS"] = name, strings.Join(peers, ",")
	// As Spring's documentation has peers: each is a client of the others.
	env["EUREKA_CLIENT_REGISTERWITHEUREKA"], env["EUREKA_CLIENT_FETCHREGISTRY"] = "true", "true"
	return env
}

// Ready waits until an application at an address says so, or a Eureka server answers there.
func (o *SpringOriginal) Ready(ctx context.Context, address string) error {
	path := ":8080/actuator/health/readiness"
	within, done := context.WithTimeout(ctx, 2*time.Minute)
	defer done()
	for {
		_, err := ask(within, "GET", "http://"+address+path, nil, nil)
		if err == nil {
			return nil
		}
		if _, eureka := ask(within, "GET", registryURL(address)+"/apps", nil, nil); eureka == nil {
			return nil
		}
		if !Pause(within, 200*time.Millisecond) {
			return fmt.Errorf("%s is not ready: %w", address, err)
		}
	}
}

// Tell asks a Eureka server, or an application, at a URL for something, as a script's curl does.
func (o *SpringOriginal) Tell(ctx context.Context, method, url, body string, headers ...string) error {
	code, err := ask(ctx, method, url, []byte(body), nil, headers...)
	if err == nil && code/100 != 2 {
		err = fmt.Errorf("%s %s: %d", method, url, code)
	}
	return err
}
