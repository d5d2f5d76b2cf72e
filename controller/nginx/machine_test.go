package nginx

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/nginx/ssh"
	"github.com/segue-dev/segue/controller/nginx/ssh/sshtest"
	"github.com/segue-dev/segue/spec"
)

// machines are both kinds; the remote one is this one, over ssh.
func machines(t *testing.T) map[string]machine {
	t.Helper()
	s := sshtest.New(t)
	host := ssh.New(ssh.Options{Address: "root@" + s.Address, IdentityFile: s.IdentityFile, KnownHosts: []string{s.KnownHosts}})
	t.Cleanup(host.Close)
	return map[string]machine{"local": local{}, "remote": &remote{host: host}}
}

// eachMachine holds both kinds to one contract.
func eachMachine(t *testing.T, hold func(t *testing.T, m machine)) {
	for name, m := range machines(t) {
		t.Run(name, func(t *testing.T) { hold(t, m) })
	}
}

// mustIn ends a test at the first thing that fails.
func mustIn(t *testing.T) func(what string, err error) {
	return func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

func TestMachineFiles(t *testing.T) {
	eachMachine(t, func(t *testing.T, m machine) {
		ctx, dir, must := t.Context(), filepath.Join(t.TempDir(), "it's a \"dir\""), mustIn(t)
		absent := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: got %v, want that it is not there", what, err)
			}
		}
		_, err := m.readFile(ctx, dir+"/x")
		absent("read in no directory", err)
		_, err = m.readDir(ctx, dir)
		absent("read no directory", err)
		must("make directories", m.makeDirs(ctx, dir+"/a/b", dir+"/flags"))
		_, err = m.readFile(ctx, dir+"/x")
		absent("read no file", err)
		_, err = m.readlink(ctx, dir+"/x")
		absent("read no link", err)
		if _, err := m.readFile(ctx, dir); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("read a directory as a file: got %v", err)
		}
		if _, err := m.readlink(ctx, dir+"/a"); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("read a directory as a link: got %v", err)
		}

		for _, content := range []string{"", "one\ntwo", "three\n\n\x00\xff"} {
			must("write", m.writeFile(ctx, dir+"/flags/x y", []byte(content)))
			got, err := m.readFile(ctx, dir+"/flags/x y")
			if err != nil || string(got) != content {
				t.Errorf("wrote %q, read %q (error %v)", content, got, err)
			}
		}
		if info, err := os.Stat(dir + "/flags/x y"); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("mode %v (error %v)", info.Mode(), err)
		}
		must("write", m.writeFile(ctx, dir+"/flags/empty", nil))
		files, err := m.readDir(ctx, dir+"/flags")
		if err != nil || len(files) != 2 || string(files["x y"]) != "three\n\n\x00\xff" || len(files["empty"]) != 0 {
			t.Errorf("read the directory as %q (error %v)", files, err)
		}
		times, err := m.written(ctx, dir+"/flags")
		if err != nil || len(times) != 2 || time.Since(times["x y"]) > time.Minute || time.Since(times["x y"]) < -time.Second {
			t.Errorf("written at %v (error %v)", times, err)
		}
		end, now, err := m.tail(ctx, dir+"/flags/x y", 3)
		if err != nil || string(end) != "\n\x00\xff" || time.Since(now).Abs() > 3*time.Second {
			t.Errorf("the end is %q at %s (error %v)", end, now, err)
		}
		if _, _, err := m.tail(ctx, "/dev/null", 3); err == nil {
			t.Error("the end of a device was read")
		}
	})
}

func TestMachineLinksAndDirectories(t *testing.T) {
	eachMachine(t, func(t *testing.T, m machine) {
		ctx, dir, must := t.Context(), filepath.Join(t.TempDir(), "it's a \"dir\""), mustIn(t)
		must("make directories", m.makeDirs(ctx, dir+"/a/b", dir+"/flags"))
		for _, to := range []string{"a", "flags"} {
			must("link", m.symlink(ctx, to, dir+"/current"))
			if got, err := m.readlink(ctx, dir+"/current"); err != nil || got != to {
				t.Errorf("the link is to %q (error %v), want %q", got, err, to)
			}
		}
		must("write many", m.writeFiles(ctx, dir+"/releases/1", map[string]string{"http.conf": "a", "o.inc": "b"}, nil))
		must("write many again", m.writeFiles(ctx, dir+"/releases/2", map[string]string{"http.conf": "c", "o.inc": "b"},
			map[string]string{"o.inc": dir + "/releases/1/o.inc"}))
		if files, err := m.readDir(ctx, dir+"/releases/2"); err != nil || string(files["http.conf"]) != "c" || string(files["o.inc"]) != "b" {
			t.Errorf("wrote the files as %q (error %v)", files, err)
		}
		must("remove", m.remove(ctx, dir+"/releases/1"))
		must("remove what is gone", m.remove(ctx, dir+"/releases/1"))
		if times, err := m.written(ctx, dir+"/releases"); err != nil || len(times) != 1 {
			t.Errorf("left are %v (error %v)", times, err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name()[0] == '.' }) {
			t.Errorf("left behind: %v (error %v)", entries, err)
		}
	})
}

