package spec

// ChangeCause is the annotation that history shows as the reason of a revision.
const ChangeCause = "segue.dev/change-cause"

// DriftPolicy is the annotation that says what is done about what somebody changed by hand: heal or report. Without it
// the object's source says so.
const DriftPolicy = "segue.dev/drift"

// Metadata names an object.
type Metadata struct {
	// Name is a DNS label (RFC 1123) of at most 50 characters.
	Name string `json:"name"`
	// Namespace is a DNS label; "default" when empty.
	Namespace   string            `json:"namespace,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// ObjectName is the object's name with the default namespace filled in.
func (m Metadata) ObjectName() Name {
	if m.Namespace == "" {
		return Name{Namespace: DefaultNamespace, Name: m.Name}
	}
	return Name{Namespace: m.Namespace, Name: m.Name}
}
