package kustomize

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// fieldSpecs teaches kustomize segue's kinds.
//
//go:embed fieldspecs.yaml
var fieldSpecs string

// routeSpec is where a route refers to an Nginx object: kustomize has no wildcard, so there is one for each route's name.
const routeSpec = "  - {path: spec/routes/%s/nginx, group: segue.dev, version: v1, kind: Deployment}\n"

// usual is the route that fieldSpecs has already.
const usual = "http"

// FieldSpecs is a file for the configurations of a kustomization.yaml, so that `kustomize build` does what Render does as
// far as it can. References of routes follow a new name where the route's name is http or among routes.
func FieldSpecs(routes ...string) string {
	var more strings.Builder
	slices.Sort(routes)
	for _, route := range slices.Compact(routes) {
		if route != usual {
			fmt.Fprintf(&more, routeSpec, route)
		}
	}
	line := fmt.Sprintf(routeSpec, usual)
	return strings.Replace(fieldSpecs, line, line+more.String(), 1)
}
