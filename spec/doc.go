// Package spec holds what the user wrote: the three kinds (Deployment, Nginx, Eureka), their strict
// parse with file, line and column, their defaults, their validation, and the hash that makes a revision.
//
// What is written and what is meant are two values. Parse returns what was written: every optional
// field is nil or empty when the manifest is silent. Deployment.Defaulted returns what is meant. A
// revision is the hash of what was written, so that an upgrade of segue that changes a default does not
// roll everything that runs.
//
// spec refuses rather than guesses: unknown and doubled keys, values that YAML would change, fields that
// a later release will have. It never opens a network connection and never asks the clock.
package spec
