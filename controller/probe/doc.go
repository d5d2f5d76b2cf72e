// Package probe asks instances how they feel, over http, tcp or by a command inside them, and sends their warm-up
// requests. It is the controller's Prober.
//
// # Verdicts
//
// An instance is ready after successThreshold successes in a row and unready after failureThreshold failures in a
// row. A failure is an answer, a refusal or a silence of the instance itself. What goes wrong on segue's side (no file
// descriptor left, no route, an engine that cannot exec) is shown and counts for nothing: Unknown is not a no.
// A startup probe holds back the others until it has passed; while it fails it counts as unready too.
//
// BornReady is looked at once, when an instance is first watched. Such an instance is ready, started and warm from the
// first moment, and loses that only by failures of its own.
//
// # Pace
//
// Kubernetes waits periodSeconds between probes also while an instance starts, so that half a period is lost in each
// wave of a rollout. Here a probe is asked every min(periodSeconds, 1 s) until its first success, and every
// periodSeconds from then on.
//
// # Requests
//
// Every request has a connection of its own, closed behind it: a kept one would count as traffic when the instance is
// drained. Redirects are not followed and count by their status, certificates are not verified, both as in Kubernetes.
// At most 64 KiB of an answer are read.
//
// # Expect
//
// status is codes and ranges ("200-399", "200,204"). contains and matches (RE2) look at the body. json maps paths to
// values, in gjson's syntax: "status", "components.db.status", "items.0.name", "items.#" (the length),
// `items.#(name=="db").status`; a dot in a key is written `\.`. Strings compare unquoted, everything else as it is
// written in the JSON.
package probe
