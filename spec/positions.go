package spec

import "strings"

// positions keeps those of the fields that concern other objects.
func positions(m Manifest, at map[string]Position) map[string]Position {
	kept := map[string]Position{}
	for path, position := range at {
		ofNginx := strings.HasPrefix(path, "spec.servers[") || path == "spec.httpPort" || path == "spec.httpsPort"
		if path == "metadata.name" || path == "spec" || m.Deployment != nil && concernsOthers(path) || m.Nginx != nil && ofNginx {
			kept[path] = position
		}
	}
	return kept
}

func concernsOthers(path string) bool {
	switch {
	case path == "spec.eureka", path == "spec.routes", path == "spec.eureka.registry", path == "spec.eureka.app", path == "spec.eureka.inject":
		return true
	case strings.HasPrefix(path, "spec.dependsOn"), strings.HasPrefix(path, "spec.routes."),
		strings.HasPrefix(path, "spec.template.aliases"), strings.HasPrefix(path, "spec.template.volumes"):
		return true
	}
	return strings.HasSuffix(path, ".hostPort") || strings.HasSuffix(path, ".hostIP")
}
