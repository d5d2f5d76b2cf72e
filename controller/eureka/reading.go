package eureka

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// readers is how many leases of one server are read at once.
const readers = 8

// reading is what one server said within one look.
type reading struct {
	began, ended time.Time
	// live is the live registry's answer for each id that was asked for; an id that has no lease is missing.
	live map[string]Instance
	// cached is what consumers read: the entries of ids that matter, the newest where an id is in several applications.
	cached map[string]Instance
	// entries are what the cached view has of anybody, by application and id.
	entries map[string]entry
	// exposed are the ids that were UP and were made dark within the look.
	exposed map[string]bool
	// started is when the server's process began; "" where it does not say.
	started string
}

// question says which leases are of interest, beside those with the owner's prefix.
type question struct {
	prefix string
	// apps has the ids that are known by now, with the application of each; "" where that is not known.
	apps map[string]string
}

// look asks a server for everything. The live registry comes first: a lease that is not UP there and that the cached
// view shows no longer afterwards is hidden from then on. Leases that only the cached view tells of are read behind it.
func (c *Client) look(ctx context.Context, asked question) (reading, error) {
	r := reading{began: time.Now(), cached: map[string]Instance{}, entries: map[string]entry{}, exposed: map[string]bool{}}
	var err error
	if r.live, err = c.leases(ctx, asked.apps); err != nil {
		return r, err
	}
	all, err := c.Apps(ctx)
	if err != nil {
		return r, err
	}
	r.started = all.Started
	found := map[string]string{}
	for _, app := range all.Apps {
		for _, i := range app.Instances {
			r.entries[app.Name+"/"+i.ID] = entryOf(i)
			known, of := asked.apps[i.ID]
			if !of && !strings.HasPrefix(i.ID, asked.prefix) {
				continue
			}
			if before, twice := r.cached[i.ID]; !twice || i.LastDirty > before.LastDirty {
				r.cached[i.ID] = i
			}
			if !of || known != "" && !strings.EqualFold(known, app.Name) && r.live[i.ID].LastDirty < i.LastDirty {
				found[i.ID] = app.Name // unknown, or in another application than it was asked for in
			}
		}
	}
	more, err := c.leases(ctx, found)
	if err != nil {
		return r, err
	}
	for id, i := range more {
		r.live[id] = i
	}
	r.ended = time.Now()
	return r, nil
}

// leases reads live entries. The first error ends it.
func (c *Client) leases(ctx context.Context, apps map[string]string) (map[string]Instance, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	live := map[string]Instance{}
	ids := make([]string, 0, len(apps))
	for id := range apps {
		ids = append(ids, id)
	}
	each(ids, func(id string) {
		if ctx.Err() != nil {
			return
		}
		i, found, err := c.Instance(ctx, apps[id], id)
		if err != nil {
			cancel(err)
			return
		}
		if found {
			mu.Lock()
			defer mu.Unlock()
			live[id] = i
		}
	})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return live, nil
}

// each calls do for every id, some of them at once, and waits for all.
func each(ids []string, do func(id string)) {
	slices.Sort(ids)
	next := make(chan string)
	var working sync.WaitGroup
	for range min(readers, len(ids)) {
		working.Go(func() {
			for id := range next {
				do(id)
			}
		})
	}
	for _, id := range ids {
		next <- id
	}
	close(next)
	working.Wait()
}

// visible: consumers of the server see the id UP.
func (r reading) visible(id string) bool { return r.cached[id].Status == reconcile.LeaseUp }
