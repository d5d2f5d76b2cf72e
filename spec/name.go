package spec

import "strings"

// DefaultNamespace is the namespace of objects that name none.
const DefaultNamespace = "default"

// Name identifies an object of one kind.
type Name struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// String gives NAME in the default namespace and NAMESPACE.NAME elsewhere: the form that container
// names, upstreams, .inc files and Eureka ids begin with. Names and namespaces are DNS labels, without
// dots, so the form is unique.
func (n Name) String() string {
	if n.Namespace == "" || n.Namespace == DefaultNamespace {
		return n.Name
	}
	return n.Namespace + "." + n.Name
}

// ParseName reads what Name.String wrote. It does not validate.
func ParseName(s string) Name {
	if namespace, name, found := strings.Cut(s, "."); found {
		return Name{Namespace: namespace, Name: name}
	}
	return Name{Namespace: DefaultNamespace, Name: s}
}
