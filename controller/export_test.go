package controller

import (
	"context"

	"github.com/segue-dev/segue/spec"
)

// Resync looks at everything once, as the slow resync does, and returns when all was looked at.
func Resync(c *Controller) {
	c.around.stale()
	for _, k := range c.objects.keys() {
		c.looks.look(context.Background(), k)
	}
}

// SaveEvents writes what the journal would write a little later.
func SaveEvents(c *Controller) { c.journal.save() }

// Note adds an event of nobody in particular.
func Note(c *Controller, message string) { c.journal.note(orphansKey, normal, "Noted", message, "") }

// LookAt looks at one Deployment.
func LookAt(c *Controller, name spec.Name) {
	c.looks.look(context.Background(), deploymentKey(name))
}

// NotYet is notYet.
func NotYet(err error) bool { return notYet(err) }
