package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Discovery finds a service's addresses as a Spring Cloud app does: it fetches /apps now and then, keeps the answer
// where a fetch fails, and lets its load balancer keep a list of UP instances for a while longer.
type Discovery struct {
	// Server is the base URL, as http://127.0.0.1:8761/eureka.
	Server string
	// Others are asked, in this order, once Server fails. A client stays with the one that answers.
	Others []string
	// VIP is what consumers look up: the application's name in lower case.
	VIP string
	// Fetch is registry-fetch-interval-seconds, Balancer spring.cloud.loadbalancer.cache.ttl.
	Fetch, Balancer time.Duration

	// first is closed after the first fetch, whether it worked or not.
	first chan struct{}
	// using is the server that answered last: 0 is Server, 1 the first of Others.
	using int

	mu       sync.Mutex
	fetched  []string
	balanced []string
	until    time.Time
	next     int
}

// run fetches until ctx ends.
func (d *Discovery) run(ctx context.Context, guard *guard) {
	client := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) { return guard.dial(ctx, address) },
	}}
	defer client.CloseIdleConnections()
	ticker := time.NewTicker(d.Fetch)
	defer ticker.Stop()
	for begun := false; ; begun = true {
		if found, err := d.fetch(ctx, client); err == nil {
			d.mu.Lock()
			d.fetched = found
			d.mu.Unlock()
		}
		if !begun {
			close(d.first)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// fetch asks each server once, beginning with the one that answered last, until one answers.
func (d *Discovery) fetch(ctx context.Context, client *http.Client) ([]string, error) {
	servers := append([]string{d.Server}, d.Others...)
	var failed []error
	for range servers {
		found, err := d.fetchFrom(ctx, client, servers[d.using])
		if err == nil {
			return found, nil
		}
		failed = append(failed, err)
		d.using = (d.using + 1) % len(servers)
	}
	return nil, errors.Join(failed...)
}

// fetchFrom lists the addresses of UP instances, as a server's cached view of all apps has them.
func (d *Discovery) fetchFrom(ctx context.Context, client *http.Client, server string) ([]string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(server, "/")+"/apps", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() {
		drain(response.Body)
		_ = response.Body.Close() // read as far as wanted
	}()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch apps: %s", response.Status)
	}
	var body struct {
		Applications struct {
			Application []struct {
				Instance []struct {
					HostName, Status, VipAddress string
					Port                         struct {
						Number json.Number `json:"$"`
					}
				}
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return nil, fmt.Errorf("fetch apps: %w", err)
	}
	var found []string
	for _, app := range body.Applications.Application {
		for _, instance := range app.Instance {
			if port, err := strconv.Atoi(instance.Port.Number.String()); err == nil && instance.Status == "UP" && strings.EqualFold(instance.VipAddress, d.VIP) {
				found = append(found, net.JoinHostPort(instance.HostName, strconv.Itoa(port)))
			}
		}
	}
	return found, nil
}

// pick gives the next address of the load balancer's list; false where it is empty.
func (d *Discovery) pick(now time.Time) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now.After(d.until) || len(d.balanced) == 0 {
		d.balanced, d.until = d.fetched, now.Add(d.Balancer)
	}
	if len(d.balanced) == 0 {
		return "", false
	}
	d.next++
	return d.balanced[d.next%len(d.balanced)], true
}
