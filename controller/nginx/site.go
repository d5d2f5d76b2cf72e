package nginx

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/segue-dev/segue/spec"
)

// site is one server and what was read of it that changes seldom.
type site struct {
	server Server
	spec   spec.NginxSpec
	owner  string
	own    bool
	// byHost: instances are reached where they are published, and gateway is a peer that may be this server then.
	byHost  bool
	gateway netip.Addr
	// at is how the manifest describes the server, advertise this machine's address.
	at        spec.NginxServer
	advertise netip.Addr
	// unpublished are those that this server was not given, as they are not.
	unpublished leftOut
	// readOnly: nothing is written.
	readOnly bool

	// mu is held through a look, and guards what follows.
	mu     sync.Mutex
	dir    confDir
	master process
	// askedMaster was asked to load segue's files for the first time.
	askedMaster process
	// version is the master's; it may be an upgrade behind the binary on disk.
	version version
	// proven is the generation last seen to be served by five answers in a row.
	proven string
	// flight: a reload is under way and answers are mixed, so proven stays what it was.
	flight bool
	// edited is what was found when the files of the generation editsOf were compared at editsAt.
	edited, editsOf string
	editsAt         time.Time
	// rehearsals are generations that are on disk and were checked, for changes that have yet to be wished for.
	rehearsals map[string]bool
	// releases never change once they are read.
	releases map[string]release
	// conf is the user's configuration on disk, loaded the one with which the workers loadedBy run.
	conf     *userConf
	confErr  string
	confAt   time.Time
	loaded   *userConf
	loadedBy map[process]bool

	pairs   []tlsPair
	pairErr error
	pairAt  time.Time
}

func newSite(server Server, o Options, at spec.NginxServer) *site {
	return &site{
		server: server, spec: o.Spec, owner: o.Owner, own: o.Own, byHost: at.Reach == spec.ReachHost, gateway: o.Gateway,
		at: at, advertise: o.Advertise, readOnly: o.ReadOnly, releases: map[string]release{},
	}
}

// peer: a connection from there may be the server's.
func (p *site) peer(seen sight, from netip.Addr) bool {
	return slices.Contains(seen.Addresses, from) || p.byHost && from == p.gateway
}

// enterFlight and leaveFlight wait for a look that is under way.
func (p *site) enterFlight() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flight, p.askedMaster = true, p.master
}

// leaveFlight notes what was proven meanwhile, and with which configuration the new workers run.
func (p *site) leaveFlight(t *turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flight, p.proven, p.rehearsals = false, t.settled(), nil
	if p.proven == t.to.Generation && t.brings != nil && t.freshly != nil {
		p.conf, p.loaded, p.loadedBy = t.brings, t.brings, t.freshly
		p.confAt, p.confErr = t.brings.at, ""
	}
}

// claim takes the directory once.
func (p *site) claim(ctx context.Context, dir confDir) error {
	if dir.at == "" || p.dir == dir {
		return nil
	}
	if p.readOnly {
		p.dir, p.releases = dir, map[string]release{}
		return nil
	}
	if err := dir.claim(ctx, p.owner); err != nil {
		return err
	}
	// Whoever raised the flag is gone: this is the only writer, and it has just started.
	if err := dir.clearLame(ctx); err != nil {
		return err
	}
	p.dir, p.releases = dir, map[string]release{}
	return nil
}

// release reads a generation; "" is the release without anything.
func (p *site) release(ctx context.Context, generation string) (release, error) {
	if generation == "" {
		return release{}, nil
	}
	if r, found := p.releases[generation]; found {
		return r, nil
	}
	r, err := p.dir.readRelease(ctx, generation)
	if err == nil {
		p.releases[generation] = r
	}
	return r, err
}

// identify asks for the version once per master.
func (p *site) identify(ctx context.Context, all processes, master int) error {
	now, _, _, err := all.stat(master)
	if err != nil {
		return fmt.Errorf("read stat of nginx's master: %w", err)
	}
	if now == p.master && p.version != (version{}) {
		return nil
	}
	v, err := p.askVersion(ctx)
	if err != nil {
		return err
	}
	p.master, p.version = now, v
	return nil
}

func (p *site) askVersion(ctx context.Context) (version, error) {
	_, output, diagnostics, err := p.server.Nginx(ctx, "-v")
	if err != nil {
		return version{}, err
	}
	return parseVersion(append(slices.Clone(diagnostics), output...))
}

// The ages at which the user's configuration is read again: while he is expected to add a line, and else. A reload
// that is noticed reads it at once.
const (
	confSoon  = 3 * time.Second
	confLater = 60 * time.Second
)

// readConf runs nginx -T when it is due. plain are the workers that take connections now. While a reload of segue's is
// under way it is not: that has read it already.
func (p *site) readConf(ctx context.Context, plain map[process]bool, waiting bool, now time.Time) {
	age := now.Sub(p.confAt)
	reloaded := p.loaded != nil && len(plain) > 0 && disjoint(plain, p.loadedBy)
	due := p.confAt.IsZero() || reloaded || age > confLater || waiting && age > confSoon
	if !due || p.flight {
		return
	}
	p.confAt = now
	code, output, diagnostics, err := p.server.Nginx(ctx, "-T")
	switch {
	case err != nil:
		p.confErr = err.Error()
		return
	case code != 0:
		p.confErr = lastComplaint(diagnostics)
		return
	}
	p.confErr = ""
	p.conf = readUserConf(output, p.spec.ConfDir, now)
	if p.loaded == nil || reloaded {
		p.loaded, p.loadedBy = p.conf, plain
	}
}

func disjoint(a, b map[process]bool) bool {
	for w := range a {
		if b[w] {
			return false
		}
	}
	return true
}

// readPairs reads the certificates at most once a minute.
func (p *site) readPairs(ctx context.Context, now time.Time) {
	if len(p.spec.TLS) == 0 || !p.pairAt.IsZero() && now.Sub(p.pairAt) < confLater {
		return
	}
	p.pairAt = now
	var pairs []tlsPair
	for _, files := range p.spec.TLS {
		pair, err := readPair(ctx, p.server, files)
		if err != nil {
			p.pairErr = err
			return
		}
		pairs = append(pairs, pair)
	}
	p.pairs, p.pairErr = pairs, nil
}

// asked: the master that runs was asked to load segue's files before.
func (p *site) asked() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.master == p.askedMaster
}

// prune removes old releases, and forgets those that it read and that nobody can know.
func (p *site) prune(ctx context.Context, keep map[string]bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for g := range p.releases {
		if !keep[g] {
			delete(p.releases, g)
		}
	}
	p.rehearsals = nil // their files may go
	return p.dir.prune(ctx, keep, time.Now())
}