func TestMachineProcesses(t *testing.T) {
	eachMachine(t, func(t *testing.T, m machine) {
		ctx := t.Context()
		code, output, diagnostics, err := m.run(ctx, "sh", "-c", "echo out; echo err >&2; exit 3")
		if err != nil || code != 3 || string(output) != "out\n" || string(diagnostics) != "err\n" {
			t.Errorf("got code %d, %q, %q, error %v", code, output, diagnostics, err)
		}
		if _, _, _, err := m.run(ctx, "segue-no-such-command"); err == nil {
			t.Error("what is not there was run")
		}
		all, err := m.processes(ctx)
		if err != nil {
			t.Fatal(err)
		}
		here, err := (proc{}).bootID()
		if err != nil {
			t.Fatal(err)
		}
		if boot, err := all.bootID(); err != nil || boot != here {
			t.Errorf("boot %q (error %v), want %q", boot, err, here)
		}
		if yes, err := isMaster(all, os.Getpid()); err != nil || yes {
			t.Errorf("the test is a master: %v, error %v", yes, err)
		}
		if alive(all, process{PID: os.Getpid(), Start: 1}) {
			t.Error("a process of another start time is alive")
		}
	})
}

func TestMachineAddressesAndPorts(t *testing.T) {
	eachMachine(t, func(t *testing.T, m machine) {
		ctx := t.Context()
		addresses, err := m.addresses(ctx)
		if err != nil {
			t.Fatal(err)
		}
		mine, err := (local{}).addresses(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range mine {
			if a.Is4() && !slices.Contains(addresses, a) {
				t.Errorf("%s is missing from %v", a, addresses)
			}
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		if free, err := m.free(ctx, port); err != nil || free {
			t.Errorf("a taken port is free: %v, error %v", free, err)
		}
		conn, err := m.dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(conn.Close(), l.Close()); err != nil {
			t.Fatal(err)
		}
		if free, err := m.free(ctx, port); err != nil || !free {
			t.Errorf("a free port is taken: %v, error %v", free, err)
		}
		if _, err := m.dial(ctx, "tcp", l.Addr().String()); !errors.Is(err, errRefused) {
			t.Errorf("dialled nobody: %v", err)
		}
	})
}

func TestAddressesOfTheTables(t *testing.T) {
	const text = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.85.0.0/24 2 0 2
        |-- 10.85.0.11
           /32 host LOCAL
        |-- 10.85.0.255
           /32 link BROADCAST
Local:
        |-- 10.85.0.11
           /32 host LOCAL
:
fe80000000000000021122fffe334455 02 40 20 80     eth0
`
	got := parseAddresses(text)
	if len(got) != 2 || got[0].String() != "10.85.0.11" || got[1].String() != "fe80::211:22ff:fe33:4455" {
		t.Errorf("got %v", got)
	}
}

func TestReasonsSayWhatToDo(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "/segue/swaps", Err: syscall.ENOSPC}
	c := &change{turns: []*turn{{site: &site{spec: spec.NginxSpec{ConfDir: "/segue"}}}}}
	for _, one := range []struct {
		err  error
		want string
	}{
		{full, "write /segue/swaps: no space left on device; what is served stays: make room on the file system of /segue, it is tried again every few seconds"},
		{complaintOf(ssh.Result{Code: 2, Diagnostics: []byte("tar: http.conf: Cannot write: No space left on device\ntar: Exiting with failure status due to previous errors\n")}),
			"tar: http.conf: Cannot write: No space left on device; what is served stays: make room on the file system of /segue, it is tried again every few seconds"},
		{errRefused, errRefused.Error()},
	} {
		if got := c.reasonOf(one.err); got != one.want {
			t.Errorf("got  %s\nwant %s", got, one.want)
		}
	}
}
