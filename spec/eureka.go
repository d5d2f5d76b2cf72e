package spec

// Eureka is a registry of one or more servers.
type Eureka struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Metadata   Metadata   `json:"metadata"`
	Spec       EurekaSpec `json:"spec,omitzero"`
}

// EurekaSpec is the wanted state of a Eureka object.
type EurekaSpec struct {
	// Servers are base URLs such as http://eureka-1:8761/eureka. segue's own registry when empty.
	Servers      []string `json:"servers,omitempty"`
	Username     string   `json:"username,omitempty"`
	PasswordFile string   `json:"passwordFile,omitempty"`
	CAFile       string   `json:"caFile,omitempty"`
	Caches       Caches   `json:"caches,omitzero"`
	// Reach is where consumers find the instances that are registered. Default Container.
	Reach Reach `json:"reach,omitempty"`
}

// Caches are how long stale answers live between a Eureka server and a caller.
type Caches struct {
	// ResponseSeconds is eureka.server.response-cache-update-interval-ms. Default 30.
	ResponseSeconds *int `json:"responseSeconds,omitempty"`
	// FetchSeconds is eureka.client.registry-fetch-interval-seconds. Default 30.
	FetchSeconds *int `json:"fetchSeconds,omitempty"`
	// LoadBalancerSeconds is spring.cloud.loadbalancer.cache.ttl. Default 35.
	LoadBalancerSeconds *int `json:"loadBalancerSeconds,omitempty"`
}
