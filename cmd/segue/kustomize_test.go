package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

// TestWhatAKustomizationLeadsTo: -k renders it, for every command that takes -f.
func TestWhatAKustomizationLeadsTo(t *testing.T) {
	for args, c := range map[string]struct{ prod, want string }{
		"apply -k prod":                    {"", "deployment/shop.orders configured"},
		"apply -k prod --dry-run=client":   {"patches: [{path: patch.yaml}]\n", "deployment/shop.orders is good (dry run, client)"},
		"apply -k prod -n lab":             {"", "base/orders.yaml:1: deployment/orders is in namespace shop and -n says lab"},
		"plan -k prod":                     {"", "deployment/orders  revision 7 → 8"},
		"diff -k prod":                     {"", "+image: orders:1.5"},
		"delete -k prod --wait=false":      {"", "deployment/shop.orders"},
		"apply -k base -f prod":            {"", "error: say -f or -k, not both"},
		"apply -f prod":                    {"", "error: prod holds a kustomization.yaml: say -k prod, or name the files"},
		"apply -f .":                       {"", "a kustomization is no manifest; to have it rendered, name its own directory"},
		"apply -k nowhere":                 {"", "there is no directory nowhere"},
		"plan -k prod -o json":             {"replicas: [{name: nobody, count: 1}]\n", `prod/kustomization.yaml:3:13  replicas[0].name: no Deployment "nobody"`},
		"delete deployment orders -k prod": {"", "error: say -f, -k or names, not several of them"},
	} {
		t.Run(args, func(t *testing.T) {
			manifest(t, "base/orders.yaml", strings.Replace(good, "nginx: edge", "nginx: default.edge", 1))
			for file, text := range map[string]string{
				"base/kustomization.yaml": "resources: [orders.yaml]\n",
				"prod/kustomization.yaml": "resources: [../base]\nnamespace: shop\n" + c.prod,
				"prod/patch.yaml":         "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: orders}\nspec: {routes: null}\n",
			} {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Test(t, func(t *testing.T) {
				fake := shop()
				fake.Planned = aPlan()
				r := call{service: fake, args: strings.Fields(args)}.run(t.Context())
				if !strings.Contains(r.String(), c.want) {
					t.Errorf("got\n%s\nwant %s", r, c.want)
				}
			})
		})
	}
}

func TestTheFieldSpecsArePrinted(t *testing.T) {
	if r := (call{args: []string{"schema", "--kustomize"}}).run(t.Context()); r.code != exitDone || !strings.Contains(r.out, "- {path: spec/template/image, group: segue.dev, version: v1, kind: Deployment}\n") {
		t.Errorf("got\n%s", r)
	}
}
