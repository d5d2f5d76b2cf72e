package main

import (
	"context"
	"fmt"
	"net"
	"slices"
	"syscall"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/docker"
	"github.com/segue-dev/segue/spec"
)

// resolver finds the hosts of Eureka URLs: a container's name, a Deployment's name, else what DNS says. Docker's own
// names do not reach this machine.
type resolver struct {
	info func(ctx context.Context, container string) (docker.ContainerInfo, error)
	list func(context.Context, api.Query) (api.List, error)
}

// dial connects to HOST:PORT. That a container does not run is said as a refused connection: nobody gets through.
func (r *resolver) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("read address: %w", err)
	}
	if net.ParseIP(host) != nil {
		return dialer.DialContext(ctx, network, address)
	}
	found, err := r.find(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", host, err)
	}
	return dialer.DialContext(ctx, network, net.JoinHostPort(found, port))
}

func (r *resolver) find(ctx context.Context, host string) (string, error) {
	info, err := r.info(ctx, host)
	switch {
	case err != nil:
		return "", err
	case info.Missing:
		return r.deployment(ctx, host)
	case !info.Running:
		// A Deployment of that name may have taken it over.
		if found, err := r.deployment(ctx, host); err == nil && found != host {
			return found, nil
		}
		return "", fmt.Errorf("container does not run: %w", syscall.ECONNREFUSED)
	case len(info.Addresses) == 0:
		return "127.0.0.1", nil // on the host's network
	default:
		return info.Addresses[0].String(), nil
	}
}

// deployment is the address of an instance of a Deployment that has or had the name: its own, an alias, or that of a
// container that it adopted. It is a ready one's if there is one; the host itself when there is no such Deployment.
func (r *resolver) deployment(ctx context.Context, host string) (string, error) {
	list, err := r.list(ctx, api.Query{Kind: spec.KindDeployment})
	if err != nil {
		return "", err
	}
	for _, item := range list.Items {
		if item.Deployment == nil || !goesBy(item, host) {
			continue
		}
		address := ""
		for _, i := range item.Deployment.Instances {
			if i.Address != "" && i.ExitCode == nil && (address == "" || i.Ready) {
				address = i.Address
			}
		}
		if address == "" {
			return "", fmt.Errorf("no instance runs: %w", syscall.ECONNREFUSED)
		}
		return address, nil
	}
	return host, nil
}

// goesBy: the Deployment is called so.
func goesBy(item api.Status, host string) bool {
	if item.Name == spec.ParseName(host) {
		return true
	}
	written := item.Manifest.Deployment
	if written == nil {
		return false
	}
	return slices.Contains(written.Spec.Template.Aliases, host) ||
		slices.ContainsFunc(written.Spec.Adopt, func(a spec.Adopt) bool { return a.Container == host })
}
