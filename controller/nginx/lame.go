package nginx

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// lame are the servers that end each connection after its answer, so that a reload finds no idle one to cut. It stays
// raised through all attempts of one step.
type lame struct {
	seconds int
	since   map[*site]time.Time
}

// raise raises the flag where an old nginx is to reload and has locations that look at it, and proves that its workers
// see it. until is when clients have thought for as long as they may.
func (l *lame) raise(ctx context.Context, turns []*turn) (until time.Time, err error) {
	for _, t := range turns {
		if t.absent != "" || t.away || !t.reload || t.sight.included != reconcile.Yes || t.sight.version.hasMinTimeout() || !t.from.hasTwins() {
			continue
		}
		since, raised := l.since[t.site]
		if !raised {
			if err := t.raiseLame(ctx); err != nil {
				return until, errors.Join(err, t.site.dir.clearLame(ctx))
			}
			since = time.Now()
			l.since[t.site] = since
		}
		if end := since.Add(time.Duration(l.seconds) * time.Second); end.After(until) {
			until = end
		}
	}
	return until, nil
}

// outlast waits until then; waited is false when it was past.
func (l *lame) outlast(ctx context.Context, until time.Time) (waited bool, err error) {
	left := time.Until(until)
	if left <= 0 {
		return false, ctx.Err()
	}
	wait := time.NewTimer(left)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return true, ctx.Err()
	case <-wait.C:
		return true, nil
	}
}

func (t *turn) raiseLame(ctx context.Context) error {
	if err := t.site.dir.setLame(ctx, t.site.server.SharesProc()); err != nil {
		return err
	}
	at := netip.AddrPortFrom(t.sight.Dial, uint16(t.from.Ports[0]))
	err := poll(ctx, askTimeout, func() (bool, error) {
		a, err := ask(ctx, t.site.server.machine(), at, "/generation")
		return err == nil && a.word == "lame", nil
	})
	if errors.Is(err, errSlow) {
		return &refusal{server: t.site.server.Name(), text: "its workers do not see flags in " + t.site.spec.ConfDir + "/flags: may they look into each directory above it?"}
	}
	return err
}

// clear lowers the flags: the reload is over, or will not be.
func (l *lame) clear(ctx context.Context) error {
	var errs []error
	for site := range l.since {
		errs = append(errs, site.dir.clearLame(ctx))
	}
	clear(l.since)
	return errors.Join(errs...)
}
