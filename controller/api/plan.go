package api

import (
	"time"

	"github.com/segue-dev/segue/spec"
)

// PlanResult is what applying would lead to, one entry an object.
type PlanResult struct {
	Items []Plan `json:"items"`
}

// Plan is what applying one object would lead to.
type Plan struct {
	Kind string    `json:"kind"`
	Name spec.Name `json:"name"`
	// Result is created, configured or unchanged.
	Result string `json:"result"`
	// From and To are revision numbers; equal when no new revision is made.
	From int `json:"from"`
	To   int `json:"to"`
	// Changed are the differences in words, as "image 1.4 → 1.5"; secrets are masked.
	Changed []string `json:"changed,omitempty"`
	// Diff is the unified diff of the manifests; secrets are masked.
	Diff  string     `json:"diff,omitempty"`
	Steps []PlanStep `json:"steps,omitempty"`
	// Total is the expected time in all.
	Total time.Duration `json:"total"`
	// Notes are sentences: cheaper settings, losses that are to be expected, what happens when it fails.
	Notes []string `json:"notes,omitempty"`
}

// PlanStep is one line of a plan.
type PlanStep struct {
	// Name is pull, start, gate, open, route, drain, stop, ….
	Name string `json:"name"`
	What string `json:"what"`
	// Note is beside it, as "4 live of 4 allowed".
	Note string `json:"note,omitempty"`
	// Min and Max bound the time; both 0 when there is no wait.
	Min     time.Duration `json:"min,omitempty"`
	Max     time.Duration `json:"max,omitempty"`
	Longest bool          `json:"longest,omitempty"`
}
