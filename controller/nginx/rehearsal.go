package nginx

import (
	"context"
	"sync"

	"github.com/segue-dev/segue/reconcile"
)

// rehearsals are the wishes that are expected, by Deployment: their instances have yet to become ready.
type rehearsals struct {
	mu       sync.Mutex
	expected map[string]reconcile.RouteWish
}

func (r *rehearsals) put(wish reconcile.RouteWish) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.expected == nil {
		r.expected = map[string]reconcile.RouteWish{}
	}
	r.expected[wish.Deployment.String()] = wish
}

// take gives them all, by name; they are not given again.
func (r *rehearsals) take() []reconcile.RouteWish {
	r.mu.Lock()
	defer r.mu.Unlock()
	var wishes []reconcile.RouteWish
	for _, name := range sortedKeys(r.expected) {
		wishes = append(wishes, r.expected[name])
	}
	r.expected = nil
	return wishes
}

// Rehearse says which wish will probably come next. Its files are written and checked while its instances start, so
// that it need not wait for that. Nothing that nginx reads or serves changes.
func (s *Switcher) Rehearse(wish reconcile.RouteWish) {
	s.rehearsals.put(wish)
	signal(s.wake)
}

// rehearse does it where no wish waits. It is a saving and no more: what fails is left for the wish itself to find.
func (s *Switcher) rehearse(ctx context.Context) {
	for _, wish := range s.rehearsals.take() {
		if s.options.ReadOnly || s.book.pending() {
			return
		}
		c := s.changeOf([]reconcile.RouteWish{wish})
		_ = c.each(func(t *turn) error { return t.rehearse(ctx, wish) }) // each server for itself
	}
}

// rehearse does what prepare does, for a release that nobody has asked for yet.
func (t *turn) rehearse(ctx context.Context, wish reconcile.RouteWish) error {
	if err := t.plan(ctx, []reconcile.RouteWish{wish}); err != nil {
		return err
	}
	if t.absent != "" || t.away || !t.reload || !t.changes() || t.portsChanged || t.sight.conf == nil {
		return nil
	}
	if err := t.prepare(ctx, []string{wish.Deployment.String()}); err != nil {
		return err
	}
	t.site.rehearsed(t.to.Generation)
	return nil
}

// rehearsed notes that a release is on disk and was checked, beside a configuration that was sound.
func (p *site) rehearsed(generation string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rehearsals == nil {
		p.rehearsals = map[string]bool{}
	}
	p.rehearsals[generation] = true
}

// wasRehearsed answers once: what is tried a second time is checked in full.
func (p *site) wasRehearsed(generation string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.rehearsals[generation]
	delete(p.rehearsals, generation)
	return was
}
