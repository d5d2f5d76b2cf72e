package registry

import (
	"time"

	"github.com/go-logr/logr"
)

// Options are what can be set. The zero value is what Spring's server has, but for self-preservation.
type Options struct {
	// Listen is the address that Serve listens on; "" means :8761. New does not look at it.
	Listen string
	// ResponseCache is how often the read-only cache takes over what has changed; 0 means 30 s, less than 0 means that
	// there is no such cache.
	ResponseCache time.Duration
	// EvictionInterval is how often expired leases are taken away, at most 15 % of the registry at once; 0 means 60 s.
	EvictionInterval time.Duration
	// SelfPreservation stops expiry while fewer than 85 % of the expected heartbeats arrive.
	SelfPreservation bool
	// Keep is the file in which leases and overrides outlast a restart of the server; "" means that they do not. Its
	// directory has to be there. Serve reads it, Run writes it.
	Keep string
	// Log is told what becomes of the file.
	Log logr.Logger
}

func (o Options) withDefaults() Options {
	if o.Listen == "" {
		o.Listen = ":8761"
	}
	if o.ResponseCache == 0 {
		o.ResponseCache = 30 * time.Second
	}
	if o.EvictionInterval == 0 {
		o.EvictionInterval = time.Minute
	}
	return o
}
