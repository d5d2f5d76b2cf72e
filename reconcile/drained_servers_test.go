package reconcile

import (
	"testing"
	"time"
)

// A consumer that finds no Eureka server goes on with the list that it read last, however old: whoever is in it may still
// be called.
func TestNobodyIsForgottenWhileNoServerRuns(t *testing.T) {
	now := time.Now()
	s := &scene{now: now, desired: Desired{PropagationTime: 4 * time.Second}}
	hidden := EurekaFact{Server: "a", State: ServerUp, Lease: Lease{Status: LeaseOutOfService, Visible: No, HiddenSince: now.Add(-time.Minute)}}
	down := EurekaFact{Server: "b", State: ServerDown}
	for _, test := range []struct {
		name  string
		facts []EurekaFact
		gate  string
	}{
		{"no server at all", nil, ""},
		{"the only one is down", []EurekaFact{down}, "culprit"},
		{"both are down", []EurekaFact{down, down}, "culprit"},
		{"one is down, the other hides it", []EurekaFact{hidden, down}, ""},
	} {
		wait, shut := s.remembered("orders-1-1", test.facts)
		if shut != (test.gate != "") || shut && wait.Gate != test.gate {
			t.Errorf("%s: shut %t, %+v", test.name, shut, wait)
		}
	}
}
