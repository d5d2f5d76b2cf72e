package probe

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/spec"
)

// patient answers exec probes by a script, the first word of the command saying which, and remembers when it was asked.
type patient struct {
	mu    sync.Mutex
	begun time.Time
	// sick answers a command: nil is exit code 0.
	sick  map[string]error
	asked map[string][]time.Duration
}

var errExit = errors.New("exit 1")

func newPatient() *patient {
	return &patient{begun: time.Now(), sick: map[string]error{}, asked: map[string][]time.Duration{}}
}

func (p *patient) exec(_ context.Context, _ string, command []string) (int, []byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked[command[0]] = append(p.asked[command[0]], time.Since(p.begun))
	err := p.sick[command[0]]
	if errors.Is(err, errExit) {
		return 1, []byte("ill\n"), nil
	}
	return 0, nil, err
}

func (p *patient) falls(what string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sick[what] = err
}

func (p *patient) times(what string) []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked[what])
}

func command(name string, period, failures int) *spec.Probe {
	return &spec.Probe{Exec: &spec.ExecAction{Command: []string{name}}, PeriodSeconds: &period, FailureThreshold: &failures}
}

func ptr(n int) *int { return &n }

// watching runs a Prober inside a bubble until the test function returns.
func watching(t *testing.T, test func(t *testing.T, p *Prober, who *patient)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		who := newPatient()
		p := New(who.exec, logr.Discard())
		ctx, cancel := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() {
			if err := p.Run(ctx, func(string) {}); !errors.Is(err, context.Canceled) {
				t.Errorf("Run ended with %v", err)
			}
		})
		test(t, p, who)
		cancel()
		run.Wait()
	})
}

// after lets time pass to just behind the probes of that moment.
func after(seconds float64) {
	<-time.After(time.Duration(seconds*float64(time.Second)) + time.Millisecond)
	synctest.Wait()
}
