package api

import (
	"time"

	"github.com/segue-dev/segue/spec"
)

// KindNotification is the Kind of events about a receiver of notifications; their Name has no namespace.
const KindNotification = "Notification"

// Event is something that happened.
type Event struct {
	// Seq orders events; it grows by one.
	Seq  int64     `json:"seq"`
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Name spec.Name `json:"name"`
	// Type is Normal or Warning; Reason a CamelCase word.
	Type    string `json:"type"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
	By      string `json:"by,omitempty"`
	// Count is how often the same happened in a row, LastAt when last.
	Count  int       `json:"count,omitempty"`
	LastAt time.Time `json:"lastAt,omitzero"`
}
