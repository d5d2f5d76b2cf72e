package testbed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// SSHServer is OpenSSH's sshd on loopback. It lets whoever runs the tests in, with one key.
type SSHServer struct {
	// Address is HOST:PORT, User who may log in with the private key in the file Identity. KnownHosts is a file with the
	// server's own key.
	Address, User, Identity, KnownHosts string

	dir     string
	command *exec.Cmd
}

// NewSSHServer starts one that keeps what it needs in a directory; Stop ends it.
func NewSSHServer(ctx context.Context, dir string) (*SSHServer, error) {
	account, err := user.Current()
	if err != nil {
		return nil, fmt.Errorf("find who runs this: %w", err)
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s := &SSHServer{Address: address, User: account.Username, Identity: filepath.Join(dir, "client"), KnownHosts: filepath.Join(dir, "known_hosts"), dir: dir}
	host := filepath.Join(dir, "host")
	for _, key := range []string{host, s.Identity} {
		if err := command(ctx, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", key); err != nil {
			return nil, err
		}
	}
	public, err := os.ReadFile(host + ".pub")
	if err != nil {
		return nil, fmt.Errorf("read host key: %w", err)
	}
	ip, port, _ := net.SplitHostPort(address)
	for file, text := range map[string]string{
		s.KnownHosts: fmt.Sprintf("[%s]:%s %s\n", ip, port, strings.TrimSpace(string(public))),
		filepath.Join(dir, "sshd_config"): fmt.Sprintf("ListenAddress %s\nHostKey %s\nAuthorizedKeysFile %s.pub\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nUsePAM no\nPidFile none\n",
			address, host, s.Identity),
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("write %s: %w", file, err)
		}
	}
	return s, s.Start(ctx)
}

// freeAddress is one on loopback on which nobody listens now.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

// Start starts the process again, at the same address, and returns when it answers.
func (s *SSHServer) Start(ctx context.Context) error {
	if os.Getuid() == 0 {
		// sshd insists on it where it is root; only a boot makes it.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			return fmt.Errorf("make directory: %w", err)
		}
	}
	s.command = exec.Command("/usr/sbin/sshd", "-D", "-f", filepath.Join(s.dir, "sshd_config"), "-E", filepath.Join(s.dir, "sshd.log"))
	s.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.command.Start(); err != nil {
		return fmt.Errorf("start sshd: %w", err)
	}
	ctx, done := context.WithTimeout(ctx, 20*time.Second)
	defer done()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Address)
		if err == nil {
			return conn.Close()
		}
		if !Pause(ctx, 20*time.Millisecond) {
			log, _ := os.ReadFile(filepath.Join(s.dir, "sshd.log"))
			return errors.Join(fmt.Errorf("sshd does not answer: %w: %s", err, log), s.Stop())
		}
	}
}

// Stop ends the process; connections that are open go on.
func (s *SSHServer) Stop() error {
	if s.command == nil {
		return nil
	}
	if err := s.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end sshd: %w", err)
	}
	_ = s.command.Wait() // it was killed
	s.command = nil
	return nil
}
