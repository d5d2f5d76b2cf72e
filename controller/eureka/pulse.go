package eureka

import (
	"sync"
	"time"
)

// peerLag is how long a heartbeat takes to a server's peers, with room to spare: 0.6 s was measured, 1 s is usual.
const peerLag = 2 * time.Second

// pulse remembers when an id was last beaten, on any server.
type pulse struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// claim is true when no server was beaten for the id a moment ago; then it counts as beaten now.
func (p *pulse) claim(id string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last, known := p.last[id]; known && now.Before(last.Add(peerLag)) {
		return false
	}
	if p.last == nil {
		p.last = map[string]time.Time{}
	}
	p.last[id] = now
	return true
}

// forget takes a claim back: the heartbeat was not taken, or there are no more.
func (p *pulse) forget(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.last, id)
}
