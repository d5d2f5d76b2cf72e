// Package testbed sets up real parts on one Docker Engine for e2e tests and the demo: nginx containers as a user would
// have them, and the segue binary as a process. What it makes carries the bed's name, and Close removes it, with what
// that segue made.
//
// The scripts beside it bring what lacks on the machine: engine.sh and modern.sh an engine, images.sh the images.
package testbed
