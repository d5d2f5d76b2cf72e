package docker

import (
	"testing"

	"github.com/segue-dev/segue/spec"
)

func TestResolvedReference(t *testing.T) {
	const id, digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111", "sha256:2222222222222222222222222222222222222222222222222222222222222222"
	for _, test := range []struct {
		name    string
		digests []string
		want    string
	}{
		{"orders:1", nil, id},
		{"orders:1", []string{"orders@" + digest}, "orders@" + digest},
		{"docker.io/library/orders", []string{"orders@" + digest}, "orders@" + digest},
		{"registry.shop/orders:1", []string{"orders@" + digest, "registry.shop/orders@" + digest}, "registry.shop/orders@" + digest},
		{"mirror/orders:1", []string{"orders@" + digest}, id},
		{"orders@" + digest, []string{"orders@" + digest}, "orders@" + digest},
		{id, []string{"orders@" + digest}, id},
	} {
		if got := resolved(test.name, id, test.digests); got != test.want {
			t.Errorf("%s: %s", test.name, got)
		}
	}
	for name, want := range map[string]spec.PullPolicy{
		"orders": spec.PullAlways, "orders:latest": spec.PullAlways, "orders:1": spec.PullIfNotPresent,
		"orders@" + digest: spec.PullIfNotPresent, id: spec.PullIfNotPresent, "localhost:5000/orders": spec.PullAlways,
	} {
		if got := defaultPolicy(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestProgressInWords(t *testing.T) {
	var p progress
	if p.String() != "" {
		t.Errorf("nothing yet: %q", p.String())
	}
	p.note("1.5", "Pulling from shop/orders", 0, 0)
	p.note("aaa", "Already exists", 0, 0)
	p.note("bbb", "Pulling fs layer", 0, 0)
	p.note("bbb", "Downloading", 34_500_000, 142_000_000)
	if got := p.String(); got != "34.5MB of 142MB, 1 of 2 layers" {
		t.Errorf("half-way: %q", got)
	}
	p.note("bbb", "Pull complete", 0, 0)
	if got := p.String(); got != "142MB of 142MB, 2 of 2 layers" {
		t.Errorf("done: %q", got)
	}
}
