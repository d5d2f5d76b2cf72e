package reconcile

// PulledImage is what an image reference resolved to.
type PulledImage struct {
	// Reference is the registry digest, or the image id where it has none.
	Reference string
	// HasHealthcheck: the image has a HEALTHCHECK.
	HasHealthcheck bool
	// Size is in bytes.
	Size int64
	// Progress is how much of it has been fetched, in words; "" when nothing is.
	Progress string
}
