package diff

import (
	"fmt"

	"github.com/aymanbagabas/go-udiff"
	"sigs.k8s.io/yaml"

	"github.com/segue-dev/segue/spec"
)

// Unified is the unified diff of two manifests as YAML, secrets masked; "" when they say the same. The zero Manifest
// is none.
func Unified(before, after spec.Manifest) (string, error) {
	old, err := text(before)
	if err != nil {
		return "", err
	}
	now, err := text(after)
	if err != nil {
		return "", err
	}
	return udiff.Unified("kept", "applied", old, now), nil
}

func text(m spec.Manifest) (string, error) {
	object := written(spec.Redact(m))
	if object == nil {
		return "", nil
	}
	lines, err := yaml.Marshal(object)
	if err != nil {
		return "", fmt.Errorf("write %s as YAML: %w", m.Name(), err)
	}
	return string(lines), nil
}

// written is the object in the manifest; nil when there is none.
func written(m spec.Manifest) any {
	switch {
	case m.Deployment != nil:
		return m.Deployment
	case m.Nginx != nil:
		return m.Nginx
	case m.Eureka != nil:
		return m.Eureka
	default:
		return nil
	}
}
