package docker

import "github.com/segue-dev/segue/spec"

// OwnContainer is a container that segue runs for itself: its own nginx, its own registry.
type OwnContainer struct {
	Name  string
	Image string
	// Command replaces the image's CMD.
	Command []string
	Env     map[string]string
	Mounts  []Mount
	Ports   []spec.Port
	// Role says what it is, as "nginx/edge"; it becomes a label.
	Role string
	// Aliases are names under which it is found on the network segue and on Networks, which it joins as well.
	Aliases  []string `json:",omitempty"`
	Networks []string `json:",omitempty"`
}
