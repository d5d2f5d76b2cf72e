package load

import "crypto/tls"

// Target is a service as its callers know it.
type Target struct {
	// Address is HOST:PORT, by number.
	Address string
	// Host is the Host header; Address when empty.
	Host string
	// Path is put before every path, as "/orders"; "" for none.
	Path string
	// Service is what every answer has to carry in X-Service.
	Service string
	// TLS is for HTTP2 jobs only, which need it.
	TLS *tls.Config
	// Discovery finds the address instead of Address, when set.
	Discovery *Discovery
}

func (t Target) host() string {
	if t.Host != "" {
		return t.Host
	}
	return t.Address
}
