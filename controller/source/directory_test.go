package source

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
)

func TestFollowsFiles(t *testing.T) {
	followEach(t, map[string]change{
		"a file is written": {
			change: put("web.yaml", "web:1"),
			before: "", after: "web:1",
		},
		"a file is changed in place": {
			prepare: put("web.yaml", "web:1"), change: put("web.yaml", "web:2"),
			before: "web:1", after: "web:2",
		},
		"an editor renames its copy over the file": {
			prepare: put("web.yaml", "web:1"),
			change: func(t *testing.T, dir string) {
				put(".web.yaml.swp", "web:2")(t, dir)
				rename(t, filepath.Join(dir, ".web.yaml.swp"), filepath.Join(dir, "web.yaml"))
			},
			before: "web:1", after: "web:2",
		},
		"a file is removed": {
			prepare: both(put("web.yaml", "web:1"), put("db.yml", "db:1")), change: remove("web.yaml"),
			before: "db:1 web:1", after: "db:1",
		},
		"a file breaks": {
			prepare: both(put("web.yaml", "web:1"), put("db.json", "db:1")),
			change:  write("web.yaml", "kind: Deploymnet\n"),
			before:  "db:1 web:1", after: `db:1 failed DIR/web.yaml (DIR/web.yaml:1:7  kind: segue has no "Deploymnet"; did you mean "Deployment"?)`,
		},
		"a broken file is mended": {
			prepare: write("web.yaml", "a: [\n"), change: put("web.yaml", "web:2"),
			before: "failed DIR/web.yaml (DIR/web.yaml:1  not YAML: did not find expected node content)", after: "web:2",
		},
		"a link to nowhere is no removal": {
			prepare: put("web.yaml", "web:1"),
			change: func(t *testing.T, dir string) {
				link(t, "nowhere.yaml", filepath.Join(dir, "next"))
				rename(t, filepath.Join(dir, "next"), filepath.Join(dir, "web.yaml"))
			},
			before: "web:1", after: "failed DIR/web.yaml (DIR/web.yaml  no file DIR/web.yaml)",
		},
		"a file further down is changed": {
			prepare: put("shop/eu/db.yaml", "db:1"), change: put("shop/eu/db.yaml", "db:2"),
			before: "db:1", after: "db:2",
		},
		"a file that a manifest names is changed": {
			prepare: both(write("app.yml", "server: {port: 80}\n"), put("web.yaml", "web:1 app.yml")),
			change:  write("app.yml", "server: {port: 81}\n"),
			before:  `web:1("server: {port: 80}\n")`, after: `web:1("server: {port: 81}\n")`,
		},
		"two files hold the same object": {
			prepare: put("a.yaml", "web:1"), change: put("b.yaml", "web:2"),
			before: "web:1", after: `web:1 failed DIR/b.yaml (DIR/b.yaml:3:18  metadata.name: Deployment "web" is written twice; first at DIR/a.yaml:1)`,
		},
	})
}

