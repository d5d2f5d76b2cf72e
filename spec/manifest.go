package spec

import "fmt"

// Manifest is one object as it was read: exactly one of Deployment, Nginx and Eureka is set. It is what
// travels from the command to the controller and what the controller keeps.
type Manifest struct {
	Deployment *Deployment `json:"deployment,omitempty"`
	Nginx      *Nginx      `json:"nginx,omitempty"`
	Eureka     *Eureka     `json:"eureka,omitempty"`
	// Files holds the bytes of every file that the object names, by the path as written.
	Files map[string][]byte `json:"files,omitempty"`
	// Origin is FILE:LINE of the object's first line, for messages; "" when it did not come from a file.
	Origin string `json:"origin,omitempty"`
	// Positions are where the fields that concern other objects stand in Origin's file, by path, so that ValidateSet
	// can name them; nil is allowed. They and Origin say nothing about what is wanted: compare objects without them.
	Positions map[string]Position `json:"positions,omitempty"`
}

// Kind is Deployment, Nginx or Eureka.
func (m Manifest) Kind() string {
	switch {
	case m.Deployment != nil:
		return KindDeployment
	case m.Nginx != nil:
		return KindNginx
	default:
		return KindEureka
	}
}

// Labels are the object's; nil when it has none.
func (m Manifest) Labels() map[string]string {
	switch {
	case m.Deployment != nil:
		return m.Deployment.Metadata.Labels
	case m.Nginx != nil:
		return m.Nginx.Metadata.Labels
	case m.Eureka != nil:
		return m.Eureka.Metadata.Labels
	default:
		return nil
	}
}

// Name is the object's name.
func (m Manifest) Name() Name {
	switch {
	case m.Deployment != nil:
		return m.Deployment.Metadata.ObjectName()
	case m.Nginx != nil:
		return m.Nginx.Metadata.ObjectName()
	case m.Eureka != nil:
		return m.Eureka.Metadata.ObjectName()
	default:
		return Name{}
	}
}

// key tells objects apart.
func (m Manifest) key() string { return m.Kind() + "/" + m.Name().String() }

// title is the object as messages have it: Deployment "orders".
func (m Manifest) title() string { return m.Kind() + ` "` + m.Name().String() + `"` }

// where is Origin, else that it came from nowhere that a person could look.
func (m Manifest) where() string {
	if m.Origin == "" {
		return "not from a file"
	}
	return m.Origin
}

// whereIs is FILE:LINE of a field, as near as it is known.
func (m Manifest) whereIs(path string) string {
	if m.Origin == "" {
		return m.where()
	}
	p := m.problemAt(path, "")
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}
