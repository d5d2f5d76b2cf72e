package gittest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// SSH serves the repositories below a directory over ssh, for reading, to one key.
type SSH struct {
	// Address is HOST:PORT, HostKey the server's public key as a line of a known hosts file, ClientKey the private key
	// that may log in, in PEM.
	Address   string
	HostKey   string
	ClientKey []byte
	// Program is what serves instead of a server of the test's own, as git-upload-pack; it gets the repository's path.
	Program string

	root     string
	config   *ssh.ServerConfig
	listener net.Listener
	serving  sync.WaitGroup
}

// NewSSH listens on loopback; Close ends it.
func NewSSH(root string) (*SSH, error) {
	_, hostPrivate, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	host, err := ssh.NewSignerFromSigner(hostPrivate)
	if err != nil {
		return nil, err
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(private, "test")
	if err != nil {
		return nil, err
	}
	client, err := ssh.NewPublicKey(public)
	if err != nil {
		return nil, err
	}
	s := &SSH{root: root, ClientKey: pem.EncodeToMemory(block)}
	s.config = &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(client.Marshal()) {
			return nil, errors.New("unknown key")
		}
		return &ssh.Permissions{}, nil
	}}
	s.config.AddHostKey(host)
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	s.Address = s.listener.Addr().String()
	_, port, _ := net.SplitHostPort(s.Address)
	s.HostKey = "[127.0.0.1]:" + port + " " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(host.PublicKey())))
	s.serving.Go(s.accept)
	return s, nil
}

// Close ends the server and its connections.
func (s *SSH) Close() {
	_ = s.listener.Close() // it only listened
	s.serving.Wait()
}

func (s *SSH) accept() {
	for {
		connection, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.serving.Go(func() {
			defer func() { _ = connection.Close() }()
			_, channels, requests, err := ssh.NewServerConn(connection, s.config)
			if err != nil {
				return
			}
			go ssh.DiscardRequests(requests)
			for offered := range channels {
				channel, requests, err := offered.Accept()
				if err != nil {
					return
				}
				s.serve(channel, requests)
			}
		})
	}
}

// serve answers one git-upload-pack.
func (s *SSH) serve(channel ssh.Channel, requests <-chan *ssh.Request) {
	defer func() { _ = channel.Close() }()
	for request := range requests {
		if request.Type != "exec" {
			_ = request.Reply(false, nil)
			continue
		}
		var wanted struct{ Command string }
		_ = ssh.Unmarshal(request.Payload, &wanted)
		_ = request.Reply(true, nil)
		path := strings.Trim(strings.TrimPrefix(wanted.Command, "git-upload-pack "), "'")
		code := uint32(0)
		err := s.run(path, channel)
		if s.Program == "" {
			err = advertise(context.Background(), s.root, path, channel, nil)
			if err == nil {
				err = upload(context.Background(), s.root, path, channel, channel)
			}
			_, _ = io.Copy(io.Discard, channel) // the client says done after it has asked, and does not like to be cut off before
		}
		if err != nil {
			code = 128
			_, _ = channel.Stderr().Write([]byte("fatal: " + err.Error() + "\n"))
		}
		_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{code}))
		return
	}
}

// run has the program serve; it does nothing where there is none.
func (s *SSH) run(path string, channel ssh.Channel) error {
	if s.Program == "" {
		return nil
	}
	command := exec.Command(s.Program, filepath.Join(s.root, path)) // #nosec G204 -- a test's own server
	command.Stdin, command.Stdout, command.Stderr = channel, channel, channel.Stderr()
	return command.Run()
}
