// Package eureka registers instances with the servers of one Eureka object and reads back what became of that. It is
// the controller's Registry. Package registry beneath it is a Eureka server of segue's own, package conformance the
// cases that any server which segue works with must pass.
//
// # What it promises
//
// Each server is read and written by itself: what one of them says proves nothing about its peers. Status is read from
// the live registry (GET /apps/{APP}/{id}), visibility from the very cache entry that Java consumers read (GET /apps as
// JSON), in this order, so that what is hidden is hidden from the read on. A write goes to each server that disagrees,
// after a read of the lease and in the id's turn, and is read back. A server that cannot be read is Unknown and holds
// everything up; only one that refuses TCP for longer than its consumers' caches live is Down. It is written to by the
// first look that finds it back.
//
// Looks come every 5 s, every second while something is under way, and at once when somebody asks for a View, but never
// more than four in a second; so often while a server refuses connections and something is to be dark there. All who ask
// while a look is under way are given the next one. Nobody waits for a server that is Unknown.
//
// An order says what is wanted of an id (dark until the app has spoken, UP, dark until it goes). It is remembered until
// Remove or another order, in this process only. What is to be dark is made dark again by the look that sees it UP,
// before the controller hears of it: a server that restarts has forgotten every override, and each second counts; where
// the app has not been back yet, its seed is there first. What is to be UP is left to the controller. For an id without
// an order nothing is changed; heartbeats go on.
//
// RestartedAt is the first look that is answered after the server refused TCP or two looks in a row failed (its
// consumers could not read it either, so what they remember is as old), and one that finds a lease missing while no
// entry of anybody's has the time of registration that it had. segue's own registry keeps its leases, and says when its
// process began (StartedHeader): another time is a restart, too. One slow answer is none.
//
// A lease that is gone stays in the view, with no status, for a minute longer than consumers may remember it, so that
// its HiddenSince is known for as long as it matters.
//
// # What it refuses
//
// It deletes no lease but by Remove: the next heartbeat of a live self-registered instance would bring that back as UP.
// It never sends a timestamp with an override. It never opens an instance whose own registration it has not seen, or
// that registered another address than the one it runs at, and it does not overrule an app that says DOWN of itself:
// that stays dark until the app says otherwise.
//
// # Heartbeats
//
// Peers pass heartbeats on, and a lease that is beaten twice in its interval disarms a server's self-preservation. So a
// server is beaten only when its own lastRenewalTimestamp has not moved for the lease's interval, and one server at a
// time: peers follow the first, strangers get their own. Managed leases are marked in their metadata (segue.managed); a
// new process finds them there and beats them at once, and seeds as well, until the app has spoken. A managed lease
// that is missing on a server is registered there anew, as it was.
//
// # Where it differs from what is usual
//
//   - A dead instance's lease is deleted at once, without OUT_OF_SERVICE before it: both show in the same turn of the
//     response cache.
//   - An UP lease that is opened and has an override of UP loses that: it would hide what the app says later. Where a
//     server keeps OUT_OF_SERVICE without an override against the app's UP, it is overridden with UP for one call.
//   - An instance that is found under another application name is watched and darkened there, and reported.
//   - Managed instances are registered on every server, with one timestamp, and not on one and its peers.
package eureka
