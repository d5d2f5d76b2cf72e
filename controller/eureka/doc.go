// Package eureka registers instances with the servers of one Eureka object and reads back what became of that. It is
// the controller's Registry. Package registry beneath it is a Eureka server of segue's own, package conformance the
// cases that any server which segue works with must pass.
//
// # What it promises
//
// Each server is read and written by itself: what one of them says proves nothing about its peers. Status is read from
// the live registry (GET /apps/{APP}/{id}), visibility from the very cache entry that Java consumers read (GET /apps as
// JSON). A write goes to each server that disagrees. A server that cannot be read is Unknown and holds everything up;
// only one that refuses TCP for longer than its consumers' caches live is Down.
//
// What is to be dark is made dark again by the poll that sees it UP, before the controller hears of it: a server that
// restarts has forgotten every override, and each second counts. What is to be UP is left to the controller.
//
// # What it refuses
//
// It never deletes the lease of a live self-registered instance: the next heartbeat would bring that back as UP. It
// never sends a timestamp with an override. It never opens an instance whose own registration it has not seen, or that
// registered another address than the one it runs at.
//
// # Heartbeats
//
// Peers pass heartbeats on, and a lease that is beaten twice in its interval disarms a server's self-preservation. So a
// server is beaten only when its own lastRenewalTimestamp has not moved for the lease's interval, and one server at a
// time: peers follow the first, strangers get their own. Managed leases are marked in their metadata; a new process
// finds them there and beats them at once.
package eureka
