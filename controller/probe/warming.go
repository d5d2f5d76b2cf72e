package probe

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// warmPause is the wait before a warm-up request that was not answered as expected is sent again.
const warmPause = time.Second

// warmUp sends the instance's warm-up requests in order, each until it was answered as expected as often as asked.
func (p *Prober) warmUp(ctx context.Context, i *instance) {
	for n, w := range i.target.Warmup {
		method := w.Method
		if method == "" {
			method = http.MethodGet
		}
		question := httpQuestion(i.target, request{
			method: method, path: w.Path, port: w.Port, headers: w.Headers, body: w.Body, expect: w.Expect,
		})
		repeat := threshold(w.Repeat, 1)
		for sent := 0; sent < repeat; {
			p.warmState(i, reconcile.WishPending, fmt.Sprintf("warm-up request %d of %d", n+1, len(i.target.Warmup)), nil)
			a, ok := p.one(ctx, question, max(seconds(w.TimeoutSeconds, 10), time.Millisecond))
			if !ok {
				return
			}
			if a.verdict == reconcile.Yes {
				sent++
				continue
			}
			p.warmState(i, reconcile.WishPending, "", &a)
			if !pause(ctx, warmPause) {
				return
			}
		}
	}
	p.warmState(i, reconcile.WishDone, "", nil)
}

// warmState keeps how far the warm-up is. A request that was answered badly keeps its words until it is done.
func (p *Prober) warmState(i *instance, state reconcile.WishState, reason string, failed *answer) {
	p.update(i, func() bool {
		before := i.health.Warm
		now := reconcile.Wish{State: state, Reason: reason, At: before.At}
		if failed != nil {
			now.Reason, now.Own = failed.words, failed.verdict == reconcile.No
		} else if state == reconcile.WishPending && before.Own {
			now.Reason, now.Own = before.Reason, true
		}
		if now.State != before.State {
			now.At = time.Now()
		}
		i.health.Warm = now
		return now != before
	})
}
