package controller

import (
	"net"
	"strconv"
	"strings"

	"github.com/segue-dev/segue/reconcile"
)

// frontName is what one nginx server is registered as in place of instances: in another registry, as another application
// or at another place it is another registration.
type frontName struct {
	nginx, server, registry, app, host string
	port                               int
}

func (f frontName) String() string {
	return reconcile.FrontPrefix + strings.Join([]string{f.nginx, f.server, f.registry, f.app, f.host, strconv.Itoa(f.port)}, ":")
}

// place is where consumers dial it.
func (f frontName) place() string { return net.JoinHostPort(f.host, strconv.Itoa(f.port)) }

// parseFront reads what String wrote. A server's name may have a colon in it.
func parseFront(name string) (frontName, bool) {
	rest, isFront := strings.CutPrefix(name, reconcile.FrontPrefix)
	parts := strings.Split(rest, ":")
	n := len(parts)
	if !isFront || n < 6 {
		return frontName{}, false
	}
	port, err := strconv.Atoi(parts[n-1])
	return frontName{
		nginx: parts[0], server: strings.Join(parts[1:n-4], ":"), registry: parts[n-4], app: parts[n-3], host: parts[n-2], port: port,
	}, err == nil
}

// frontWords is a front as people read of it.
func frontWords(name string) string {
	f, ok := parseFront(name)
	if !ok {
		return name
	}
	return "nginx " + f.server + " at " + f.place()
}
