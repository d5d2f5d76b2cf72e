package docker

// Fault is a failure that says whose it is. Errors of Start carry one: errors.As(err, &fault).
type Fault struct {
	// Own: the revision's own fault (a command that does not exist, a mount source that is not there), and not that of
	// something around it (a port that a stranger holds, a full disk, an engine that does not answer).
	Own bool
	// Err is what the engine said.
	Err error
}

func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap gives what the engine said.
func (f *Fault) Unwrap() error { return f.Err }
