package kustomize

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// told are the problems of a rendering, with paths below dir.
func told(t *testing.T, dir string, r Rendering) string {
	t.Helper()
	if r.Err == nil {
		return ""
	}
	var problems spec.Problems
	if !errors.As(r.Err, &problems) {
		t.Fatalf("%v is no Problems", r.Err)
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, strings.ReplaceAll(p.Error(), dir+"/", ""))
	}
	return strings.Join(lines, "\n")
}

// TestProblemsAreToldWhereTheyWereWritten: a problem of what is rendered names the file that wrote it.
func TestProblemsAreToldWhereTheyWereWritten(t *testing.T) {
	const by = " (as prod/kustomization.yaml renders it)"
	for name, c := range map[string]struct {
		prod  string
		files map[string]string
		want  []string
	}{
		"the base": {"", map[string]string{"base/shop.yaml": strings.Replace(shop, "  replicas: 2\n", "  replica: 2\n", 1)},
			[]string{`base/shop.yaml:5:3  spec.replica: unknown field; did you mean "replicas"?` + by}},
		"a patch's file": {"patches: [{path: patch.yaml}]\n", map[string]string{"prod/patch.yaml": "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: orders}\nspec:\n  template:\n    livenessprobe: {}\n"},
			[]string{`prod/patch.yaml:6:5  spec.template.livenessprobe: unknown field; did you mean "livenessProbe"?` + by}},
		"a patch in the kustomization": {"patches:\n- patch: |-\n    apiVersion: segue.dev/v1\n    kind: Deployment\n    metadata: {name: orders}\n    spec:\n      replicas: many\n", nil,
			[]string{`prod/kustomization.yaml:8  spec.replicas: many is not a whole number`}},
		"a patch of operations": {"patches:\n- target: {kind: Deployment, name: orders}\n  path: ops.yaml\n", map[string]string{"prod/ops.yaml": "- op: add\n  path: /spec/template/env/MODE\n  value: {a: b}\n"},
			[]string{`prod/ops.yaml:3:10  spec.template.env.MODE: a mapping here; want a string` + by}},
		"images": {"images: [{name: registry.shop/orders, newTag: 'a b'}]\n", nil,
			[]string{`prod/kustomization.yaml:2:1  spec.template.image: "registry.shop/orders:a b" is not allowed; want NAME[:TAG]`}},
		"a prefix": {"namePrefix: A\n", nil, []string{`prod/kustomization.yaml:2:1  metadata.name: "Aedge"`}},
		"what YAML would change": {"patches: [{path: patch.yaml}]\n", map[string]string{"prod/patch.yaml": "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: orders}\nspec:\n  template:\n    env: {MODE: 0755, ON: on}\n"},
			[]string{`prod/patch.yaml:6:17  spec.template.env.MODE: YAML reads 0755 as the number 493; write "0755"`, `prod/patch.yaml:6:27  spec.template.env.ON: YAML reads on as true; write "on"`}},
		"a doubled key": {"", map[string]string{"base/shop.yaml": strings.Replace(shop, "  replicas: 2\n", "  replicas: 2\n  replicas: 3\n", 1)},
			[]string{`base/shop.yaml:6:3  spec.replicas: stands here twice; leave one of them out`}},
		"what is missing": {"patches: [{path: patch.yaml}]\n", map[string]string{"prod/patch.yaml": "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: orders}\nspec: {template: {image: null}}\n"},
			[]string{`prod/patch.yaml:4:18  spec.template.image: required` + by}},
		"another kind": {"", map[string]string{"base/shop.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"},
			[]string{`base/shop.yaml:2:1  kind: segue has no kind "ConfigMap"; resources are of kind Deployment, Nginx, Eureka`}},
		"no YAML": {"", map[string]string{"base/shop.yaml": "a: [\n"}, []string{`base/shop.yaml:1  not YAML: did not find`}},
		"a patch for nobody": {"patches: [{path: patch.yaml}]\n", map[string]string{"prod/patch.yaml": "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata:\n  name: order\nspec: {replicas: 3}\n"},
			[]string{`prod/patch.yaml:4:3  metadata.name: no Deployment "order" among what prod/kustomization.yaml reads; a patch needs one that it is for`}},
		"replicas of nobody": {"replicas: [{name: order, count: 3}]\n", nil,
			[]string{`prod/kustomization.yaml:2:13  replicas[0].name: no Deployment "order" among what this kustomization reads`}},
		"an object twice": {"", map[string]string{"base/shop.yaml": shop + "---\n" + shop},
			[]string{`base/shop.yaml:30:12  metadata.name: Deployment "orders" is written twice; first at base/shop.yaml:1`}},
		"a number for a text": {"images: [{name: a, newTag: 1.5}]\n", nil, []string{`prod/kustomization.yaml:2:20  newTag: kustomize does not know it or wants something else here`}},
		"annotations by alias": {"", map[string]string{"base/shop.yaml": "apiVersion: segue.dev/v1\nkind: Nginx\nmetadata: {name: edge, labels: &a {b: c}, annotations: *a}\n"},
			[]string{`base/shop.yaml:3:56  metadata.annotations: want fields here, written out: no list, text or alias`}},
		"metadata that is merged": {"", map[string]string{"base/shop.yaml": "apiVersion: segue.dev/v1\nkind: Nginx\nmetadata: {name: edge, <<: {labels: {a: b}}}\n"},
			[]string{`base/shop.yaml:3:24  metadata: want fields here, written out: no <<`}},
		"an unknown field of kustomize": {"image: [{name: a}]\n", nil, []string{`prod/kustomization.yaml:2:1  image: kustomize does not know it`}},
		"a base that is not there":      {"components: [../nowhere]\n", nil, []string{`prod/kustomization.yaml:2:14  components[0]: there is no file or directory nowhere`}},
		"a base above":                  {"components: [..]\n", map[string]string{"kustomization.yaml": "resources: [prod]\n"}, []string{`components[0]: `, `is above what names it, or the same; it would contain itself`}},
		"a file beside":                 {"patches: [{path: ../patch.yaml}]\n", map[string]string{"patch.yaml": "a: b\n"}, []string{`prod/kustomization.yaml:2:12  patches[0].path: ../patch.yaml lies outside of the directory of this kustomization`}},
		"an absolute path":              {"components: [/etc]\n", nil, []string{`/etc is an absolute path; give it relative to this file`}},
		"a directory without":           {"components: [sub]\n", map[string]string{"prod/sub/a.yaml": "a: b\n"}, []string{`there is no kustomization.yaml in prod/sub`}},
		"two kustomizations":            {"", map[string]string{"prod/kustomization.yml": "resources: []\n"}, []string{`are in one directory; keep one of them`}},
		"a missing file": {"", map[string]string{"base/shop.yaml": strings.Replace(shop, "    env:", "    envFrom:\n    - file: db.env\n    env:", 1)},
			[]string{`base/shop.yaml:12:13  spec.template.envFrom[0].file: no file base/db.env` + by}},
		"selectors": {"labels: [{pairs: {a: b}, includeSelectors: true}]\n", nil, []string{`prod/kustomization.yaml:2:26  labels[0].includeSelectors: segue's kinds have no selectors`}},
	} {
		t.Run(name, func(t *testing.T) {
			texts := overlaid(c.prod)
			for file, text := range c.files {
				texts[file] = text
			}
			dir := files(t, texts)
			got := told(t, dir, Render(filepath.Join(dir, "prod"), ""))
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("got\n%s\nwant %s", got, want)
				}
			}
		})
	}
}

