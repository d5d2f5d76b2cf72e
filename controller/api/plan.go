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
	// Total is the expected time in all, without the time until somebody promotes.
	Total time.Duration `json:"total"`
	// Promotion: somebody has to promote on the way.
	Promotion bool `json:"promotion,omitempty"`
	// Notes are sentences: cheaper settings, losses that are to be expected, what happens when it fails.
	Notes []string `json:"notes,omitempty"`
}

// PlanStep is one line of a plan.
type PlanStep struct {
	// Name is wait (for other Deployments), pull, start, gate, open, route, promote, delay, drain, stop, remove or accept;
	// "" for a remark on the lines above, as "2–7 for 2 more".
	Name string `json:"name"`
	What string `json:"what"`
	// Note is beside it, as "4 live of 4 allowed".
	Note string `json:"note,omitempty"`
	// Min and Max bound the time; both 0 when there is no wait.
	Min time.Duration `json:"min,omitempty"`
	Max time.Duration `json:"max,omitempty"`
	// Basis is where the time comes from, "as last time" or "a guess"; "" where it follows from settings.
	Basis   string `json:"basis,omitempty"`
	Longest bool   `json:"longest,omitempty"`
}
