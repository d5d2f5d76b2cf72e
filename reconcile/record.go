package reconcile

import "time"

// Record is what segue remembers of a Deployment and cannot read back from the world.
type Record struct {
	// Accepted are the revisions that once served whole, oldest first.
	Accepted []Revision `json:"accepted,omitempty"`
	// Rejected is the revision that failed last; nil when none is remembered.
	Rejected *Rejection `json:"rejected,omitempty"`
	// Promoted is the revision that a person promoted; Aborted the one that a person gave up.
	Promoted string `json:"promoted,omitempty"`
	Aborted  string `json:"aborted,omitempty"`
	// Paused is the person's intent, apart from spec.paused.
	Paused bool `json:"paused,omitempty"`
	// Pinned says why the owner's text is not followed ("undo", "abort"); "" when it is.
	Pinned string `json:"pinned,omitempty"`
	// HighestN is the highest number that an instance's name ever had.
	HighestN int `json:"highestN,omitempty"`
	// Clock is the progress deadline's.
	Clock Clock `json:"clock,omitzero"`
	// SwitchedAt is when all of the revision that Clock times was seen to serve everywhere, for scaleDownDelaySeconds and
	// for Supersede; zero before.
	SwitchedAt time.Time `json:"switchedAt,omitzero"`
	// Drains says, by instance, since when it has been routed nowhere and forgotten by Eureka's consumers, for
	// drainTimeoutSeconds. Its loss makes a drain longer, never shorter.
	Drains map[string]time.Time `json:"drains,omitempty"`
	// EmptySince is since when no listener for Eureka's consumers has had anybody behind it; zero while one has. Its loss
	// makes the wait longer, never shorter.
	EmptySince time.Time `json:"emptySince,omitzero"`
	// Revived: revision 0 was gone back to, and its containers have yet to be stopped again.
	Revived bool `json:"revived,omitempty"`
}

// Rejection says which revision failed and why.
type Rejection struct {
	Revision  Revision  `json:"revision"`
	Reason    string    `json:"reason"`
	LastProbe string    `json:"lastProbe,omitempty"`
	ExitCode  *int      `json:"exitCode,omitempty"`
	Log       []string  `json:"log,omitempty"`
	At        time.Time `json:"at,omitzero"`
}

// Clock counts the time that a revision has spent starting or failing by its own fault.
type Clock struct {
	// Revision is the one that is timed.
	Revision string `json:"revision,omitempty"`
	// Spent is what had run up by At; the clock runs on from At while Running.
	Spent   time.Duration `json:"spent,omitempty"`
	At      time.Time     `json:"at,omitzero"`
	Running bool          `json:"running,omitempty"`
	// Progress is the highest number of available instances that the revision had: each new one starts the clock anew.
	Progress int `json:"progress,omitempty"`
	// Begun is when this try began: what exited before belongs to an earlier one.
	Begun time.Time `json:"begun,omitzero"`
	// Sick counts its instances that were stopped because their liveness probe failed, up to the one with number SickN.
	Sick  int `json:"sick,omitempty"`
	SickN int `json:"sickN,omitempty"`
	// FailedStarts counts the starts that its own settings made fail, the last one at FailedAt.
	FailedStarts int       `json:"failedStarts,omitempty"`
	FailedAt     time.Time `json:"failedAt,omitzero"`
}
