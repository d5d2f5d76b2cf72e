package controller

import (
	"strings"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// TestNeighboursOfAReload: a Deployment whose own change is lossless tells whom it costs something.
func TestNeighboursOfAReload(t *testing.T) {
	edge, side := spec.Name{Namespace: "default", Name: "edge"}, spec.Name{Namespace: "default", Name: "side"}
	deployment := func(name string, route spec.Route) (key, *object) {
		d := &spec.Deployment{Metadata: spec.Metadata{Name: name, Namespace: "default"}}
		d.Spec.Routes = map[string]spec.Route{"http": route}
		return deploymentKey(spec.Name{Namespace: "default", Name: name}), &object{Manifest: spec.Manifest{Deployment: d}}
	}
	all := map[key]*object{
		{kind: spec.KindNginx, name: edge}: {Manifest: spec.Manifest{Nginx: &spec.Nginx{}}},
		{kind: spec.KindNginx, name: side}: {Manifest: spec.Manifest{Nginx: &spec.Nginx{}}},
	}
	for name, route := range map[string]spec.Route{
		"orders":   {Nginx: "edge", Hostnames: []string{"orders.test"}},
		"payments": {Nginx: "edge", Upstream: "payments"},
		"web":      {Nginx: "edge", Variable: "service_url"},
		"blog":     {Nginx: "edge", Hostnames: []string{"blog.test"}},
		"stock":    {Nginx: "side", Upstream: "stock"},
	} {
		k, one := deployment(name, route)
		all[k] = one
	}
	o := &objects{byKey: all}
	orders := switching{object: edge, routes: []namedRoute{{"http", spec.Route{Hostnames: []string{"orders.test"}}}}, cut: o.cut(edge, spec.Name{Namespace: "default", Name: "orders"})}
	if got := strings.Join(orders.cut, " "); got != "payments web" {
		t.Errorf("a reload for orders costs %q, want payments and web", got)
	}
	if got := orders.lossesOfOthers("1.22.1"); !strings.Contains(got, "clients of payments, web") {
		t.Errorf("on 1.22.1: %q", got)
	}
	if got := orders.lossesOfOthers("1.30.6"); got != "" {
		t.Errorf("on 1.30.6: %q", got)
	}
}
