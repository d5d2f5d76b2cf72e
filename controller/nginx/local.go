package nginx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/segue-dev/segue/controller/atomicfile"
)

// local is the machine that segue runs on.
type local struct{}

func (local) readFile(_ context.Context, path string) ([]byte, error) { return os.ReadFile(path) }

// readDir leaves out what has yet to be renamed into its place: it begins with a dot.
func (local) readDir(_ context.Context, dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files[e.Name()] = content
	}
	return files, nil
}

func (local) tail(_ context.Context, path string, most int64) ([]byte, time.Time, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return nil, time.Time{}, err
	}
	if !info.Mode().IsRegular() {
		return nil, time.Time{}, fmt.Errorf("%s is no regular file", path)
	}
	if info.Size() > most {
		if _, err := f.Seek(-most, io.SeekEnd); err != nil {
			return nil, time.Time{}, err
		}
	}
	end, err := io.ReadAll(io.LimitReader(f, most))
	return end, time.Now(), err
}

func (local) readlink(_ context.Context, path string) (string, error) { return os.Readlink(path) }

func (local) written(_ context.Context, dir string) (map[string]time.Time, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	times := map[string]time.Time{}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			times[e.Name()] = info.ModTime()
		}
	}
	return times, nil
}

func (local) makeDirs(_ context.Context, dirs ...string) error {
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}

func (local) writeFile(_ context.Context, path string, content []byte) error {
	return atomicfile.Write(path, content, 0o644)
}

func (local) symlink(_ context.Context, target, path string) error {
	return atomicfile.Symlink(target, path)
}

// writeFiles links what is there with the same text, so that what a change costs follows the change.
func (local) writeFiles(_ context.Context, dir string, files, same map[string]string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range sortedKeys(files) {
		to := filepath.Join(dir, name)
		if from := same[name]; from != "" {
			if err := os.Link(from, to); err == nil || errors.Is(err, fs.ErrExist) {
				continue
			}
		}
		if err := atomicfile.Write(to, []byte(files[name]), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (local) remove(_ context.Context, path string) error { return os.RemoveAll(path) }

func (local) run(ctx context.Context, argv ...string) (int, []byte, []byte, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var output, diagnostics bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &diagnostics
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() >= 0 {
		return exit.ExitCode(), output.Bytes(), diagnostics.Bytes(), nil
	}
	if err != nil {
		return 0, nil, nil, fmt.Errorf("run %s: %w", argv[0], err)
	}
	return 0, output.Bytes(), diagnostics.Bytes(), nil
}

func (local) hangUp(_ context.Context, pid int) error { return syscall.Kill(pid, syscall.SIGHUP) }

func (local) processes(context.Context) (processes, error) { return proc{}, nil }

func (local) addresses(context.Context) ([]netip.Addr, error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("list local addresses: %w", err)
	}
	var addresses []netip.Addr
	for _, a := range all {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			addresses = append(addresses, prefix.Addr().Unmap())
		}
	}
	return addresses, nil
}

func (local) free(_ context.Context, port int) (bool, error) {
	l, err := net.Listen("tcp4", fmt.Sprintf(":%d", port))
	if err != nil {
		return false, nil //nolint:nilerr // that is the answer: somebody holds it
	}
	return true, l.Close()
}

func (local) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil, errRefused
	}
	return conn, err
}

func (local) sharesProc() bool { return true }

func (local) close() {}
