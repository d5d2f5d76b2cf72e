// Package controller is the loop: it looks at the world, asks reconcile.Next what to do now, does that, and looks
// again. It never imports a driver: cmd/segue hands the drivers in through the small interfaces of this package
// (Runtime, Router, Registry, Prober, Source, Store).
//
// What is where:
//
//	objects, record, change, reading   the desired state: who owns it, what it says, what is remembered of it
//	queue                              the names that are to be looked at, each held by one worker
//	fleet, pool, patients, snapshot    the drivers, with one shared read of each
//	observer, join*                    what they say, joined by instance into reconcile.Observed
//	looker, pass                       one look at one object: observe, decide, keep, execute, publish
//	executor, lifecycle, addresses     steps taken through the drivers, side by side
//	board, status, journal             what people see: statuses and events
//	service, apply, intents, plan      what people ask for (api.Service)
//
// What it promises: an error of a driver is never an empty answer; a look reads what began after segue's own last step
// on that name; what is to be remembered is on disk before the steps that need it; one Deployment's failure holds up no
// other's; what a look costs does not follow the number of Deployments.
//
// What it refuses: to retry inside a step (a step that failed is proposed again and left alone for 1, 2, 4 … 30 s, while
// the other steps of that name go on), to act on an event's contents (an event is a name), to touch containers that no
// object claims.
//
// Beyond spec and reconcile it imports controller/api for its words and controller/diff for plan's.
package controller
