package spec

import "strings"

// positions keeps those of the fields that concern other objects.
func positions(m Manifest, at map[string]Position) map[string]Position {
	kept := map[string]Position{}
	for path, position := range at {
		if path == "metadata.name" || m.Deployment != nil && concernsOthers(path) {
			kept[path] = position
		}
	}
	return kept
}

func concernsOthers(path string) bool {
	switch {
	case path == "spec.eureka", path == "spec.eureka.registry", path == "spec.routes":
		return true
	case strings.HasPrefix(path, "spec.dependsOn"), strings.HasPrefix(path, "spec.routes."):
		return true
	}
	return strings.HasSuffix(path, ".hostPort")
}
