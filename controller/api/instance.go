package api

import (
	"time"

	"github.com/segue-dev/segue/spec"
)

// Instance is one replica.
type Instance struct {
	Name       string    `json:"name"`
	Deployment spec.Name `json:"deployment"`
	Revision   int       `json:"revision"`
	Hash       string    `json:"hash"`
	Slot       string    `json:"slot,omitempty"`
	Image      string    `json:"image"`
	Address    string    `json:"address"`
	Ready      bool      `json:"ready"`
	// Status is one word or phrase: Starting, NotReady, Ready, Serving, Draining, Stopping, Exited (1), Adopted.
	Status string `json:"status"`
	// Restarts counts the exited predecessors of this revision.
	Restarts  int       `json:"restarts"`
	StartedAt time.Time `json:"startedAt,omitzero"`
	// Nginx is SERVING/SERVERS as "2/2"; Eureka as "UP 1/2, ? 1/2"; "-" where there is none.
	Nginx     string   `json:"nginx"`
	Eureka    string   `json:"eureka"`
	EurekaID  string   `json:"eurekaId,omitempty"`
	LastProbe string   `json:"lastProbe,omitempty"`
	ExitCode  *int     `json:"exitCode,omitempty"`
	Log       []string `json:"log,omitempty"`
}

// Front is one nginx server that is registered with Eureka in place of instances.
type Front struct {
	// Nginx is the Nginx object, Server its server; Address is where consumers dial it, "" while nobody knows.
	Nginx   string `json:"nginx"`
	Server  string `json:"server"`
	Address string `json:"address"`
	// State is the nginx server's; Eureka as Instance has it; Leaving: it is on its way out.
	State   string `json:"state"`
	Eureka  string `json:"eureka"`
	Leaving bool   `json:"leaving,omitempty"`
	// Reason says why it is not registered; "" when that is not known or it is.
	Reason string `json:"reason,omitempty"`
}
