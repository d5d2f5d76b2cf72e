package ssh

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Options says which machine, as whom, and with what.
type Options struct {
	// Address is [USER@]HOST[:PORT]; HOST may be an alias of the user's OpenSSH configuration.
	Address string
	// IdentityFile is a private key on this machine, and then the only one that is offered. "": those of the agent and
	// of the user's OpenSSH configuration.
	IdentityFile string
	// Sudo runs everything as root by `sudo -n`.
	Sudo bool
	// KnownHosts are the files of host keys. Empty: those of the user's OpenSSH configuration.
	KnownHosts []string
}

// ParseAddress splits [USER@]HOST[:PORT]. What is not said is "" and 0.
func ParseAddress(address string) (user, host string, port int, err error) {
	host = address
	if before, after, found := strings.Cut(address, "@"); found {
		user, host = before, after
		if user == "" {
			return "", "", 0, errors.New("no user before @")
		}
	}
	if h, p, err := net.SplitHostPort(host); err == nil {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return "", "", 0, fmt.Errorf("%q is not a port", p)
		}
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if host == "" {
		return "", "", 0, errors.New("no host")
	}
	return user, host, port, nil
}
