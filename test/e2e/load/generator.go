package load

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options are a generator's.
type Options struct {
	Jobs []Job
	// Allowed are the private networks beside loopback that may be dialled.
	Allowed []netip.Prefix
	// Limit ends the load whatever happens; 10 minutes when 0, an hour at most.
	Limit time.Duration
}

// Generator runs jobs.
type Generator struct {
	jobs      []Job
	recorders []*recorder
	guard     *guard
	limit     time.Duration
	ended     atomic.Bool
	mu        sync.Mutex
	laps      []Report
}

// New checks the jobs; it sends nothing.
func New(options Options) (*Generator, error) {
	guard, err := newGuard(options.Allowed)
	if err != nil {
		return nil, err
	}
	if options.Limit == 0 {
		options.Limit = 10 * time.Minute
	}
	if options.Limit > time.Hour {
		return nil, fmt.Errorf("a limit of %s is too long", options.Limit)
	}
	generator := &Generator{guard: guard, limit: options.Limit}
	names := map[string]bool{}
	for _, job := range options.Jobs {
		job = job.withDefaults()
		if err := job.validate(); err != nil {
			return nil, err
		}
		if names[job.Name] {
			return nil, fmt.Errorf("two jobs are named %q", job.Name)
		}
		names[job.Name] = true
		if job.Target.Discovery == nil {
			if err := guard.check(job.Target.Address); err != nil {
				return nil, err
			}
		}
		generator.jobs = append(generator.jobs, job)
		generator.recorders = append(generator.recorders, newRecorder(job))
	}
	if len(generator.jobs) == 0 {
		return nil, errors.New("no jobs")
	}
	return generator, nil
}

// Run sends requests until ctx ends, every job has its Count, or Limit is over. What runs then is let finish, and counts.
func (g *Generator) Run(ctx context.Context) Report {
	ctx, done := context.WithTimeout(ctx, g.limit)
	defer done()
	finding, found := context.WithCancel(ctx)
	var discoveries, workers sync.WaitGroup
	running := map[*Discovery]bool{}
	for _, job := range g.jobs {
		if d := job.Target.Discovery; d != nil && !running[d] {
			running[d] = true
			d.first = make(chan struct{})
			discoveries.Go(func() { d.run(finding, g.guard) })
		}
	}
	for d := range running {
		select { // a Spring app does not serve before its first fetch either
		case <-d.first:
		case <-ctx.Done():
		}
	}
	for i, job := range g.jobs {
		g.start(ctx, &workers, job, g.recorders[i])
	}
	workers.Wait()
	g.ended.Store(true)
	found()
	discoveries.Wait()
	return g.Report()
}

// start starts the workers of one job.
func (g *Generator) start(ctx context.Context, workers *sync.WaitGroup, job Job, recorder *recorder) {
	var sent atomic.Int64
	var shared *multiplexer
	if job.Client == HTTP2 {
		shared = newMultiplexer(g.guard, job.Target)
	}
	begin := time.Now()
	for i := range job.Connections {
		worker := &worker{job: job, recorder: recorder, sent: &sent, caller: newCaller(g.guard), sockets: socketHolder{guard: g.guard}, shared: shared}
		workers.Go(func() {
			interval := time.Duration(float64(job.Connections) / job.Rate * float64(time.Second))
			worker.run(ctx, begin.Add(interval*time.Duration(i)/time.Duration(job.Connections)), interval)
		})
	}
}

// Report is what came of it so far, or in all once Run has returned; since the last Lap, if there was one.
func (g *Generator) Report() Report { return g.collect((*recorder).read) }

// Lap gives the Report and begins another. Requests that run count where they end.
func (g *Generator) Lap() Report {
	lap := g.collect((*recorder).lap)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.laps = append(g.laps, lap)
	return lap
}

// Whole is what came of it so far in all laps together.
func (g *Generator) Whole() Report {
	last := g.Report()
	g.mu.Lock()
	defer g.mu.Unlock()
	return Total("all", append(slices.Clone(g.laps), last)...)
}

func (g *Generator) collect(take func(*recorder, time.Time) Report) Report {
	now := time.Now()
	if g.ended.Load() {
		now = time.Time{}
	}
	jobs := make([]Report, 0, len(g.recorders))
	for _, recorder := range g.recorders {
		jobs = append(jobs, take(recorder, now))
	}
	return Total("all", jobs...)
}
