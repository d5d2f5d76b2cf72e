package nginx

import (
	"fmt"
	"testing"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestArrange(t *testing.T) {
	blue, green, third := at("web-1-1", "10.83.0.2:80"), at("web-2-1", "10.83.0.3:80"), at("web-3-1", "10.83.0.4:80")
	reused := at("web-3-1", "10.83.0.2:80")
	list := func(b ...reconcile.Backend) []reconcile.Backend { return b }
	cases := []struct {
		name              string
		pools             [2][]reconcile.Backend
		selected          int
		backends, standby []reconcile.Backend
		want              [2][]reconcile.Backend
		pool              int
	}{
		{"first", [2][]reconcile.Backend{}, 0, list(blue), list(green), [2][]reconcile.Backend{list(blue), list(green)}, 0},
		{"switch to the standby", [2][]reconcile.Backend{list(blue), list(green)}, 0, list(green), list(blue), [2][]reconcile.Backend{list(blue), list(green)}, 1},
		{"and back", [2][]reconcile.Backend{list(blue), list(green)}, 1, list(blue), list(green), [2][]reconcile.Backend{list(blue), list(green)}, 0},
		{"a third set takes the other pool", [2][]reconcile.Backend{list(blue), list(green)}, 1, list(third), nil, [2][]reconcile.Backend{list(third), list(green)}, 0},
		{"a reused address needs no reload", [2][]reconcile.Backend{list(blue), list(green)}, 1, list(reused), nil, [2][]reconcile.Backend{list(reused), list(green)}, 0},
		{"one of two dies", [2][]reconcile.Backend{list(blue, third), list(green)}, 0, list(third), nil, [2][]reconcile.Backend{list(third), list(green)}, 0},
		{"all die", [2][]reconcile.Backend{list(blue), list(green)}, 0, nil, nil, [2][]reconcile.Backend{nil, list(green)}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			was := section{Flag: c.pools[0] != nil, Routes: []sectionRoute{{Name: "http", Pools: c.pools[:]}}}
			w := wished("web", spec.BlueGreen, reconcile.WishedRoute{Name: "http", Backends: c.backends, Standby: c.standby})
			pools, pool := arrange(was, c.selected, w)
			if pool != c.pool || fmt.Sprint(pools["http"]) != fmt.Sprint(c.want) {
				t.Errorf("pool %d of %v, want %d of %v", pool, pools["http"], c.pool, c.want)
			}
		})
	}
}

func TestFlagSwitchIsTheSameGeneration(t *testing.T) {
	f := frameFor(oldNginx)
	route := spec.Route{Variable: "service_url"}
	blue, green := at("web-1-1", "127.0.0.1:8081"), at("web-2-1", "127.0.0.1:8082")
	_, first, _ := applied(t, f, release{}, nil, wished("web", spec.BlueGreen, reconcile.WishedRoute{Name: "http", Route: route, Backends: []reconcile.Backend{blue}, Standby: []reconcile.Backend{at("", "127.0.0.1:8082")}}))
	turn, second, _ := applied(t, f, first, map[string]flag{"web": {}}, wished("web", spec.BlueGreen, reconcile.WishedRoute{Name: "http", Route: route, Backends: []reconcile.Backend{green}, Standby: []reconcile.Backend{blue}}))
	if first.Generation != second.Generation {
		t.Errorf("generation %s, was %s", second.Generation, first.Generation)
	}
	if got := turn.flags["web"]; got.Selected != 1 || got.Pools["http"][1][0].Instance != "web-2-1" {
		t.Errorf("flag: %+v", got)
	}
}
