package nginx

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// Switcher is the only writer of the servers of one Nginx object.
type Switcher struct {
	options Options
	sites   []*site
	book    book
	// rehearsals are checked before they are wished for.
	rehearsals rehearsals
	// wake has the worker look for something to do, kick the watcher look at the servers.
	wake, kick chan struct{}
	// said is the worker's last complaint: it is logged once.
	said string

	mu      sync.Mutex
	changed func(deployment string)
	// sights are those of the last look, which began at began; fresh is closed by the next. Nil before the first.
	sights []sight
	began  time.Time
	// actedAt is when the last change ended.
	actedAt time.Time
	fresh   chan struct{}
	// returned: a server was away and is up.
	returned bool
	counted  map[string]counted
	// drifts are what somebody changed by hand, by server.
	drifts []drift
	// since is when each condition last changed its status.
	since map[string]transition
}

var _ controller.Router = (*Switcher)(nil)

// New starts nothing; Run does. It refuses options that cannot be rendered.
func New(options Options) (*Switcher, error) {
	if len(options.Servers) == 0 {
		return nil, errors.New("no nginx server")
	}
	if err := fits(ownerGrammar, "owner", options.Owner); err != nil {
		return nil, err
	}
	if err := fitsFile("confDir", options.Spec.ConfDir); err != nil {
		return nil, err
	}
	if _, _, err := ports(options.Spec.InternalPorts); err != nil {
		return nil, err
	}
	s := &Switcher{
		options: options,
		book:    book{entries: map[string]*entry{}},
		wake:    make(chan struct{}, 1),
		kick:    make(chan struct{}, 1),
		fresh:   make(chan struct{}),
		counted: map[string]counted{},
		since:   map[string]transition{},
	}
	for i, server := range options.Servers {
		var at spec.NginxServer
		if i < len(options.Spec.Servers) {
			at = options.Spec.Servers[i]
		}
		s.sites = append(s.sites, newSite(server, options, at))
	}
	s.drifts = make([]drift, len(s.sites))
	return s, nil
}

// Run looks after the servers and carries out wishes until ctx ends. A reload that is under way then is brought to its
// end first.
func (s *Switcher) Run(ctx context.Context, changed func(deployment string)) error {
	s.mu.Lock()
	s.changed = changed
	s.mu.Unlock()
	var group sync.WaitGroup
	group.Go(func() { s.watch(ctx) })
	group.Go(func() { s.work(ctx) })
	group.Wait()
	for _, site := range s.sites {
		site.server.machine().close()
	}
	return nil
}

// Route hands over a wish and returns. The last wish of a Deployment counts; the same wish again changes nothing, but
// a failed one is tried again, and whether a done one still is done is looked at.
func (s *Switcher) Route(wish reconcile.RouteWish) {
	if s.book.put(wish, time.Now()) {
		signal(s.wake)
	}
}

// View is what is known, as read at or after began. It waits for a look, or for the end of ctx.
func (s *Switcher) View(ctx context.Context, began time.Time) (reconcile.NginxView, error) {
	for {
		s.mu.Lock()
		if s.sights != nil && !s.began.Before(began) {
			defer s.mu.Unlock()
			return s.view(), nil
		}
		fresh := s.fresh
		s.mu.Unlock()
		s.refresh()
		select {
		case <-ctx.Done():
			return reconcile.NginxView{}, fmt.Errorf("look at nginx %s: %w", s.options.Name, context.Cause(ctx))
		case <-fresh:
		}
	}
}

// view needs the lock.
func (s *Switcher) view() reconcile.NginxView {
	v := reconcile.NginxView{Began: s.began, Wishes: s.book.states()}
	for i, seen := range s.sights {
		v.Servers = append(v.Servers, reconcile.NginxServer{
			Name:        s.sites[i].server.Name(),
			State:       seen.state,
			Reason:      seen.reason,
			Version:     seen.versionText(),
			KeepAlive:   seen.keepAlive(&s.options.Spec),
			Generation:  seen.proven,
			Included:    seen.included,
			Serves:      seen.serves,
			Reachable:   seen.reachable,
			Connections: seen.connections,
			Switch:      seen.how(),
			Host:        s.sites[i].host(seen.Sighting),
			Listeners:   seen.listeners(),
			Routes:      seen.routes(),
		})
	}
	return v
}

// Refresh has the servers looked at now, as something may have happened to one; what is news is told as always.
func (s *Switcher) Refresh() { s.refresh() }

// refresh has the watcher look now.
func (s *Switcher) refresh() { signal(s.kick) }

func (s *Switcher) tell(deployment string) {
	s.mu.Lock()
	changed := s.changed
	s.mu.Unlock()
	if changed != nil {
		changed(deployment)
	}
}

func signal(to chan struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}
