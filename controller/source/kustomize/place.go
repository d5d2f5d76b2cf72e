package kustomize

import (
	"errors"
	"strings"

	"github.com/segue-dev/segue/spec"
)

// transforming are the fields of a kustomization that write values by themselves, by the paths that they write.
var transforming = map[string][]string{
	"spec.template.image":  {"images"},
	"spec.image":           {"images"},
	"spec.replicas":        {"replicas"},
	"metadata.name":        {"namePrefix", "nameSuffix"},
	"metadata.namespace":   {"namespace"},
	"metadata.labels":      {"labels", "commonLabels"},
	"metadata.annotations": {"commonAnnotations"},
	"spec.template.labels": {"labels"},
}

// placed are problems of the rendered object, told at the place that wrote what they are about.
func (o *object) placed(err error) error {
	var problems spec.Problems
	if !errors.As(err, &problems) {
		return err
	}
	var told spec.Problems
	for _, p := range problems {
		if p.File != "" {
			told = append(told, p) // it is of a file that the object names
			continue
		}
		key, _ := pathOf(p.Path).find(o.made.node)
		place := o.place(p.Path, key != nil && key.Line == p.Line && key.Column == p.Column)
		place.Path, place.Message = p.Path, p.Message
		if place.File != o.top.file.file {
			place.Message += " (as " + o.top.file.file + " renders it)"
		}
		told = append(told, place)
	}
	return spec.Join(told)
}

// place is where the value at a path was written, or its key.
func (o *object) place(path string, key bool) spec.Problem {
	parts := pathOf(path)
	for n := len(parts); n > 0; n-- {
		for _, way := range o.stands {
			if by := o.writerOf(way, parts[:n]); by != nil {
				node := by.value
				if key && n == len(parts) {
					node = by.key
				}
				return by.problemAt(node, "", "")
			}
			if l, field := transformer(way, path); l != nil && n == len(parts) {
				return l.file.problem(field, "")
			}
		}
	}
	if o.origin != nil {
		return o.origin.problemAt(o.origin.node, "", "")
	}
	return o.top.file.problemAt(o.top.file.node, "", "")
}

// transformer is the topmost kustomization with a field that writes that path by itself.
func transformer(way []*layer, path string) (*layer, string) {
	for written, fields := range transforming {
		if path != written && !strings.HasPrefix(path, written+".") && !strings.HasPrefix(path, written+"[") {
			continue
		}
		for _, l := range way {
			for _, field := range fields {
				if key, _ := pathOf(field).find(l.file.node); key != nil {
					return l, field
				}
			}
		}
	}
	return nil, ""
}
