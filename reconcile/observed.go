package reconcile

import "time"

// Observed is what is known of one Deployment's world. Began is when the oldest of the reads began.
type Observed struct {
	Began time.Time
	// Instances are all of this Deployment's, exited, retired and adopted ones too, in any order.
	Instances []Instance
	// Engine is Unknown when the engine could not be read; then Instances means nothing and Next proposes nothing.
	Engine Culprit
	// Nginx and Eureka are the servers that this Deployment's routes and registrations go through.
	Nginx  []NginxServer
	Eureka []EurekaServer
	// Peers are the other servers of every Eureka object of which this Deployment's instances answer a server. Alone are
	// the Eureka objects, as eureka/main, that have no other.
	Peers []Peer
	Alone []string
	// Fronts are the nginx servers that are or were to be registered in place of the instances, in any order.
	Fronts []Front
	// Pull is the state of the target revision's image, RouteWish that of the last Route.
	Pull      Wish
	RouteWish Wish
	// Wished is the serving set of the last Route that was asked for, sorted; nil when none is remembered.
	Wished []string
	// Listening are the Listeners of the last Route that was asked for; nil when none is remembered.
	Listening []string
	// MayRoute are the instances of every Route since the last one that ended: a change that is under way may still send
	// to them. Nil when that is not remembered; then nothing is stopped while RouteWish is pending.
	MayRoute []string
	// Dependencies are those of dependsOn that are not available at their new spec, in words.
	Dependencies []string
	// TakenSlots are slots whose port an adopted address or a stranger holds, with who holds it.
	TakenSlots map[string]string
	// HighestN is the highest number in the name of any container, served generation or lease of this Deployment.
	HighestN int
	// StartFailed is the last Start's failure, Own where the target's settings are at fault; zero when none, or when what
	// is not the target's fault is older than StartMemory.
	StartFailed Wish
}

// Culprit says that something around a Deployment does not work. The zero value means that it does.
type Culprit struct {
	// Name is what does not work, as "docker" or "nginx/edge: web-1"; "" when it works.
	Name   string
	Reason string
}
