package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestReadinessHasHysteresis(t *testing.T) {
	watching(t, func(t *testing.T, p *Prober, who *patient) {
		who.falls("ready", errExit)
		probe := command("ready", 10, 3)
		probe.SuccessThreshold = ptr(2)
		p.Watch("d", []reconcile.ProbeTarget{{Instance: "a", Readiness: probe}})

		after(1) // asked at 0 s and 1 s
		if got := p.Health("a"); got.Ready != reconcile.Unknown || got.Failures != 2 || !got.Started {
			t.Fatalf("after two failures: %+v", got)
		}
		after(1)
		if got := p.Health("a"); got.Ready != reconcile.No || got.Last != "exec ready → exit 1 ill" {
			t.Fatalf("after three failures: %+v", got)
		}
		who.falls("ready", nil)
		after(1)
		if got := p.Health("a"); got.Ready != reconcile.No {
			t.Fatalf("one success of two made it ready: %+v", got)
		}
		after(10) // a success has been seen: the period counts from now on
		since := p.Health("a").Since
		if got := p.Health("a"); got.Ready != reconcile.Yes {
			t.Fatalf("two successes did not make it ready: %+v", got)
		}
		who.falls("ready", errExit)
		after(20)
		if got := p.Health("a"); got.Ready != reconcile.Yes || got.Failures != 2 || !got.Since.Equal(since) {
			t.Fatalf("two failures of three: %+v", got)
		}
		after(10)
		if got := p.Health("a"); got.Ready != reconcile.No || !got.Since.After(since) {
			t.Fatalf("three failures: %+v", got)
		}
		want := []time.Duration{0, 1, 2, 3, 13, 23, 33, 43}
		got := who.times("ready")
		for i := range want {
			want[i] *= time.Second
		}
		if !slices.Equal(got, want) {
			t.Errorf("asked at %v, want %v", got, want)
		}
	})
}

func TestAFaultOnSeguesSideCountsForNothing(t *testing.T) {
	watching(t, func(t *testing.T, p *Prober, who *patient) {
		p.Watch("d", []reconcile.ProbeTarget{{Instance: "a", Readiness: command("ready", 1, 2)}})
		after(0)
		who.falls("ready", errors.New("connect to the engine: no such file"))
		after(100)
		got := p.Health("a")
		if got.Ready != reconcile.Yes || got.Failures != 0 || !strings.Contains(got.Last, "not asked: connect to the engine") {
			t.Errorf("%+v", got)
		}
	})
}

func TestBornReadyLosesItOnlyByFailuresOfItsOwn(t *testing.T) {
	watching(t, func(t *testing.T, p *Prober, who *patient) {
		startup := command("startup", 1, 1)
		ready := command("ready", 10, 3)
		ready.InitialDelaySeconds = ptr(60)
		warmup := []spec.Warmup{{Path: "/"}}
		who.falls("ready", errExit)
		p.Watch("d", []reconcile.ProbeTarget{{Instance: "a", BornReady: true, Startup: startup, Readiness: ready, Warmup: warmup}})
		if got := p.Health("a"); got.Ready != reconcile.Yes || !got.Started || got.Warm.State != reconcile.WishDone {
			t.Fatalf("at birth: %+v", got)
		}
		after(10)
		if got := p.Health("a"); got.Ready != reconcile.Yes || got.Failures != 2 {
			t.Fatalf("after two failures: %+v", got)
		}
		after(10)
		if got := p.Health("a"); got.Ready != reconcile.No {
			t.Fatalf("after three failures: %+v", got)
		}
		p.Watch("d", []reconcile.ProbeTarget{{Instance: "a", BornReady: true, Startup: startup, Readiness: ready, Warmup: warmup}})
		if got := p.Health("a"); got.Ready != reconcile.No {
			t.Errorf("it was born twice: %+v", got)
		}
		if len(who.times("startup")) != 0 {
			t.Error("the startup probe of a running instance was asked")
		}
	})
}

func TestTheStartupProbeHoldsTheOthers(t *testing.T) {
	watching(t, func(t *testing.T, p *Prober, who *patient) {
		who.falls("startup", errExit)
		startup := command("startup", 5, 4)
		startup.InitialDelaySeconds = ptr(3)
		p.Watch("d", []reconcile.ProbeTarget{{Instance: "a", Startup: startup, Readiness: command("ready", 10, 3), Liveness: command("live", 10, 3)}})
		after(6) // asked at 3, 4, 5 and 6 s
		if got := p.Health("a"); got.Ready != reconcile.No || got.Started || got.Failures != 4 {
			t.Fatalf("while starting: %+v", got)
		}
		if len(who.times("ready"))+len(who.times("live")) != 0 {
			t.Fatal("others were asked before the startup probe had passed")
		}
		who.falls("startup", nil)
		after(1)
		if got := p.Health("a"); got.Ready != reconcile.Yes || !got.Started || got.Alive != reconcile.Yes {
			t.Errorf("started: %+v", got)
		}
		after(100)
		if got := len(who.times("startup")); got != 5 {
			t.Errorf("the startup probe was asked %d times", got)
		}
	})
}

func TestLivenessIsAVerdictOfItsOwn(t *testing.T) {
	watching(t, func(t *testing.T, p *Prober, who *patient) {
		p.Watch("d", []reconcile.ProbeTarget{{Instance: "a", Liveness: command("live", 10, 2)}})
		after(0)
		if got := p.Health("a"); got.Ready != reconcile.Yes || got.Alive != reconcile.Yes {
			t.Fatalf("without a readiness probe: %+v", got)
		}
		who.falls("live", errExit)
		after(20)
		if got := p.Health("a"); got.Ready != reconcile.Yes || got.Alive != reconcile.No || got.Last != "exec live → exit 1 ill" {
			t.Errorf("dead: %+v", got)
		}
	})
}