// TestNothingIsFetchedOrRun: what could reach the network or run a program is refused by name, wherever it stands.
func TestNothingIsFetchedOrRun(t *testing.T) {
	const elsewhere = "is somewhere else, and segue fetches nothing for a kustomization"
	for field, want := range map[string]string{
		"components: ['https://github.com/a/b//c?ref=v1']":                     elsewhere,
		"components: ['github.com/a/b']":                                       elsewhere,
		"components: ['git@github.com:a/b.git']":                               elsewhere,
		"components: ['git::ssh://host/a/b']":                                  elsewhere,
		"components: ['file:///etc']":                                          elsewhere,
		"bases: ['https://example.com/base.yaml']":                             elsewhere,
		"patches: [{path: 'https://example.com/patch.yaml'}]":                  elsewhere,
		"patchesStrategicMerge: ['https://example.com/patch.yaml']":            elsewhere,
		"patchesJson6902: [{path: 'http://example.com/a', target: {name: a}}]": elsewhere,
		"replacements: [{path: 'https://example.com/r.yaml'}]":                 elsewhere,
		"configurations: ['https://example.com/c.yaml']":                       elsewhere,
		"crds: ['https://example.com/c.yaml']":                                 "segue knows its own kinds",
		"openapi: {path: 'https://example.com/c.yaml'}":                        "segue knows its own kinds",
		"generators: [g.yaml]":                                                 "segue runs no plugins",
		"transformers: [g.yaml]":                                               "segue runs no plugins",
		"validators: [g.yaml]":                                                 "segue runs no plugins",
		"helmCharts: [{name: a, repo: 'https://example.com'}]":                 "segue runs no programs",
		"configMapGenerator: [{name: a, files: ['https://example.com/a']}]":    "spec.template.files",
		"secretGenerator: [{name: a, files: ['https://example.com/a']}]":       "secret: true",
		"vars: [{name: A, objref: {kind: Deployment, name: orders}}]":          "use replacements",
	} {
		dir := files(t, overlaid(field+"\n"))
		got := told(t, dir, Render(filepath.Join(dir, "prod"), ""))
		if !strings.Contains(got, want) || !strings.HasPrefix(got, "prod/kustomization.yaml:2:") {
			t.Errorf("%s: got\n%s\nwant %s", field, got, want)
		}
	}
	// A directory that is called like a host is a directory.
	texts := overlaid("")
	texts["prod/kustomization.yaml"] = "resources: [github.com/a/b]\n"
	texts["prod/github.com/a/b/kustomization.yaml"] = "resources: [shop.yaml]\n"
	texts["prod/github.com/a/b/shop.yaml"] = shop
	if got := rendered(t, filepath.Join(files(t, texts), "prod")); len(got) != 4 {
		t.Errorf("got %v", got)
	}
}

