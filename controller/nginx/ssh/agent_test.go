package ssh_test

import (
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	cryptossh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/segue-dev/segue/controller/nginx/ssh"
	"github.com/segue-dev/segue/controller/nginx/ssh/sshtest"
)

// holding is an ssh agent with one key; it gives its socket.
func holding(t *testing.T, key any) string {
	t.Helper()
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "agent") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	var parts sync.WaitGroup
	parts.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			parts.Go(func() {
				_ = agent.ServeAgent(ring, conn) // it ends with its client
				_ = conn.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close() // once
		parts.Wait()
		_ = os.RemoveAll(dir)
	})
	return listener.Addr().String()
}

func TestTheAgentsKeyLetsIn(t *testing.T) {
	s := sshtest.New(t)
	text, err := os.ReadFile(s.IdentityFile)
	if err != nil {
		t.Fatal(err)
	}
	key, err := cryptossh.ParseRawPrivateKey(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.IdentityFile); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", t.TempDir()) // no key of this machine's
	byAgent := func(o *ssh.Options) { o.IdentityFile = "" }

	t.Setenv("SSH_AUTH_SOCK", "")
	if _, err := reach(t, s, byAgent).Run(t.Context(), `true`, nil); err == nil {
		t.Error("without its key and without an agent it was let in")
	}
	t.Setenv("SSH_AUTH_SOCK", holding(t, key))
	h := reach(t, s, byAgent)
	if got, err := h.Run(t.Context(), `exit 3`, nil); err != nil || got.Code != 3 {
		t.Errorf("with the agent's key: code %d, %v", got.Code, err)
	}
	h.Close() // so that the agent's socket is closed before the test waits for it
}
