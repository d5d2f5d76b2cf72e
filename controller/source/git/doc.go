// Package git has a source whose manifests are in a Git repository: a branch and a path in it.
//
// It reads one commit at a time, and as a whole: the tip of the branch is laid down in a directory of its own, read from
// there, and forgotten. Nothing is merged, nothing is kept between two readings but the hash of the last one, so that a
// damaged or half-written repository can only make one reading fail. A fetch is shallow where the server can do that.
//
// Whatever goes wrong is a Trouble that says what to do: a server that does not answer, a branch or path that is not
// there, a branch whose history was rewritten. None of these is ever an empty reading.
//
// Repositories on this machine (a path, or file://) are read in place; nothing of Git needs to be installed. https asks
// the proxy of the environment (HTTPS_PROXY, NO_PROXY), ssh that of ALL_PROXY; an ssh server must be among the known
// hosts.
package git
