package reconcile

import "time"

// WishState is how far something has come that a driver was asked to do and that takes time.
type WishState int8

// The states of a wish.
const (
	// WishNone: nobody asked, or the process that was asked is gone. Ask (again).
	WishNone WishState = iota
	// WishPending: under way.
	WishPending
	// WishDone: the effect is there.
	WishDone
	// WishFailed: it ended without effect. Reason says why.
	WishFailed
)

func (s WishState) String() string {
	switch s {
	case WishPending:
		return "pending"
	case WishDone:
		return "done"
	case WishFailed:
		return "failed"
	default:
		return "none"
	}
}

// Wish is the state of one wish.
type Wish struct {
	State WishState
	// Reason says what is waited for or what failed, in words for a person.
	Reason string
	// Own: the failure is the revision's own fault (an image that does not exist, a wrong answer) and not that of
	// something around it (an unreachable registry, a full disk).
	Own bool
	// Written: a pending Route is in the files, and the rest is the user's part: what was asked for before it can no
	// longer be loaded.
	Written bool
	// At is when the state last changed.
	At time.Time
}
