package nginx

import (
	"net/netip"
	"slices"

	"github.com/segue-dev/segue/reconcile"
)

// arrange says what is in the two pools of each route, so that the wish's backends are in one of them, and which pool
// that is. A pool keeps its addresses wherever it can: only other addresses take a reload.
//
//	backends are at           then
//	the selected pool         they replace it; the other takes the standby
//	the other pool            they replace it, and it is selected; the pool that is left stays as it is
//	neither, and not none     as the other pool: a release is never mixed into the one that serves
//
// was is the section as it is served, with its instances; selected is its flag.
func arrange(was section, selected int, wish reconcile.RouteWish) (pools map[string][2][]reconcile.Backend, pool int) {
	old := map[string][2][]reconcile.Backend{}
	if was.Flag {
		for _, r := range was.Routes {
			if len(r.Pools) == 2 {
				old[r.Name] = [2][]reconcile.Backend{r.Pools[0], r.Pools[1]}
			}
		}
	}
	pool = selected
	for _, w := range wish.Routes {
		p, found := old[w.Name]
		if !found {
			continue
		}
		if len(w.Backends) > 0 && !overlap(p[selected], w.Backends) {
			pool = 1 - selected
		}
	}
	pools = map[string][2][]reconcile.Backend{}
	for _, w := range wish.Routes {
		p := old[w.Name]
		if len(w.Backends) > 0 || pool == selected {
			p[pool] = byAddress(w.Backends)
		}
		_, had := old[w.Name]
		if len(w.Standby) > 0 && (pool == selected || !had) {
			p[1-pool] = byAddress(w.Standby)
		}
		pools[w.Name] = p
	}
	return pools, pool
}

// overlap: some address is in both.
func overlap(a, b []reconcile.Backend) bool {
	at := map[netip.AddrPort]bool{}
	for _, x := range a {
		at[x.Address] = true
	}
	return slices.ContainsFunc(b, func(x reconcile.Backend) bool { return at[x.Address] })
}

func byAddress(backends []reconcile.Backend) []reconcile.Backend {
	sorted := slices.Clone(backends)
	slices.SortFunc(sorted, func(a, b reconcile.Backend) int { return a.Address.Compare(b.Address) })
	return sorted
}
