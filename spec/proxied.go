package spec

import "maps"

// EurekaRoute is the name of the route that mode Proxied implies.
const EurekaRoute = "eureka"

// Proxied: consumers of Eureka find nginx in place of the instances.
func (s DeploymentSpec) Proxied() bool {
	return s.Eureka != nil && s.Eureka.Mode == ProxiedRegistration
}

// Named: nginx answers at http://NAME, so no instance may be called so.
func (s DeploymentSpec) Named() bool {
	for _, route := range s.Routes {
		if route.Internal {
			return true
		}
	}
	return false
}

// SelfRegisters: the app is a Eureka client and registers itself.
func (s DeploymentSpec) SelfRegisters() bool {
	return s.Eureka != nil && (s.Eureka.Mode == "" || s.Eureka.Mode == SelfRegistered)
}

// AllRoutes are the routes with the one that mode Proxied implies.
func (s DeploymentSpec) AllRoutes() map[string]Route {
	if !s.Proxied() {
		return s.Routes
	}
	all := maps.Clone(s.Routes)
	if all == nil {
		all = map[string]Route{}
	}
	e := s.Eureka
	all[EurekaRoute] = Route{Nginx: e.Nginx, Port: e.Port, Internal: true, Balance: e.Balance, TimeoutSeconds: e.TimeoutSeconds}
	return all
}
