package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	// dialTimeout bounds the connection and its handshake.
	dialTimeout = 5 * time.Second
	// restAfterDial and restAfterLogin are how long a machine is left alone that could not be reached, or that does not
	// let us in: everybody who asks meanwhile gets the same answer. The longer one, so that no guard of the machine
	// takes us for an intruder.
	restAfterDial  = 3 * time.Second
	restAfterLogin = 20 * time.Second
)

// Host is one machine. Its connection is made when it is needed first, and again after it broke.
type Host struct {
	options Options
	// turn is held while a connection is made.
	turn chan struct{}

	mu     sync.Mutex
	client *ssh.Client
	failed error
	until  time.Time
}

// New connects to nothing yet.
func New(options Options) *Host {
	return &Host{options: options, turn: make(chan struct{}, 1)}
}

// Close ends the connection; the next call makes another.
func (h *Host) Close() {
	h.mu.Lock()
	client := h.client
	h.client = nil
	h.mu.Unlock()
	if client != nil {
		_ = client.Close() // it may be broken, which is why it is closed
	}
}

// drop ends a connection that does not answer, unless another one took its place.
func (h *Host) drop(client *ssh.Client) {
	h.mu.Lock()
	if h.client == client {
		h.client = nil
	}
	h.mu.Unlock()
	_ = client.Close() // it is broken
}

// connect gives the connection.
func (h *Host) connect(ctx context.Context) (*ssh.Client, error) {
	select {
	case h.turn <- struct{}{}:
		defer func() { <-h.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("ssh %s: wait for a connection: %w", h.options.Address, context.Cause(ctx))
	}
	h.mu.Lock()
	client, failed, until := h.client, h.failed, h.until
	h.mu.Unlock()
	if client != nil {
		return client, nil
	}
	if failed != nil && time.Now().Before(until) {
		return nil, failed
	}
	client, rest, err := h.login(ctx)
	if err != nil {
		err = fmt.Errorf("ssh %s: %w", h.options.Address, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.client, h.failed, h.until = client, err, time.Now().Add(rest)
	return client, err
}

// login makes a connection. rest is how long not to try again when there is an error.
func (h *Host) login(ctx context.Context) (client *ssh.Client, rest time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	s, err := h.options.settle(ctx)
	if err != nil {
		return nil, restAfterDial, err
	}
	keys, err := readHostKeys(s.knownHosts)
	if err != nil {
		return nil, restAfterDial, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(s.host, strconv.Itoa(s.port)))
	if err != nil {
		return nil, restAfterDial, err
	}
	client, err = handshake(ctx, conn, s, keys, h.options.IdentityFile != "")
	if err != nil {
		return nil, restAfterLogin, errors.Join(err, conn.Close())
	}
	return client, 0, nil
}

func handshake(ctx context.Context, conn net.Conn, s settings, keys *hostKeys, named bool) (*ssh.Client, error) {
	if deadline, found := ctx.Deadline(); found {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, fmt.Errorf("set a deadline: %w", err)
		}
	}
	me := &identity{settings: s, named: named}
	me.open(ctx)
	defer me.close()
	known := s.host
	if s.alias != "" {
		known = s.alias
	}
	address := net.JoinHostPort(known, strconv.Itoa(s.port))
	var noKey error
	secured, channels, requests, err := ssh.NewClientConn(conn, address, &ssh.ClientConfig{
		User:              s.user,
		HostKeyCallback:   keys.verify,
		HostKeyAlgorithms: keys.algorithms(address),
		Auth: []ssh.AuthMethod{ssh.PublicKeysCallback(func() ([]ssh.Signer, error) {
			signers, err := me.signers()
			noKey = err
			return signers, err
		})},
	})
	switch {
	case keys.refused != nil:
		return nil, keys.refused
	case err != nil && noKey != nil:
		return nil, noKey
	case err != nil && me.trouble != nil:
		return nil, fmt.Errorf("%w (%w)", err, me.trouble)
	case err != nil:
		return nil, fmt.Errorf("log in as %s: %w", s.user, err)
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return nil, errors.Join(err, secured.Close())
	}
	return ssh.NewClient(secured, channels, requests), nil
}

// Dial connects to an address as the machine sees it. A refused connection is syscall.ECONNREFUSED.
func (h *Host) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	client, err := h.connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := client.DialContext(ctx, network, address)
	var closed *ssh.OpenChannelError
	switch {
	case err == nil:
		return conn, nil
	case !errors.As(err, &closed):
		if ctx.Err() == nil {
			h.drop(client)
		}
		return nil, fmt.Errorf("ssh %s: connect to %s there: %w", h.options.Address, address, err)
	case closed.Reason == ssh.ConnectionFailed && isRefusal(closed.Message):
		return nil, fmt.Errorf("ssh %s: connect to %s there: %w", h.options.Address, address, syscall.ECONNREFUSED)
	case closed.Reason == ssh.Prohibited:
		return nil, fmt.Errorf("ssh %s: sshd lets nobody connect to %s there: it needs AllowTcpForwarding local (or yes) for this user", h.options.Address, address)
	default:
		return nil, fmt.Errorf("ssh %s: connect to %s there: %w", h.options.Address, address, err)
	}
}

// isRefusal: OpenSSH gives strerror(ECONNREFUSED) as the reason of a channel that could not be opened (channels.c).
func isRefusal(message string) bool {
	return message == syscall.ECONNREFUSED.Error() || message == "Connection refused"
}
