package nginx

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// work carries out wishes, one change after the other, until ctx ends.
func (s *Switcher) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		s.step(ctx)
		s.rehearse(ctx)
	}
}

// step brings what is wished onto the servers, and what the last look showed to be due.
func (s *Switcher) step(ctx context.Context) {
	if s.options.ReadOnly {
		return
	}
	s.mend(ctx)
	all, upkeep := s.due()
	wishes := s.book.open(all)
	if len(wishes) == 0 && !upkeep {
		return
	}
	defer s.acted()
	l := &lame{seconds: seconds(s.options.Spec.LameSeconds, 3), since: map[*site]time.Time{}}
	s.applyNewest(ctx, wishes, l, all)
	if err := l.clear(context.WithoutCancel(ctx)); err != nil {
		s.options.Log.Error(err, "lame flag stays", "nginx", s.options.Name.String())
	}
	s.refresh()
}

// due says what the last look asks for: all, when a server came back and may have missed something; upkeep, when files
// are to be written or loaded though nobody wished for anything.
func (s *Switcher) due() (all, upkeep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all = s.returned
	s.returned = false
	for i, seen := range s.sights {
		upkeep = upkeep || s.wants(i, seen)
	}
	return all, upkeep || all
}

// acted notes that what was seen until now is out of date.
func (s *Switcher) acted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.actedAt = time.Now()
}

// wants says whether a server is to be seen to without a wish, as far as was seen since the last change. It needs the
// lock.
func (s *Switcher) wants(i int, seen sight) bool {
	return seen.began.After(s.actedAt) && s.sites[i].wants(seen)
}

// wants says whether a server is to be seen to without a wish: nothing was written yet, what lies there is not what is
// served, a certificate was renewed, or what is left of a deleted Deployment may go.
func (p *site) wants(seen sight) bool {
	if seen.state == reconcile.ServerUnknown || seen.ConfDir == "" || seen.disk == nil || seen.version == (version{}) {
		return false
	}
	switch {
	case seen.current == "":
		return true
	case seen.state == reconcile.ServerDown:
		return false
	case p.own && seen.included == reconcile.No:
		return !p.asked()
	case seen.served == nil:
		return false
	case seen.proven != seen.current:
		return true
	}
	for _, pair := range seen.pairs {
		if seen.served.TLS[pair.files.CertFile] != pair.hash {
			return true
		}
	}
	for _, section := range seen.served.Sections {
		if section.Gone && forgettable(seen, section) {
			return true
		}
	}
	return false
}

// applyNewest tries the wishes, and where newer ones come while old servers are lame, those instead.
func (s *Switcher) applyNewest(ctx context.Context, wishes []reconcile.RouteWish, l *lame, all bool) {
	overtaken := func() bool { return !reflect.DeepEqual(s.book.open(all), wishes) }
	if !s.apply(ctx, wishes, l, overtaken) {
		s.apply(ctx, s.book.open(all), l, nil)
	}
}

// apply tries the wishes together; if they are refused, each alone, so that only the guilty one fails. It is false when
// they were overtaken, and nothing was changed.
func (s *Switcher) apply(ctx context.Context, wishes []reconcile.RouteWish, l *lame, overtaken func() bool) bool {
	c := s.changeOf(wishes)
	c.lame, c.overtaken = l, overtaken
	err := c.run(ctx)
	if ctx.Err() != nil {
		return true
	}
	if errors.Is(err, errOvertaken) {
		return false
	}
	if len(wishes) > 1 && (blames(err) || c.blamed()) {
		for _, w := range wishes {
			s.apply(ctx, []reconcile.RouteWish{w}, l, nil)
		}
		return true
	}
	c.confirm(ctx)
	if c.cameUp() {
		return s.apply(ctx, wishes, l, nil)
	}
	for _, w := range wishes {
		state, reason := reconcile.WishFailed, ""
		if err != nil {
			reason = c.reasonOf(err)
		} else {
			state, reason = c.outcome(w)
		}
		if s.book.settle(w, state, reason, err == nil && state == reconcile.WishPending, time.Now()) {
			s.tell(w.Deployment.String())
		}
	}
	s.log(c, err)
	s.prune(ctx, c)
	return true
}

// changeOf has a turn for each server.
func (s *Switcher) changeOf(wishes []reconcile.RouteWish) *change {
	c := &change{wishes: wishes}
	for _, site := range s.sites {
		c.turns = append(c.turns, &turn{site: site})
	}
	return c
}

// blames: another wish may fare better alone.
func blames(err error) bool {
	var told *refusal
	return errors.As(err, &told) && told.wish
}

func (c *change) blamed() bool {
	for _, t := range c.turns {
		if blames(t.err) {
			return true
		}
	}
	return false
}

// confirm looks again at the servers that loaded something, which of the user's lines those run with is known by now, and at
// those that were down while their files changed.
func (c *change) confirm(ctx context.Context) {
	_ = c.each(func(t *turn) error { // a look has no error: it is unknown then
		switch {
		case t.reload:
			t.sight = t.site.look(ctx)
		case t.swapped && t.sight.state == reconcile.ServerDown:
			t.stayedDown(ctx)
		}
		return nil
	})
}

// prune removes releases that nobody can know any more.
func (s *Switcher) prune(ctx context.Context, c *change) {
	for _, t := range c.turns {
		if !t.swapped || t.sight.reachable == nil || t.sight.state != reconcile.ServerUp {
			continue
		}
		keep := map[string]bool{t.from.Generation: true, t.to.Generation: true, t.sight.current: true}
		for g := range t.sight.known {
			keep[g] = true
		}
		if err := t.site.prune(ctx, keep); err != nil {
			s.options.Log.Error(err, "old releases stay", "nginx", s.options.Name.String())
		}
	}
}

func (s *Switcher) log(c *change, err error) {
	log := s.options.Log.WithValues("nginx", s.options.Name.String())
	said := s.said
	s.said = ""
	if err != nil {
		if s.said = err.Error(); s.said != said {
			log.Info("nginx was not changed", "reason", s.said)
		}
		return
	}
	for _, t := range c.turns {
		switch {
		case t.err != nil:
			log.Info("nginx did not take the change", "server", t.site.server.Name(), "reason", t.err.Error())
		case t.reload:
			log.Info("nginx serves", "server", t.site.server.Name(), "generation", t.to.Generation, "before", t.from.Generation, "took", time.Since(t.began).Round(time.Millisecond).String())
		case t.swapped:
			log.Info("nginx has files to load", "server", t.site.server.Name(), "generation", t.to.Generation)
		}
	}
}
