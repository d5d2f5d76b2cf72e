package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/atomicfile"
	"github.com/segue-dev/segue/controller/docker"
	"github.com/segue-dev/segue/controller/nginx"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// forwardImage is the image of segue forward; as with ownImage, a new segue alone is no reason to start one anew.
const forwardImage = "segue.invalid/forward:1"

// namesPause is how often the containers behind http://NAME are looked after though nothing is known to have changed.
const namesPause = 15 * time.Second

// insideNames makes http://NAME lead to the listeners of one Nginx object, for each Deployment with an internal route: a
// container of that name that hands connections on. The engine keeps it running; the end of segue does not touch it.
type insideNames struct {
	*drivers
	nginx spec.Name
	wake  chan struct{}

	mu sync.Mutex
	// at is where each server listens for a Deployment, by Deployment and server, as far as is known.
	at map[string]map[string]string
	// known: every server that is not down was asked, so what has no listener has no name.
	known bool
	// trouble is what went wrong last.
	trouble error
}

// namedRouter is a switcher whose internal routes have names.
type namedRouter struct {
	*nginx.Switcher
	names *insideNames
}

// Run runs the switcher and looks after the names until ctx ends.
func (r *namedRouter) Run(ctx context.Context, changed func(deployment string)) error {
	var looking sync.WaitGroup
	defer looking.Wait()
	if !r.names.readOnly {
		looking.Go(func() { r.names.run(ctx) })
	}
	return r.Switcher.Run(ctx, changed)
}

// View is the switcher's. What it shows of listeners is followed.
func (r *namedRouter) View(ctx context.Context, began time.Time) (reconcile.NginxView, error) {
	view, err := r.Switcher.View(ctx, began)
	if err == nil {
		r.names.follow(view)
	}
	return view, err
}

// Describe is the switcher's, with what keeps a name from leading there.
func (r *namedRouter) Describe() api.NginxStatus {
	status := r.Switcher.Describe()
	r.names.mu.Lock()
	defer r.names.mu.Unlock()
	if r.names.trouble != nil {
		status.Notes = append(status.Notes, "internal routes: "+r.names.trouble.Error())
	}
	return status
}

// Discard removes the names: the object is gone.
func (r *namedRouter) Discard(ctx context.Context) error { return r.names.keep(ctx, nil) }

// follow takes in where listeners are. A server that cannot be asked has them where they were.
func (n *insideNames) follow(view reconcile.NginxView) {
	n.mu.Lock()
	defer n.mu.Unlock()
	before := fmt.Sprint(n.at, n.known)
	n.known = true
	for _, server := range view.Servers {
		if server.Routes == nil || server.State != reconcile.ServerUp || server.Included != reconcile.Yes {
			n.known = n.known && server.State == reconcile.ServerDown
			continue
		}
		for _, servers := range n.at {
			delete(servers, server.Name)
		}
		for deployment, routes := range server.Routes {
			for name, route := range routes {
				if port := server.Listeners[deployment][name]; route.Internal && name != spec.EurekaRoute && port != 0 && server.Host != "" {
					if n.at[deployment] == nil {
						n.at[deployment] = map[string]string{}
					}
					n.at[deployment][server.Name] = net.JoinHostPort(server.Host, strconv.Itoa(port))
				}
			}
		}
	}
	maps.DeleteFunc(n.at, func(_ string, servers map[string]string) bool { return len(servers) == 0 })
	if fmt.Sprint(n.at, n.known) != before {
		select {
		case n.wake <- struct{}{}:
		default:
		}
	}
}

func (n *insideNames) run(ctx context.Context) {
	ticker := time.NewTicker(namesPause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.wake:
		case <-ticker.C:
		}
		n.mu.Lock()
		wanted, known := map[string][]string{}, n.known
		for deployment, servers := range n.at {
			wanted[deployment] = slices.Sorted(maps.Values(servers))
		}
		n.mu.Unlock()
		var errs []error
		for _, deployment := range slices.Sorted(maps.Keys(wanted)) {
			errs = append(errs, n.ensure(ctx, deployment, wanted[deployment]))
		}
		if known {
			errs = append(errs, n.keep(ctx, wanted))
		}
		n.complain(ctx, errors.Join(errs...))
	}
}

// complain notes what went wrong, and logs it once.
func (n *insideNames) complain(ctx context.Context, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err != nil && ctx.Err() == nil && (n.trouble == nil || n.trouble.Error() != err.Error()) {
		n.log.WithName("nginx").Info("A name leads nowhere yet", "nginx", n.nginx.String(), "reason", err.Error())
	}
	n.trouble = err
}

func (n *insideNames) dir(deployment string) string {
	return filepath.Join(n.stateDir, "internal", deployment)
}

func (n *insideNames) role() string { return "internal/" + n.nginx.String() + "/" }

// ensure makes the container of a name what it should be. Other servers are another file, and cut no connection.
func (n *insideNames) ensure(ctx context.Context, deployment string, servers []string) error {
	dir := n.dir(deployment)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	file, text := filepath.Join(dir, "servers"), strings.Join(servers, "\n")+"\n"
	if written, err := os.ReadFile(file); err != nil || string(written) != text {
		if err := atomicfile.Write(file, []byte(text), 0o644); err != nil {
			return fmt.Errorf("write servers: %w", err)
		}
	}
	networks, err := n.networks(ctx, deployment)
	if err != nil {
		return err
	}
	wanted := docker.OwnContainer{
		Name: "segue-internal-" + deployment, Image: forwardImage, Command: []string{"forward", "--targets", "/servers/servers"},
		Mounts: []docker.Mount{{Source: dir, Target: "/servers", ReadOnly: true}}, Role: n.role() + deployment,
		Aliases: []string{deployment}, Networks: networks,
	}
	return n.ensureThisBinary(ctx, wanted, "")
}

// networks are those that the Deployment's instances join beside segue's: its callers are there. A Deployment that has
// yet to be looked at is an error: a container with other networks would be another one.
func (n *insideNames) networks(ctx context.Context, deployment string) ([]string, error) {
	name := spec.ParseName(deployment)
	list, err := n.list(ctx, api.Query{Kind: spec.KindDeployment, Namespace: name.Namespace, Name: name.Name})
	if err != nil {
		return nil, fmt.Errorf("look for the networks of %s: %w", deployment, err)
	}
	for _, item := range list.Items {
		if m := item.Manifest.Deployment; m != nil {
			return m.Spec.Template.Networks, nil
		}
	}
	return nil, fmt.Errorf("look for the networks of %s: it is not known yet", deployment)
}

// keep removes the containers of all names but those that are wanted.
func (n *insideNames) keep(ctx context.Context, wanted map[string][]string) error {
	found, err := n.engine.OwnByRole(ctx, n.role())
	if err != nil {
		return err
	}
	var errs []error
	for role, container := range found {
		deployment := strings.TrimPrefix(role, n.role())
		if _, stays := wanted[deployment]; stays {
			continue
		}
		errs = append(errs, n.engine.RemoveOwn(ctx, container))
		if err := os.RemoveAll(n.dir(deployment)); err != nil {
			errs = append(errs, fmt.Errorf("remove servers of %s: %w", deployment, err))
		}
	}
	return errors.Join(errs...)
}