func TestFollowsDirectories(t *testing.T) {
	followEach(t, map[string]change{
		"a directory further down appears with a file in it": {
			prepare: put("web.yaml", "web:1"), change: put("shop/eu/db.yaml", "db:1"),
			before: "web:1", after: "db:1 web:1",
		},
		"a directory further down is moved away": {
			prepare: both(put("web.yaml", "web:1"), put("shop/db.yaml", "db:1")),
			change: func(t *testing.T, dir string) {
				rename(t, filepath.Join(dir, "shop"), filepath.Join(filepath.Dir(dir), "aside"))
			},
			before: "db:1 web:1", after: "web:1",
		},
		"Kubernetes swaps a mounted ConfigMap": {
			prepare: func(t *testing.T, dir string) {
				put("..1/web.yaml", "web:1")(t, dir)
				link(t, "..1", filepath.Join(dir, "..data"))
				link(t, "..data/web.yaml", filepath.Join(dir, "web.yaml"))
			},
			change: func(t *testing.T, dir string) {
				put("..2/web.yaml", "web:2")(t, dir)
				link(t, "..2", filepath.Join(dir, "..data_tmp"))
				rename(t, filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data"))
			},
			before: "web:1", after: "web:2",
		},
		"git checks many files out": {
			prepare: both(put("a.yaml", "a:1"), both(put("b.yaml", "b:1"), put(".git/config.yaml", "git:1"))),
			change: func(t *testing.T, dir string) {
				for i := range 40 {
					put(fmt.Sprintf("c/%02d.yaml", i), fmt.Sprintf("c%02d:2", i))(t, dir)
				}
				for _, file := range []string{"a.yaml", "b.yaml"} {
					remove(file)(t, dir)
				}
				put("a.yaml", "a:2")(t, dir)
			},
			before: "a:1 b:1",
			after: "a:2 " + strings.Join(func() (all []string) {
				for i := range 40 {
					all = append(all, fmt.Sprintf("c%02d:2", i))
				}
				return all
			}(), " "),
		},
		"the directory appears": {
			prepare: func(t *testing.T, dir string) { removeAll(t, dir) },
			change:  put("web.yaml", "web:1"),
			before:  "err read manifests: no directory DIR", after: "web:1",
		},
		"the directory is removed": {
			prepare: put("web.yaml", "web:1"),
			change:  func(t *testing.T, dir string) { removeAll(t, dir) },
			before:  "web:1", after: "err read manifests: no directory DIR",
		},
		"the directory is replaced": {
			prepare: put("web.yaml", "web:1"),
			change: func(t *testing.T, dir string) {
				put("web.yaml", "web:2")(t, dir+".new")
				rename(t, dir, dir+".old")
				rename(t, dir+".new", dir)
			},
			before: "web:1", after: "web:2",
		},
		"the directory is a link that is swapped": {
			prepare: func(t *testing.T, dir string) {
				removeAll(t, dir)
				put("web.yaml", "web:1")(t, dir+".1")
				link(t, dir+".1", dir)
			},
			change: func(t *testing.T, dir string) {
				put("web.yaml", "web:2")(t, dir+".2")
				link(t, dir+".2", dir+".next")
				rename(t, dir+".next", dir)
			},
			before: "web:1", after: "web:2",
		},
	})
}

func TestFollowsKustomizations(t *testing.T) {
	followEach(t, map[string]change{
		"a base outside of the directory is changed": {
			prepare: overlay(""), change: put("../base/web.yaml", "web:2 app.conf"),
			before: `prod.web:1("a")`, after: `prod.web:2("a")`,
		},
		"a file of a base is changed": {
			prepare: overlay(""), change: write("../base/app.conf", "b"),
			before: `prod.web:1("a")`, after: `prod.web:1("b")`,
		},
		"a copy of a base's file appears in the overlay": {
			prepare: overlay(""), change: write("app.conf", "mine"),
			before: `prod.web:1("a")`, after: `prod.web:1("mine")`,
		},
		"an overlay is changed": {
			prepare: overlay(""), change: overlay("images: [{name: web, newTag: '7'}]\n"),
			before: `prod.web:1("a")`, after: `prod.web:7("a")`,
		},
		"the base appears": {
			prepare: both(overlay(""), func(t *testing.T, dir string) { rename(t, dir+"/../base", dir+"/../later") }),
			change:  func(t *testing.T, dir string) { rename(t, dir+"/../later", dir+"/../base") },
			before:  "err DIR/kustomization.yaml:1:13  resources[0]: there is no file or directory BASE\n1 problem in 1 file", after: `prod.web:1("a")`,
		},
		"a base breaks": {
			prepare: overlay(""), change: write("../base/web.yaml", "kind: Deploymnet\n"),
			before: `prod.web:1("a")`, after: "err BASE/web.yaml:1:1  kind: segue has no kind \"Deploymnet\"; resources are of kind Deployment, Nginx, Eureka\n1 problem in 1 file",
		},
		"nothing is left of a kustomization": {
			prepare: overlay(""), change: write("kustomization.yaml", "namespace: prod\n"),
			before: `prod.web:1("a")`,
			after:  "err the kustomization in DIR renders no manifest; name some under resources, or, if that is meant, delete the objects with segue delete after segue suspend dir:DIR",
		},
	})
}

// TestPolls: what the kernel does not report is seen all the same.
func TestPolls(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	put("web.yaml", "web:1 "+filepath.Join(elsewhere, "app.conf"))(t, dir)
	write("app.conf", "a")(t, elsewhere)
	follow(t, dir, 20*time.Millisecond, func(next func() string) {
		if first := next(); first != `web:1("a")` {
			t.Fatalf("the first reading is %s", first)
		}
		write("app.conf", "b")(t, elsewhere)
		for next() != `web:1("b")` {
		}
	})
}

// TestUnreadable: what cannot be read is failed, not gone.
func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	put("web.yaml", "web:1")(t, dir)
	link(t, "loop", filepath.Join(dir, "loop"))
	link(t, "loop.yaml", filepath.Join(dir, "loop.yaml"))
	reading, _ := NewDirectory(dir, logr.Discard()).reading()
	got := describe(reading, dir)
	want := "web:1 failed DIR/loop.yaml (DIR/loop.yaml  stat DIR/loop.yaml: too many levels of symbolic links)"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestName(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if got := NewDirectory("shop/", logr.Discard()).Name(); got != "dir:"+here+"/shop" {
		t.Errorf("a relative directory is called %s", got)
	}
}
