//go:build git

package git

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/source/git/gittest"
)

// realRepository is a bare repository that git itself makes and serves. Each commit replaces one file of 64 KiB that
// cannot be compressed.
type realRepository struct {
	t    *testing.T
	dir  string
	next int
}

const largeFile = 64 << 10

func newRealRepository(t *testing.T) *realRepository {
	t.Helper()
	r := &realRepository{t: t, dir: filepath.Join(t.TempDir(), "shop.git")}
	r.git("", "init", "--quiet", "--bare", "--initial-branch=main", r.dir)
	return r
}

func (r *realRepository) git(in string, args ...string) string {
	r.t.Helper()
	command := exec.CommandContext(r.t.Context(), "git", args...)
	command.Stdin = strings.NewReader(in)
	command.Env = append(os.Environ(), "HOME="+r.t.TempDir(), "GIT_CONFIG_NOSYSTEM=1")
	out, err := command.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit adds commits to main, on its tip or, with a parent, on that, and gives the last one's hash.
func (r *realRepository) commit(count int, parent string) string {
	r.t.Helper()
	source := rand.NewChaCha8([32]byte{byte(r.next), byte(r.next >> 8)})
	var stream bytes.Buffer
	for i := range count {
		r.next++
		content := make([]byte, largeFile)
		_, _ = source.Read(content)
		manifest := fmt.Sprintf("apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: orders}\nspec:\n  template:\n    image: orders:%d\n", r.next)
		message := fmt.Sprintf("Release %d", r.next)
		fmt.Fprintf(&stream, "commit refs/heads/main\ncommitter Ann <ann@shop> %d +0000\ndata %d\n%s\n", 1772366400+r.next, len(message), message)
		switch {
		case i > 0 || r.next == 1:
		case parent != "":
			fmt.Fprintf(&stream, "from %s\n", parent)
		default:
			fmt.Fprint(&stream, "from refs/heads/main^0\n")
		}
		fmt.Fprintf(&stream, "M 100644 inline orders.yaml\ndata %d\n%s\nM 100644 inline large\ndata %d\n", len(manifest), manifest, len(content))
		stream.Write(content)
		stream.WriteString("\n")
	}
	r.git(stream.String(), "-C", r.dir, "fast-import", "--quiet", "--force")
	return r.git("", "-C", r.dir, "rev-parse", "main")
}

// wire is git's own server over http, which counts what it sends and notes how deep it is asked to.
type wire struct {
	cgi.Handler
	mu     sync.Mutex
	sent   int
	depths []string
}

var deepen = regexp.MustCompile(`deepen (\d+)`)

func (w *wire) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	body, err := io.ReadAll(in.Body)
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	in.Body, in.ContentLength, in.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	w.mu.Lock()
	if depth := deepen.FindSubmatch(body); depth != nil {
		w.depths = append(w.depths, string(depth[1]))
	} else if in.Method == http.MethodPost {
		w.depths = append(w.depths, "all")
	}
	w.mu.Unlock()
	w.Handler.ServeHTTP(&counting{ResponseWriter: out, wire: w}, in)
}

type counting struct {
	http.ResponseWriter
	wire *wire
}

func (c *counting) Write(p []byte) (int, error) {
	c.wire.mu.Lock()
	c.wire.sent += len(p)
	c.wire.mu.Unlock()
	return c.ResponseWriter.Write(p)
}

// taken is what went over the wire since it was asked last.
func (w *wire) taken() (depths string, sent int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	depths, sent = strings.Join(w.depths, " "), w.sent
	w.depths, w.sent = nil, 0
	return depths, sent
}

// heap is the most that the heap gains until the function is called that it gives.
func heap(ctx context.Context) func() int64 {
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	ctx, stop := context.WithCancel(ctx)
	most := make(chan int64)
	go func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		var peak int64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, int64(m.HeapAlloc)-int64(before.HeapAlloc))
			select {
			case <-tick.C:
			case <-ctx.Done():
				most <- peak
				return
			}
		}
	}()
	return func() int64 { stop(); return <-most }
}

