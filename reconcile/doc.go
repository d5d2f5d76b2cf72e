// Package reconcile decides what to do next. It is pure: Next is a function of what is desired, what is
// observed and what time it is, and returns the steps to take now. It performs nothing, logs nothing,
// asks no clock and draws no random number; purity_test.go holds it to that.
//
// # Glossary
//
//   - instance: one container of a Deployment, named DEPLOYMENT-REVISION-N
//   - revision: what an instance is made of, by the hash of what was written
//   - ready: started, probed, warmed up, and so for minReadySeconds
//   - serving: every nginx server routes to it
//   - routed, reachable: an nginx server's served generation names it; a living worker may still know it
//   - registered, visible: UP in a Eureka server's live registry; UP in the cached view that consumers read
//   - drained: nothing that may still send to it is left
//   - retired: renamed to NAME.retired; on its way out and never back
//   - live: not yet exited, retired ones included
//   - accepted: every replica of the revision serves everywhere and no older instance is live
//   - rejected: the revision failed by its own fault and is not tried again
package reconcile
