package nginx

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// Server is access to one nginx. Host and Container are the two; a Host may be another machine.
//
// Each call has a deadline in its context. An error means "unknown".
type Server interface {
	// Name is how the manifest calls it: a container's name, or "host".
	Name() string
	// Look finds the master process and where it can be asked. A master that is proven not to run is an answer
	// (Running false), not an error.
	Look(ctx context.Context) (Sighting, error)
	// Nginx runs the server's nginx binary. The exit code is not an error; output is stdout, diagnostics stderr.
	Nginx(ctx context.Context, args ...string) (code int, output, diagnostics []byte, err error)
	// Reload asks the master to load its configuration. It says nothing about whether that was done.
	Reload(ctx context.Context, seen Sighting) error
	// ReadFile reads a file by the path that nginx knows it by.
	ReadFile(ctx context.Context, path string) ([]byte, error)
	// Emergency is the last [emerg] line that nginx logged since then, "" if none was found.
	Emergency(ctx context.Context, since time.Time) string
	// SharesProc is true when nginx sees this machine's /proc: there a flag can die with its owner.
	SharesProc() bool
	// machine is where its files are written and its processes are read.
	machine() machine
}

// Sighting is what Look saw.
type Sighting struct {
	Running bool
	// Reason says why it does not run.
	Reason string
	// Off: nothing of it runs, so whatever starts it reads its files anew.
	Off bool
	// Stands: its binary and its ports can be asked although it does not run.
	Stands bool
	// Master is a process id of the machine; 0 when not running. Processes is the reading in which it was found.
	Master    int
	Processes processes
	// ConfDir is where the machine has what nginx knows as spec.NginxSpec.ConfDir. "" when unknown.
	ConfDir string
	// Dial is the address at which the internal server is reached, and Listen what nginx writes into its listen
	// directive ("127.0.0.1" or "*").
	Dial   netip.Addr
	Listen string
	// Addresses are those from which the server connects to instances.
	Addresses []netip.Addr
}

// errNoMount says that a container's confDir is not a directory that is mounted from this machine.
var errNoMount = errors.New("confDir is not a mounted directory")
