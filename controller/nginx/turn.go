package nginx

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// turn is one server's part in one change.
type turn struct {
	site  *site
	sight sight
	// absent says why the server takes no part; the wish is not done while one is absent. away is one that is proven
	// not to run and whose files cannot be reached either.
	absent string
	away   bool
	// from is what is served, or lies on disk where nothing is; to is what is to be.
	from, to release
	files    map[string]string
	// flags are the Deployments in flag mode that the change is about.
	flags map[string]flag
	// ports has the listeners' ports as they are to be; portsChanged: that is not how they are written.
	ports        portBook
	portsChanged bool
	// rehearsed: to was written and checked before it was wished for.
	rehearsed bool
	// swapped: current names to. reload: the server is to load it, began when it was asked.
	swapped, reload bool
	began           time.Time
	// cameUp: it was down when its files were swapped, and is up now, with the old or the new.
	cameUp bool
	// brings is the user's configuration with the files in it, as it was checked; freshly are the workers that took
	// over from those before the reload.
	brings  *userConf
	freshly map[process]bool
	// err: this server did not take the change, and serves what it did.
	err error
}

// running: nginx can be asked to check and to load.
func (t *turn) running() bool { return t.sight.state == reconcile.ServerUp }

// startTime is how long an nginx may take from reading its first file to having a master that can be seen.
const startTime = 2 * time.Second

// startPace is how often it is looked at meanwhile.
const startPace = 50 * time.Millisecond

// stayedDown looks at a server that was down when its files were swapped, until it is up or startTime has passed: one
// that was just starting may have read the old ones. One of which nothing runs has yet to read any.
func (t *turn) stayedDown(ctx context.Context) {
	_ = pollEvery(ctx, startPace, startTime, func() (bool, error) { // its end is the answer that it stayed down
		t.sight = t.site.look(ctx)
		return t.sight.state == reconcile.ServerUp || t.sight.Off, nil
	})
	t.cameUp = t.sight.state == reconcile.ServerUp
	if t.sight.state == reconcile.ServerUnknown {
		t.absent = t.sight.reason
	}
}

// changes: files are to be written and swapped.
func (t *turn) changes() bool { return t.to.Generation != t.sight.current }

// plan looks at the server and renders what it is to serve.
func (t *turn) plan(ctx context.Context, wishes []reconcile.RouteWish) error {
	t.sight = t.site.look(ctx)
	s := &t.sight
	switch {
	case s.state == reconcile.ServerUnknown:
		t.absent = s.reason
		return nil
	case s.ConfDir == "":
		t.away = true
		return nil
	case s.included == reconcile.Yes && s.served == nil:
		t.absent = s.reason
		return nil
	}
	if err := t.putBack(ctx); err != nil {
		t.absent = err.Error()
		return nil //nolint:nilerr // the server is left out, and why is told
	}
	t.from = *s.disk
	v := s.version
	if v == (version{}) {
		v = t.from.Version
	}
	if v == (version{}) {
		// It never ran under this process, and nothing says for which nginx to write.
		t.away = true
		return nil
	}
	if err := t.render(ctx, v, wishes); err != nil {
		return &refusal{server: t.site.server.Name(), text: err.Error(), wish: true}
	}
	t.reload = t.running() && (s.included == reconcile.Yes && t.changes() || t.firstLoad())
	return nil
}

// firstLoad: a server of segue's own that started before there was anything to include. Once per master: one that
// does not come to answer would be reloaded for ever.
func (t *turn) firstLoad() bool {
	return t.site.own && t.sight.included == reconcile.No && !t.site.asked()
}

// putBack makes current name what is served, where a process died between the swap and the reload.
func (t *turn) putBack(ctx context.Context) error {
	s := &t.sight
	if s.served == nil || s.proven == s.current {
		return nil
	}
	if err := t.site.dir.swap(ctx, s.proven); err != nil {
		return err
	}
	s.current, s.disk = s.proven, s.served
	return nil
}

