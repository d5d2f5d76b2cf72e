package conformance_test

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/controller/eureka/conformance"
	"github.com/segue-dev/segue/controller/eureka/registry"
	"github.com/segue-dev/segue/reconcile"
)

// running is a registry that can be replaced by an empty one.
type running struct {
	current atomic.Pointer[registry.Registry]
	address string
	begin   func()
}

func serve(t *testing.T, options registry.Options) *running {
	t.Helper()
	r := &running{}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	r.begin = func() {
		fresh := registry.New(options)
		r.current.Store(fresh)
		done.Go(func() { _ = fresh.Run(ctx) }) // it ends with ctx
	}
	r.begin()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { r.current.Load().ServeHTTP(w, q) }))
	t.Cleanup(func() {
		server.Close()
		cancel()
		done.Wait()
	})
	r.address = server.URL + "/eureka"
	return r
}

func TestTheEmbeddedRegistryConforms(t *testing.T) {
	const cache = 300 * time.Millisecond
	options := registry.Options{ResponseCache: cache, EvictionInterval: time.Hour}
	first, second := serve(t, options), serve(t, options)
	preserving := serve(t, registry.Options{ResponseCache: cache, EvictionInterval: 100 * time.Millisecond, SelfPreservation: true})
	conformance.Run(t, first.address, conformance.Options{
		ResponseCache: cache, Empty: true, EmptyNotFound: true, Expires: true,
		Preserving: preserving.address, Peer: second.address, Restart: first.begin,
		Converge: func(ctx context.Context, app, id string) error {
			peer, err := eureka.NewClient(second.address, eureka.ClientOptions{})
			if err != nil {
				return err
			}
			_, err = peer.Override(ctx, app, id, reconcile.LeaseOutOfService)
			return err
		},
	})
}

// Any server can be tested:
//
//	go test ./controller/eureka/conformance -run TestAServerConforms -server http://eureka-1:8761/eureka -response-cache 30s
var (
	address       = flag.String("server", "", "base of the server to be tested; segue's own without a cache when empty")
	peer          = flag.String("peer", "", "base of its peer, which follows it by itself")
	responseCache = flag.Duration("response-cache", 0, "interval of its read-only cache; 0: it has none")
	empty         = flag.Bool("empty", false, "nothing is registered there")
	expires       = flag.Bool("expires", false, "leases end there: its self-preservation is off")
	preserving    = flag.String("preserving", "", "base of another server, which is in self-preservation")
	restart       = flag.String("restart", "", "shell command that restarts the server empty and returns when it answers")
)

func TestAServerConforms(t *testing.T) {
	options := conformance.Options{
		ResponseCache: *responseCache, Empty: *empty, Expires: *expires, Preserving: *preserving, Peer: *peer,
	}
	if *restart != "" {
		options.Restart = func() {
			if out, err := exec.CommandContext(t.Context(), "sh", "-c", *restart).CombinedOutput(); err != nil {
				t.Fatalf("restart: %v: %s", err, out)
			}
		}
	}
	base := *address
	if base == "" {
		base = serve(t, registry.Options{ResponseCache: -1}).address + "/v2"
		options = conformance.Options{Empty: true, EmptyNotFound: true}
	}
	conformance.Run(t, base, options)
}
