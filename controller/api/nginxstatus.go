package api

import "time"

// NginxStatus is how an Nginx object is.
type NginxStatus struct {
	ObservedGeneration int64         `json:"observedGeneration"`
	Servers            []NginxServer `json:"servers"`
	Conditions         []Condition   `json:"conditions"`
	// Includes are the lines that the user has yet to add, with file and line.
	Includes     []string      `json:"includes,omitempty"`
	Certificates []Certificate `json:"certificates,omitempty"`
	// Notes are what segue read in the user's own configuration and would advise to change.
	Notes []string `json:"notes,omitempty"`
}

// NginxServer is how one nginx server is.
type NginxServer struct {
	Name string `json:"name"`
	// State is up, down or unknown; Reason why it is not up.
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
	// Version is nginx's; Generation the one that it was last proven to serve; Switch how a change is made there: flag,
	// reload or reload+lame. Each is "" while nobody knows.
	Version    string `json:"version,omitempty"`
	Generation string `json:"generation,omitempty"`
	Switch     string `json:"switch,omitempty"`
}

// Certificate is one of an Nginx object's.
type Certificate struct {
	File     string    `json:"file"`
	Names    []string  `json:"names"`
	NotAfter time.Time `json:"notAfter"`
}
