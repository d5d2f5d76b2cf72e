package api

// The verbs of a SourceOrder.
const (
	Reconcile     = "reconcile"
	Suspend       = "suspend"
	ResumeSource  = "resume"
	RetrySource   = "retry"
	AcceptRewrite = "accept rewrite"
)

// SourceOrder is what a person wants of a source.
type SourceOrder struct {
	Verb string `json:"verb"`
	// Name is the source's, with or without its scheme ("git:shop" or "shop"); "" means all of them.
	Name string `json:"name,omitempty"`
	By   string `json:"by,omitempty"`
}

// SourceResult says what became of each source.
type SourceResult struct {
	Items []SteeredSource `json:"items"`
}

// SteeredSource is what became of one source.
type SteeredSource struct {
	Name string `json:"name"`
	// Result is applied, unchanged, refused, unreadable, suspended or resumed.
	Result string `json:"result"`
	// Note is one more sentence for the person; "" when there is nothing to add.
	Note string `json:"note,omitempty"`
}

// The results of a SourceOrder.
const (
	SourceApplied    = "applied"
	SourceUnchanged  = "unchanged"
	SourceRefused    = "refused"
	SourceUnreadable = "unreadable"
	SourceSuspended  = "suspended"
	SourceResumed    = "resumed"
)
