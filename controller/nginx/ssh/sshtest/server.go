// Package sshtest is an sshd for tests, in this process: it runs commands with this machine's sh as the user of the
// test, and connects to this machine's ports.
package sshtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Server is one machine with one host key that lets one key in.
type Server struct {
	// Address is HOST:PORT.
	Address string
	// IdentityFile is the private key that it lets in, KnownHosts a file with its host key.
	IdentityFile, KnownHosts string
	// Shell is what reads the commands; "sh" when empty. Before is run before each command.
	Shell  string
	Before func(command string)

	t        testing.TB
	config   *ssh.ServerConfig
	listener net.Listener
	parts    sync.WaitGroup

	mu       sync.Mutex
	open     map[net.Conn]bool
	commands []string
	logins   int
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, open: map[net.Conn]bool{}}
	dir := t.TempDir()
	host, _ := NewKey(t, filepath.Join(dir, "host"))
	client, file := NewKey(t, filepath.Join(dir, "identity"))
	s.IdentityFile = file
	s.config = &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(client.PublicKey().Marshal()) {
			return nil, errors.New("not a key of this machine")
		}
		return nil, nil
	}}
	s.config.AddHostKey(host)
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.Address = s.listener.Addr().String()
	s.KnownHosts = filepath.Join(dir, "known_hosts")
	WriteKnownHosts(t, s.KnownHosts, s.Address, host.PublicKey())
	s.parts.Go(s.accept)
	t.Cleanup(s.Stop)
	return s
}

// NewKey makes a key, writes it to a file, and gives both.
func NewKey(t testing.TB, file string) (ssh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer, file
}

// WriteKnownHosts writes a file with one line.
func WriteKnownHosts(t testing.TB, file, address string, key ssh.PublicKey) {
	t.Helper()
	line := knownhosts.Line([]string{knownhosts.Normalize(address)}, key) + "\n"
	if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Stop ends it, and every connection.
func (s *Server) Stop() {
	_ = s.listener.Close() // it may be closed already
	s.Cut()
	s.parts.Wait()
}

// Cut ends every connection.
func (s *Server) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.open {
		_ = conn.Close() // the point is that it ends
	}
}

// Commands are those that were run, as they came over the wire.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.commands...)
}

// Logins counts the connections that were let in.
func (s *Server) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.open[conn] = true
		s.mu.Unlock()
		s.parts.Go(func() {
			s.serve(conn)
			s.mu.Lock()
			delete(s.open, conn)
			s.mu.Unlock()
		})
	}
}

func (s *Server) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }() // the client sees it
	_, channels, requests, err := ssh.NewServerConn(conn, s.config)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.logins++
	s.mu.Unlock()
	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() { ssh.DiscardRequests(requests) })
	for asked := range channels {
		switch asked.ChannelType() {
		case "session":
			channel, requests, err := asked.Accept()
			if err != nil {
				return
			}
			parts.Go(func() { s.session(channel, requests) })
		case "direct-tcpip":
			parts.Go(func() { s.forward(asked) })
		default:
			_ = asked.Reject(ssh.UnknownChannelType, "") // the client sees it or is gone
		}
	}
}

func (s *Server) session(channel ssh.Channel, requests <-chan *ssh.Request) {
	defer func() { _ = channel.Close() }() // the client sees it
	for request := range requests {
		if request.Type != "exec" {
			_ = request.Reply(false, nil) // the client sees it or is gone
			continue
		}
		command := string(request.Payload[4:])
		_ = request.Reply(true, nil) // the client sees it or is gone
		s.mu.Lock()
		s.commands = append(s.commands, command)
		s.mu.Unlock()
		if s.Before != nil {
			s.Before(command)
		}
		shell := s.Shell
		if shell == "" {
			shell = "sh"
		}
		cmd := exec.Command(shell, "-c", command)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = channel, channel, channel.Stderr()
		code := uint32(0)
		var exit *exec.ExitError
		if err := cmd.Run(); errors.As(err, &exit) {
			code = uint32(exit.ExitCode())
		}
		_, _ = channel.SendRequest("exit-status", false, binary.BigEndian.AppendUint32(nil, code)) // the client sees it or is gone
		return
	}
}

func (s *Server) forward(asked ssh.NewChannel) {
	var to struct {
		Host     string
		Port     uint32
		FromHost string
		FromPort uint32
	}
	if err := ssh.Unmarshal(asked.ExtraData(), &to); err != nil {
		_ = asked.Reject(ssh.ConnectionFailed, err.Error()) // the client sees it or is gone
		return
	}
	conn, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: net.ParseIP(to.Host), Port: int(to.Port)})
	if err != nil {
		// As sshd says it: strerror.
		_ = asked.Reject(ssh.ConnectionFailed, "Connection refused") // the client sees it or is gone
		return
	}
	channel, requests, err := asked.Accept()
	if err != nil {
		_ = conn.Close() // nobody wants it
		return
	}
	var parts sync.WaitGroup
	parts.Go(func() { ssh.DiscardRequests(requests) })
	parts.Go(func() {
		_, _ = io.Copy(conn, channel) // either side may end it
		_ = conn.CloseWrite()
	})
	_, _ = io.Copy(channel, conn) // either side may end it
	_ = channel.Close()
	_ = conn.Close()
	parts.Wait()
}
