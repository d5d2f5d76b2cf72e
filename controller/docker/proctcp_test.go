package docker

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

const tcpTable = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0B00007F:A2C1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 1400530A:1F90 0000530A:C001 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
   2: 1400530A:1F90 0500530A:C002 06 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
   3: 1400530A:D431 0600530A:1538 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1
`

const tcp6Table = `  sl  local_address                         remote_address                        st tx_queue rx_queue
   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   1: 0000000000000000FFFF00001400530A:1F90 0000000000000000FFFF00000700530A:C003 01 00000000:00000000 00:00000000
   2: B80D0120000000000000000001000000:1F90 B80D0120000000000000000002000000:C004 01 00000000:00000000 00:00000000
   3: 1400530A:2382 0800530A:C005 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1
`

func TestPeersAreThoseOfTheListeningPorts(t *testing.T) {
	sockets, err := readSockets(strings.NewReader(tcpTable + tcp6Table))
	if err != nil || len(sockets) != 8 {
		t.Fatalf("%d sockets, %v", len(sockets), err)
	}
	peers := func(ports map[uint16]bool) []string {
		var texts []string
		for _, peer := range peersOf(sockets, ports) {
			texts = append(texts, peer.String())
		}
		return texts
	}
	// 8080 is listened on; the connection to port 5432 is the instance's own, the one in TIME_WAIT is over.
	if got := peers(nil); !slices.Equal(got, []string{"10.83.0.0", "10.83.0.7", "2001:db8::2"}) {
		t.Errorf("peers %v", got)
	}
	// A server that shuts down has closed its listener on 9090.
	if got := peers(map[uint16]bool{9090: true}); !slices.Contains(got, "10.83.0.8") {
		t.Errorf("peers %v", got)
	}
	if _, err := readSockets(strings.NewReader("   0: nonsense nonsense 01\n")); err == nil {
		t.Error("nonsense is no socket")
	}
	if ap, err := readEndpoint("0100007F:0050"); err != nil || ap != netip.MustParseAddrPort("127.0.0.1:80") {
		t.Errorf("%s %v", ap, err)
	}
}
