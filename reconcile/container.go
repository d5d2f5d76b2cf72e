package reconcile

import (
	"net/netip"
	"time"

	"github.com/segue-dev/segue/spec"
)

// ContainerState is how far a container has come.
type ContainerState int8

// The states, in the order in which a container passes through them.
const (
	// ContainerUnknown: the engine did not say.
	ContainerUnknown ContainerState = iota
	// ContainerCreated: debris of a start that was cut short; it is removed, never started.
	ContainerCreated
	// ContainerRunning: its process runs (paused counts as running).
	ContainerRunning
	// ContainerExited: its process is gone.
	ContainerExited
)

func (s ContainerState) String() string {
	switch s {
	case ContainerCreated:
		return "created"
	case ContainerRunning:
		return "running"
	case ContainerExited:
		return "exited"
	default:
		return "unknown"
	}
}

// Container is what the engine says of one container that segue labelled or that a manifest adopts.
type Container struct {
	// Name is the instance's name, without the .retired of a retired one.
	Name string
	// ID is the engine's id; "" for an adopted address.
	ID         string
	Deployment spec.Name
	// Revision is the hash of the revision; AdoptedRevision for adopted ones.
	Revision string
	// N is the number at the end of the name; 0 for adopted ones.
	N    int
	Slot string
	// Image is the resolved reference it was created from.
	Image string
	// Address is where it is reached: its fixed address on the segue network; for an adopted container the
	// address on a network that segue shares with it. Invalid when it has none.
	Address netip.Addr
	// Registered is where Eureka's consumers reach it; invalid when that is its own address.
	Registered netip.AddrPort
	// PublishedPorts maps container ports to host addresses.
	PublishedPorts map[int]netip.AddrPort
	State          ContainerState
	// Retired: it was renamed to NAME.retired. RetiredAt is when segue first saw that name; of an adopted container,
	// which keeps its name, when segue first asked it to stop.
	Retired   bool
	RetiredAt time.Time
	StartedAt time.Time
	ExitedAt  time.Time
	ExitCode  int
	OOMKilled bool
	// ExitCounts is false for exits before the present connection to the event stream was made: an engine
	// restart ends well-behaved containers with code 0, and that is nobody's fault.
	ExitCounts bool
	// ExitAlone: the engine is known to have lived on when it exited, so that it was not a restart that ended it.
	ExitAlone bool
	// ImageHealth is the verdict of the image's HEALTHCHECK; Unknown when it has none or is starting.
	ImageHealth    Tri
	HasImageHealth bool
	// PID is the process id on the engine's host; 0 when not running or not known.
	PID int
}

// AdoptedRevision is the revision of what segue did not start.
const AdoptedRevision = "0"

// Leaving says whether it is on its way out and never back: an adopted one keeps its name while it is stopped.
func (c Container) Leaving() bool { return c.Retired || c.Live() && !c.RetiredAt.IsZero() }

// Live says whether the container has not exited: created and unknown ones count, retired ones too.
func (c Container) Live() bool { return c.State != ContainerExited }
