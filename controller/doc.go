// Package controller is the loop: it looks at the world, asks reconcile.Next what to do now, does that, and
// looks again. It owns the queue, the joined observation, the execution of steps and the published status.
// It never imports a driver: cmd/segue hands the drivers in through the small interfaces of this package.
package controller
