package ssh_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/nginx/ssh"
	"github.com/segue-dev/segue/controller/nginx/ssh/sshtest"
)

// reach is the host as the manifest would name it, with the server's own known_hosts.
func reach(t *testing.T, s *sshtest.Server, change func(*ssh.Options)) *ssh.Host {
	t.Helper()
	o := ssh.Options{Address: "root@" + s.Address, IdentityFile: s.IdentityFile, KnownHosts: []string{s.KnownHosts}}
	if change != nil {
		change(&o)
	}
	h := ssh.New(o)
	t.Cleanup(h.Close)
	return h
}

func TestRunGivesOutputCodeAndInput(t *testing.T) {
	h := reach(t, sshtest.New(t), nil)
	input := bytes.Repeat([]byte("a line\x00\xff\n"), 100_000)
	got, err := h.Run(t.Context(), `cat; echo "to stderr: $1" >&2; exit 7`, input, "x y")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Output, input) || string(got.Diagnostics) != "to stderr: x y\n" || got.Code != 7 {
		t.Errorf("got %d bytes of output, diagnostics %q, code %d", len(got.Output), got.Diagnostics, got.Code)
	}
	if got, err = h.Run(t.Context(), `exit 255`, nil); err != nil || got.Code != 60 {
		t.Errorf("got code %d and error %v, want what is above 60 as 60", got.Code, err)
	}
}

func TestHostileArgumentsStayArguments(t *testing.T) {
	s := sshtest.New(t)
	h := reach(t, s, nil)
	mark := filepath.Join(t.TempDir(), "mark")
	hostile := []string{
		"", "a b", "'", `"`, `\`, "$(touch " + mark + ")", "`touch " + mark + "`", "'; touch " + mark + "; '", "a\nb\n", "!x", "-rf", "--", "*",
		"' )\ntouch " + mark + "\n( '", "é\xff", "${PATH}", "\r", "&", "|x", "\x1e",
	}
	got, err := h.Run(t.Context(), `printf '%s\000' "$@"`, nil, hostile...)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Join(hostile, "\x00") + "\x00"; string(got.Output) != want {
		t.Errorf("got %q\nwant %q", got.Output, want)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("an argument was run")
	}
	for _, command := range s.Commands() {
		if !strings.HasPrefix(command, `exec sh -c 'eval "$(dd bs=1 count=`) || strings.Contains(command, "touch") {
			t.Errorf("the login shell read %q", command)
		}
	}
	if _, err := h.Run(t.Context(), `true`, nil, "a\x00b"); err == nil || !strings.Contains(err.Error(), "zero byte") {
		t.Errorf("got error %v, want one about the zero byte", err)
	}
}

func TestSudoThatRefusesIsNoExitCode(t *testing.T) {
	dir := t.TempDir()
	sudo := "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "sudo"), []byte(sudo), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	s := sshtest.New(t)
	h := reach(t, s, func(o *ssh.Options) { o.Sudo = true })
	_, err := h.Run(t.Context(), `true`, nil)
	if err == nil || !strings.Contains(err.Error(), "sudo: a password is required") {
		t.Errorf("got error %v", err)
	}
	if got := s.Commands()[0]; !strings.HasPrefix(got, "exec sudo -n -- sh -c ") {
		t.Errorf("the login shell read %q", got)
	}
}

func TestHostKeys(t *testing.T) {
	s := sshtest.New(t)
	stranger, _ := sshtest.NewKey(t, filepath.Join(t.TempDir(), "stranger"))
	other := filepath.Join(t.TempDir(), "other")
	sshtest.WriteKnownHosts(t, other, s.Address, stranger.PublicKey())
	nobody := filepath.Join(t.TempDir(), "nobody")
	sshtest.WriteKnownHosts(t, nobody, "203.0.113.1:22", stranger.PublicKey())
	revoked := filepath.Join(t.TempDir(), "revoked")
	known, err := os.ReadFile(s.KnownHosts)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(revoked, append([]byte("@revoked * "), known[bytes.Index(known, []byte("ssh-ed25519")):]...), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ file, want string }{
		"another key":    {other, "is not the one of " + other + ":1: somebody else may answer there"},
		"an unknown one": {nobody, "is not in " + nobody + ": compare it on the machine"},
		"a revoked one":  {revoked, "is revoked (" + revoked + ":1)"},
		"no file":        {filepath.Join(t.TempDir(), "none"), "there is no known_hosts ("},
	} {
		t.Run(name, func(t *testing.T) {
			h := reach(t, s, func(o *ssh.Options) { o.KnownHosts = []string{c.file} })
			_, err := h.Run(t.Context(), `true`, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %q in it", err, c.want)
			}
		})
	}
	if s.Logins() != 0 || len(s.Commands()) != 0 {
		t.Errorf("%d logins and commands %q although no host key was right", s.Logins(), s.Commands())
	}
}