// TestNothingLeadsOut: with a bound, nothing beyond it is read, not even through a link.
func TestNothingLeadsOut(t *testing.T) {
	texts := overlaid("")
	texts["base/shop.yaml"] = strings.Replace(shop, "    env:", "    files: {/f: {source: ../outside.txt}}\n    env:", 1)
	texts["outside.txt"] = "secret"
	dir := files(t, texts)
	for within, want := range map[string]string{
		dir:                        "",
		filepath.Join(dir, "prod"): "../base leads out of the repository",
	} {
		if got := told(t, dir, Render(filepath.Join(dir, "prod"), within)); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("within %s: got %q, want %q", within, got, want)
		}
	}
	if got, want := told(t, dir, Render(filepath.Join(dir, "base"), filepath.Join(dir, "base"))), "spec.template.files[\"/f\"].source: ../outside.txt leads out of the repository"; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	texts["base/shop.yaml"] = strings.Replace(shop, "    env:", "    files: {/f: {source: link.txt}}\n    env:", 1)
	dir = files(t, texts)
	if err := os.Symlink("../outside.txt", filepath.Join(dir, "base/link.txt")); err != nil {
		t.Fatal(err)
	}
	if got := told(t, dir, Render(filepath.Join(dir, "base"), filepath.Join(dir, "base"))); !strings.Contains(got, "link.txt leads out of the repository") {
		t.Errorf("got %q", got)
	}
}

