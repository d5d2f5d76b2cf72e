package load

import (
	"context"
	"sync/atomic"
	"time"
)

// worker sends one request of a job after the other, at its part of the job's rate.
type worker struct {
	job      Job
	recorder *recorder
	sent     *atomic.Int64
	caller   *caller
	sockets  socketHolder
	shared   *multiplexer
}

// run begins a request at first and every interval after that. A request that takes longer than interval delays the
// next one; what was missed is not made up for.
func (w *worker) run(ctx context.Context, first time.Time, interval time.Duration) {
	defer w.caller.Close()
	defer w.sockets.Close()
	if w.shared != nil {
		defer w.shared.Close()
	}
	timer := time.NewTimer(time.Until(first))
	defer timer.Stop()
	for due := first; ; {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		n := w.sent.Add(1)
		if w.job.Count > 0 && n > int64(w.job.Count) {
			return
		}
		if late := time.Since(due); late > 100*time.Millisecond {
			w.recorder.behind()
			due = time.Now()
		}
		w.once(ctx, n)
		due = due.Add(interval)
		timer.Reset(time.Until(due))
	}
}

// once makes one request. The end of ctx does not cut it: the job's timeout bounds it.
func (w *worker) once(ctx context.Context, n int64) {
	ctx = context.WithoutCancel(ctx)
	asked := newQuestion(w.job, n)
	begin := time.Now()
	address := w.job.Target.Address
	if discovery := w.job.Target.Discovery; discovery != nil {
		var found bool
		if address, found = discovery.pick(begin); !found {
			w.recorder.add(answer{}, failure(NoInstance, "nobody is UP under %s", discovery.VIP), begin, time.Now())
			return
		}
	}
	var from answer
	var err error
	switch w.job.Client {
	case HTTP2:
		from, err = w.shared.call(ctx, asked)
	case Socket:
		var closed bool
		if from, closed, err = w.sockets.call(ctx, asked, address, n); closed {
			w.recorder.closedByApp()
			return
		}
	default:
		from, err = w.caller.call(ctx, asked, address)
	}
	w.recorder.add(from, err, begin, time.Now())
}
