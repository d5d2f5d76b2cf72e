package controller

import "sync"

// startup knows when every source was read once and everything was looked at once.
type startup struct {
	ready chan struct{}

	mu      sync.Mutex
	sources map[string]bool
	keys    map[key]bool
	// expected: the objects that the store remembers are in keys.
	expected, closed bool
}

func newStartup(sources []Source) *startup {
	s := &startup{ready: make(chan struct{}), sources: map[string]bool{}, keys: map[key]bool{orphansKey: true}}
	for _, source := range sources {
		s.sources[source.Name()] = true
	}
	return s
}

// expect waits for a look at each of these.
func (s *startup) expect(keys []key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		s.keys[k] = true
	}
	s.expected = true
	s.check()
}

// read notes a source's first reading; what it brought is waited for too.
func (s *startup) read(source string, keys []key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !s.sources[source] {
		return
	}
	delete(s.sources, source)
	for _, k := range keys {
		s.keys[k] = true
	}
	s.check()
}

func (s *startup) looked(k key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	delete(s.keys, k)
	s.check()
}

func (s *startup) check() {
	if !s.closed && s.expected && len(s.sources) == 0 && len(s.keys) == 0 {
		s.closed = true
		close(s.ready)
	}
}