// TestTheTopmostFileCounts: a file is relative to what names it, and an overlay's copy takes its place.
func TestTheTopmostFileCounts(t *testing.T) {
	naming := "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: %s}\nspec: {template: {image: a, files: {/a: {source: conf/a.txt}, /b: {source: b.txt}}, ports: [{containerPort: 80}]}}\n"
	dir := files(t, map[string]string{
		"base/kustomization.yaml":      "resources: [apps/one.yaml, two.yaml]\n",
		"base/apps/one.yaml":           fmt.Sprintf(naming, "one"),
		"base/two.yaml":                fmt.Sprintf(naming, "two"),
		"base/apps/conf/a.txt":         "base apps a",
		"base/apps/b.txt":              "base apps b",
		"base/conf/a.txt":              "base a",
		"base/b.txt":                   "base b",
		"middle/kustomization.yaml":    "resources: [../base]\ncomponents: [../component]\n",
		"middle/b.txt":                 "middle b",
		"component/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- path: patches/two.yaml\n",
		"component/patches/two.yaml":   "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: two}\nspec: {template: {files: {/c: {source: c.txt}}}}\n",
		"component/patches/c.txt":      "component c",
		"component/apps/b.txt":         "component apps b",
		"prod/kustomization.yaml":      "resources: [../middle]\nnamePrefix: p-\n",
		"prod/apps/conf/a.txt":         "prod apps a",
		"prod/b.txt":                   "prod b",
		"prod/conf/b.txt":              "not meant",
	})
	r := Render(filepath.Join(dir, "prod"), dir)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	got := map[string]string{}
	for _, m := range r.Manifests {
		for file, content := range m.Files {
			got[m.Name().Name+" "+file] = string(content)
		}
	}
	want := map[string]string{
		"p-one conf/a.txt": "prod apps a", "p-one b.txt": "component apps b",
		"p-two conf/a.txt": "base a", "p-two b.txt": "prod b", "p-two c.txt": "component c",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := fmt.Sprint(r.Dirs); got != strings.ReplaceAll("[D/base D/component D/middle D/prod]", "D", dir) {
		t.Errorf("to be watched: %s", got)
	}
}

// TestOneBaseTwice: a base under two overlays that are rendered together has the references and the files of each.
func TestOneBaseTwice(t *testing.T) {
	texts := overlaid("namespace: prod\n")
	texts["base/shop.yaml"] = strings.NewReplacer("    env:", "    files: {/f: {source: f.txt}}\n    env:", "dependsOn: [stock]", "dependsOn: [default.stock]").Replace(shop)
	texts["base/f.txt"] = "base"
	texts["local/kustomization.yaml"] = "resources: [../base]\nnamespace: local\nnameSuffix: -l\n"
	texts["both/kustomization.yaml"] = "resources: [../prod, ../local]\n"
	dir := files(t, texts)
	r := Render(filepath.Join(dir, "both"), "")
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	if err := spec.ValidateSet(onlyNot(r.Manifests, spec.KindNginx), nil); err == nil || strings.Contains(err.Error(), "no Deployment") {
		t.Errorf("got %v", err)
	}
	all := written(t, r.Manifests)
	for name, want := range map[string]string{"Deployment/prod.orders": "- prod.stock\n", "Deployment/local.orders-l": "- local.stock-l\n"} {
		if !strings.Contains(all[name], want) {
			t.Errorf("%s has no %q:\n%s", name, want, all[name])
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "prod/f.txt"), []byte("prod"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := told(t, dir, Render(filepath.Join(dir, "both"), "")); !strings.Contains(got, "f.txt may be prod/f.txt or base/f.txt") {
		t.Errorf("got %s", got)
	}
}

func onlyNot(manifests []spec.Manifest, kind string) []spec.Manifest {
	var kept []spec.Manifest
	for _, m := range manifests {
		if m.Kind() != kind {
			kept = append(kept, m)
		}
	}
	return kept
}

// TestDottedReferences: NAMESPACE.NAME follows what it names, and stays where that is not in the rendering.
func TestDottedReferences(t *testing.T) {
	hosts := overlaid("namespace: prod\n")
	hosts["base/shop.yaml"] = strings.Replace(shop, "metadata: {name: main}\n", "metadata: {name: main}\nspec: {servers: ['http://stock:8761/eureka', 'https://peer.example.com/eureka']}\n", 1)
	if got := rendered(t, filepath.Join(files(t, hosts), "prod"))["Eureka/prod.main"]; !strings.Contains(got, "- http://prod.stock:8761/eureka\n") || !strings.Contains(got, "- https://peer.example.com/eureka\n") {
		t.Errorf("got %s", got)
	}
	texts := overlaid("namespace: prod\nnamePrefix: p-\n")
	texts["base/shop.yaml"] = strings.NewReplacer("metadata: {name: stock", "metadata: {namespace: store, name: stock", "dependsOn: [stock]", "dependsOn: [store.stock, other.thing]",
		"{http: {nginx: edge}, admin: {nginx: edge,", "{http: {nginx: default.edge}, admin: {nginx: host.edge,", "registry: main, mode: Proxied, nginx: edge", "registry: default.main, mode: Proxied, nginx: default.edge").Replace(shop)
	got := rendered(t, filepath.Join(files(t, texts), "prod"))["Deployment/prod.p-orders"]
	for _, want := range []string{"- prod.p-stock\n", "- other.thing\n", "nginx: prod.p-edge\n", "nginx: host.edge\n", "registry: prod.p-main\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// TestOriginsAndPositions: an object says where its manifest stands, and problems between objects do, too.
func TestOriginsAndPositions(t *testing.T) {
	texts := overlaid("namespace: prod\n")
	dir := files(t, texts)
	r := Render(filepath.Join(dir, "prod"), "")
	for i, line := range []string{"1", "14", "19", "24"} {
		if want := filepath.Join(dir, "base/shop.yaml:") + line; r.Manifests[i].Origin != want {
			t.Errorf("%s stands at %s, want %s", r.Manifests[i].Name(), r.Manifests[i].Origin, want)
		}
		if strings.Contains(fmt.Sprint(written(t, r.Manifests)), "segue.dev/kustomize") {
			t.Error("a mark was left")
		}
	}
	err := spec.ValidateSet(r.Manifests[:1], nil)
	if got, want := strings.ReplaceAll(fmt.Sprint(err), dir+"/", ""), "base/shop.yaml:6:15  spec.dependsOn[0]: no Deployment \"stock\""; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestRelativePathsStayAsTheyAreTyped: what a person names by a relative path is told by one.
func TestRelativePathsStayAsTheyAreTyped(t *testing.T) {
	dir := files(t, overlaid("replicas: [{name: nobody, count: 1}]\n"))
	t.Chdir(filepath.Join(dir, "prod"))
	if got := fmt.Sprint(Render(".", "").Err); !strings.HasPrefix(got, "kustomization.yaml:2:") {
		t.Errorf("got %s", got)
	}
	if err := os.WriteFile("kustomization.yaml", []byte("resources: [../base]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := Render(".", "").Manifests[0].Origin; got != "../base/shop.yaml:1" {
		t.Errorf("got %s", got)
	}
}
