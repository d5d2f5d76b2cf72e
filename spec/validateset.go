package spec

// ValidateSet checks objects against each other: every object named exists, no two routes want the same host and path,
// upstream or port, dependsOn has no cycle, no object is there twice. existing are those that stay beside the new
// ones; one of the same kind and name as a new one is replaced by it. Only problems of new ones are reported. The
// error is Problems.
func ValidateSet(changed, existing []Manifest) error {
	return nil
}

// Users are the Deployments among all that need the object: by route, by registration or by dependsOn.
func Users(kind string, name Name, all []Manifest) []Name {
	return nil
}
