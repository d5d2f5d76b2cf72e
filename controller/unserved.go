package controller

import (
	"fmt"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// standing says whether nginx sends a Deployment's requests to anybody: Yes while one server does, No when all that are
// up answer 503, Unknown when none can tell.
func standing(name string, servers []reconcile.NginxServer) reconcile.Tri {
	all := reconcile.Unknown
	for _, server := range servers {
		served, rendered := server.Serves[name]
		switch {
		case server.State == reconcile.ServerDown || server.Included == reconcile.No:
		case server.State == reconcile.ServerUnknown || server.Serves == nil:
			return reconcile.Unknown
		case len(served) > 0:
			return reconcile.Yes
		case rendered:
			all = reconcile.No
		}
	}
	return all
}

// turnUnserved notes since when nobody serves what was served once, and answers how long that was when it is over.
// What has no route, or is deleted, is not missed.
func (r *record) turnUnserved(p *pass) (ended time.Duration, changed bool) {
	since := r.UnservedSince
	switch serves := standing(p.name.String(), p.observed.Nginx); {
	case len(p.observed.Nginx) == 0 || p.object.Deleting:
		r.UnservedSince = time.Time{}
	case serves == reconcile.No && since.IsZero() && len(r.Accepted) > 0:
		r.UnservedSince = p.began
	case serves == reconcile.Yes && !since.IsZero():
		ended, r.UnservedSince = p.began.Sub(since), time.Time{}
	}
	return ended, !r.UnservedSince.Equal(since)
}

// noteServed tells how long nobody served: the gap of a Recreate, a scale to 0, or the death of all at once.
func (l *looker) noteServed(p *pass, gap time.Duration) {
	if gap > 0 {
		message := fmt.Sprintf("for %s nobody did: requests were answered 503 with Retry-After", gap.Round(100*time.Millisecond))
		l.control.journal.note(p.key(), normal, "ServesAgain", message, "")
	}
}
