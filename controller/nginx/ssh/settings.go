package ssh

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// settings are how a machine is reached.
type settings struct {
	user, host string
	port       int
	// alias is the name under which known_hosts has the machine; "": host.
	alias          string
	identities     []string
	identitiesOnly bool
	// agent is the agent's socket, "" for none.
	agent      string
	knownHosts []string
	// proxy is a directive that this package does not carry out.
	proxy string
}

// settle reads the settings anew: the user may have mended his configuration.
func (o Options) settle(ctx context.Context) (settings, error) {
	name, host, port, err := ParseAddress(o.Address)
	if err != nil {
		return settings{}, fmt.Errorf("address %q: %w", o.Address, err)
	}
	s := settings{user: name, host: host, port: port}
	args := []string{"-G"}
	if name != "" {
		args = append(args, "-l", name)
	}
	if port != 0 {
		args = append(args, "-p", strconv.Itoa(port))
	}
	cmd := exec.CommandContext(ctx, "ssh", append(args, "--", host)...)
	var told, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &told, &complaints
	err = cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		err = s.defaults()
	case err != nil:
		err = fmt.Errorf("read the OpenSSH configuration (ssh -G %s): %w: %s", host, err, lastLine(complaints.Bytes()))
	default:
		err = s.read(told.Bytes())
	}
	if err != nil {
		return settings{}, err
	}
	if s.proxy != "" {
		return settings{}, fmt.Errorf("the OpenSSH configuration has %s for %s, and that is not supported: name an address that can be dialled", s.proxy, host)
	}
	if o.IdentityFile != "" {
		s.identities, s.identitiesOnly, s.agent = []string{o.IdentityFile}, true, ""
	}
	if len(o.KnownHosts) > 0 {
		s.knownHosts = o.KnownHosts
	}
	return s, nil
}

// read takes over what `ssh -G` says: a keyword in lower case and its value, one a line.
func (s *settings) read(told []byte) error {
	home, err := os.UserHomeDir()
	if err != nil {
		return fmt.Errorf("find home directory: %w", err)
	}
	s.agent = os.Getenv("SSH_AUTH_SOCK")
	lines := bufio.NewScanner(bytes.NewReader(told))
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), " ")
		switch key {
		case "user":
			s.user = value
		case "hostname":
			s.host = value
		case "port":
			if s.port, err = strconv.Atoi(value); err != nil {
				return fmt.Errorf("read the OpenSSH configuration: port %q", value)
			}
		case "hostkeyalias":
			s.alias = value
		case "identityfile":
			s.identities = append(s.identities, atHome(home, value))
		case "identitiesonly":
			s.identitiesOnly = value == "yes"
		case "identityagent":
			switch value {
			case "none":
				s.agent = ""
			case "SSH_AUTH_SOCK":
			default:
				s.agent = atHome(home, strings.TrimPrefix(value, "$"))
			}
		case "userknownhostsfile", "globalknownhostsfile":
			for file := range strings.FieldsSeq(value) {
				s.knownHosts = append(s.knownHosts, atHome(home, file))
			}
		case "proxyjump", "proxycommand":
			if value != "none" {
				s.proxy = map[string]string{"proxyjump": "ProxyJump", "proxycommand": "ProxyCommand"}[key]
			}
		}
	}
	return lines.Err()
}

// defaults are OpenSSH's.
func (s *settings) defaults() error {
	home, err := os.UserHomeDir()
	if err != nil {
		return fmt.Errorf("find home directory: %w", err)
	}
	if s.user == "" {
		me, err := user.Current()
		if err != nil {
			return fmt.Errorf("find out who runs segue: %w", err)
		}
		s.user = me.Username
	}
	if s.port == 0 {
		s.port = 22
	}
	s.agent = os.Getenv("SSH_AUTH_SOCK")
	for _, name := range []string{"id_ed25519", "id_ecdsa", "id_rsa"} {
		s.identities = append(s.identities, filepath.Join(home, ".ssh", name))
	}
	s.knownHosts = []string{filepath.Join(home, ".ssh", "known_hosts"), "/etc/ssh/ssh_known_hosts"}
	return nil
}

// atHome expands what OpenSSH leaves to its user of a path: ~ and %d.
func atHome(home, path string) string {
	if rest, found := strings.CutPrefix(path, "~/"); found {
		return filepath.Join(home, rest)
	}
	return strings.ReplaceAll(path, "%d", home)
}

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
