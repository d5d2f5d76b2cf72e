package docker

// Mount is one bind mount or volume of a container.
type Mount struct {
	// Source is a path on the engine's host; where one is asked for, a name without a slash is a volume's.
	Source   string
	Target   string
	ReadOnly bool
}
