// Sample is the service that tests and the demo roll out. Every answer says which service, version and instance gave
// it; it can be told, at start or while it runs, to fail in each of the ways in which releases fail; and it registers
// with Eureka as a Spring Cloud app does: UP before it is ready.
//
// The last segment of a request's path says what is asked, so it answers under any prefix:
//
//	health, readiness, liveness   how it feels
//	slow?ms=2000                  an answer that takes so long
//	echo                          the request's body, and its checksum in X-Body-Sum
//	stream?chunks=10&ms=100       a line every so often; the last one is "end"
//	socket                        a websocket: says who it is, then echoes; closed with 1001 on SIGTERM
//	stats                         what was asked of this instance, and when
//	control                       POST a Faults: be so from now on
//	anything else                 who it is
//
// Environment: VERSION, SERVICE, INSTANCE (the host's name), PORT (8080), and the fields of Faults and Eureka.
package main
