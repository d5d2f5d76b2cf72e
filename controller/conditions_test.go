package controller

import (
	"testing"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

// Who waits for WaitingForInclude and then includes segue's files finds the Deployment in them.
func TestTheUserIsAskedToIncludeWhatIsWritten(t *testing.T) {
	for _, test := range []struct {
		state    reconcile.WishState
		written  bool
		included reconcile.Tri
		asked    bool
	}{
		{reconcile.WishPending, false, reconcile.No, false},
		{reconcile.WishPending, true, reconcile.No, true},
		{reconcile.WishDone, false, reconcile.No, true},
		{reconcile.WishFailed, false, reconcile.No, false},
		{reconcile.WishDone, false, reconcile.Yes, false},
		{reconcile.WishDone, false, reconcile.Unknown, false},
	} {
		c := &conditions{}
		c.synced(&pass{observed: reconcile.Observed{
			Nginx:     []reconcile.NginxServer{{Name: "web-1", State: reconcile.ServerUp, Included: test.included}},
			RouteWish: reconcile.Wish{State: test.state, Written: test.written},
		}})
		asked := false
		for _, one := range c.list {
			asked = asked || one.Type == api.ConditionWaitingForInclude && one.Status == conditionTrue
		}
		if asked != test.asked {
			t.Errorf("wish %s, written %t, included %v: asked %t", test.state, test.written, test.included, asked)
		}
	}
}
