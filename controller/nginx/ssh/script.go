package ssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Script is a text for a POSIX shell. It is a constant: what a call is about comes as arguments, $1 and on.
type Script string

// Result is what a script did.
type Result struct {
	// Code is the script's exit code; whatever is above 60 is 60.
	Code                int
	Output, Diagnostics []byte
}

// mostOutput bounds what is read of a script's output.
const mostOutput = 32 << 20

// exitBase is added to the exit code of a script that fails: sudo and login shells use what is below.
const exitBase = 64

// prelude and conclusion stand around each script, which runs in a subshell.
const (
	prelude = `PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" LC_ALL=C
export PATH LC_ALL
umask 022
(
`
	conclusion = `
)
segue_code=$?
[ "$segue_code" -eq 0 ] && exit 0
[ "$segue_code" -gt 60 ] && segue_code=60
exit $((segue_code + 64))
`
)

// Run runs a script with sh, as root where Sudo says so. A script's exit code is no error; that it did not run is.
func (h *Host) Run(ctx context.Context, script Script, input []byte, args ...string) (Result, error) {
	text, err := program(script, args)
	if err != nil {
		return Result{}, err
	}
	client, err := h.connect(ctx)
	if err != nil {
		return Result{}, err
	}
	stop := context.AfterFunc(ctx, func() { h.drop(client) })
	defer stop()
	result, err := h.run(client, command(len(text), h.options.Sudo), append([]byte(text), input...))
	if cause := context.Cause(ctx); cause != nil && err != nil {
		err = cause
	}
	if err != nil {
		return Result{}, fmt.Errorf("ssh %s: %w", h.options.Address, err)
	}
	return result, nil
}

func (h *Host) run(client *ssh.Client, command string, input []byte) (Result, error) {
	session, err := client.NewSession()
	if err != nil {
		h.drop(client)
		return Result{}, fmt.Errorf("open a session: %w", err)
	}
	defer func() { _ = session.Close() }() // it has ended
	output, diagnostics := &bounded{}, &bounded{}
	session.Stdin, session.Stdout, session.Stderr = bytes.NewReader(input), output, diagnostics
	err = session.Run(command)
	var exit *ssh.ExitError
	switch {
	case err == nil:
		return Result{Output: output.kept.Bytes(), Diagnostics: diagnostics.kept.Bytes()}, nil
	case !errors.As(err, &exit):
		h.drop(client)
		return Result{}, fmt.Errorf("run a script: %w", err)
	case exit.ExitStatus() < exitBase:
		return Result{}, fmt.Errorf("run a script: %s (exit code %d)", lastLine(diagnostics.kept.Bytes()), exit.ExitStatus())
	}
	return Result{Code: exit.ExitStatus() - exitBase, Output: output.kept.Bytes(), Diagnostics: diagnostics.kept.Bytes()}, nil
}

// command is what the login shell reads, whichever that is: constant but for a number. The program comes first on
// stdin, byte for byte, so that the rest of stdin is the script's input.
func command(length int, sudo bool) string {
	sh := fmt.Sprintf(`sh -c 'eval "$(dd bs=1 count=%d 2>/dev/null)"'`, length)
	if sudo {
		return "exec sudo -n -- " + sh
	}
	return "exec " + sh
}

// program is the script with its arguments set.
func program(script Script, args []string) (string, error) {
	var t strings.Builder
	t.WriteString("set --")
	for _, arg := range args {
		if strings.ContainsRune(arg, 0) {
			return "", fmt.Errorf("run a script: an argument with a zero byte: %q", arg)
		}
		t.WriteString(" " + quote(arg))
	}
	t.WriteString("\n" + prelude + string(script) + conclusion)
	return t.String(), nil
}

// quote makes one word of any text for a POSIX shell: inside single quotes nothing but the single quote means anything.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// bounded keeps output, up to mostOutput. The buffer is not embedded: its ReadFrom would take any amount.
type bounded struct{ kept bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.kept.Len()+len(p) > mostOutput {
		return 0, fmt.Errorf("more than %d bytes of output", mostOutput)
	}
	return b.kept.Write(p)
}
