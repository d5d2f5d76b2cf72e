package eureka

// Unsaid is why an instance was not opened: its app has yet to say of itself that it is UP, and where it runs.
type Unsaid struct {
	ID     string
	Reason string
}

func (u *Unsaid) Error() string { return "open " + u.ID + ": " + u.Reason }

// NotYet says, to those who know no Unsaid, that it is no failure: it is to be waited for.
func (u *Unsaid) NotYet() bool { return true }
