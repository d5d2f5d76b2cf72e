// Package forward is what answers at http://NAME on the Docker networks for a Deployment with an internal route: it takes
// connections and hands each to a listener of nginx, byte by byte. segue runs it in a container, since Docker gives a
// name to a container only when it joins a network, and nginx would have to leave its network to get one more.
//
// What it promises: a connection goes to a server that takes it, the next one in turn where one does not; the end of
// either side is passed on at once, so that what nginx says of keeping a connection holds for its caller; another list
// of servers counts for the next connection and cuts none.
//
// What it refuses: to look into what it passes on, to try again what was passed on, to end connections by itself.
package forward
