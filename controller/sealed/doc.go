// Package sealed opens files that are encrypted with age for this machine (age-encryption.org/v1, binary or armored).
//
// In memory only, that is: a file stays encrypted in the repository, in the state directory and on its way from the
// command. It is decrypted when its text is judged and when an instance starts, and what that gives is written nowhere
// but where the container needs it: a file of a template goes to a tmpfs below --secret-dir (package docker), a
// registry's password is opened at each call. The one exception is Docker's: an environment, so what envFrom brings too,
// stands in the engine's own description of a container, on its disk.
//
// A tmpfs is empty after a reboot, and so no container can start again by itself with what was there. None does:
// instances have no restart policy; segue starts new ones, and writes their files anew. While segue does not run, its
// containers keep what is mounted into them, whatever becomes of the directory. (An engine's tmpfs volumes would not need
// a directory of the host, but only a container can fill one; secrets of the engine itself are Swarm's.)
//
// A revision is named by what its files say, not by how that is encrypted: whoever encrypts the same text for one more
// person rolls nothing. The name is forty bits of a hash over the whole template, and is no secret; a guess of a weak
// password could be tried against it, as it could for a file that is not encrypted.
package sealed
