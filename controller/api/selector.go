package api

import (
	"fmt"
	"strings"
)

// Selector is a label selector that was read.
type Selector []requirement

// requirement is one part of a selector.
type requirement struct {
	key, value string
	// Without a value the key must be there; negated, the whole must not hold.
	hasValue, negated bool
}

// ParseSelector reads KEY=VALUE, KEY==VALUE, KEY!=VALUE, KEY and !KEY, separated by commas; all must hold, with
// Kubernetes' meaning: KEY!=VALUE also holds where there is no KEY.
func ParseSelector(text string) (Selector, error) {
	var selector Selector
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" && text == "" {
			continue
		}
		var r requirement
		if key, value, found := strings.Cut(part, "!="); found {
			r = requirement{key: key, value: value, hasValue: true, negated: true}
		} else if key, value, found := strings.Cut(part, "="); found {
			r = requirement{key: key, value: strings.TrimPrefix(value, "="), hasValue: true}
		} else {
			r.key, r.negated = strings.CutPrefix(part, "!")
		}
		if r.key == "" || strings.ContainsAny(r.key+r.value, " ()=!") {
			return nil, &Refusal{Kind: Invalid, Message: fmt.Sprintf("read selector %q: want KEY=VALUE, KEY!=VALUE, KEY or !KEY, separated by commas", text)}
		}
		selector = append(selector, r)
	}
	return selector, nil
}

// Matches says whether the labels are selected; the empty selector selects everything.
func (s Selector) Matches(labels map[string]string) bool {
	for _, r := range s {
		value, found := labels[r.key]
		if (found && (!r.hasValue || value == r.value)) == r.negated {
			return false
		}
	}
	return true
}
