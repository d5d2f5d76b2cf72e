package registry

import (
	"bytes"
	"compress/gzip"
	"sync"
	"time"
)

// readWriteTTL is how long an answer that nothing has invalidated is given; it matters to the leases' times only.
const readWriteTTL = 3 * time.Minute

// zippers are used again: each takes 800 kB.
var zippers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// zip cannot fail: it writes to memory.
func zip(body []byte) []byte {
	var out bytes.Buffer
	zipper := zippers.Get().(*gzip.Writer)
	defer zippers.Put(zipper)
	zipper.Reset(&out)
	if _, err := zipper.Write(body); err != nil {
		panic(err)
	}
	if err := zipper.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// cache holds answers by what was asked and in which format. The read-only half turns over in its interval; what was
// asked for the first time is read through, and stays as it is until the next turn.
type cache struct {
	shown map[string]page
	fresh map[string]page
	make  map[string]func() page
}

func newCache() cache {
	return cache{shown: map[string]page{}, fresh: map[string]page{}, make: map[string]func() page{}}
}

// cached answers from the cache. build runs under the registry's lock.
func (r *Registry) cached(name string, build func() page) page {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.options.ResponseCache < 0 {
		return r.freshPage(name, build)
	}
	if p, known := r.cache.shown[name]; known {
		return p
	}
	p := r.freshPage(name, build)
	r.cache.shown[name], r.cache.make[name] = p, build
	return p
}

func (r *Registry) freshPage(name string, build func() page) page {
	now := time.Now()
	p, known := r.cache.fresh[name]
	if !known || p.version != r.version || now.Sub(p.made) > readWriteTTL {
		p = build()
		p.version, p.made = r.version, now
		plain := p.body
		p.zipped = sync.OnceValue(func() []byte { return zip(plain) })
		r.cache.fresh[name] = p
	}
	return p
}

// turnCache makes the read-only half show what is true now.
func (r *Registry) turnCache() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.cache.shown {
		r.cache.shown[name] = r.freshPage(name, r.cache.make[name])
	}
}
