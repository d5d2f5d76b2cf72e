package docker

import (
	"context"
	"errors"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/client"
)

// Fault is a failure that says whose it is. Errors of Start carry one: errors.As(err, &fault).
type Fault struct {
	// Own: the revision's own fault (a command that does not exist, a mount source that is not there), and not that of
	// something around it (a port that a stranger holds, a full disk, an engine that does not answer).
	Own bool
	// Err is what the engine said.
	Err error
}

func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap gives what the engine said.
func (f *Fault) Unwrap() error { return f.Err }

// OwnFault says whose fault it is, to those who know no Fault.
func (f *Fault) OwnFault() bool { return f.Own }

// PortTaken: somebody else holds a port of the host that the instance publishes.
func (f *Fault) PortTaken() bool { return says(f.Err, portTaken) }

// The engine's kinds of error are coarse (a missing command, a full disk and a taken port are all 500), so its words
// decide. Checked against Engines 20.10 and 28.5. What fits neither list is nobody's own fault: it is tried again.
var (
	portTaken    = []string{"port is already allocated", "ports are not available", "listen tcp", "listen udp", "userland proxy", "host port"}
	surroundings = []string{
		"no space left on device", "port is already allocated", "address already in use", "ports are not available",
		"bind: cannot assign requested address", "cannot allocate memory", "too many open files", "input/output error",
		"read-only file system", "already in use by container", "no available ipv4 addresses", "failed programming external connectivity",
		"device or resource busy", "is marked for removal", "context deadline exceeded",
	}
	startsOwn = []string{
		"executable file not found", "no command specified", "exec format error", "bind source path does not exist",
		"invalid mount", "invalid volume specification", "unable to find user", "unable to find group", "no matching entries in passwd",
		"chdir to cwd", "invalid reference format", "duplicate mount point", "minimum memory", "range of cpus", "invalid signal",
		"linux spec user", "cannot mkdir",
	}
	// runtimes begin what runc says; with runcsOwn it is about the command or a mount.
	runtimes = []string{"oci runtime", "failed to create task", "failed to create shim task"}
	runcsOwn = []string{"exec: ", "no such file or directory", "permission denied", "not a directory", "is a directory"}
	pullsOwn = []string{
		"manifest unknown", "not found", "pull access denied", "unauthorized", "denied: ", "authentication required",
		"no basic auth credentials", "no matching manifest", "invalid reference format", "repository name", "name unknown",
		"forbidden", "does not exist or may require",
	}
	unreachable = []string{
		"no such host", "connection refused", "i/o timeout", "tls handshake", "toomanyrequests", "too many requests",
		"server misbehaving", "network is unreachable", "no route to host", "500 internal", "502 bad gateway",
		"503 service", "504 gateway", "connection reset", "x509:", "proxyconnect", ": eof", "unexpected eof",
	}
)

// startFaultIsOwn sorts what create and start answer.
func startFaultIsOwn(err error) bool {
	if notTheEngine(err) || says(err, surroundings) {
		return false
	}
	// A network that the manifest names: "network shop not found".
	noNetwork := says(err, []string{"network "}) && says(err, []string{" not found"})
	return noNetwork || says(err, startsOwn) || errdefs.IsInvalidArgument(err) || (says(err, runtimes) && says(err, runcsOwn))
}

// pullFaultIsOwn: only what the registry says of the image itself.
func pullFaultIsOwn(err error) bool {
	if notTheEngine(err) || says(err, surroundings) || says(err, unreachable) {
		return false
	}
	return says(err, pullsOwn) || errdefs.IsNotFound(err) || errdefs.IsUnauthorized(err) || errdefs.IsPermissionDenied(err)
}

// notTheEngine: the engine has not answered, or has no say.
func notTheEngine(err error) bool {
	return client.IsErrConnectionFailed(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

func says(err error, words []string) bool {
	text := strings.ToLower(err.Error())
	for _, word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
