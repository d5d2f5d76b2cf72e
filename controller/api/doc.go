// Package api is what people see and ask for: the status types, the service that answers, its server on a unix
// socket and the client that the command uses.
//
// The house plan had the controller import nothing but spec and reconcile. It imports this package too, for its
// words only (Service, Status, Event, …): so the controller answers the socket and the same controller inside a
// command answers that command through one interface, and there is one code path.
package api