func TestWrongKeyIsToldAndNotTriedAgainAtOnce(t *testing.T) {
	s := sshtest.New(t)
	_, wrong := sshtest.NewKey(t, filepath.Join(t.TempDir(), "wrong"))
	h := reach(t, s, func(o *ssh.Options) { o.IdentityFile = wrong })
	_, first := h.Run(t.Context(), `true`, nil)
	if first == nil || !strings.Contains(first.Error(), "log in as root") || !strings.Contains(first.Error(), s.Address) {
		t.Errorf("got error %v", first)
	}
	s.Stop()
	if _, again := h.Run(t.Context(), `true`, nil); !errors.Is(again, first) {
		t.Errorf("got %v, want the same answer without asking", again)
	}
	for file, want := range map[string]string{"/nonexistent/key": "read identity file", s.KnownHosts: "read identity file"} {
		h := reach(t, sshtest.New(t), func(o *ssh.Options) { o.IdentityFile = file })
		if _, err := h.Run(t.Context(), `true`, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v", file, err)
		}
	}
}

func TestCallEndsWithItsContextAndTheNextConnectsAnew(t *testing.T) {
	s := sshtest.New(t)
	h := reach(t, s, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := h.Run(ctx, `exec sleep 3`, nil)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 2*time.Second {
		t.Errorf("got %v after %s", err, time.Since(began))
	}
	if _, err := h.Run(t.Context(), `true`, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Run(t.Context(), `true`, nil); err != nil || s.Logins() != 2 {
		t.Errorf("%d logins (error %v), want one before the deadline and one after", s.Logins(), err)
	}
	s.Cut()
	// The first call after the cut may see it or not, the second makes a connection.
	_, _ = h.Run(t.Context(), `true`, nil)
	if _, err := h.Run(t.Context(), `true`, nil); err != nil {
		t.Errorf("after a cut: %v", err)
	}
}

func TestSilentMachine(t *testing.T) {
	// It takes connections and says nothing.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := sshtest.New(t)
	h := reach(t, s, func(o *ssh.Options) { o.Address = l.Addr().String() })
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := h.Run(ctx, `true`, nil); err == nil || time.Since(began) > 3*time.Second {
		t.Errorf("got %v after %s", err, time.Since(began))
	}
}

func TestDial(t *testing.T) {
	h := reach(t, sshtest.New(t), nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := h.Dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(conn.Close(), l.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Dial(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v, want a refused connection", err)
	}
}

func TestParseAddress(t *testing.T) {
	for address, want := range map[string]struct {
		user, host string
		port       int
		bad        bool
	}{
		"web-1":              {"", "web-1", 0, false},
		"ubuntu@web-1:2222":  {"ubuntu", "web-1", 2222, false},
		"root@[2001:db8::1]": {"root", "2001:db8::1", 0, false},
		"[2001:db8::1]:22":   {"", "2001:db8::1", 22, false},
		"@web-1":             {bad: true},
		"ubuntu@":            {bad: true},
		"web-1:0":            {bad: true},
		"web-1:ssh":          {bad: true},
	} {
		user, host, port, err := ssh.ParseAddress(address)
		if (err != nil) != want.bad || !want.bad && (user != want.user || host != want.host || port != want.port) {
			t.Errorf("%s: got %q %q %d, error %v", address, user, host, port, err)
		}
	}
}
