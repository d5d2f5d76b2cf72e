package docker

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

// The states of /proc/net/tcp (include/net/tcp_states.h of Linux).
const (
	tcpEstablished = "01"
	tcpListen      = "0A"
)

// socket is one line of /proc/PID/net/tcp or tcp6.
type socket struct {
	local, remote netip.AddrPort
	state         string
}

// readSockets reads the lines of one of these files, or of both one after the other. Lines with headings are passed
// over. As proc(5) has it: "  0: 0100007F:1F90 00000000:0000 0A …", each 32-bit word of an address in the host's order.
func readSockets(r io.Reader) ([]socket, error) {
	var sockets []socket
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasSuffix(fields[0], ":") {
			continue
		}
		local, err := readEndpoint(fields[1])
		if err != nil {
			return nil, err
		}
		remote, err := readEndpoint(fields[2])
		if err != nil {
			return nil, err
		}
		sockets = append(sockets, socket{local, remote, fields[3]})
	}
	return sockets, lines.Err()
}

func readEndpoint(s string) (netip.AddrPort, error) {
	address, port, _ := strings.Cut(s, ":")
	raw, err := hex.DecodeString(address)
	if err != nil || (len(raw) != 4 && len(raw) != 16) {
		return netip.AddrPort{}, fmt.Errorf("read %q of /proc/net/tcp: not an address", s)
	}
	number, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("read %q of /proc/net/tcp: not a port", s)
	}
	for i := 0; i < len(raw); i += 4 {
		binary.BigEndian.PutUint32(raw[i:], binary.NativeEndian.Uint32(raw[i:]))
	}
	ip, _ := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip.Unmap(), uint16(number)), nil
}

// peersOf are the remote addresses of the established connections to ports that are listened on, or that are among
// ports: a server that is shutting down listens no more.
func peersOf(sockets []socket, ports map[uint16]bool) []netip.Addr {
	own := make(map[uint16]bool, len(ports))
	for port := range ports {
		own[port] = true
	}
	for _, s := range sockets {
		if s.state == tcpListen {
			own[s.local.Port()] = true
		}
	}
	var peers []netip.Addr
	for _, s := range sockets {
		if s.state == tcpEstablished && own[s.local.Port()] {
			peers = append(peers, s.remote.Addr())
		}
	}
	return peers
}
