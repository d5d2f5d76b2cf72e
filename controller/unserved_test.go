package controller_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// TestARecreateTellsHowLongNobodyServed, also when segue is killed in the gap; a first rollout and one that leaves no
// gap have nothing to tell.
func TestARecreateTellsHowLongNobodyServed(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), recreated("orders:1"), service("stock", "stock:1", 1))
		s.settled("stock")
		s.expectGaps("orders")
		s.apply(recreated("orders:2"), service("stock", "stock:2", 1))
		s.until("orders", "between the two", func(d *api.DeploymentStatus) bool {
			return slices.ContainsFunc(d.Instances, func(i api.Instance) bool { return i.Image == "orders:2" })
		})
		s.later(time.Second)
		s.restart()
		s.settled("orders")
		s.settled("stock")
		s.expectGaps("orders", `for [3-9](\.\d)?s nobody did: requests were answered 503 with Retry-After`)
		s.expectGaps("stock")
	})
}

// TestAScaleToZeroTellsHowLongNobodyServed, and a Deployment that is deleted meanwhile is not missed.
func TestAScaleToZeroTellsHowLongNobodyServed(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 1), service("stock", "stock:1", 1))
		s.settled("orders")
		s.settled("stock")
		s.apply(service("orders", "orders:1", 0), service("stock", "stock:1", 0))
		s.settled("orders")
		s.settled("stock")
		s.later(time.Hour)
		s.apply(service("orders", "orders:1", 1))
		s.settled("orders")
		s.expectGaps("orders", `for 1h0m\d(\.\d)?s nobody did: .*`)
		if _, err := s.c.Delete(t.Context(), api.DeleteRequest{Kind: spec.KindDeployment, Name: spec.ParseName("stock")}); err != nil {
			t.Fatal(err)
		}
		s.until("stock", "gone", func(d *api.DeploymentStatus) bool { return d.Phase == "Gone" })
		s.expectGaps("stock")
	})
}

// recreated is a service whose strategy is Recreate.
func recreated(image string) spec.Manifest {
	return changed(service("orders", image, 1), func(d *spec.DeploymentSpec) { d.Strategy.Type = spec.Recreate })
}

// expectGaps wants these events, as expressions, of a Deployment's gaps and no others.
func (s *stage) expectGaps(name string, want ...string) {
	s.t.Helper()
	told := slices.DeleteFunc(strings.Split(s.story(name), "\n"), func(line string) bool { return !strings.Contains(line, " ServesAgain: ") })
	if !slices.EqualFunc(told, want, func(line, expression string) bool {
		return regexp.MustCompile(" Normal ServesAgain: " + expression + "$").MatchString(line)
	}) {
		s.t.Errorf("told %q, want %q\n%s", told, want, s.story(name))
	}
}
