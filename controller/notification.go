package controller

import (
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// NoteNotification adds an event about a receiver of notifications. Such events are told to no receiver.
func (c *Controller) NoteNotification(receiver string, isWarning bool, reason, message string) {
	kind := normal
	if isWarning {
		kind = warning
	}
	c.journal.note(key{kind: api.KindNotification, name: spec.Name{Name: receiver}}, kind, reason, message, "")
}
