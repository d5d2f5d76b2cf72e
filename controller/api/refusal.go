package api

// RefusalKind is why something was refused, where somebody branches on it.
type RefusalKind string

// The kinds of refusal.
const (
	// Invalid: a bad manifest or a wrong use (exit code 2).
	Invalid RefusalKind = "Invalid"
	// NotFound: there is no such object.
	NotFound RefusalKind = "NotFound"
	// Owned: another owner's object (exit code 2).
	Owned RefusalKind = "Owned"
	// Locked: another controller holds the state directory or the engine (exit code 6).
	Locked RefusalKind = "Locked"
)

// Refusal is an answer of no that says what to do.
type Refusal struct {
	Kind    RefusalKind `json:"kind"`
	Message string      `json:"message"`
}

func (r *Refusal) Error() string { return r.Message }
