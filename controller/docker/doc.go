// Package docker runs instances with the Docker Engine API, of Engine 20.10 (API 1.41) and later.
//
// What it promises: what it says of the world was read from the engine, and an error never turns into "none"; every
// effect is idempotent and returns at once; an instance has the fixed address that it was given, before it starts and
// after every restart; a stop is written into the world (the name NAME.retired) before anything is signalled, so that
// no later process takes a dying container for a living one.
//
// What it refuses: to touch a container that lacks its owner's label and that no manifest names, to use another
// owner's network, to remove a running container that is not retired, to retry (only reads of the event stream
// reconnect).
//
// The names are an interface. On the engine: the network segue; containers INSTANCE and INSTANCE.retired; the labels
// of labels.go; image tags segue/DEPLOYMENT:REVISION. Below the state directory: files/INSTANCE/ (0700, bind-mounted
// read-only one by one) and logs/INSTANCE.log (the last logs of failed instances).
package docker
