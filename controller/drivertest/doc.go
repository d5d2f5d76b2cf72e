// Package drivertest is one fake world for tests of the loop: an engine, nginx servers, a Eureka registry and probes
// that agree with each other, as the real ones do. Time is time.Now's, so a test under testing/synctest runs a rollout
// of minutes in milliseconds.
//
// The world judges while it moves: what a step must never do (give one address to two living containers, route to what
// is not ready, empty an upstream, stop what is routed to) is a violation that Violations lists.
package drivertest
