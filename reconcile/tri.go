package reconcile

// Tri is an answer that may be missing. The zero value is Unknown, so that what nobody filled in is
// never taken for a no.
type Tri int8

// The answers.
const (
	Unknown Tri = iota
	No
	Yes
)

// TriOf is Yes or No.
func TriOf(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

func (t Tri) String() string {
	switch t {
	case Yes:
		return "yes"
	case No:
		return "no"
	default:
		return "unknown"
	}
}
