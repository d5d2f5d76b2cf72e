package kustomize

import (
	"fmt"
	"os"
	"path/filepath"

	"sigs.k8s.io/kustomize/api/konfig"
)

// Is says whether dir holds a kustomization: kustomization.yaml, kustomization.yml or Kustomization.
func Is(dir string) bool {
	found := kustomizations(dir)
	return len(found) > 0
}

// kustomizations are the files in dir that have a kustomization's name.
func kustomizations(dir string) []string {
	var found []string
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			found = append(found, path)
		}
	}
	return found
}

// kustomizationIn is dir's one kustomization.
func kustomizationIn(dir string) (string, error) {
	switch found := kustomizations(dir); len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("there is no kustomization.yaml in %s", dir)
	default:
		return "", fmt.Errorf("%s and %s are in one directory; keep one of them", found[0], filepath.Base(found[1]))
	}
}
