package git

import (
	"strings"
	"testing"
)

// overlaid is a repository of a base and two overlays.
func overlaid(t *testing.T) *shop {
	s := newShop(t)
	s.put("base/orders.yaml", "orders:1")
	s.Files["base/orders.yaml"] += "    files: {/etc/app.conf: {source: app.conf}}\n"
	s.Files["base/app.conf"] = "base"
	s.Files["base/kustomization.yaml"] = "resources: [orders.yaml]\n"
	s.Files["overlays/prod/kustomization.yaml"] = "resources: [../../base]\nnamespace: prod\nimages: [{name: orders, newTag: '2'}]\n"
	s.Files["overlays/prod/app.conf"] = "prod"
	s.Files["overlays/local/kustomization.yaml"] = "resources: [../../base]\nnamespace: local\n"
	s.Push("first")
	return s
}

func TestReadsOverlays(t *testing.T) {
	s := overlaid(t)
	for path, want := range map[string]string{
		"overlays/prod":  `first by Ann | orders:2@base/orders.yaml:1(app.conf "prod")`,
		"overlays/local": `first by Ann | orders:1@base/orders.yaml:1(app.conf "base")`,
		"base":           `first by Ann | orders:1@base/orders.yaml:1(app.conf "base")`,
	} {
		if got := told(s.source(func(o *Options) { o.Path = path }).look(t.Context(), false, false)); got != want {
			t.Errorf("%s: read %s\nwant %s", path, got, want)
		}
	}
}

// TestABadOverlayIsRefused: the commit as a whole, with paths as the repository has them; and nothing of the host is read.
func TestABadOverlayIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"resources: [../../base]\nreplicas: [{name: nobody, count: 1}]\n": `failed overlays/prod: overlays/prod/kustomization.yaml:2:13  replicas[0].name: no Deployment "nobody"`,
		"resources: [../../../etc]\n":                                     `failed overlays/prod: overlays/prod/kustomization.yaml:1:13  resources[0]: `,
		"resources: [../../base, ../out]\n":                               `failed overlays/prod: overlays/prod/kustomization.yaml:1:25  resources[1]: there is no file or directory overlays/out`,
		"resources: [../../base, 'https://a.test/b']\n":                   `failed overlays/prod: overlays/prod/kustomization.yaml:1:25  resources[1]: https://a.test/b is somewhere else`,
		"resources: [../../base]\npatches: [{path: p.yaml}]\n":            `failed overlays/prod: overlays/prod/p.yaml:4:36  spec.template.envFrom[0].file: ../../../x leads out of the repository`,
	} {
		s := overlaid(t)
		s.Files["overlays/out"] = "-> /etc"
		s.Files["overlays/prod/p.yaml"] = "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: orders}\nspec: {template: {envFrom: [{file: ../../../x}]}}\n"
		s.Files["overlays/prod/kustomization.yaml"] = text
		s.Push("bad")
		r := s.source(func(o *Options) { o.Path = "overlays/prod" })
		if got := told(r.look(t.Context(), false, false)); !strings.Contains(got, want) {
			t.Errorf("%s: read %s\nwant %s", text, got, want)
		}
	}
	s := overlaid(t)
	s.Files["overlays/prod/kustomization.yaml"] = "namespace: prod\n"
	s.Push("emptied")
	r := s.source(func(o *Options) { o.Path = "overlays/prod" })
	if got := told(r.look(t.Context(), false, false)); !strings.Contains(got, `holds no manifest below "/overlays/prod"`) {
		t.Errorf("read %s", got)
	}
}
