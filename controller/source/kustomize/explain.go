package kustomize

import (
	"fmt"
	"regexp"

	"github.com/segue-dev/segue/spec"
)

// What kustomize says of the usual mistakes.
var (
	noReplicas = regexp.MustCompile(`resource with name (\S+) does not match a config`)
	noTarget   = regexp.MustCompile(`no matches for Id (\w+)[^/]*/([^.\s"]+)`)
	twice      = regexp.MustCompile(`already registered id: (\w+)[^/]*/([^.\s"']+)`)
)

// explain makes problems of kustomize's error: with the place, where it can be found, and with paths as people know them.
func (s *survey) explain(top *layer, err error) error {
	text := s.memory.unspelled(err.Error())
	if found := noReplicas.FindStringSubmatch(text); found != nil {
		for _, l := range s.loaded {
			for i, one := range l.says.Replicas {
				if one.Name == found[1] {
					return spec.Problems{l.file.problem(fmt.Sprintf("replicas[%d].name", i), "no Deployment %q among what this kustomization reads", one.Name)}
				}
			}
		}
	}
	if found := noTarget.FindStringSubmatch(text); found != nil {
		for _, l := range s.loaded {
			for _, p := range l.patches {
				if p.target == nil && p.kind() == found[1] && p.name() == found[2] {
					return spec.Problems{p.problem("metadata.name", "no %s %q among what %s reads; a patch needs one that it is for", found[1], found[2], l.file.file)}
				}
			}
		}
	}
	if found := twice.FindStringSubmatch(text); found != nil {
		var first *document
		for _, d := range s.marked {
			switch {
			case d.kind() != found[1] || d.name() != found[2]:
			case first == nil:
				first = d
			default:
				return spec.Problems{d.problem("metadata.name", "%s %q is written twice; first at %s:%d", found[1], found[2], first.file, first.node.Line)}
			}
		}
	}
	return spec.Problems{top.file.problemAt(top.file.node, "", "kustomize: %s", text)}
}
