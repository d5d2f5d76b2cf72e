package kustomize

import (
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/segue-dev/segue/spec"
)

// follow makes references that are written as NAMESPACE.NAME, and hosts of Eureka servers that are Deployments, name what
// they named before kustomize moved or renamed it. References that are a bare name kustomize has done.
func follow(objects []*object) {
	for _, o := range objects {
		if _, servers := pathOf("spec.servers").find(o.made.node); servers != nil && o.made.kind() == spec.KindEureka {
			for _, server := range servers.Content {
				o.address(server, objects)
			}
		}
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
		for path, kind := range map[string]string{"spec.eureka.registry": spec.KindEureka, "spec.eureka.nginx": spec.KindNginx} {
			if _, reference := pathOf(path).find(o.made.node); reference != nil {
				o.refer(kind, reference, objects)
			}
		}
	}
}

// refer writes what a reference is called now.
func (o *object) refer(kind string, reference *yaml.Node, objects []*object) {
	reference = behind(reference)
	if reference.Kind != yaml.ScalarNode || !strings.Contains(reference.Value, ".") {
		return
	}
	if now, moved := o.now(kind, spec.ParseName(reference.Value), objects); moved {
		reference.Value = now.Namespace + "." + now.Name
	}
}

// address writes what a Deployment is called now that the host of a Eureka server's URL names.
func (o *object) address(server *yaml.Node, objects []*object) {
	server = behind(server)
	u, err := url.Parse(server.Value)
	if err != nil || server.Kind != yaml.ScalarNode || u.Hostname() == "" {
		return
	}
	if now, moved := o.now(spec.KindDeployment, spec.ParseName(u.Hostname()), objects); moved {
		u.Host = strings.Replace(u.Host, u.Hostname(), now.String(), 1)
		server.Value = u.String()
	}
}

// now is what the object is called that had a name before kustomize moved or renamed it.
func (o *object) now(kind string, wanted spec.Name, objects []*object) (spec.Name, bool) {
	var was []*object
	for _, other := range objects {
		if other.made.kind() != kind {
			continue
		}
		if nameIn(other.made) == wanted {
			return wanted, false
		}
		if other.origin != nil && nameIn(other.origin) == wanted {
			was = append(was, other)
		}
	}
	for _, other := range was {
		// Where a base is rendered for several namespaces, each has its own.
		if len(was) == 1 || nameIn(other.made).Namespace == nameIn(o.made).Namespace {
			return nameIn(other.made), true
		}
	}
	return wanted, false
}

func nameIn(d *document) spec.Name {
	return spec.Metadata{Name: d.name(), Namespace: d.namespace()}.ObjectName()
}