func (t *turn) render(ctx context.Context, v version, wishes []reconcile.RouteWish) error {
	ports, err := t.internalPorts(ctx)
	if err != nil {
		return err
	}
	if t.ports, err = t.site.dir.readPorts(ctx); err != nil {
		return err
	}
	t.portsChanged = t.ports.follow(t.from.Sections, time.Now())
	listenOn, port := t.site.listenOn(t.sight.Sighting), t.listenerPort(ctx, ports)
	f := frame{
		renderer:   renderer{version: v, spec: t.site.spec, placeholder: ports[1], listenOn: listenOn, port: port},
		generation: ports[0], listen: t.sight.Listen, owner: t.site.owner, own: t.site.own,
		minTimeout: t.from.MinTimeout, pairs: t.sight.pairs,
	}
	if t.sight.conf != nil || t.from.Generation == "" {
		f.minTimeout = t.sight.conf == nil || !t.sight.conf.setsMinTimeout()
	}
	if len(t.site.spec.TLS) > 0 && len(f.pairs) == 0 {
		if t.sight.pairErr != nil {
			return t.sight.pairErr
		}
		return fmt.Errorf("certificates were not read yet")
	}
	sections := maps.Clone(t.from.Sections)
	if sections == nil {
		sections = map[string]section{}
	}
	t.flags = map[string]flag{}
	for _, wish := range wishes {
		if t.site.byHost {
			wish = t.site.elsewhere(wish)
		}
		if err := t.wish(f.renderer, sections, wish); err != nil {
			return err
		}
	}
	t.forget(sections)
	t.portsChanged = t.ports.follow(sections, time.Now()) || t.portsChanged
	t.to, t.files, err = f.files(sections)
	return err
}

// listenerPort gives each listener a port of internalPorts that is neither of the internal server's.
func (t *turn) listenerPort(ctx context.Context, internal [2]int) func(deployment, route string) (int, error) {
	return func(deployment, route string) (int, error) {
		low, high, err := ports(t.site.spec.InternalPorts)
		if err != nil {
			return 0, err
		}
		return t.ports.portOf(deployment+"/"+route, low, high, func(port int) (bool, error) {
			if port == internal[0] || port == internal[1] {
				return true, nil
			}
			if t.sight.Listen == "*" {
				return false, nil
			}
			free, err := t.site.server.machine().free(ctx, port)
			return !free, err
		}, time.Now())
	}
}

// wish renders one Deployment into sections.
func (t *turn) wish(r renderer, sections map[string]section, wish reconcile.RouteWish) error {
	name := wish.Deployment.String()
	was, had := sections[name]
	if len(wish.Routes) == 0 {
		left, some, err := r.gone(was)
		if had && some && err == nil {
			sections[name] = left
		} else {
			delete(sections, name)
		}
		return err
	}
	if !r.flagMode(wish) || t.cached() != "" {
		if where := t.cached(); r.flagMode(wish) && r.spec.Switch == spec.SwitchFlag {
			return fmt.Errorf("switch Flag: %s sets open_file_cache, which hides a flag that was removed; say  open_file_cache off;  there", where)
		}
		s, err := r.section(wish, nil)
		sections[name] = s
		return err
	}
	f := t.sight.flags[name]
	if !was.Flag {
		f = flag{}
	}
	pools, pool := arrange(f.occupied(was), f.Selected, wish)
	s, err := r.section(wish, pools)
	if err != nil {
		return err
	}
	sections[name] = s
	t.flags[name] = flag{Selected: pool, Since: f.Since, Pools: pools}
	return nil
}

// cached is where a location of the user hides flags.
func (t *turn) cached() string {
	if t.sight.conf == nil {
		return ""
	}
	return t.sight.conf.fileCache()
}

// forget drops what is left of deleted Deployments once nothing names it, on disk and in nginx.
func (t *turn) forget(sections map[string]section) {
	for name, s := range sections {
		if s.Gone && forgettable(t.sight, s) {
			delete(sections, name)
		}
	}
}

func forgettable(seen sight, s section) bool {
	return seen.conf != nil && seen.loaded != nil && !seen.conf.mentions(s) && !seen.loaded.mentions(s)
}

// internalPorts are the internal server's. Those in use stay; else the first two of the range, and where nginx shares its
// machine's network the first two that are free.
func (t *turn) internalPorts(ctx context.Context) ([2]int, error) {
	low, high, err := ports(t.site.spec.InternalPorts)
	if err != nil {
		return [2]int{}, err
	}
	if p := t.from.Ports; p[0] >= low && p[1] <= high && p[0] != p[1] {
		return p, nil
	}
	if t.sight.Listen == "*" {
		return [2]int{low, low + 1}, nil
	}
	for port := low; port < high; port++ {
		both := true
		for _, p := range []int{port, port + 1} {
			free, err := t.site.server.machine().free(ctx, p)
			if err != nil {
				return [2]int{}, err
			}
			both = both && free
		}
		if both {
			return [2]int{port, port + 1}, nil
		}
	}
	return [2]int{}, fmt.Errorf("internalPorts %d-%d: no two ports are free", low, high)
}
