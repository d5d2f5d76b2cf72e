package reconcile

import (
	"net/netip"

	"github.com/segue-dev/segue/spec"
)

// Launch is everything that the runtime needs to create one instance.
type Launch struct {
	Deployment spec.Name
	Instance   string
	Revision   string
	N          int
	Slot       string
	// Image is the resolved reference: a digest where the registry has one, else an image id.
	Image    string
	Template spec.Template
	// Env is the whole environment: the template's, the files of envFrom, the slot's and what is injected for Eureka.
	Env map[string]string
	// Files are the bytes of the template's files by absolute target path.
	Files map[string]LaunchFile
	// Address is the fixed address on the segue network.
	Address netip.Addr
	// Ports are the template's, with the slot's hostPort and hostIP filled in.
	Ports []spec.Port
	// Registered is where Eureka's consumers reach it, when that is a port of the machine; invalid when it is its own
	// address. It is read back as the container's.
	Registered netip.AddrPort
	// Publish are container ports to publish on a free port of the machine, each with the machine's address to do so on.
	Publish map[int]netip.Addr
}

// LaunchFile is one file that is bind-mounted read-only into an instance.
type LaunchFile struct {
	Content []byte
	// Mode is the permission bits.
	Mode uint32
	// Sealed: the content was decrypted, and may lie on no disk.
	Sealed bool
}
