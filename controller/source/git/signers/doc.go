// Package signers answers who signed a commit, from a file of those who may: lines as ssh-keygen's allowed signers file
// has them, and armored OpenPGP public keys between them, in any order.
//
// A key that the file has is enough: principals are names for messages, and are not compared with a commit's author or
// committer, which anybody can write. Times (valid-after, valid-before, the expiry of an OpenPGP key) are compared with
// the committer's time, as git does, so that a commit stays good when its key runs out; a key that was lost is to be
// taken out of the file. Certificate authorities are refused: a key that signs for others must be listed itself.
//
// Formats: PROTOCOL.sshsig of OpenSSH, namespace git; ssh-keygen(1), ALLOWED SIGNERS; RFC 9580, section 5.2.
package signers
