// Command segue replaces running containers without a pause in service. This package is flags and wiring: what is
// decided is in reconcile, what is done in controller.
//
// A command talks to the controller that answers at the socket. Where none does, assembly.go puts the same controller
// together inside the command. Each command has a file of its name; exit.go has the exit codes, connect.go the way to a
// controller, follow.go the wait for a rollout.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	c := &cli{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	if term.IsTerminal(int(os.Stdout.Fd())) {
		c.terminal = true
		c.width = func() int {
			width, _, err := term.GetSize(int(os.Stdout.Fd()))
			if err != nil {
				return 0
			}
			return width
		}
		c.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	c.connect = c.dial
	code := c.execute(ctx, os.Args[1:])
	stop()
	os.Exit(int(code))
}
