package controller

// notYet: a step was left undone because what it needs has yet to come from elsewhere, on every server that it was
// asked of. That is waited for and no failure. Drivers say it with an error that has a method NotYet.
func notYet(err error) bool {
	switch e := err.(type) { //nolint:errorlint // it walks the tree itself: one errors.As would be content with a single branch
	case interface{ NotYet() bool }:
		return e.NotYet()
	case interface{ Unwrap() error }:
		return notYet(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			if !notYet(one) {
				return false
			}
		}
		return true
	}
	return false
}
