// Package load sends requests at a fixed rate and tells every kind of failure apart.
//
// It never retries. (HTTP/2's transport sends a request again that the server said it has not looked at and whose body
// it still has; that is the protocol's own rule, and Job.Request PostOnce is without it.) It is bounded in time and
// count, and it dials nothing but this machine's loopback and the private addresses that it was given: whatever a
// registry or a redirect names.
//
//	generator, err := load.New(load.Options{Jobs: load.Mixed(target, 300), Limit: time.Minute})
//	report := generator.Run(ctx) // until ctx ends; generator.Report() meanwhile
package load
