package notify

import (
	"time"
)

// Notice is one thing to tell: what a template gets to see.
type Notice struct {
	// ID is the same each time that the notice is sent, and no other's.
	ID    string    `json:"id"`
	Event Event     `json:"event"`
	Time  time.Time `json:"time"`
	// Outcome is the event as a commit status has it: pending, success, failure or error.
	Outcome string `json:"outcome"`
	// Object is what it is about in one word, as deployment/orders, deployment/shop.orders or git:shop.
	Object string `json:"object"`
	// Kind is Deployment, Nginx, Eureka or Source; a source has no Namespace.
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	// Phase is a Deployment's, or the reason of a source's condition Ready.
	Phase string `json:"phase,omitempty"`
	// Reason is one sentence, as segue get shows it.
	Reason string `json:"reason"`
	// Revision is the number of the wanted revision, Image its image, FromImage that of the one accepted before; of a
	// Deployment only.
	Revision  int    `json:"revision,omitempty"`
	Image     string `json:"image,omitempty"`
	FromImage string `json:"fromImage,omitempty"`
	// Owner is the source that owns the object, or apply; Source the same, "" where it is none.
	Owner  string `json:"owner,omitempty"`
	Source string `json:"source,omitempty"`
	// Commit is the hash that brought what is wanted, Author who wrote it; "" where no commit did.
	Commit string `json:"commit,omitempty"`
	Author string `json:"author,omitempty"`
	// By is who asked for it, Cause why.
	By    string `json:"by,omitempty"`
	Cause string `json:"cause,omitempty"`
	// Host is the machine that segue runs on.
	Host string `json:"host,omitempty"`
}
