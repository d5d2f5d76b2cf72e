package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Listen makes the socket: mode 0600, or 0660 for the group if one is named (whoever may write to it may start
// containers, so the group is as good as root). A socket file that a dead process left is removed; one at which
// somebody answers is a Refusal of kind Locked.
func Listen(ctx context.Context, socket, group string) (net.Listener, error) {
	gid := -1
	if group != "" {
		known, err := user.LookupGroup(group)
		if err != nil {
			return nil, &Refusal{Kind: Invalid, Message: fmt.Sprintf("no group %q on this machine; groupadd %s, or name another with --socket-group", group, group)}
		}
		if gid, err = strconv.Atoi(known.Gid); err != nil {
			return nil, fmt.Errorf("read id of group %s: %w", group, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
		return nil, fmt.Errorf("make directory of socket: %w", err)
	}
	if err := removeStale(ctx, socket); err != nil {
		return nil, err
	}
	listener, err := listenPrivately(ctx, socket)
	if err != nil {
		return nil, err
	}
	if gid >= 0 {
		err = errors.Join(os.Chown(socket, -1, gid), os.Chmod(socket, 0o660))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("give socket to group %s: %w", group, err), listener.Close())
	}
	return listener, nil
}

// listenPrivately makes the socket under another name and gives it its own when its mode is right: there is no moment
// in which others may connect.
func listenPrivately(ctx context.Context, socket string) (net.Listener, error) {
	making := fmt.Sprintf("%s.%d", socket, os.Getpid())
	var config net.ListenConfig
	made, err := config.Listen(ctx, "unix", making)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	listener := made.(*net.UnixListener)
	listener.SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(making, 0o600), os.Rename(making, socket)); err != nil {
		return nil, errors.Join(fmt.Errorf("make socket: %w", err), listener.Close(), os.Remove(making))
	}
	return &unlinking{Listener: listener, socket: socket}, nil
}

// unlinking removes the socket file when it is closed.
type unlinking struct {
	net.Listener
	socket string
}

func (u *unlinking) Close() error {
	if err := os.Remove(u.socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return errors.Join(err, u.Listener.Close())
	}
	return u.Listener.Close()
}

func removeStale(ctx context.Context, socket string) error {
	info, err := os.Lstat(socket)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at socket: %w", err)
	}
	if info.Mode()&os.ModeSocket == 0 {
		return &Refusal{Kind: Invalid, Message: fmt.Sprintf("%s is there and is no socket; name another with --socket", socket)}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "unix", socket)
	if err == nil {
		return errors.Join(&Refusal{Kind: Locked, Message: fmt.Sprintf("another process answers at %s; stop it, or name another socket with --socket", socket)}, connection.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("ask who answers at %s: %w", socket, err)
	}
	if err := os.Remove(socket); err != nil {
		return fmt.Errorf("remove stale socket: %w", err)
	}
	return nil
}
