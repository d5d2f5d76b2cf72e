package reconcile

import (
	"time"

	"github.com/segue-dev/segue/spec"
)

// Desired is what one Deployment should be and what is remembered of it.
type Desired struct {
	Name spec.Name
	// Wanted is what its owner asks for now.
	Wanted Revision
	Record Record
	// Overtaken are revisions that were wanted and never accepted, as far as they are remembered: instances of theirs may
	// live, and pass the gates of their own.
	Overtaken []Revision
	// Deleted: the Deployment is to be drained and removed.
	Deleted bool
	// PropagationTime is fetchSeconds + loadBalancerSeconds of the Eureka object; 0 where there is none.
	PropagationTime time.Duration
	// ImageHealth: the target revision's image has a HEALTHCHECK.
	ImageHealth bool
}

// revision finds what is remembered of a hash. What was accepted goes before what is wanted, which may have been edited
// since, and both before what was given up.
func (d Desired) revision(hash string) (Revision, bool) {
	for _, accepted := range d.Record.Accepted {
		if accepted.Hash == hash {
			return accepted, true
		}
	}
	if d.Wanted.Hash == hash {
		return d.Wanted, true
	}
	if rejected := d.Record.Rejected; rejected != nil && rejected.Revision.Hash == hash {
		return rejected.Revision, true
	}
	for _, overtaken := range d.Overtaken {
		if overtaken.Hash == hash {
			return overtaken, true
		}
	}
	return Revision{}, false
}
