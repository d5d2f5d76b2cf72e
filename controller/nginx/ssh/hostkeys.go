package ssh

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// hostKeys is what known_hosts says.
type hostKeys struct {
	files []string
	check ssh.HostKeyCallback
	// refused is why the machine's key was refused; the handshake's own error has lost it.
	refused error
}

func readHostKeys(files []string) (*hostKeys, error) {
	var there []string
	for _, file := range files {
		switch _, err := os.Stat(file); {
		case err == nil:
			there = append(there, file)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("read known_hosts: %w", err)
		}
	}
	if len(there) == 0 {
		return nil, fmt.Errorf("there is no known_hosts (%s): add the machine's key to one", strings.Join(files, ", "))
	}
	check, err := knownhosts.New(there...)
	if err != nil {
		return nil, fmt.Errorf("read known_hosts: %w", err)
	}
	return &hostKeys{files: there, check: check}, nil
}

// verify says in words for a person what is wrong with a key.
func (h *hostKeys) verify(address string, remote net.Addr, key ssh.PublicKey) error {
	err := h.check(address, remote, key)
	var wrong *knownhosts.KeyError
	var revoked *knownhosts.RevokedError
	shown := key.Type() + " " + ssh.FingerprintSHA256(key)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &revoked):
		h.refused = fmt.Errorf("its host key %s is revoked (%s:%d)", shown, revoked.Revoked.Filename, revoked.Revoked.Line)
	case errors.As(err, &wrong) && len(wrong.Want) > 0:
		want := wrong.Want[0]
		h.refused = fmt.Errorf("its host key %s is not the one of %s:%d: somebody else may answer there; "+
			"if the machine was made anew, take that line out and add the new key", shown, want.Filename, want.Line)
	case errors.As(err, &wrong):
		h.refused = fmt.Errorf("its host key %s is not in %s: compare it on the machine (ssh-keygen -lf /etc/ssh/ssh_host_…_key.pub), then add it (ssh-keyscan %s)",
			shown, strings.Join(h.files, ", "), knownhosts.Normalize(address))
	default:
		h.refused = err
	}
	return h.refused
}

// algorithms are those of the keys that known_hosts has of a machine: it would offer another of its keys else, and that
// is refused. Nil when there is none, or a certificate authority.
func (h *hostKeys) algorithms(address string) []string {
	var wrong *knownhosts.KeyError
	if !errors.As(h.check(address, &net.TCPAddr{}, nobodysKey{}), &wrong) {
		return nil
	}
	var list []string
	for _, known := range wrong.Want {
		if kind := known.Key.Type(); kind == ssh.KeyAlgoRSA {
			list = append(list, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		} else {
			list = append(list, kind)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// nobodysKey is no machine's key: known_hosts answers with those that it would take.
type nobodysKey struct{}

func (nobodysKey) Type() string                        { return "nobody" }
func (nobodysKey) Marshal() []byte                     { return []byte("nobody") }
func (nobodysKey) Verify([]byte, *ssh.Signature) error { return errors.New("nobody signs") }
