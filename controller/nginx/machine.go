package nginx

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// machine is the computer that an nginx runs on: its files, its processes and its ports. local is this one, remote one
// that is reached over ssh.
//
// What is absent is fs.ErrNotExist; any other error means "could not look".
type machine interface {
	readFile(ctx context.Context, path string) ([]byte, error)
	// readDir reads all regular files of a directory, by name.
	readDir(ctx context.Context, dir string) (map[string][]byte, error)
	// tail is the end of a file, and the machine's clock as its programs write it.
	tail(ctx context.Context, path string, most int64) (end []byte, now time.Time, err error)
	readlink(ctx context.Context, path string) (string, error)
	// written says when the entries of a directory were last written.
	written(ctx context.Context, dir string) (map[string]time.Time, error)

	// makeDirs makes directories that everybody may enter, and those above them.
	makeDirs(ctx context.Context, dirs ...string) error
	// writeFile and symlink replace by rename; they are on disk when they return. Everybody may read.
	writeFile(ctx context.Context, path string, content []byte) error
	symlink(ctx context.Context, target, path string) error
	// writeFiles writes files into a directory that nobody reads yet. same are paths of files that have the same text
	// already, by name.
	writeFiles(ctx context.Context, dir string, files, same map[string]string) error
	// remove removes a file, or a directory with all in it. It may be absent.
	remove(ctx context.Context, path string) error

	// run runs a command. The exit code is not an error.
	run(ctx context.Context, argv ...string) (code int, output, diagnostics []byte, err error)
	// hangUp sends SIGHUP.
	hangUp(ctx context.Context, pid int) error
	// processes reads the processes; what is gone from them is gone.
	processes(ctx context.Context) (processes, error)

	// addresses are those of the machine.
	addresses(ctx context.Context) ([]netip.Addr, error)
	// free: nobody listens on the port, at whatever address of IPv4.
	free(ctx context.Context, port int) (bool, error)
	// dial connects as a program of the machine would. errRefused: nobody listens.
	dial(ctx context.Context, network, address string) (net.Conn, error)
	// sharesProc: a file of this process in /proc exists there as well, and no longer than this process.
	sharesProc() bool
	// close gives back what the machine keeps open; it may be used again.
	close()
}
