package git

import (
	"encoding/pem"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/controller/source/git/gittest"
)

// write makes a file of the test's and gives its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHTTPSWithToken(t *testing.T) {
	s := newShop(t)
	first := s.put("orders.yaml", "orders:1").Push("first")
	server := httptest.NewTLSServer(&gittest.HTTP{Root: filepath.Dir(s.Dir), Token: "t0ken"})
	defer server.Close()
	ca := write(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	token := write(t, "token", "wrong\n")
	applied := ""
	r := s.source(func(o *Options) { o.URL, o.CAFile, o.TokenFile = server.URL+"/shop.git", ca, token })
	r.Since(func() string { return applied })
	if got := told(r.look(t.Context(), false, false)); !strings.Contains(got, "authentication required") || !strings.Contains(got, "--git-token-file") || strings.Contains(got, "wrong") {
		t.Errorf("wrong token: %s", got)
	}
	if err := os.WriteFile(token, []byte("t0ken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := told(r.look(t.Context(), false, false)); got != "first by Ann | orders:1@orders.yaml:1" {
		t.Fatalf("read %s", got)
	}
	applied = first.String()
	if got := told(r.look(t.Context(), false, false)); got != "first by Ann | same" {
		t.Errorf("unchanged: %s", got)
	}
	for range 60 {
		s.Push("between")
	}
	s.put("orders.yaml", "orders:2").Push("later")
	if got := told(r.look(t.Context(), false, false)); got != "later by Ann | orders:2@orders.yaml:1" {
		t.Errorf("sixty commits later: %s", got)
	}
	s.put("orders.yaml", "orders:3").Push("forced", s.Commit("other root"))
	if got := told(r.look(t.Context(), false, false)); !strings.Contains(got, "was rewritten") {
		t.Errorf("forced: %s", got)
	}
	s.Drop("main")
	if got := told(r.look(t.Context(), false, false)); !strings.Contains(got, "branch main is not in") {
		t.Errorf("branch deleted: %s", got)
	}
	server.Close()
	if got := told(r.look(t.Context(), false, false)); !strings.Contains(got, "connection refused") || strings.Contains(got, "t0ken") {
		t.Errorf("server down: %s", got)
	}
	other := s.source(func(o *Options) { o.URL, o.TokenFile = server.URL+"/shop.git", filepath.Join(t.TempDir(), "none") })
	if got := told(other.look(t.Context(), false, false)); !strings.Contains(got, "read token file") {
		t.Errorf("no token file: %s", got)
	}
}

func TestUnknownCertificateIsRefused(t *testing.T) {
	s := newShop(t)
	s.put("orders.yaml", "orders:1").Push("first")
	server := httptest.NewTLSServer(&gittest.HTTP{Root: filepath.Dir(s.Dir)})
	defer server.Close()
	r := s.source(func(o *Options) { o.URL = server.URL + "/shop.git" })
	if got := told(r.look(t.Context(), false, false)); !strings.Contains(got, "certificate") {
		t.Errorf("read %s", got)
	}
}

// TestSSH: only a server whose key is known is talked to.
func TestSSH(t *testing.T) {
	s := newShop(t)
	s.put("orders.yaml", "orders:1").Push("first")
	server, err := gittest.NewSSH(filepath.Dir(s.Dir))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	stranger, err := gittest.NewSSH(filepath.Dir(s.Dir))
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	key := write(t, "key", string(server.ClientKey))
	_, strangersKey, _ := strings.Cut(stranger.HostKey, " ")
	place, _, _ := strings.Cut(server.HostKey, " ")
	for name, test := range map[string]struct{ known, key, want string }{
		"known":            {server.HostKey, key, "first by Ann | orders:1@orders.yaml:1"},
		"not known":        {stranger.HostKey, key, "is not among the known hosts: ssh-keyscan 127.0.0.1"},
		"another key":      {place + " " + strangersKey, key, "somebody may stand between"},
		"a key of nobody":  {server.HostKey, write(t, "other", string(stranger.ClientKey)), "unable to authenticate"},
		"no key file":      {server.HostKey, filepath.Join(t.TempDir(), "none"), "read ssh key"},
		"no file of hosts": {"", key, "read known hosts"},
	} {
		t.Run(name, func(t *testing.T) {
			known := filepath.Join(t.TempDir(), "absent")
			if test.known != "" {
				known = write(t, "known_hosts", test.known+"\n")
			}
			r := s.source(func(o *Options) {
				o.URL, o.SSHKeyFile, o.KnownHostsFile = "ssh://git@"+server.Address+"/shop.git", test.key, known
			})
			if got := told(r.look(t.Context(), false, false)); !strings.Contains(got, test.want) {
				t.Errorf("read %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestProxyOfTheEnvironment runs itself once more for each kind of URL: the environment is read once in a process.
func TestProxyOfTheEnvironment(t *testing.T) {
	if url := os.Getenv("SEGUE_TEST_PROXIED"); url != "" {
		r := newShop(t).source(func(o *Options) {
			o.URL, o.SSHKeyFile, o.KnownHostsFile = url, os.Getenv("SEGUE_TEST_KEY"), os.DevNull
		})
		_ = r.look(t.Context(), false, false) // the proxy says who was asked for
		return
	}
	keys, err := gittest.NewSSH(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	key := write(t, "key", string(keys.ClientKey))
	for variable, test := range map[string]struct{ scheme, url, first string }{
		"HTTPS_PROXY": {"http", "https://git.invalid/shop.git", "CONNECT git.invalid:443"},
		"ALL_PROXY":   {"socks5", "ssh://git@git.invalid/shop.git", "\x05"},
	} {
		proxy, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		heard := make(chan string, 1)
		go func() {
			connection, err := proxy.Accept()
			if err != nil {
				heard <- err.Error()
				return
			}
			text := make([]byte, 100)
			n, _ := connection.Read(text)
			_ = connection.Close()
			heard <- string(text[:n])
		}()
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyOfTheEnvironment$")
		again.Env = append(os.Environ(), "SEGUE_TEST_PROXIED="+test.url, "SEGUE_TEST_KEY="+key, variable+"="+test.scheme+"://"+proxy.Addr().String())
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", variable, err, out)
		}
		_ = proxy.Close()
		if got := <-heard; !strings.HasPrefix(got, test.first) {
			t.Errorf("%s: the proxy heard %q", variable, got)
		}
	}
}
