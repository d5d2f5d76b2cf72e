package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// bodyLimit is how much of an answer is read.
const bodyLimit = 64 << 10

// question is one that can be asked again and again; its context has the deadline.
type question func(ctx context.Context) answer

// question makes a probe's. A probe that cannot be asked at all answers Unknown and says why.
func (p *Prober) question(target reconcile.ProbeTarget, probe *spec.Probe) question {
	switch {
	case probe.HTTPGet != nil:
		get := probe.HTTPGet
		return httpQuestion(target, request{
			method: http.MethodGet, scheme: get.Scheme, path: get.Path, port: get.Port, headers: get.Headers, expect: get.Expect,
		})
	case probe.TCPSocket != nil:
		return tcpQuestion(target, probe.TCPSocket.Port)
	case probe.Exec != nil:
		return p.execQuestion(target.ContainerID, probe.Exec.Command)
	}
	return unaskable("probe", fmt.Errorf("nothing to ask"))
}

func unaskable(asked string, err error) question {
	return func(context.Context) answer { return answered(reconcile.Unknown, asked, "not asked: "+err.Error()) }
}

// request is an http question before its address is known.
type request struct {
	method, scheme, path string
	port                 spec.PortRef
	headers              map[string]string
	body                 string
	expect               *spec.Expect
}

func httpQuestion(target reconcile.ProbeTarget, r request) question {
	scheme := strings.ToLower(r.scheme)
	if scheme == "" {
		scheme = "http"
	}
	path := "/" + strings.TrimPrefix(r.path, "/")
	asked := r.method + " " + scheme + "://" + target.Address.String() + path
	port, err := resolvePort(target.Ports, r.port)
	if err != nil {
		return unaskable(asked, err)
	}
	url := scheme + "://" + netip.AddrPortFrom(target.Address, port).String() + path
	asked = r.method + " " + url
	wanted, err := newExpectation(r.expect)
	if err != nil {
		return unaskable(asked, err)
	}
	if _, err := http.NewRequest(r.method, url, nil); err != nil {
		return unaskable(asked, err)
	}
	return func(ctx context.Context) answer { return exchange(ctx, r, url, asked, wanted) }
}

// exchange sends one request over a connection of its own.
func exchange(ctx context.Context, r request, url, asked string, wanted expectation) answer {
	req, err := http.NewRequestWithContext(ctx, r.method, url, strings.NewReader(r.body))
	if err != nil {
		return answered(reconcile.Unknown, asked, "not asked: "+err.Error())
	}
	req.Header.Set("User-Agent", "segue-probe")
	req.Header.Set("Accept", "*/*")
	for name, value := range r.headers {
		req.Header.Set(name, value)
		if strings.EqualFold(name, "Host") {
			req.Host = value
		}
	}
	transport := &http.Transport{
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: bodyLimit,
		TLSClientConfig:        &tls.Config{InsecureSkipVerify: true}, // as Kubernetes: the instance's name is its address
	}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(req)
	if err != nil {
		return unanswered(asked, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyLimit))
	if err != nil {
		return unanswered(asked, err)
	}
	outcome := strings.TrimSpace(strconv.Itoa(response.StatusCode) + " " + firstLine(body))
	switch miss := wanted.miss(response.StatusCode, body); {
	case miss == "":
	case response.StatusCode >= 400:
		return answered(reconcile.No, asked, outcome)
	default:
		return answered(reconcile.No, asked, outcome+" ("+miss+")")
	}
	return answered(reconcile.Yes, asked, outcome)
}

func tcpQuestion(target reconcile.ProbeTarget, ref spec.PortRef) question {
	port, err := resolvePort(target.Ports, ref)
	if err != nil {
		return unaskable("TCP "+target.Address.String(), err)
	}
	address := netip.AddrPortFrom(target.Address, port).String()
	asked := "TCP " + address
	return func(ctx context.Context) answer {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return unanswered(asked, err)
		}
		_ = conn.Close() // nothing was written that closing could lose
		return answered(reconcile.Yes, asked, "connected")
	}
}

// execQuestion counts a command that does not end in time as the instance's silence. An engine that hangs looks the
// same from here; it cannot be read then either, and nothing is decided.
func (p *Prober) execQuestion(container string, command []string) question {
	asked := "exec " + strings.Join(command, " ")
	if p.exec == nil {
		return unaskable(asked, fmt.Errorf("no engine"))
	}
	return func(ctx context.Context) answer {
		begun := time.Now()
		code, output, err := p.exec(ctx, container, command)
		switch {
		case err != nil && ctx.Err() == context.DeadlineExceeded:
			return answered(reconcile.No, asked, "timed out after "+time.Since(begun).Round(time.Millisecond).String())
		case err != nil:
			return answered(reconcile.Unknown, asked, "not asked: "+err.Error())
		case code != 0:
			return answered(reconcile.No, asked, exited(code, output))
		}
		return answered(reconcile.Yes, asked, exited(code, output))
	}
}

// resolvePort finds the number that a probe means: its own, that of the port it names, or that of the only port.
func resolvePort(ports []spec.Port, ref spec.PortRef) (uint16, error) {
	if ref == "" {
		if len(ports) != 1 {
			return 0, fmt.Errorf("the probe names no port and the template has %d", len(ports))
		}
		return uint16(ports[0].ContainerPort), nil
	}
	if number, err := strconv.ParseUint(string(ref), 10, 16); err == nil && number > 0 {
		return uint16(number), nil
	}
	for _, port := range ports {
		if port.Name == string(ref) {
			return uint16(port.ContainerPort), nil
		}
	}
	return 0, fmt.Errorf("no port %q in the template", string(ref))
}
