package probe

import (
	"context"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// eager is the longest pause before a probe's first success. In between it is asked again after a thirty-second of the
// time that has passed, at least eagerFirst, so that what is ready is soon seen to be; of these answers only a success
// counts. A command is not run that often.
const (
	eager      = time.Second
	eagerFirst = 25 * time.Millisecond
)

// probe asks one instance until ctx ends: the startup probe until it passes, then the others side by side.
func (p *Prober) probe(ctx context.Context, i *instance) {
	p.mu.Lock()
	started, ready := i.health.Started, i.health.Ready == reconcile.Yes
	p.mu.Unlock()
	if !started && !p.passStartup(ctx, i) {
		return
	}
	var side sync.WaitGroup
	defer side.Wait()
	if i.target.Liveness != nil {
		side.Go(func() { p.ask(ctx, i, i.target.Liveness, ready, i.judgeLiveness()) })
	}
	switch {
	case i.target.Readiness != nil:
		p.ask(ctx, i, i.target.Readiness, ready, i.judgeReadiness())
	case !i.target.UseImageHealth:
		p.update(i, func() bool { return i.setReady(reconcile.Yes) })
	}
}

// passStartup says whether the startup probe passed before ctx ended.
func (p *Prober) passStartup(ctx context.Context, i *instance) bool {
	passed, rows := false, newTally(i.target.Startup)
	p.ask(ctx, i, i.target.Startup, false, func(a answer) (changed, done bool) {
		changed = i.note(a)
		switch rows.count(a.verdict) {
		case reconcile.Yes:
			// Started it is; whether it is ready is for the readiness probe to say.
			i.health.Started, passed = true, true
			if i.health.Ready == reconcile.No {
				i.setReady(reconcile.Unknown)
			}
			i.takeImageHealth()
			changed = true
		case reconcile.No:
			changed = i.setReady(reconcile.No) || changed
		}
		i.health.Failures = rows.failures
		return changed, passed
	})
	return passed
}

// judge takes an answer under the Prober's lock. changed: there is something to tell; done: ask no more.
type judge func(a answer) (changed, done bool)

func (i *instance) judgeReadiness() judge {
	rows := newTally(i.target.Readiness)
	return func(a answer) (bool, bool) {
		changed := i.note(a)
		if verdict := rows.count(a.verdict); verdict != reconcile.Unknown {
			changed = i.setReady(verdict) || changed
		}
		i.health.Failures = rows.failures
		return changed, false
	}
}

// judgeLiveness sets Alive. Its failures are put into words only while readiness has none of its own.
func (i *instance) judgeLiveness() judge {
	rows := newTally(i.target.Liveness)
	return func(a answer) (bool, bool) {
		before := i.health.Alive
		if verdict := rows.count(a.verdict); verdict != reconcile.Unknown {
			i.health.Alive = verdict
		}
		if a.verdict == reconcile.No && i.health.Failures == 0 {
			i.note(a)
		}
		return i.health.Alive != before, false
	}
}

// note keeps an answer's words and says whether they are new.
func (i *instance) note(a answer) bool {
	changed := i.health.Last != a.words
	i.health.Last, i.health.LastAt = a.words, time.Now()
	return changed
}

// ask asks one probe until ctx ends or judge is done. passed: it has passed before, so there is no initial delay and no
// eagerness.
func (p *Prober) ask(ctx context.Context, i *instance, probe *spec.Probe, passed bool, judge judge) {
	question := p.question(i.target, probe)
	if !passed && !pause(ctx, seconds(probe.InitialDelaySeconds, 0)) {
		return
	}
	period := max(seconds(probe.PeriodSeconds, 10), 100*time.Millisecond)
	began := time.Now()
	var counted time.Time
	for {
		a, ok := p.one(ctx, question, max(seconds(probe.TimeoutSeconds, 1), time.Millisecond))
		if !ok {
			return
		}
		passed = passed || a.verdict == reconcile.Yes
		if passed || time.Since(counted) >= min(period, eager) {
			counted = time.Now()
			done := false
			p.update(i, func() bool {
				var changed bool
				changed, done = judge(a)
				return changed
			})
			if done {
				return
			}
		}
		wait := period
		if !passed {
			wait = eagerness(probe, period, began, counted, time.Now())
		}
		if !pause(ctx, wait) {
			return
		}
	}
}

// eagerness is how long to wait before a probe that has yet to pass is asked again. It was first asked at began, and the
// last answer that counted came at counted.
//
//	asked for   0 s    1 s    8 s   32 s and more
//	again in    0.025  0.031  0.25  1 s
func eagerness(probe *spec.Probe, period time.Duration, began, counted, now time.Time) time.Duration {
	wait := counted.Add(min(period, eager)).Sub(now)
	if probe.Exec == nil {
		wait = min(wait, max(eagerFirst, now.Sub(began)/32))
	}
	return wait
}

// one asks a question with a slot and a deadline; false when ctx ended meanwhile.
func (p *Prober) one(ctx context.Context, question question, timeout time.Duration) (answer, bool) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return answer{}, false
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	a := question(limited)
	return a, ctx.Err() == nil
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, wait time.Duration) bool {
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func seconds(written *int, otherwise int) time.Duration {
	if written == nil {
		return time.Duration(otherwise) * time.Second
	}
	return time.Duration(*written) * time.Second
}
