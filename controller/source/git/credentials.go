package git

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/http"
	"github.com/go-git/go-git/v5/plumbing/transport/ssh"
	"github.com/skeema/knownhosts"
	cryptossh "golang.org/x/crypto/ssh"
)

// dialTime bounds the connection to an ssh server.
const dialTime = 20 * time.Second

// credentials are read anew each time, so that they may be replaced on disk. auth is nil where none are needed.
func (o *Options) credentials() (auth transport.AuthMethod, ca []byte, err error) {
	if o.CAFile != "" {
		if ca, err = os.ReadFile(o.CAFile); err != nil {
			return nil, nil, fmt.Errorf("read CA file: %w", err)
		}
	}
	endpoint, err := transport.NewEndpoint(o.URL)
	if err != nil {
		return nil, nil, errors.New("its URL cannot be read")
	}
	if endpoint.Protocol == "ssh" {
		auth, err = o.sshAuth(endpoint)
		return auth, nil, err
	}
	if o.TokenFile == "" {
		return nil, ca, nil
	}
	token, err := os.ReadFile(o.TokenFile)
	if err != nil {
		return nil, nil, fmt.Errorf("read token file: %w", err)
	}
	user := o.Username
	if user == "" {
		user = "git" // GitHub, GitLab and Gitea take any name beside a token, but not an empty one
	}
	return &http.BasicAuth{Username: user, Password: strings.TrimSpace(string(token))}, ca, nil
}

// sshAuth is a key, or the agent, and the hosts that are known.
func (o *Options) sshAuth(endpoint *transport.Endpoint) (transport.AuthMethod, error) {
	user := endpoint.User
	if user == "" {
		user = "git"
	}
	hosts, err := o.knownHosts()
	if err != nil {
		return nil, err
	}
	address := net.JoinHostPort(endpoint.Host, fmt.Sprint(max(endpoint.Port, 0)))
	if endpoint.Port <= 0 {
		address = net.JoinHostPort(endpoint.Host, "22")
	}
	check := ssh.HostKeyCallbackHelper{HostKeyCallback: hosts.HostKeyCallback(), HostKeyAlgorithms: hosts.HostKeyAlgorithms(address)}
	if o.SSHKeyFile == "" {
		agent, err := ssh.NewSSHAgentAuth(user)
		if err != nil {
			return nil, fmt.Errorf("reach the ssh agent (no key file is given): %w", err)
		}
		agent.HostKeyCallbackHelper = check
		return &timedAuth{agent}, nil
	}
	keys, err := ssh.NewPublicKeysFromFile(user, o.SSHKeyFile, "")
	if err != nil {
		return nil, fmt.Errorf("read ssh key %s: %w", o.SSHKeyFile, err)
	}
	keys.HostKeyCallbackHelper = check
	return &timedAuth{keys}, nil
}

func (o *Options) knownHosts() (*knownhosts.HostKeyDB, error) {
	var files []string
	if o.KnownHostsFile != "" {
		files = append(files, o.KnownHostsFile)
	}
	hosts, err := ssh.NewKnownHostsDb(files...)
	if err != nil {
		return nil, fmt.Errorf("read known hosts: %w (ssh-keyscan HOST shows a server's keys; compare them with what its owner says)", err)
	}
	return hosts, nil
}

// timedAuth is a way to log in whose connection must come about in time.
type timedAuth struct{ ssh.AuthMethod }

// ClientConfig is called for each connection.
func (b *timedAuth) ClientConfig() (*cryptossh.ClientConfig, error) {
	config, err := b.AuthMethod.ClientConfig()
	if err != nil {
		return nil, err
	}
	config.Timeout = dialTime
	return config, nil
}

// host is where the repository is, for messages.
func (o *Options) host() string {
	if u, err := url.Parse(o.URL); err == nil && u.Host != "" {
		return u.Hostname()
	}
	if endpoint, err := transport.NewEndpoint(o.URL); err == nil {
		return endpoint.Host
	}
	return o.URL
}
