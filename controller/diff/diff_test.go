package diff_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/segue-dev/segue/controller/diff"
	"github.com/segue-dev/segue/spec"
)

func orders(image string, env map[string]string) spec.Manifest {
	d := &spec.Deployment{APIVersion: spec.APIVersion, Kind: spec.KindDeployment, Metadata: spec.Metadata{Name: "orders"}}
	d.Spec.Template = spec.Template{Image: image, Env: env}
	return spec.Manifest{Deployment: d}
}

func TestWords(t *testing.T) {
	replicas := 3
	scaled := orders("shop/orders:1.4", nil)
	scaled.Deployment.Spec.Replicas = &replicas
	for _, c := range []struct {
		name          string
		before, after spec.Manifest
		sums          map[string]string
		want          []string
	}{
		{"the same", orders("a:1", nil), orders("a:1", nil), nil, nil},
		{"a tag", orders("shop/orders:1.4", nil), orders("shop/orders:1.5", nil), nil, []string{"image 1.4 → 1.5"}},
		{"another image", orders("a:1", nil), orders("b:1", nil), nil, []string{"image a:1 → b:1"}},
		{"values stay secret", orders("a:1", map[string]string{"KEY": "s3cret"}), orders("a:2", map[string]string{"KEY": "0ther"}), nil, []string{"image 1 → 2", "env KEY"}},
		{"something new", orders("shop/orders:1.4", nil), scaled, nil, []string{"replicas 3"}},
		{"something gone", scaled, orders("shop/orders:1.4", nil), nil, []string{"no replicas"}},
		{"a file's bytes", orders("a:1", nil), orders("a:1", nil), map[string]string{"app.conf": "1"}, []string{"file app.conf"}},
	} {
		got, err := diff.Words(c.before, c.after, nil, c.sums)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

func TestUnified(t *testing.T) {
	got, err := diff.Unified(orders("a:1", nil), orders("a:2", nil))
	if err != nil || !strings.Contains(got, "-    image: a:1\n+    image: a:2\n") {
		t.Errorf("%v\n%s", err, got)
	}
	if got, _ := diff.Unified(orders("a:1", nil), orders("a:1", nil)); got != "" {
		t.Errorf("the same differs:\n%s", got)
	}
	if got, _ := diff.Unified(spec.Manifest{}, orders("a:1", nil)); !strings.Contains(got, "+kind: Deployment") {
		t.Errorf("something new:\n%s", got)
	}
}
