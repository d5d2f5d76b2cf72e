package api

import (
	"github.com/segue-dev/segue/spec"
)

// Query selects objects. Empty fields match everything.
type Query struct {
	Kind      string `json:"kind,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	// Selector is a label selector, as KEY=VALUE,KEY!=VALUE,KEY.
	Selector string `json:"selector,omitempty"`
}

// Selects says whether the query is about an object, labels apart. Sources are meant only where they are asked for.
func (q Query) Selects(kind string, name spec.Name) bool {
	return (q.Kind == kind || q.Kind == "" && kind != KindSource) && (q.Namespace == "" || q.Namespace == name.Namespace) &&
		(q.Name == "" || q.Name == name.Name)
}

// List is an answer to a Query.
type List struct {
	Items []Status `json:"items"`
}

// EventQuery selects events. Empty fields match everything.
type EventQuery struct {
	Kind      string `json:"kind,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	Follow    bool   `json:"follow,omitempty"`
}

// LogQuery selects a log.
type LogQuery struct {
	// Instance is an instance's name; or Deployment, which means its newest instance (of Revision, if that is not 0).
	Instance   string    `json:"instance,omitempty"`
	Deployment spec.Name `json:"deployment,omitzero"`
	Revision   int       `json:"revision,omitempty"`
	// Previous reads the kept log of the last failed instance.
	Previous   bool `json:"previous,omitempty"`
	Follow     bool `json:"follow,omitempty"`
	Tail       int  `json:"tail"`
	Timestamps bool `json:"timestamps,omitempty"`
}
