package main

import (
	"slices"
	"strings"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// resource is something that can be named on the command line.
type resource struct {
	singular, plural string
	aliases          []string
	// kind is that of the objects in which it is found: an instance is found in its Deployment.
	kind string
}

// The resources, in the order of get all.
var (
	deployments = resource{"deployment", "deployments", []string{"deploy"}, spec.KindDeployment}
	instances   = resource{"instance", "instances", []string{"po", "pod", "pods"}, spec.KindDeployment}
	nginxes     = resource{"nginx", "nginx", []string{"nginxes"}, spec.KindNginx}
	eurekas     = resource{"eureka", "eureka", []string{"eurekas"}, spec.KindEureka}
	events      = resource{"event", "events", []string{"ev"}, ""}
	sources     = resource{"source", "sources", []string{"src"}, api.KindSource}
	revisions   = resource{"revision", "revisions", []string{"rev", "rs"}, spec.KindDeployment}
)

var resources = []resource{deployments, instances, nginxes, eurekas, events, revisions, sources}

// resourceWords are what get lists.
const resourceWords = "deployments, instances, nginx, eureka, events, revisions, sources, all"

func (r resource) is(word string) bool {
	word = strings.ToLower(word)
	return word == r.singular || word == r.plural || slices.Contains(r.aliases, word)
}

func (r resource) same(other resource) bool { return r.plural == other.plural }

// resourcesOf reads TYPE or TYPE,TYPE.
func resourcesOf(words string) ([]resource, error) {
	if strings.ToLower(words) == "all" {
		return []resource{deployments, instances, nginxes, eurekas}, nil
	}
	var found []resource
	for word := range strings.SplitSeq(words, ",") {
		i := slices.IndexFunc(resources, func(r resource) bool { return r.is(word) })
		if i < 0 {
			return nil, usage("error: there is no resource type %q; there are %s; to name a Deployment say deployment/%[1]s", word, resourceWords)
		}
		found = append(found, resources[i])
	}
	return found, nil
}

// target is one resource by name.
type target struct {
	resource resource
	name     spec.Name
}

func (t target) String() string { return t.resource.singular + "/" + t.name.String() }

// name reads NAME, in the namespace of -n, or NAMESPACE.NAME as segue writes it.
func (c *cli) name(word string) spec.Name {
	if strings.Contains(word, ".") {
		return spec.ParseName(word)
	}
	return spec.Name{Namespace: c.namespace, Name: word}
}

// targets reads TYPE/NAME…, or TYPE NAME…; TYPE alone gives no names.
func (c *cli) targets(args []string) ([]resource, []target, error) {
	if len(args) == 0 {
		return nil, nil, usage("error: name a resource: TYPE NAME or TYPE/NAME")
	}
	if !strings.Contains(args[0], "/") {
		types, err := resourcesOf(args[0])
		if err != nil {
			return nil, nil, err
		}
		var named []target
		for _, word := range args[1:] {
			if len(types) == 1 && types[0].same(sources) {
				named = append(named, target{sources, spec.Name{Name: word}})
				continue
			}
			if len(types) != 1 || strings.Contains(word, "/") {
				return nil, nil, usage("error: %q: say TYPE NAME…, with one type, or TYPE/NAME…", strings.Join(args, " "))
			}
			named = append(named, target{types[0], c.name(word)})
		}
		return types, named, nil
	}
	var named []target
	var types []resource
	for _, word := range args {
		kind, name, found := strings.Cut(word, "/")
		if !found || name == "" {
			return nil, nil, usage("error: %q: want TYPE/NAME", word)
		}
		one, err := resourcesOf(kind)
		if err != nil {
			return nil, nil, err
		}
		if len(one) != 1 {
			return nil, nil, usage("error: %q: want one type", word)
		}
		if one[0].same(sources) {
			named = append(named, target{sources, spec.Name{Name: name}})
		} else {
			named = append(named, target{one[0], c.name(name)})
		}
		if !slices.ContainsFunc(types, one[0].same) {
			types = append(types, one[0])
		}
	}
	return types, named, nil
}

// deploymentNames reads NAME…, deployment/NAME… or deployment NAME…; at least one.
func (c *cli) deploymentNames(args []string) ([]spec.Name, error) {
	if len(args) > 1 && deployments.is(args[0]) {
		args = args[1:]
	}
	var names []spec.Name
	for _, word := range args {
		kind, name, found := strings.Cut(word, "/")
		if !found {
			kind, name = deployments.singular, word
		}
		if !deployments.is(kind) || name == "" {
			return nil, usage("error: %q: want the name of a Deployment, as orders or deployment/orders", word)
		}
		names = append(names, c.name(name))
	}
	if len(names) == 0 {
		return nil, usage("error: name a Deployment")
	}
	return names, nil
}
