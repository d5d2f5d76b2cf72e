package reconcile

import (
	"testing"
	"time"

	"github.com/segue-dev/segue/spec"
)

// TestGatesBelongToTheRevision: an older instance passes the gates of its own revision, also where that was overtaken before
// it was accepted. One that nobody remembers passes the target's.
func TestGatesBelongToTheRevision(t *testing.T) {
	managed := with(registered(settings(1), spec.ManagedRegistration), func(c *spec.DeploymentSpec) {
		c.MinReadySeconds, c.Template.Warmup = ptr(7), []spec.Warmup{{Path: "/"}}
	})
	self := registered(settings(1), spec.SelfRegistered)
	d := Desired{
		Name: spec.ParseName("orders"), Wanted: revision("v4", 4, self), Record: Record{Accepted: []Revision{revision("v1", 1, settings(1))}},
		Overtaken: []Revision{revision("v2", 2, managed), revision("v4", 4, managed)},
	}
	s := newScene(d, Observed{}, day)
	for hash, want := range map[string]gates{
		"v1": {}, "v2": {warmup: true, managed: true, minReady: 7 * time.Second}, "v3": {}, "v4": {},
	} {
		if got := s.gatesOf(hash); got != want {
			t.Errorf("%s: %+v, want %+v", hash, got, want)
		}
	}
	for hash, want := range map[string]spec.RegistrationMode{"v2": spec.ManagedRegistration, "v3": spec.SelfRegistered, "v4": spec.SelfRegistered} {
		if got := revisionOf(d, hash).Spec.Eureka.Mode; got != want {
			t.Errorf("%s registers by %s, want %s", hash, got, want)
		}
	}
}
