package reconcile

import (
	"testing"
	"time"

	"github.com/segue-dev/segue/spec"
)

// TestPace: a rollout takes no longer than its waves do, one after the other: start to ready, the reloads, the old
// workers' life, signal to exit.
func TestPace(t *testing.T) {
	c := storyCosts
	wave := c.Boot + 2*c.Reload + c.Worker + c.Exit
	for _, one := range []struct {
		what  string
		spec  spec.DeploymentSpec
		waves int
	}{
		{"1, surge 1", rolling(1, "1", "0"), 1},
		{"3, surge 1", rolling(3, "1", "0"), 3},
		{"3, surge 3", rolling(3, "3", "0"), 1},
		{"10, surge 1", rolling(10, "1", "0"), 10},
		{"10, surge 2, unavailable 2", rolling(10, "2", "2"), 3},
		{"10, surge 4", rolling(10, "4", "0"), 3},
		{"blue/green", blueGreen(4, 0, true), 1},
		{"recreate", recreate(4), 1},
	} {
		s := served(t, one.spec)
		s.apply("v2", behaviour{}, nil)
		s.settle()
		took := s.w.now.Sub(s.begun)
		bound := c.Pull + time.Duration(one.waves)*wave
		if one.spec.Strategy.Type == spec.Recreate {
			bound += 2 * c.Reload
		}
		if ratio := took.Seconds() / bound.Seconds(); ratio > 1.15 {
			t.Errorf("%s: %s, %.2f of %s", one.what, took, ratio, bound)
		} else {
			t.Logf("%s: %s, %.2f of %s", one.what, took, ratio, bound)
		}
	}
}
