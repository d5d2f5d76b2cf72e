package notify

import "time"

// told is what a courier last told of an object or a source.
type told struct {
	// Attempt is the text and revision, or the commit, that Event is about.
	Attempt string `json:"attempt,omitempty"`
	Event   Event  `json:"event,omitempty"`
	// Drift: DriftFound was told, and DriftHealed was not.
	Drift bool `json:"drift,omitempty"`
	// Count is how much was told of it: it tells apart what is told twice of one attempt.
	Count int `json:"count,omitempty"`
}

// judge gives what is to be told of what is seen, given what was told before (nil: nothing), and what was told then.
// What is older than since was there before there was a receiver: its first sight is taken as told. wants answers
// whether the receiver wants to hear of an event.
//
//	told before       seen                     is told
//	another attempt   anything                 what is seen
//	the same          what was told            nothing
//	the same          started                  nothing, unless a failed one is tried again
//	the same          anything else            what is seen
//	anything          blocked, unreadable      what is seen, once; then again what holds
func judge(s sight, before *told, since time.Time, wants func(Event) bool) (after told, events []Event) {
	if before == nil {
		if s.old(since) {
			return told{Attempt: s.attempt, Event: s.event.settled(), Drift: s.drift != ""}, nil
		}
		before = &told{}
	}
	after = *before
	if s.news(before, wants) {
		events = append(events, s.event)
		after.Event = s.event
		if !s.event.passing() {
			after.Attempt = s.attempt
		}
	}
	switch {
	case s.drift != "" && !before.Drift:
		events, after.Drift = append(events, DriftFound), true
	case s.drift == "" && s.calm && before.Drift:
		events, after.Drift = append(events, DriftHealed), false
	}
	after.Count += len(events)
	return after, events
}

// old: it was there before the receiver, and nothing is wrong with it that cannot be told later.
func (s sight) old(since time.Time) bool {
	if s.created.IsZero() {
		return s.event == CommitConverged // a directory
	}
	return s.event != Deleted && s.created.Before(since)
}

// news: the event is worth telling after what was told before.
func (s sight) news(before *told, wants func(Event) bool) bool {
	switch {
	case s.event == "":
		return false
	case s.event.passing():
		return before.Event != s.event && wants(s.event)
	case s.attempt != before.Attempt:
		return true
	case s.event == RolloutStarted:
		return s.retried && (before.Event == RolledBack || before.Event == Failed)
	case s.event == CommitApplied:
		return false
	default:
		return s.event != before.Event
	}
}

// settled is the event that is taken as told of what was there before: what is on its way then is not told to have come.
func (e Event) settled() Event {
	switch e {
	case RolloutStarted:
		return Converged
	case CommitApplied:
		return CommitConverged
	default:
		return e
	}
}
