package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSourcesFileExample(t *testing.T) {
	file, err := readSources("../../packaging/sources.yaml")
	if err != nil {
		t.Fatal(err)
	}
	entries := file.Sources
	made, err := (&cli{}).sources(entries[1:], t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, one := range made.sources {
		names = append(names, one.Name())
	}
	if got := strings.Join(names, " "); got != "git:tools dir:/etc/segue/manifests" {
		t.Errorf("sources %s", got)
	}
	if !made.policies["git:tools"].ReportDrift || !entries[0].Atomic || !entries[0].Prune {
		t.Errorf("policies %+v, %+v", made.policies, entries[0])
	}
	if _, err := (&cli{}).sources(entries[:1], t.TempDir()); err == nil || !strings.Contains(err.Error(), "webhook secret of git:shop") {
		t.Errorf("a webhook without its secret: %v", err)
	}
}

func TestSourcesFileNamesIdentities(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sources.yaml")
	if err := os.WriteFile(path, []byte("{apiVersion: segue.dev/v1, kind: Sources, ageIdentities: [key, /etc/key], sources: []}"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := readSources(path)
	if err != nil || strings.Join(file.AgeIdentities, " ") != filepath.Join(filepath.Dir(path), "key")+" /etc/key" {
		t.Errorf("read %+v, %v", file, err)
	}
}

func TestSourcesFileIsStrict(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"unknown key":      {"sources: [{git: {url: /srv/x, brnch: main}}]", `:1:73  sources[0].git.brnch: unknown field; did you mean "branch"?`},
		"neither":          {"sources: [{name: x}]", "sources[0]: want git or directory"},
		"both":             {"sources: [{git: {url: /srv/x}, directory: d}]", "sources[0].directory: beside git"},
		"password in URL":  {"sources: [{git: {url: 'https://a:b@git.shop/x'}}]", "a password in the URL would be shown"},
		"bad interval":     {"sources: [{git: {url: /srv/x, interval: soon}}]", `sources[0].git.interval: "soon"; want a duration`},
		"bad drift":        {"sources: [{directory: d, drift: ignore}]", `sources[0].drift: "ignore"; want heal or report`},
		"pruneAll alone":   {"sources: [{directory: d, pruneAll: true}]", "say both"},
		"atomic directory": {"sources: [{directory: d, atomic: true}]", "a directory has no commits"},
		"no signers":       {"sources: [{git: {url: /srv/x, verify: gone}}]", "sources[0].git.verify: stat "},
		"twice":            {"sources: [{git: {url: /srv/x}}, {git: {url: /opt/x.git}}]", "git:x is there twice"},
		"not a list":       {"sources: {directory: d}", "want a list"},
		"no sources":       {"", "sources: required"},
		"another kind":     {"sources: []}\n---\n{", "want one document"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sources.yaml")
			text := "{apiVersion: segue.dev/v1, kind: Sources, " + test.text + "}\n"
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := readSources(path)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
	if _, err := readSources(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "no file") {
		t.Errorf("no file: %v", err)
	}
}

// TestTheOverlaysSources: the example has a source for each environment, and the nginx of both.
func TestTheOverlaysSources(t *testing.T) {
	file, err := readSources("../../manifests/kustomize/sources.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range []string{"host", "overlays/prod", "overlays/local"} {
		if file.Sources[i].Git.Path != path {
			t.Errorf("source %d follows %s, want %s", i, file.Sources[i].Git.Path, path)
		}
		if info, err := os.Stat(filepath.Join("../../manifests/kustomize", path)); err != nil || !info.IsDir() {
			t.Errorf("there is no directory %s in the example", path)
		}
	}
}
