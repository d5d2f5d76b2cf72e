package kustomize

import (
	"testing"

	"github.com/segue-dev/segue/spec"
)

// TestTheExampleInManifests: both environments stand beside each other, on the nginx of the host.
func TestTheExampleInManifests(t *testing.T) {
	const dir = "../../../manifests/kustomize/"
	all, err := spec.ReadPaths([]string{dir + "host"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for environment, want := range map[string]struct {
		replicas int
		env      string
	}{"prod": {3, "LOG_LEVEL=info\n"}, "local": {1, "LOG_LEVEL=debug\n"}} {
		made := Render(dir+"overlays/"+environment, dir)
		if made.Err != nil {
			t.Fatal(made.Err)
		}
		for _, m := range made.Manifests {
			d := m.Deployment
			if d.Metadata.Namespace != environment || *d.Spec.Replicas != want.replicas || d.Metadata.Labels["environment"] != environment || len(d.Spec.Template.Labels) > 0 {
				t.Errorf("%s: %+v", environment, d)
			}
			if file, named := m.Files["shop.env"]; named != (d.Metadata.Name == "shop") || named && string(file) != want.env {
				t.Errorf("%s: shop.env is %q", environment, file)
			}
		}
		all = append(all, made.Manifests...)
	}
	if len(all) != 5 {
		t.Errorf("%d objects, want 5", len(all))
	}
	if err := spec.ValidateSet(all, nil); err != nil {
		t.Error(err)
	}
}
