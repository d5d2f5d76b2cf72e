package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// object is what -o json and -o yaml show of one resource, in kubectl's shape.
type object struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   objectMetadata `json:"metadata"`
	Spec       any            `json:"spec,omitempty"`
	Status     any            `json:"status,omitempty"`
}

// objectMetadata is Metadata and what the controller adds to it.
type objectMetadata struct {
	Name        string            `json:"name"`
	Namespace   string            `json:"namespace"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Generation  int64             `json:"generation,omitempty"`
	CreatedAt   time.Time         `json:"creationTimestamp,omitzero"`
	// Owner is apply, a source's name, or "" for an unowned object.
	Owner    string `json:"owner,omitempty"`
	Deleting bool   `json:"deleting,omitempty"`
}

// objectOf is a Deployment, Nginx or Eureka as it is wanted and as it is.
func objectOf(s api.Status) object {
	written := metadataOf(s.Manifest)
	o := object{APIVersion: spec.APIVersion, Kind: s.Kind, Status: statusOf(s), Metadata: objectMetadata{
		Name: s.Name.Name, Namespace: s.Name.Namespace, Labels: written.Labels, Annotations: written.Annotations,
		Generation: s.Generation, CreatedAt: s.CreatedAt, Owner: s.Owner, Deleting: s.Deleting,
	}}
	switch m := s.Manifest; {
	case m.Deployment != nil:
		o.Spec = m.Deployment.Spec
	case m.Nginx != nil:
		o.Spec = m.Nginx.Spec
	case m.Eureka != nil:
		o.Spec = m.Eureka.Spec
	}
	return o
}

func metadataOf(m spec.Manifest) spec.Metadata {
	switch {
	case m.Deployment != nil:
		return m.Deployment.Metadata
	case m.Nginx != nil:
		return m.Nginx.Metadata
	case m.Eureka != nil:
		return m.Eureka.Metadata
	default:
		return spec.Metadata{}
	}
}

// statusOf is the one of the three that is set.
func statusOf(s api.Status) any {
	switch {
	case s.Deployment != nil:
		return s.Deployment
	case s.Nginx != nil:
		return s.Nginx
	case s.Eureka != nil:
		return s.Eureka
	case s.Source != nil:
		return s.Source
	default:
		return nil
	}
}

// dump writes one value, or a List of several, as json or yaml.
func dump(to io.Writer, format string, values []any, single bool) error {
	var value any = map[string]any{"apiVersion": spec.APIVersion, "kind": "List", "items": append([]any{}, values...)}
	if single && len(values) == 1 {
		value = values[0]
	}
	if format == "yaml" {
		text, err := yaml.Marshal(value)
		if err != nil {
			return fmt.Errorf("write yaml: %w", err)
		}
		_, err = to.Write(text)
		return err
	}
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "    ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// lower is a kind as it stands before a slash.
func lower(kind string) string { return strings.ToLower(kind) }
