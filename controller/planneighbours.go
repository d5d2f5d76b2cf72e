package controller

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segue-dev/segue/spec"
)

// cut are the other Deployments that have a route through the Nginx object in a location of the user's: whichever
// Deployment an older nginx reloads for, their clients' idle connections end.
func (o *objects) cut(nginx spec.Name, but spec.Name) []string {
	var names []string
	related := o.relations()
	for _, user := range related.users[key{kind: spec.KindNginx, name: nginx}] {
		one := o.get(deploymentKey(user))
		if user == but || one == nil {
			continue
		}
		for _, route := range one.Manifest.Deployment.Spec.Routes {
			through, err := related.nginxOf(route, user.Namespace)
			if err == nil && through == nginx && route.Kind() != spec.RouteOwned && !slices.Contains(names, user.String()) {
				names = append(names, user.String())
			}
		}
	}
	slices.Sort(names)
	return names
}

// lossesOfOthers says whom else a reload of an older nginx costs what it costs in a location of the user's.
func (s switching) lossesOfOthers(version string) string {
	if version == "" || atLeast(version, 1, 27, 4) || len(s.cut) == 0 {
		return ""
	}
	return fmt.Sprintf("A reload of nginx/%s (%s) also ends idle connections of the clients of %s, whose location is yours: about 2 requests are lost at 3,000 a second.",
		s.object, version, strings.Join(s.cut, ", "))
}
