package controller

import (
	"cmp"
	"strings"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// key names one object of any kind.
type key struct {
	kind string
	name spec.Name
}

func deploymentKey(name spec.Name) key { return key{kind: spec.KindDeployment, name: name} }

func keyOf(m spec.Manifest) key { return key{kind: m.Kind(), name: m.Name()} }

// String is KIND/NAME in lower case, as people write it: deployment/orders.
func (k key) String() string { return strings.ToLower(k.kind) + "/" + k.name.String() }

// storeKey is where the store keeps the object.
func (k key) storeKey() string { return k.kind + "/" + k.name.String() }

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name.Namespace, b.name.Namespace), cmp.Compare(a.name.Name, b.name.Name))
}

// refuse is an answer of no.
func refuse(kind api.RefusalKind, message string) error {
	return &api.Refusal{Kind: kind, Message: message}
}
