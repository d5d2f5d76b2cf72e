// Package spec holds what the user wrote: the three kinds (Deployment, Nginx, Eureka), their strict
// parse with file, line and column, their defaults, their validation, and the hash that makes a revision.
//
// What is written and what is meant are two values. Read returns what was written: every optional
// field is nil or empty when the manifest is silent. Deployment.Defaulted returns what is meant. A
// revision is the hash of what was written, so that an upgrade of segue that changes a default does not
// roll everything that runs.
//
// spec refuses rather than guesses: unknown and doubled keys, values that YAML would change, fields that
// a later release will have. It never opens a network connection and never asks the clock.
//
// A command reads with ReadPaths, a source with ReadDirectory; both give all problems at once, and Join adds those
// that ValidateSet finds between objects. The controller checks again what it is sent: Manifest.Validate, then
// ValidateSet with what it has.
//
// How YAML is read: on the nodes of go.yaml.in/yaml/v3 (sigs.k8s.io/yaml's goyaml.v3 is a deprecated alias of it), by
// reflection over the types, whose json tags are the field names. A string may be written as a plain decimal
// integer, and in a map of strings as true or false; what else YAML 1.1 or 1.2 would not leave a string needs quotes.
// Aliases work; << works for one level. JSON is read by the same rules.
//
// Files that a manifest names are relative to it, may be absolute, and may lie outside its directory: whoever may
// write a manifest is as good as root. They are read when the manifest is, at most 1 MiB each, and travel with it. A
// file that a manifest in the same directory names (an application.yml, say) is not itself read as a manifest.
package spec
