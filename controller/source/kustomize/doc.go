// Package kustomize renders a directory with a kustomization.yaml to manifests, by kustomize's own library.
//
// What kustomize's builtins do with segue's kinds by themselves, and what Render makes of it:
//
//	images:             nothing, without a word           spec.template.image, and spec.image of an Nginx
//	replicas:           spec.replicas                     the same
//	namePrefix, suffix  the name, and no reference to it  dependsOn, routes.*.nginx, eureka.registry and .nginx follow
//	namespace:          the namespace; NAMESPACE.NAME     follows, when what is named is in the render
//	                    stays as it was written
//	labels:             the object's labels               the same; spec.template.labels with includeTemplates
//	commonLabels:       invents spec.selector and         the object's labels
//	commonAnnotations:  spec.template.metadata            the object's annotations
//	patches:            merge maps, replace lists         the same
//	a JSON patch        turns 0755 into 493, 1.10 into    such values need quotes, everywhere
//	                    1.1, a date into a time
//
// Everything is read once, into memory, and rendered from there: nothing is fetched, no plugin runs, and what changes
// meanwhile is in the next rendering or in none. What could reach the network or run a program is refused by name.
//
// kustomize forgets where a value stood. So every object carries a mark of its document, and a problem is told at the
// place that wrote the value: the patch nearest to the top, else the manifest itself.
//
// A file that a manifest names is relative to the manifest, or to the patch that names it. A kustomization above may
// have a copy at the same path below its own directory: the topmost one counts.
package kustomize
