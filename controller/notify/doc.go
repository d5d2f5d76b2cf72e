// Package notify tells receivers of people's what has become of objects and sources: one HTTP request for each
// transition, made from a template.
//
// A Courier serves one receiver. It watches what the controller publishes, and compares it with what it remembers to
// have told: so a transition is told once, however often it is seen, also after a restart, and one that happened while
// segue was killed is told at the next start if it is still true. What is to be told waits in a bounded queue, in
// order; when that is full the oldest is dropped. Nothing that rolls out ever waits for a courier.
//
// A notice is delivered at least once: it stays in the queue, which is kept in the store, until the receiver has
// answered 2xx. Its ID is the same each time.
//
// Secrets (a URL may be one) are read from their files for each request and stand in no log, event, error or store.
package notify
