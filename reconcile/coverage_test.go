package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// coverage counts, by what it is called, in how many worlds something happened.
type coverage map[string]int

// rare is in how few worlds of a full run a thing may happen before it counts as not tried.
const rare = 10

// note writes down that something happened in this world.
func (s *simulation) note(format string, args ...any) {
	if s.seen == nil {
		s.seen = coverage{}
	}
	s.seen[fmt.Sprintf(format, args...)] = 1
}

// noteDecision writes down what a decision says and does.
func (s *simulation) noteDecision(decision Decision) {
	if s.seen == nil {
		s.seen = coverage{}
	}
	s.seen["phase "+decision.Phase.String()] = 1
	s.seen[said(decision.Reason)] = 1
	for _, step := range decision.Steps {
		s.seen["step "+step.Kind.String()] = 1
		s.seen[said(step.Reason)] = 1
	}
	for _, w := range decision.Waits {
		s.seen["gate "+w.Gate] = 1
		s.seen[said(w.Reason)] = 1
	}
}

// said is a reason without its numbers, so that few differ.
func said(reason string) string {
	return "said " + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, reason)
}

// add counts one more world.
func (c coverage) add(world coverage) {
	for what := range world {
		c[what]++
	}
}

// check fails for what happened in too few worlds.
func (c coverage) check(t *testing.T) {
	t.Helper()
	for _, what := range expected() {
		if c[what] < rare {
			t.Errorf("%s: in %d worlds only", what, c[what])
		}
	}
	var texts []string
	for what := range maps.Keys(c) {
		if text, isText := strings.CutPrefix(what, "said "); isText {
			texts = append(texts, text)
		}
	}
	for what := range c {
		if gate, isGate := strings.CutPrefix(what, "gate "); isGate && gate != "connections" && !slices.Contains(gateNames, gate) {
			t.Errorf("the gate %s is in no list", gate)
		}
	}
	for _, words := range wordsOf(t) {
		if !slices.ContainsFunc(texts, words.in) && unsayable[words.text] == "" {
			t.Errorf("no world ever says %q (%s)", words.text, words.at)
		}
	}
}

// gateNames are the gates that Wait names. Connections are not in the model.
var gateNames = []string{
	"backoff", "culprit", "delay", "dependency", "drain", "front", "include", "minReady", "pause", "promotion", "propagation",
	"pull", "ready", "register", "registry", "route", "slot", "start", "visible", "warm",
}

// registrations are the ways to be found in Eureka, or none.
var registrations = []string{"none", "self", "managed", "proxied"}

// unsayable are words that no world can bring about, and why.
var unsayable = map[string]string{
	"nobody answers there any more": "the model's nginx servers may be down but stay on their object's list",
	"as far as is known it still runs the user's own configuration, which sends to ": "in the model an include that is there is known of a server that does not answer",
	" does not say whether it still reaches it":                                      "the model's servers know their workers",
	"%d connections from nginx %s are open":                                          "the model has no connections",
	"the app itself says STARTING at eureka %s; that is waited for %d s":             "the model's apps say UP or DOWN",
	"its routes have changed":                                                        "the model's routes are instances only",
	"waits for ":                                                                     "status shows the gates; why a start is held is not said again",
	" never answered":                                                                "the model's probes are answered or refused within a tick of the start",
	"its instances did not start":                                                    "the model says of every start that fails why",
}

// expected is everything that has to happen in the worlds, reasons apart.
func expected() []string {
	var all []string
	for _, kind := range faultKinds {
		all = append(all, "fault "+kind)
	}
	for kind := range stepNames[1:] {
		all = append(all, "step "+StepKind(kind+1).String())
	}
	for phase := range phaseNames {
		all = append(all, "phase "+Phase(phase).String())
	}
	for _, gate := range gateNames {
		all = append(all, "gate "+gate)
	}
	for _, how := range []string{"is cut short", "reaches one server", "takes effect late", "fails", "is taken twice"} {
		all = append(all, "a step "+how)
	}
	for _, from := range registrations {
		for _, to := range registrations {
			all = append(all, "move from "+from+" to "+to)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
