package docker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/segue-dev/segue/spec"
)

// beginPreStop starts the hook and says changed when it has ended: the signal is next. It ends with the grace.
func (r *Runtime) beginPreStop(c container.InspectResponse, hook spec.PreStop, deadline time.Time) {
	r.stops.note(c.ID, func(s *stopping) { s.preStop = preStopRunning })
	r.remind(c, deadline)
	r.errands.add(func(ctx context.Context, changed func(string)) {
		ctx, cancel := context.WithDeadline(ctx, deadline)
		defer cancel()
		if err := r.runPreStop(ctx, c, hook); err != nil {
			// As in Kubernetes a failed hook holds nothing up.
			r.log.Info("preStop failed", "container", strings.TrimPrefix(c.Name, "/"), "reason", err.Error())
		}
		r.stops.note(c.ID, func(s *stopping) { s.preStop = preStopEnded })
		changed(r.deploymentOf(c))
	})
}

func (r *Runtime) runPreStop(ctx context.Context, c container.InspectResponse, hook spec.PreStop) error {
	switch {
	case hook.Sleep != nil:
		select {
		case <-time.After(time.Duration(hook.Sleep.Seconds) * time.Second):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	case hook.Exec != nil:
		code, output, err := r.exec(ctx, c.ID, hook.Exec.Command)
		if err == nil && code != 0 {
			err = fmt.Errorf("exit code %d: %s", code, lastLine(output))
		}
		return err
	case hook.HTTPGet != nil:
		return getOnce(ctx, c, *hook.HTTPGet)
	}
	return nil
}

// getOnce sends the request at the container's own address. Kubernetes does not look at the answer's status here.
func getOnce(ctx context.Context, c container.InspectResponse, get spec.HTTPGetAction) error {
	address, err := netip.ParseAddr(c.Config.Labels[labelAddress])
	if err != nil {
		addresses := addressesOf(c)
		if len(addresses) == 0 {
			return errors.New("the container has no address")
		}
		address = addresses[0]
	}
	port, err := spec.Template{Ports: readPorts(c.Config.Labels[labelPorts])}.Port(get.Port)
	if err != nil {
		return err
	}
	target, err := url.Parse(strings.ToLower(get.Scheme) + "://" + netip.AddrPortFrom(address, uint16(port)).String())
	if get.Scheme == "" {
		target, err = url.Parse("http://" + netip.AddrPortFrom(address, uint16(port)).String())
	}
	if err != nil {
		return err
	}
	path, query, _ := strings.Cut(get.Path, "?")
	target.Path, target.RawQuery = "/"+strings.TrimPrefix(path, "/"), query
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return err
	}
	for name, value := range get.Headers {
		request.Header.Set(name, value)
		if strings.EqualFold(name, "Host") {
			request.Host = value
		}
	}
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // as in Kubernetes
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return fmt.Errorf("GET port %s: %w", strconv.Itoa(port), err)
	}
	return answer.Body.Close()
}
