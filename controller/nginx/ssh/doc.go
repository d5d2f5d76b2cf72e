// Package ssh runs fixed scripts on another machine, and connects to that machine's own ports, over one ssh connection
// that it keeps and makes anew.
//
// What it promises: a host key that known_hosts does not hold is refused; every call ends with its context; nothing that
// a call is given ever becomes part of a command line that a login shell reads; an exit code is the script's, never
// sudo's or the login shell's.
//
// What it refuses: passwords, encrypted keys without an agent, ProxyJump and ProxyCommand.
//
// Settings come from the manifest, and what that leaves open from OpenSSH's own reading of the user's configuration,
// `ssh -G HOST`: it knows Match, Include and what later versions will add, which no library does. Where OpenSSH's client
// is not installed, its defaults are used. Of that configuration count User, Hostname, Port, HostKeyAlias,
// IdentityFile, IdentitiesOnly, IdentityAgent, UserKnownHostsFile and GlobalKnownHostsFile; known_hosts is enforced
// whatever StrictHostKeyChecking says, and never written.
package ssh
