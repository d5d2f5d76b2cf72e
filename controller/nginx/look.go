package nginx

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// lookTimeout bounds one look at one server; farLookTimeout one over ssh, where each file costs a round trip.
const (
	lookTimeout    = 8 * time.Second
	farLookTimeout = 16 * time.Second
)

// patience is how long a look at the server may take.
func (p *site) patience() time.Duration {
	if _, far := p.server.machine().(*remote); far {
		return farLookTimeout
	}
	return lookTimeout
}

// look looks at the server. What could not be found out makes it unknown, with the reason.
func (p *site) look(ctx context.Context) sight {
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, p.patience())
	defer cancel()
	s := sight{began: time.Now()}
	if err := p.see(ctx, &s); err != nil {
		s.state, s.reason = reconcile.ServerUnknown, err.Error()
		s.served, s.reachable = nil, nil
	}
	s.version, s.conf, s.loaded, s.confErr, s.pairs, s.pairErr = p.version, p.conf, p.loaded, p.confErr, p.pairs, p.pairErr
	s.serves = s.finish()
	return s
}

func (p *site) see(ctx context.Context, s *sight) error {
	seen, err := p.server.Look(ctx)
	if err != nil {
		return err
	}
	s.Sighting = seen
	if err := p.claim(ctx, confDir{machine: p.server.machine(), at: seen.ConfDir}); err != nil {
		return err
	}
	if err := p.disk(ctx, s); err != nil {
		return err
	}
	if seen.ConfDir != "" {
		p.readPairs(ctx, s.began)
	}
	if !seen.Running {
		return p.down(ctx, s)
	}
	s.state = reconcile.ServerUp
	if err := p.identify(ctx, seen.Processes, seen.Master); err != nil {
		return err
	}
	if s.workers, err = workersOf(seen.Processes, seen.Master); err != nil {
		return err
	}
	if err := p.askGeneration(ctx, s); err != nil {
		return err
	}
	plain := s.plain()
	waiting := s.included == reconcile.No || p.loaded == nil || s.served != nil && slices.ContainsFunc(sortedKeys(s.served.Sections), func(name string) bool {
		return !p.loaded.names(s.served.Sections[name])
	})
	p.readConf(ctx, plain, waiting, s.began)
	return p.reach(ctx, s)
}

// disk reads the current release and the flags.
func (p *site) disk(ctx context.Context, s *sight) error {
	if s.ConfDir == "" {
		return nil
	}
	var err error
	if s.current, err = p.dir.current(ctx); err != nil {
		return err
	}
	r, err := p.release(ctx, s.current)
	if err != nil {
		return err
	}
	s.disk = &r
	p.checkEdits(ctx, s)
	return p.readFlags(ctx, s, r)
}

// readFlags adds the flags of the release's Deployments in flag mode. All files are read at once, the first time.
func (p *site) readFlags(ctx context.Context, s *sight, r release) error {
	if !r.usesFlags() {
		return nil
	}
	if s.flagFiles == nil {
		var err error
		if s.flagFiles, err = p.dir.readFlags(ctx); err != nil {
			return err
		}
		s.flags = map[string]flag{}
	}
	for name, section := range r.Sections {
		if section.Flag {
			s.flags[name] = s.flagFiles[name]
		}
	}
	return nil
}

// down: there is no master. Workers outlive a master that was killed, and go on to serve: then the server is unknown.
func (p *site) down(ctx context.Context, s *sight) error {
	s.state, s.reason = reconcile.ServerDown, s.Reason
	if p.version == (version{}) && s.Stands {
		// Files can be written for the binary that will be started.
		if v, err := p.askVersion(ctx); err == nil {
			p.version = v
		}
	}
	if s.disk == nil || s.disk.Ports[0] == 0 || !s.Dial.IsValid() || !s.Stands {
		return nil
	}
	_, err := ask(ctx, p.server.machine(), netip.AddrPortFrom(s.Dial, uint16(s.disk.Ports[0])), "/generation")
	if errors.Is(err, errRefused) {
		return nil
	}
	return fmt.Errorf("%s, but somebody still answers at port %d: workers outlive a killed master; end them and start nginx", s.Reason, s.disk.Ports[0])
}

// proofs is how many answers in a row prove a generation: for about 100 ms after a reload old and new answer side by
// side.
const proofs = 5

// askGeneration finds out what is served.
func (p *site) askGeneration(ctx context.Context, s *sight) error {
	if s.disk == nil || s.disk.Ports[0] == 0 {
		s.included = reconcile.No
		return nil
	}
	at := netip.AddrPortFrom(s.Dial, uint16(s.disk.Ports[0]))
	var generation string
	for i := range proofs {
		a, err := ask(ctx, p.server.machine(), at, "/generation")
		if errors.Is(err, errRefused) || errors.Is(err, errStranger) {
			s.included, s.reason = reconcile.No, "segue's files are not included: "+err.Error()
			if !p.flight {
				p.proven = ""
			}
			return nil
		}
		if err != nil {
			return err
		}
		s.included = reconcile.Yes
		if p.flight || a.generation == p.proven {
			generation = p.proven
			break
		}
		if i > 0 && a.generation != generation {
			generation = ""
			break
		}
		generation = a.generation
	}
	p.proven, s.proven = generation, generation
	if generation == "" {
		s.reason = "two generations answer"
		return nil
	}
	r, err := p.release(ctx, generation)
	if err != nil {
		return err
	}
	s.served = &r
	return p.readFlags(ctx, s, r)
}

// reach works out which instances a living worker may know.
func (p *site) reach(ctx context.Context, s *sight) error {
	lines, err := p.dir.readSwaps(ctx)
	if err != nil {
		return err
	}
	boot, err := s.Processes.bootID()
	if err != nil {
		return err
	}
	knows := known(lines, boot)
	// What a worker may know that no line lists: what the last swap left and what it brought. Once every worker that
	// takes connections is younger than that swap, those know what is served and nothing else.
	unsure := append(slices.Clone(lastLeft(lines, boot)), s.current, s.proven)
	settled := s.proven != "" && s.proven == s.current && !p.flight
	generations := map[string]bool{}
	add := func(names []string) {
		for _, g := range names {
			generations[g] = true
		}
	}
	if s.included == reconcile.Yes {
		add([]string{s.current, s.proven})
		if !settled {
			add(unsure)
		}
	}
	for w, left := range knows {
		if alive(s.Processes, w) {
			add(left)
		}
	}
	for _, w := range s.workers {
		s.leaving = s.leaving || w.leaving
		if _, listed := knows[w.process]; !listed && w.leaving {
			add(unsure)
			s.unlisted = true
		}
	}
	delete(generations, "")
	s.known = generations
	return p.nameReachable(ctx, s, generations)
}

// nameReachable turns generations into instances.
func (p *site) nameReachable(ctx context.Context, s *sight, generations map[string]bool) error {
	reachable := map[string]map[string]bool{}
	for g := range generations {
		r, err := p.release(ctx, g)
		if err != nil {
			return err
		}
		if err := p.readFlags(ctx, s, r); err != nil {
			return err
		}
		for name, section := range r.Sections {
			f := s.flags[name]
			pool := f.Selected
			if time.Since(f.Since) < flagLinger || s.unlisted {
				pool = -1
			}
			for _, instance := range f.occupied(section).instances(pool) {
				if reachable[name] == nil {
					reachable[name] = map[string]bool{}
				}
				reachable[name][instance] = true
			}
		}
	}
	s.reachable = map[string][]string{}
	for name, set := range reachable {
		s.reachable[name] = sortedKeys(set)
	}
	return nil
}
