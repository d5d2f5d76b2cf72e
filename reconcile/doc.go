// Package reconcile decides what to do next. It is pure: Next is a function of what is desired, what is
// observed and what time it is, and returns the steps to take now. It performs nothing, logs nothing,
// asks no clock and draws no random number; purity_test.go holds it to that.
//
// A strategy (rolling.go, bluegreen.go, recreate.go) returns only a shape: how many to start, who serves, who retires.
// One sequencer (sequence.go) turns any shape into its first safe steps. A gate that is shut is a step that is not
// there, and a Wait that says what it waits for.
//
// Plan folds Next over a pure model of the world (world.go, advance.go, take.go, observe.go) until nothing is left to
// do. The simulator in the tests is the same model with faults: it checks every invariant at every step of many seeded
// worlds (go test -run TestWorlds -worlds N; -seed S prints one of them), and planted_test.go shows for each invariant
// that a planner which breaks it is found out. The transcripts in testdata are what a person would see.
//
// # Choices
//
//   - A deletion sends nobody anywhere at once: nginx answers 503 and Eureka forgets the instances at the same moment;
//     they run on, and are stopped when they are drained. Nothing demands service of what is deleted.
//   - A pause holds what is new: starts and admissions of the target, and the retirement of a blue that has lost its
//     traffic. It never holds healing: with the accepted revision, or with the target once that alone carries the
//     traffic.
//   - After a cut-over green keeps the traffic while any of it works, unless some server still sends to a blue of which
//     more works; a warm blue that works is better than a green of which nothing does.
//   - An instance that is stopped because its liveness probe failed counts like an exit: three of them in one rollout
//     reject the revision.
//   - While a change of nginx is under way, what it may name is not stopped, even if the newest decision leaves it out.
//   - When every nginx server is down the route is still asked for: its files are right when the server comes back.
//   - An image that cannot be pulled and a start that fails make no room: old instances serve on until the next one may
//     start.
//   - drainTimeoutSeconds begins when old nginx workers take no more requests (keepalive_min_timeout after their reload):
//     what is long-lived is bounded by it, and not the end of new requests.
//   - A start that failed by no fault of the target's is forgotten after StartMemory: it is not wanted any more, and the
//     deadline's clock does not stand still for it.
//   - What a restarted Eureka server shows UP by its app's own POST has passed no gate for that.
//
// # Glossary
//
//   - instance: one container of a Deployment, named DEPLOYMENT-REVISION-N
//   - revision: what an instance is made of, by the hash of what was written
//   - target: the revision that the steps lead to: the wanted one, or the accepted one to go back to
//   - fresh, old: instances of the target; instances of any other revision
//   - blue, green: in BlueGreen the old revision that traffic is with, and the target
//   - cut-over: the change of nginx with which traffic goes from blue to green, all of it
//   - slot: one of two fixed places that take turns in BlueGreen
//   - adopted: what ran before segue and is taken over, as instances of revision 0
//   - ready: started and probed with success
//   - available: ready, warmed up, and so for minReadySeconds; only these are admitted
//   - cold: ready and not warmed up
//   - sick: alive and not ready; failing: its liveness probe has failed
//   - admit: let nginx or Eureka send to an instance; admitted: something sends to it
//   - serving: everything sends to it
//   - dark: registered with Eureka but out of service, so that nobody finds it; seed: the lease that makes a start dark
//   - generation: one set of nginx's files, by the hash of what they say; of an object, how often it has been written
//   - routed, reachable: an nginx server's served generation names it; a living worker may still know it
//   - registered, visible: UP in a Eureka server's live registry; UP in the cached view that consumers read
//   - front: an nginx server that is registered with Eureka in place of the instances behind it (mode Proxied)
//   - peer: another server of the Eureka object of which a Deployment's instances answer one; whole: it shows consumers all
//     that the others show
//   - propagation: the time in which the last consumer of Eureka forgets
//   - idle: no old worker knows it and no connection to it is open
//   - drained: nothing that may still send to it is left
//   - retire: rename to NAME.retired, then stop; on its way out and never back
//   - live: not yet exited, retired ones included
//   - floor, budget: how many must go on serving; how many may be live
//   - heal: start instances of the accepted revision to keep the floor
//   - accept: remember a revision as good: every replica serves everywhere and no older instance is live
//   - reject: remember a revision as bad by its own fault; it is not tried again until somebody says so
//   - abort: a person gives a revision up before it was accepted
//   - hold: after a rejection with nothing to go back to, what is ready stays and nothing starts
//   - wish: a step that takes time; what became of it is observed
//   - gate, wait: what has to open before a step; how status tells of it
//   - culprit: what does not work around a Deployment; it stops the deadline's clock
//   - clock: the time that a revision has spent starting or failing by its own fault
package reconcile
