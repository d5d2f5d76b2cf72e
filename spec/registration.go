package spec

// RegistrationMode is who registers an instance with Eureka.
type RegistrationMode string

// The registration modes.
const (
	// SelfRegistered: the app is a Eureka client and registers itself.
	SelfRegistered RegistrationMode = "Self"
	// ManagedRegistration: segue registers each instance; the app does not.
	ManagedRegistration RegistrationMode = "Managed"
	// ProxiedRegistration: segue registers the nginx servers in place of the instances; the app does not register.
	ProxiedRegistration RegistrationMode = "Proxied"
)

// Registration is how a Deployment's instances appear in Eureka.
type Registration struct {
	// Registry names the Eureka object; the only one when empty.
	Registry string `json:"registry,omitempty"`
	// App is the application name; the Deployment's name in capitals when empty.
	App string `json:"app,omitempty"`
	// Mode is Self (the default), Managed or Proxied.
	Mode RegistrationMode `json:"mode,omitempty"`
	// Port names the port that is registered; the only one when empty.
	Port     string            `json:"port,omitempty"`
	Metadata map[string]string `json:"metadata,omitempty"`
	// Inject merges the Spring settings that make dark start and drain safe into SPRING_APPLICATION_JSON.
	// Never overwrites the user's. Default true.
	Inject *bool `json:"inject,omitempty"`

	// Nginx names the Nginx object that is registered in mode Proxied; the only one when empty.
	Nginx string `json:"nginx,omitempty"`
	// Balance and TimeoutSeconds are those of a route, for mode Proxied.
	Balance        Balance `json:"balance,omitempty"`
	TimeoutSeconds *int    `json:"timeoutSeconds,omitempty"`
}
