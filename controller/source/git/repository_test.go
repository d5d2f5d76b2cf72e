package git

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
)

func TestReadsOneCommitAsAWhole(t *testing.T) {
	s := newShop(t)
	s.put("prod/orders.yaml", "orders:1").put("local/orders.yaml", "orders:9")
	s.Files["prod/web.yaml"] = "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    image: web:1\n    files: {/etc/app.conf: {source: ../shared/app.conf}}\n"
	s.Files["shared/app.conf"] = "a"
	s.Push("first")
	r := s.source(func(o *Options) { o.Path = "prod" })
	want := `first by Ann | orders:1@prod/orders.yaml:1 | web:1@prod/web.yaml:1(../shared/app.conf "a")`
	if got := told(r.look(t.Context(), false, false)); got != want {
		t.Errorf("read %s\nwant %s", got, want)
	}
	if got := told(r.look(t.Context(), false, false)); got != "first by Ann | same" {
		t.Errorf("unchanged: read %s", got)
	}
	if got := told(r.look(t.Context(), true, false)); got != want {
		t.Errorf("asked: read %s", got)
	}
	s.Files["prod/orders.yaml"] = "kind: Deploymnet\n"
	s.Push("bad")
	got := told(r.look(t.Context(), false, false))
	if !strings.Contains(got, `failed prod/orders.yaml: prod/orders.yaml:1:7  kind: segue has no "Deploymnet"`) {
		t.Errorf("read %s", got)
	}
	if left, err := os.ReadDir(r.options.Dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestTroubles: whatever is wrong with a repository is told with a remedy, and is never an empty reading.
func TestTroubles(t *testing.T) {
	for name, test := range map[string]struct {
		change         func(s *shop, first plumbing.Hash)
		reason, remedy string
	}{
		"the repository is gone":            {func(s *shop, _ plumbing.Hash) { remove(s.t, s.Dir) }, api.ReasonUnreadable, "there is no Git repository at"},
		"the branch is deleted":             {func(s *shop, h plumbing.Hash) { s.Point("other", h); s.Drop("main") }, api.ReasonMissing, "(it has other); push it again"},
		"the path is gone":                  {func(s *shop, _ plumbing.Hash) { s.Files = map[string]string{"web/x": ""}; s.Push("moved") }, api.ReasonMissing, `"moved" by Ann has no directory prod (it has web)`},
		"nothing is left below the path":    {func(s *shop, _ plumbing.Hash) { s.Files = map[string]string{"prod/README": ""}; s.Push("emptied") }, api.ReasonEmpty, `holds no manifest below "/prod"`},
		"an object of the commit is absent": {func(s *shop, _ plumbing.Hash) { s.Lose(s.put("prod/orders.yaml", "orders:2").Push("half")) }, api.ReasonUnreadable, "an object of the commit is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			first := s.put("prod/orders.yaml", "orders:1").Push("first")
			r := s.source(func(o *Options) { o.Path = "prod" })
			r.Since(func() string { return first.String() })
			if got := r.look(t.Context(), false, false); got.Err != nil {
				t.Fatal(got.Err)
			}
			test.change(s, first)
			for range 2 {
				got := r.look(t.Context(), false, false)
				var trouble *controller.Trouble
				if !errors.As(got.Err, &trouble) || trouble.Reason != test.reason || !strings.Contains(trouble.Message, test.remedy) || len(got.Manifests) > 0 || got.Same {
					t.Errorf("got %s", told(got))
				}
			}
		})
	}
}

func TestRewrittenBranchIsTakenOnlyWhenAsked(t *testing.T) {
	s := newShop(t)
	first := s.put("orders.yaml", "orders:1").Push("first")
	second := s.put("orders.yaml", "orders:2").Push("second")
	applied := second.String()
	r := s.source()
	r.Since(func() string { return applied })
	if got := told(r.look(t.Context(), false, false)); got != "second by Ann | orders:2@orders.yaml:1" {
		t.Fatal(got)
	}
	forced := s.put("orders.yaml", "orders:3").Push("forced", first)
	for _, again := range []bool{false, false, true} {
		got := told(r.look(t.Context(), again, false))
		if !strings.Contains(got, `was rewritten: it is at `+short(forced)+` "forced" by Ann, and `+short(second)+`, which was applied last`) || !strings.Contains(got, "segue reconcile shop --accept-rewrite") {
			t.Errorf("got %s", got)
		}
	}
	s.Point("main", second)
	if got := told(r.look(t.Context(), false, false)); got != "second by Ann | orders:2@orders.yaml:1" {
		t.Errorf("put back: got %s", got)
	}
	s.Point("main", forced)
	if got := told(r.look(t.Context(), true, true)); got != "forced by Ann | orders:3@orders.yaml:1" {
		t.Errorf("accepted: got %s", got)
	}
	applied = forced.String()
	s.put("orders.yaml", "orders:4").Push("fourth", forced, second)
	if got := told(r.look(t.Context(), false, false)); got != "fourth by Ann | orders:4@orders.yaml:1" {
		t.Errorf("a merge goes on: got %s", got)
	}
}

func TestNothingLeadsOutOfTheRepository(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("s3cret"), 0o600); err != nil {
		t.Fatal(err)
	}
	up := strings.Repeat("../", 20)
	manifest := func(file string) string {
		return "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  template:\n    image: x:1\n    files: {/etc/x: {source: " + file + "}}\n"
	}
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a named file":                 {map[string]string{"x.yaml": manifest(up + outside[1:])}, "failed x.yaml: x.yaml:1  " + up + outside[1:] + " leads out of the repository"},
		"a link":                       {map[string]string{"x.yaml": manifest("l"), "l": "-> " + outside}, "failed x.yaml: x.yaml:7:30  spec.template.files[\"/etc/x\"].source: no file l"},
		"a manifest that is a link":    {map[string]string{"x.yaml": "-> " + up + "etc/passwd"}, "failed x.yaml: x.yaml  a symbolic link to "},
		"a link inside is followed":    {map[string]string{"x.yaml": manifest("l"), "l": "-> d/f", "d/f": "in"}, `x:1@x.yaml:1(l "in")`},
		"the host's own file is meant": {map[string]string{"x.yaml": manifest(outside)}, `"s3cret"`},
		"a large file":                 {map[string]string{"x.yaml": manifest("big"), "big": strings.Repeat("x", 1<<20+1)}, "is larger than 1 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.Files = test.files
			s.Push("try")
			if got := told(s.source().look(t.Context(), false, false)); !strings.Contains(got, test.want) {
				t.Errorf("got %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestRunLooksWhenAsked(t *testing.T) {
	s := newShop(t)
	s.put("orders.yaml", "orders:1").Push("first")
	r := s.source()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	readings := make(chan controller.Reading)
	ended := make(chan error, 1)
	go func() {
		ended <- r.Run(ctx, func(reading controller.Reading) {
			select {
			case readings <- reading:
			case <-ctx.Done():
			}
		})
	}()
	if got := <-readings; got.Asked || told(got) != "first by Ann | orders:1@orders.yaml:1" {
		t.Errorf("got %+v", got)
	}
	s.put("orders.yaml", "orders:2").Push("second")
	r.Now(false)
	if got := <-readings; !got.Asked || told(got) != "second by Ann | orders:2@orders.yaml:1" {
		t.Errorf("got %+v", got)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestOptions(t *testing.T) {
	for url, want := range map[string]string{
		"https://git.shop/team/Deploy.git": "git:deploy",
		"git@git.shop:team/deploy.git":     "git:deploy",
		"ssh://git@git.shop:2222/deploy":   "git:deploy",
		"/srv/git/shop.git/":               "git:shop",
		"file:///srv/git/shop/.git":        "git:shop",
		"https://ann:pw@git.shop/deploy":   "a password in the URL would be shown",
		"https://ann@git.shop/deploy":      "git:deploy",
		"ftp://git.shop/deploy":            "ftp:// is not supported",
		"":                                 "needs a URL",
		"https://git.shop/Sch%C3%B6n.git":  "for a name",
	} {
		r, err := New(Options{URL: url})
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = r.Name()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
		if strings.Contains(got, "pw@") {
			t.Errorf("the password is shown: %s", got)
		}
	}
	for path, want := range map[string]string{"prod/": "prod", "./prod": "prod", "": "", "/": "", "a/../b": "b", "../x": "leads out"} {
		r, err := New(Options{URL: "/srv/x", Path: path})
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && r.options.Path != want {
			t.Errorf("path %q: %v", path, err)
		}
	}
	if _, err := New(Options{URL: "http://git.shop/x", TokenFile: "t"}); err == nil || !strings.Contains(err.Error(), "must not travel over http") {
		t.Errorf("a token over http: %v", err)
	}
	for range 100 {
		if d := jittered(time.Minute); d < 54*time.Second || d > 66*time.Second {
			t.Fatalf("jittered a minute to %s", d)
		}
	}
}
