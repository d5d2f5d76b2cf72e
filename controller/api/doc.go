// Package api is what people see and ask for: the status types, the service that answers, its server on a unix
// socket and the client that the command uses.
//
// The controller imports it for its words only (Service, Status, Event, …): so it answers the socket, and inside a command
// that command, through one interface and by one code path.
package api
