// Demo shows segue's main job on this machine, under load from clients that never retry: a first deployment, a rolling
// update, a blue/green switch with promotion, a bad release that is rolled back by itself, and segue killed with SIGKILL
// half-way and started again. `make demo` runs it. It exits with 0 only if nothing failed, and leaves nothing behind
// unless KEEP=1.
package main
