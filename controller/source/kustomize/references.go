package kustomize

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/segue-dev/segue/spec"
)

// follow makes references that are written as NAMESPACE.NAME name what they named before kustomize moved or renamed it.
// Those that are a bare name kustomize has done.
func follow(objects []*object) {
	for _, o := range objects {
		if o.made.kind() != spec.KindDeployment {
			continue
		}
		if _, list := pathOf("spec.dependsOn").find(o.made.node); list != nil {
			for _, on := range list.Content {
				o.refer(spec.KindDeployment, on, objects)
			}
		}
		if _, routes := pathOf("spec.routes").find(o.made.node); routes != nil {
			for i := 1; i < len(routes.Content); i += 2 {
				if _, nginx := (fieldPath{"nginx"}).find(routes.Content[i]); nginx != nil {
					o.refer(spec.KindNginx, nginx, objects)
				}
			}
		}
		if _, registry := pathOf("spec.eureka.registry").find(o.made.node); registry != nil {
			o.refer(spec.KindEureka, registry, objects)
		}
	}
}

// refer writes what a reference is called now.
func (o *object) refer(kind string, reference *yaml.Node, objects []*object) {
	reference = behind(reference)
	if reference.Kind != yaml.ScalarNode || !strings.Contains(reference.Value, ".") {
		return
	}
	wanted := spec.ParseName(reference.Value)
	var was []*object
	for _, other := range objects {
		if other.made.kind() != kind {
			continue
		}
		if nameIn(other.made) == wanted {
			return // as it is
		}
		if other.origin != nil && nameIn(other.origin) == wanted {
			was = append(was, other)
		}
	}
	for _, other := range was {
		// Where a base is rendered for several namespaces, each has its own.
		if len(was) == 1 || nameIn(other.made).Namespace == nameIn(o.made).Namespace {
			now := nameIn(other.made)
			reference.Value = now.Namespace + "." + now.Name
			return
		}
	}
}

func nameIn(d *document) spec.Name {
	return spec.Metadata{Name: d.name(), Namespace: d.namespace()}.ObjectName()
}
