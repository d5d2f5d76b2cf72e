package testbed

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// registryPort is what every registry of a bed listens on.
const registryPort = 8761

// Registry is a Eureka server in a container of its own on the network segue: `segue eureka`, with a response cache of
// a second. It has no peers; EurekaPeer gives it some.
type Registry struct {
	// Name is the container's.
	Name string
	// URL is its base, by number: it outlives restarts.
	URL string

	bed *Bed
}

// Registry starts one. segue has made its network before.
func (b *Bed) Registry(ctx context.Context, name string) (*Registry, error) {
	b.registries++
	ip := fmt.Sprintf("10.83.250.%d", 10+b.registries)
	r := &Registry{Name: b.Name + "-" + name, URL: registryURL(ip), bed: b}
	for _, args := range [][]string{
		{
			"create", "--name", r.Name, "--label", label + "=" + b.Name, "--network", "segue", "--ip", ip, "--entrypoint", "/segue",
			Sample(1), "eureka", "--listen", fmt.Sprintf(":%d", registryPort), "--response-cache", "1s",
		},
		{"cp", b.Binary, r.Name + ":/segue"},
		{"start", r.Name},
	} {
		if _, err := Docker(ctx, args...); err != nil {
			return nil, err
		}
	}
	return r, r.answers(ctx)
}

// OwnRegistry is the one that segue runs for a Eureka object main.
func (b *Bed) OwnRegistry(ctx context.Context) (*Registry, error) {
	return b.OwnRegistryOf(ctx, "main")
}

// OwnRegistryOf is the one that segue runs for a Eureka object, by NAME or NAMESPACE.NAME.
func (b *Bed) OwnRegistryOf(ctx context.Context, name string) (*Registry, error) {
	container := "segue-eureka-" + name
	ip, err := Docker(ctx, "inspect", "-f", "{{(index .NetworkSettings.Networks \"segue\").IPAddress}}", container)
	if err != nil {
		return nil, err
	}
	r := &Registry{Name: container, URL: registryURL(ip), bed: b}
	return r, r.answers(ctx)
}

func registryURL(ip string) string { return fmt.Sprintf("http://%s:%d/eureka", ip, registryPort) }

// Stop stops the container: nobody gets through.
func (r *Registry) Stop(ctx context.Context) error {
	_, err := Docker(ctx, "stop", "-t", "1", r.Name)
	return err
}

// Start starts it again, without a lease.
func (r *Registry) Start(ctx context.Context) error {
	if _, err := Docker(ctx, "start", r.Name); err != nil {
		return err
	}
	return r.answers(ctx)
}

func (r *Registry) answers(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, 30*time.Second)
	defer done()
	for {
		_, err := r.get(ctx, "/apps", nil)
		if err == nil {
			return nil
		}
		if !Pause(ctx, 50*time.Millisecond) {
			return fmt.Errorf("registry %s: %w", r.Name, err)
		}
	}
}

// Lease is an entry of the live registry.
type Lease struct {
	InstanceID string
	App        string
	Status     string
	HostName   string
	Port       struct {
		Number json.Number `json:"$"`
	}
	LeaseInfo struct{ RegistrationTimestamp int64 }
}

// Place is where callers dial it.
func (l Lease) Place() string { return net.JoinHostPort(l.HostName, l.Port.Number.String()) }

// Lease reads the live entry of an id; Status is "" where there is none.
func (r *Registry) Lease(ctx context.Context, app, id string) (Lease, error) {
	var body struct{ Instance Lease }
	_, err := r.get(ctx, "/apps/"+strings.ToUpper(app)+"/"+url.PathEscape(id), &body)
	return body.Instance, err
}

// Leases reads the cached list of all entries, as consumers do.
func (r *Registry) Leases(ctx context.Context) ([]Lease, error) {
	var body struct {
		Applications struct {
			Application []struct{ Instance []Lease }
		}
	}
	if _, err := r.get(ctx, "/apps", &body); err != nil {
		return nil, err
	}
	var all []Lease
	for _, app := range body.Applications.Application {
		all = append(all, app.Instance...)
	}
	return all, nil
}

// get reads JSON; nothing where the server says that there is nothing.
func (r *Registry) get(ctx context.Context, path string, to any) (int, error) {
	return ask(ctx, http.MethodGet, r.URL+path, nil, to)
}

// Register posts an entry that is UP, as some app at hostName:8080 would.
func (r *Registry) Register(ctx context.Context, app, id, hostName string) error {
	entry := map[string]any{"instance": map[string]any{
		"instanceId": id, "hostName": hostName, "ipAddr": hostName, "app": strings.ToUpper(app), "vipAddress": strings.ToLower(app),
		"status": "UP", "overriddenstatus": "UNKNOWN", "port": map[string]any{"$": 8080, "@enabled": "true"},
		"dataCenterInfo": map[string]any{"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
	}}
	text, err := json.Marshal(entry)
	if err != nil {
		return fmt.Errorf("write entry: %w", err)
	}
	code, err := ask(ctx, http.MethodPost, r.URL+"/apps/"+strings.ToUpper(app), text, nil)
	if err == nil && code != http.StatusNoContent {
		err = fmt.Errorf("register %s: %d", id, code)
	}
	return err
}

// SetStatus puts a status over the one that an entry has, as somebody with curl does.
func (r *Registry) SetStatus(ctx context.Context, app, id, status string) error {
	code, err := ask(ctx, http.MethodPut, r.URL+"/apps/"+strings.ToUpper(app)+"/"+url.PathEscape(id)+"/status?value="+status, nil, nil)
	if err == nil && code != http.StatusOK {
		err = fmt.Errorf("put %s over the status of %s: %d", status, id, code)
	}
	return err
}

// ask is one request. An answer of 404 is none of its errors.
func ask(ctx context.Context, method, url string, body []byte, to any, headers ...string) (int, error) {
	ctx, done := context.WithTimeout(ctx, 3*time.Second)
	defer done()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(string(body)))
	if err != nil {
		return 0, fmt.Errorf("ask: %w", err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return 0, fmt.Errorf("read answer: %w", err)
	case response.StatusCode == http.StatusNotFound:
		return response.StatusCode, nil
	case response.StatusCode/100 != 2:
		return response.StatusCode, fmt.Errorf("%s %s: %s", method, url, response.Status)
	case to == nil:
		return response.StatusCode, nil
	}
	if err := json.Unmarshal(text, to); err != nil {
		return 0, fmt.Errorf("read answer of %s: %w", url, err)
	}
	return response.StatusCode, nil
}