func TestTheImagesOwnVerdictPassesThrough(t *testing.T) {
	watching(t, func(t *testing.T, p *Prober, who *patient) {
		for _, verdict := range []reconcile.Tri{reconcile.Unknown, reconcile.Yes, reconcile.No} {
			p.Watch("d", []reconcile.ProbeTarget{{Instance: "a", UseImageHealth: true, ImageHealth: verdict}})
			after(1)
			if got := p.Health("a"); got.Ready != verdict {
				t.Errorf("image says %v: %+v", verdict, got)
			}
		}
	})
}

func TestWhatIsNotWatchedIsForgotten(t *testing.T) {
	watching(t, func(t *testing.T, p *Prober, who *patient) {
		p.Watch("d", []reconcile.ProbeTarget{{Instance: "a", Readiness: command("ready", 10, 3)}})
		after(0)
		p.Watch("d", nil)
		if got := p.Health("a"); got != (reconcile.Health{}) {
			t.Errorf("%+v", got)
		}
		after(100)
		if got := len(who.times("ready")); got != 1 {
			t.Errorf("asked %d times", got)
		}
	})
}

func TestAnotherProbeKeepsTheVerdictAndAnotherContainerDoesNot(t *testing.T) {
	watching(t, func(t *testing.T, p *Prober, who *patient) {
		who.falls("other", errExit)
		p.Watch("d", []reconcile.ProbeTarget{{Instance: "a", ContainerID: "1", Readiness: command("ready", 10, 3)}})
		after(0)
		p.Watch("d", []reconcile.ProbeTarget{{Instance: "a", ContainerID: "1", Readiness: command("other", 10, 3)}})
		after(0)
		if got := p.Health("a"); got.Ready != reconcile.Yes || got.Failures != 1 {
			t.Errorf("another probe: %+v", got)
		}
		p.Watch("d", []reconcile.ProbeTarget{{Instance: "a", ContainerID: "2", Readiness: command("other", 10, 3)}})
		after(0)
		if got := p.Health("a"); got.Ready != reconcile.Unknown {
			t.Errorf("another container: %+v", got)
		}
	})
}

func TestWarmUpIsSentInOrderAndRepeatedUntilItSucceeds(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	cold := 2
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, fmt.Sprintf("%s %s %s %s", r.Method, r.URL, r.Header.Get("X-Warm"), body))
		if r.URL.Path == "/two" && cold > 0 {
			cold--
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, "cold")
		}
	}))
	defer server.Close()
	target, port := at(t, server.URL)
	target.Warmup = []spec.Warmup{
		{Path: "/one?x=1", Port: port, Repeat: ptr(2), Headers: map[string]string{"X-Warm": "yes"}},
		{Method: "POST", Path: "/two", Port: port, Body: "hello"},
	}
	watching(t, func(t *testing.T, p *Prober, who *patient) {
		p.Watch("d", []reconcile.ProbeTarget{target})
		if got := p.Health(target.Instance).Warm.State; got != reconcile.WishNone {
			t.Fatalf("before it was asked for: %v", got)
		}
		p.Warm(target.Instance)
		after(0.5)
		got := p.Health(target.Instance).Warm
		if got.State != reconcile.WishPending || !got.Own || !strings.HasSuffix(got.Reason, "/two → 503 cold") {
			t.Fatalf("while cold: %+v", got)
		}
		p.Warm(target.Instance)
		after(2)
		if got := p.Health(target.Instance).Warm; got.State != reconcile.WishDone || got.Own {
			t.Errorf("warm: %+v", got)
		}
	})
	want := []string{"GET /one?x=1 yes ", "GET /one?x=1 yes ", "POST /two  hello", "POST /two  hello", "POST /two  hello"}
	if !slices.Equal(seen, want) {
		t.Errorf("seen %q, want %q", seen, want)
	}
}

func TestTellsOnlyWhatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		who := newPatient()
		p := New(who.exec, logr.Discard())
		ctx, cancel := context.WithCancel(t.Context())
		told := make(chan string, 100)
		var run sync.WaitGroup
		run.Go(func() { _ = p.Run(ctx, func(name string) { told <- name }) }) // its error is another test's
		p.Watch("d", []reconcile.ProbeTarget{{Instance: "a", Readiness: command("ready", 1, 2)}})
		after(100)
		if len(told) != 1 {
			t.Errorf("100 like answers were told %d times", len(told))
		}
		who.falls("ready", errExit)
		after(100)
		if len(told) != 3 { // the first failure and the verdict
			t.Errorf("told %d times", len(told))
		}
		cancel()
		run.Wait()
	})
}

func BenchmarkWatchUnchanged10000(b *testing.B) {
	p := New(nil, logr.Discard())
	targets := make([]reconcile.ProbeTarget, 10000)
	for i := range targets {
		targets[i] = reconcile.ProbeTarget{
			Instance: fmt.Sprintf("orders-%d", i), Address: netip.MustParseAddr("10.83.0.2"),
			Ports: []spec.Port{{Name: "http", ContainerPort: 8080}}, Readiness: command("ready", 10, 3),
		}
	}
	p.Watch("d", targets)
	for b.Loop() {
		p.Watch("d", targets)
	}
}
