package source

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// deed is what somebody does to a directory.
type deed func(t *testing.T, dir string)

// overlay writes a kustomization over a base beside the directory.
func overlay(more string) deed {
	return both(write("kustomization.yaml", "resources: [../base]\nnamespace: prod\n"+more),
		both(both(put("../base/web.yaml", "web:1 app.conf"), write("../base/app.conf", "a")), write("../base/kustomization.yaml", "resources: [web.yaml]\n")))
}

// put writes a Deployment, "NAME:TAG" or "NAME:TAG FILE" with a file of its own.
func put(file, what string) deed {
	image, source, hasFile := strings.Cut(what, " ")
	name, _, _ := strings.Cut(image, ":")
	text := fmt.Sprintf("apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: %s}\nspec:\n  template:\n    image: %s\n", name, image)
	if hasFile {
		text += fmt.Sprintf("    files: {/etc/app.conf: {source: %s}}\n", source)
	}
	return write(file, text)
}

func write(file, text string) deed {
	return func(t *testing.T, dir string) {
		t.Helper()
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func both(first, second deed) deed {
	return func(t *testing.T, dir string) {
		t.Helper()
		first(t, dir)
		second(t, dir)
	}
}

func remove(file string) deed {
	return func(t *testing.T, dir string) {
		t.Helper()
		removeAll(t, filepath.Join(dir, file))
	}
}

func removeAll(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, target, at string) {
	t.Helper()
	if err := os.Symlink(target, at); err != nil {
		t.Fatal(err)
	}
}
