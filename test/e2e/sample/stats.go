package main

import (
	"sync"
	"time"
)

// Stats is what was asked of this instance, questions of health, stats and control apart.
type Stats struct {
	Identity
	Requests int `json:"requests"`
	// DarkRequests came while Faults.Dark was set, or before the first readiness that was answered with 200.
	DarkRequests int `json:"darkRequests"`
	// FirstAt and LastAt are zero before the first request.
	FirstAt time.Time `json:"firstAt,omitzero"`
	LastAt  time.Time `json:"lastAt,omitzero"`
	// Open counts the requests and sockets that are being answered now.
	Open int `json:"open"`
}

// tally keeps a Stats.
type tally struct {
	mu    sync.Mutex
	stats Stats
}

func (t *tally) begin(dark bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	t.stats.Requests++
	t.stats.Open++
	if dark {
		t.stats.DarkRequests++
	}
	if t.stats.FirstAt.IsZero() {
		t.stats.FirstAt = now
	}
	t.stats.LastAt = now
}

func (t *tally) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Open--
}

func (t *tally) read() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stats
}
