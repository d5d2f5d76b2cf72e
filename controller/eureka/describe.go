package eureka

import (
	"fmt"
	"strings"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

// Describe is how the servers are, for people, as of the last look at each. ObservedGeneration and the condition's
// LastTransitionTime are left to the caller.
func (d *Driver) Describe() api.EurekaStatus {
	status := api.EurekaStatus{Servers: []api.EurekaServer{}}
	var missing []string
	for _, w := range d.watches {
		seen := d.explained(w.memory.now())
		shown := api.EurekaServer{URL: seen.URL, State: seen.State.String(), Reason: seen.Reason}
		for _, lease := range seen.Leases {
			if lease.Status == reconcile.LeaseNone || !strings.HasPrefix(lease.ID, w.prefix) {
				continue
			}
			if shown.Leases == nil {
				shown.Leases = map[string]int{}
			}
			shown.Leases[string(lease.Status)]++
		}
		if seen.State != reconcile.ServerUp {
			missing = append(missing, seen.URL+": "+seen.Reason)
		}
		status.Servers = append(status.Servers, shown)
	}
	status.Conditions = []api.Condition{synced(len(d.watches), missing)}
	return status
}

func synced(servers int, missing []string) api.Condition {
	if len(missing) == 0 {
		return api.Condition{
			Type: api.ConditionEurekaSynced, Status: "True", Reason: "ServersAnswer", Message: fmt.Sprintf("%d of %d servers answer", servers, servers),
		}
	}
	return api.Condition{
		Type: api.ConditionEurekaSynced, Status: "False", Reason: "ServersMissing", Message: strings.Join(missing, "; "),
	}
}
