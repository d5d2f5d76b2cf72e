package ssh

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// identity offers keys: the agent's first, as OpenSSH does.
type identity struct {
	settings settings
	// named: the manifest names the key, so it has to be there.
	named bool
	agent net.Conn
	// trouble says why a key that is there was not offered.
	trouble error
}

// open connects to the agent, where there is one.
func (i *identity) open(ctx context.Context) {
	if i.settings.agent == "" || i.settings.identitiesOnly {
		return
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", i.settings.agent)
	if err != nil {
		i.trouble = fmt.Errorf("ask the ssh agent: %w", err)
		return
	}
	if deadline, found := ctx.Deadline(); found {
		_ = conn.SetDeadline(deadline) // a unix socket takes deadlines
	}
	i.agent = conn
}

func (i *identity) close() {
	if i.agent != nil {
		_ = i.agent.Close() // it was only read from
	}
}

// signers are asked for once for each connection.
func (i *identity) signers() ([]ssh.Signer, error) {
	var all []ssh.Signer
	if i.agent != nil {
		keys, err := agent.NewClient(i.agent).Signers()
		if err != nil {
			i.trouble = fmt.Errorf("ask the ssh agent: %w", err)
		}
		all = keys
	}
	for _, file := range i.settings.identities {
		signer, err := readKey(file)
		switch {
		case err == nil:
			all = append(all, signer)
		case i.named:
			return nil, err
		case !errors.Is(err, fs.ErrNotExist):
			i.trouble = err
		}
	}
	if len(all) == 0 {
		if i.trouble != nil {
			return nil, i.trouble
		}
		return nil, errors.New("there is no key to offer: name one with identityFile, or run an ssh agent")
	}
	return all, nil
}

func readKey(file string) (ssh.Signer, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read identity file: %w", err)
	}
	signer, err := ssh.ParsePrivateKey(text)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		return nil, fmt.Errorf("identity file %s is encrypted: put it into an ssh agent, or name another", file)
	}
	if err != nil {
		return nil, fmt.Errorf("read identity file %s: %w", file, err)
	}
	return signer, nil
}
