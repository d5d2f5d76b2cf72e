package testbed

import "sync/atomic"

// Deeds are what the controllers of this process were put through.
type Deeds struct {
	// Rollouts are those that ended well, first deployments left out. Kills are those of segue, by SIGKILL.
	Rollouts, Kills int64
}

var rollouts, kills atomic.Int64

// DeedsSoFar counts from the start of the process.
func DeedsSoFar() Deeds { return Deeds{rollouts.Load(), kills.Load()} }

// Minus is what came after before.
func (d Deeds) Minus(before Deeds) Deeds {
	return Deeds{d.Rollouts - before.Rollouts, d.Kills - before.Kills}
}
