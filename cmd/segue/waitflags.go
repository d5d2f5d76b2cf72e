package main

import (
	"time"

	"github.com/spf13/pflag"
)

// waitFlags are those of every verb whose effect takes time.
type waitFlags struct {
	wait    string
	timeout time.Duration
	output  string
}

func (w *waitFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&w.wait, "wait", "", "wait for the result; promotable: that a green set waits for promotion is good, too")
	flags.Lookup("wait").NoOptDefVal = "settled"
	flags.DurationVar(&w.timeout, "timeout", 0, "how long to wait for the result, and for a lock (default no limit, and 1m)")
	flags.StringVarP(&w.output, "output", "o", "", "json: one JSON event a line on stdout, words on stderr")
}

// asked says whether to wait.
func (w *waitFlags) asked() bool { return w.wait != "" && w.wait != "false" }

func (w *waitFlags) check() error {
	switch w.wait {
	case "", "false", "true", "settled", "promotable":
	default:
		return usage("error: --wait=%s: say --wait or --wait=promotable", w.wait)
	}
	if w.output != "" && w.output != "json" {
		return usage("error: -o %s: this command knows json", w.output)
	}
	return nil
}