// TestRealServerIsAskedForLittle: 300 commits of 64 KiB each; what goes over the wire, and what it takes of memory.
func TestRealServerIsAskedForLittle(t *testing.T) {
	repository := newRealRepository(t)
	first := repository.commit(1, "")
	repository.commit(299, "")
	backend := filepath.Join(repository.git("", "--exec-path"), "git-http-backend")
	w := &wire{Handler: cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(repository.dir), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "HOME=" + t.TempDir()}}}
	server := httptest.NewServer(w)
	defer server.Close()
	applied := ""
	dir := filepath.Join(t.TempDir(), "work")
	r, err := New(Options{URL: server.URL + "/shop.git", Dir: dir, Interval: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	r.Since(func() string { return applied })
	look := func(what, want, depths string, atMost int) {
		t.Helper()
		peak := heap(t.Context())
		got := told(r.look(t.Context(), false, false))
		most := peak()
		asked, sent := w.taken()
		t.Logf("%s: asked for %s, got %d KiB, the heap gained %d MiB", what, asked, sent>>10, most>>20)
		if !strings.Contains(got, want) || asked != depths || sent > atMost || most > 16<<20 {
			t.Errorf("%s: read %s\nasked for %q, want %q; got %d bytes, want at most %d; heap %d", what, got, asked, depths, sent, atMost, most)
		}
		if left, err := os.ReadDir(dir); err != nil && !os.IsNotExist(err) || len(left) > 0 {
			t.Errorf("%s: left behind %v, %v", what, left, err)
		}
	}
	look("first", "Release 300 by Ann | orders:300@orders.yaml:1", "1", 3*largeFile)
	applied = repository.git("", "-C", repository.dir, "rev-parse", "main")
	look("unchanged", "Release 300 by Ann | same", "", 8<<10)
	repository.commit(3, "")
	look("three commits later", "Release 303 by Ann | orders:303@orders.yaml:1", "50", 52*largeFile)
	applied = repository.git("", "-C", repository.dir, "rev-parse", "main")
	repository.commit(60, "")
	look("sixty commits later", "Release 363 by Ann | orders:363@orders.yaml:1", "50 all", 480*largeFile)
	applied = repository.git("", "-C", repository.dir, "rev-parse", "main")
	repository.commit(1, first)
	look("rewritten", "was rewritten: it is at", "50 all", 480*largeFile)
	look("rewritten still", "was rewritten: it is at", "", 8<<10)
}

// TestRealServerOverSSH: the same over ssh.
func TestRealServerOverSSH(t *testing.T) {
	repository := newRealRepository(t)
	repository.commit(120, "")
	server, err := gittest.NewSSH(filepath.Dir(repository.dir))
	if err != nil {
		t.Fatal(err)
	}
	server.Program = "git-upload-pack"
	defer server.Close()
	applied := ""
	r, err := New(Options{
		URL: "ssh://git@" + server.Address + "/shop.git", Dir: filepath.Join(t.TempDir(), "work"), Interval: time.Hour,
		SSHKeyFile: write(t, "key", string(server.ClientKey)), KnownHostsFile: write(t, "known", server.HostKey+"\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Since(func() string { return applied })
	for _, test := range []struct {
		more   int
		parent string
		want   string
	}{
		{0, "", "Release 120 by Ann | orders:120@orders.yaml:1"},
		{2, "", "Release 122 by Ann | orders:122@orders.yaml:1"},
		{70, "", "Release 192 by Ann | orders:192@orders.yaml:1"},
		{1, "main~100", "was rewritten"},
	} {
		if test.more > 0 {
			applied = repository.git("", "-C", repository.dir, "rev-parse", "main")
			parent := test.parent
			if parent != "" {
				parent = repository.git("", "-C", repository.dir, "rev-parse", parent)
			}
			repository.commit(test.more, parent)
		}
		if got := told(r.look(t.Context(), false, false)); !strings.Contains(got, test.want) {
			t.Errorf("read %s\nwant %s", got, test.want)
		}
	}
}
