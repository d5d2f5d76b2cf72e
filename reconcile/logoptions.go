package reconcile

import "time"

// LogOptions are those of segue logs.
type LogOptions struct {
	Follow bool
	// Tail is how many lines from the end; all when negative.
	Tail       int
	Since      time.Time
	Timestamps bool
}
