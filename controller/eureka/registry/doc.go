// Package registry is a Eureka server: one process, with the semantics of Netflix' server 2.0 as Spring ships it, so that
// Spring clients cannot tell it from one. The conformance suite holds both to the same cases.
//
// Where it differs, on purpose:
//
//   - overrides are kept for app and id; Netflix' are kept for the id alone, across apps
//   - a 404 has an empty body, also to a heartbeat: Java clients choke on anything else
//   - registrations are read as JSON only; XML is written but not read (415)
//   - self-preservation is off unless asked for: in small registries it keeps the dead for ever
//   - with Options.Keep a file has the leases, and a restart loses none; every answer says when the process began, so that
//     segue's own driver sees such a restart
//   - there are no peers; what a peer sends is applied (x-netflix-discovery-replication), single calls only
//   - both /eureka and /eureka/v2 are its base, and so is the root
package registry
