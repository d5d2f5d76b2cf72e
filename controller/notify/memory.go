package notify

import (
	"encoding/json"
	"fmt"
	"time"
)

// memory is what a courier must not forget.
type memory struct {
	// Since is when there first was such a receiver: it is not told of what was there before.
	Since time.Time `json:"since"`
	// Told is what was told, or waits to be, of each object and source.
	Told map[string]told `json:"told,omitempty"`
	// Pending waits to be sent, the oldest first.
	Pending []Notice `json:"pending,omitempty"`
}

// recall reads what keep wrote; nothing is a new receiver's.
func recall(value []byte, now time.Time) (*memory, error) {
	m := &memory{}
	if value != nil {
		if err := json.Unmarshal(value, m); err != nil {
			return nil, fmt.Errorf("read what was told: %w", err)
		}
	}
	if m.Since.IsZero() {
		m.Since = now
	}
	if m.Told == nil {
		m.Told = map[string]told{}
	}
	return m, nil
}

// see compares what is seen with what was told, and gives what is to be told now. changed: there is something to keep.
func (m *memory) see(s sight, wants func(Event) bool) (events []Event, count int, changed bool) {
	before, known := m.Told[s.key()]
	var earlier *told
	if known {
		earlier = &before
	}
	after, events := judge(s, earlier, m.Since, wants)
	switch {
	case s.event == Deleted:
		delete(m.Told, s.key())
		return events, before.Count, known || len(events) > 0
	case after == before:
		return nil, 0, false
	}
	m.Told[s.key()] = after
	return events, before.Count, true
}

// push adds a notice and answers whether the oldest had to make room for it.
func (m *memory) push(n Notice) (dropped bool) {
	m.Pending = append(m.Pending, n)
	if len(m.Pending) <= queueSize {
		return false
	}
	m.Pending = m.Pending[1:]
	return true
}

// pop takes the notice away if it still is the oldest.
func (m *memory) pop(id string) {
	if len(m.Pending) > 0 && m.Pending[0].ID == id {
		m.Pending = m.Pending[1:]
	}
}
