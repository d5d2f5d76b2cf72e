package api

import (
	"context"
	"fmt"
	"net"
	"os/user"
	"strconv"
	"syscall"
)

// peerKey is the context key of a connection's peer.
type peerKey struct{}

// withPeer notes who is at the other end: the kernel says so (unix(7), SO_PEERCRED), the caller cannot.
func withPeer(ctx context.Context, connection net.Conn) context.Context {
	socket, ok := connection.(*net.UnixConn)
	if !ok {
		return ctx
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return ctx
	}
	var peer *syscall.Ucred
	if controlErr := raw.Control(func(fd uintptr) {
		peer, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); controlErr != nil || err != nil {
		return ctx
	}
	return context.WithValue(ctx, peerKey{}, UserName(peer.Uid))
}

// peerOf is the user name of the caller; "" when the kernel did not say.
func peerOf(ctx context.Context) string {
	name, _ := ctx.Value(peerKey{}).(string)
	return name
}

// UserName is the name of a user of this machine, "uid 1000" for one without a name.
func UserName(uid uint32) string {
	if uid == 0 {
		return "root" // also where there is no user database, as in segue's own image
	}
	if known, err := user.LookupId(strconv.FormatUint(uint64(uid), 10)); err == nil {
		return known.Username
	}
	return fmt.Sprintf("uid %d", uid)
}
