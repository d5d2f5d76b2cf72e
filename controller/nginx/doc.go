// Package nginx sends traffic to instances through nginx: it renders what nginx is to serve, has it checked, swaps
// it in, reloads, and proves that it is loaded. One Switcher is the only writer of the servers of one Nginx object.
//
// What it promises: no request fails by its hand in the combinations that docs/nginx.md names as lossless; a
// configuration that nginx refuses changes nothing; what is served can be read back from nginx and from CONFDIR after
// a restart, so nothing important lives in memory.
//
// What it refuses: to write outside CONFDIR, to take another owner's CONFDIR, to render a value that does not fit its
// grammar, to empty an upstream (the placeholder answers 503), and to touch a user's own file.
//
// The files are an interface:
//
//	CONFDIR/OWNER                    whose directory this is
//	CONFDIR/current -> releases/GEN  swapped by rename
//	CONFDIR/current/http.conf        included once at http level
//	CONFDIR/current/servers.conf     whole server blocks, part of http.conf
//	CONFDIR/current/NAME.inc         included in the user's server: sets his variable
//	CONFDIR/current/release.json     the same facts for segue: instances and addresses
//	CONFDIR/flags/                   lame, NAME.green (its presence selects the green pool), NAME.json (who is in which)
//	CONFDIR/swaps                    a line before each swap: the generation left and the workers that know it
//	CONFDIR/check/                   main files of segue's own for nginx -t
//
// A worker knows exactly one generation, the one loaded by the last reload before its start. So the first line of
// swaps that lists a worker says what it knows, and an instance is reachable while such a worker lives. Where a reload
// was not proven the line names both generations.
//
// After a crash between the swap and the reload, CONFDIR/current is put back to what is served rather than finished:
// the wish behind it died with the process, and its instances may be gone by now. The loop asks again.
//
// Two goroutines live under Run: the watcher looks at the servers and publishes what it saw, the worker carries out one
// change at a time. A look during a change shows the generation that was proven last.
//
// A wish that is expected is rehearsed: its files are written and checked, alone and beside the user's as they stand,
// while nobody waits. When it comes there is left to swap, to check the whole once more, and to reload; if that check
// fails, the change is taken back, and a check of what stood before says whose fault it is.
//
// A server whose master was killed alone is unknown, not down: its workers go on to serve.
//
// A Deployment whose variable or upstream the user's configuration does not name is not in NginxServer.Serves, even
// if its section is served, and its wish stays pending with the lines to add. nginx -T shows what is on disk; that it
// is loaded as well is known from the workers, which are all younger than the last reading that lacked it.
//
// Ports. A server of segue's own listens on 80 and 443 inside its container, which publishes httpPort and httpsPort.
// In a user's nginx, httpPort and httpsPort are what the servers of hostnames and paths routes listen on, by IPv4. The
// internal listener takes the first two ports of internalPorts, or, where nginx shares this machine's network, the
// first two that are free; they stay what they are from then on.
package nginx
