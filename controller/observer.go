package controller

import (
	"context"
	"net/netip"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// gateways are the routers of the Nginx objects, registries those of the Eureka objects.
type (
	gateways   = pool[spec.Nginx, Router, reconcile.NginxView]
	registries = pool[spec.Eureka, Registry, registryView]
)

const (
	// activeAge is how old a read of nginx or Eureka may be while something is left to do, idleAge otherwise.
	activeAge = time.Second
	idleAge   = 30 * time.Second
)

// observer joins what the drivers say into what reconcile looks at. It changes nothing but who is probed.
type observer struct {
	owner string
	// started is when this process began: what ran before it has passed its gates.
	started time.Time
	objects *objects
	around  *drivers
	board   *board
	// advertise is this machine's address; invalid when nobody said.
	advertise netip.Addr
}

// observe fills in p.observed and everything that it was joined from.
func (o *observer) observe(ctx context.Context, p *pass) {
	p.observed = reconcile.Observed{Began: p.began}
	adopted := adoptionsOf(p)
	if !p.imagined {
		o.around.fleet.adopt(p.name, adopted.containers())
	}
	containers, began, err := o.around.fleet.of(ctx, p.name, p.memory.floor)
	if err != nil {
		p.observed.Engine = reconcile.Culprit{Name: "docker", Reason: err.Error()}
		return
	}
	p.observed.Began = began
	for _, c := range containers {
		p.observed.Instances = append(p.observed.Instances, reconcile.Instance{Container: c})
	}
	p.observed.Instances = append(p.observed.Instances, adopted.addresses(p.name)...)
	o.joinNginx(ctx, p)
	o.joinEureka(ctx, p, adopted)
	o.joinHealth(p, adopted)
	o.joinLogs(ctx, p)
	o.joinPull(ctx, p)
	ownFault := p.memory.startFailed.Own && p.memory.startFailedOf == p.target.Hash
	if !ownFault && p.began.After(p.memory.startFailed.At.Add(reconcile.StartMemory)) {
		p.memory.startFailed, p.memory.startFailedOf = reconcile.Wish{}, ""
	}
	p.observed.StartFailed = p.memory.startFailed
	o.joinPeers(ctx, p)
	p.observed.Dependencies = o.dependencies(p)
	p.observed.TakenSlots = takenSlots(p, adopted)
	p.observed.HighestN = highestN(p)
}

// maxAge is how old reads may be for p.
func (p *pass) maxAge() time.Duration {
	if p.memory.settled {
		return idleAge
	}
	return activeAge
}

// sinceBegan keeps the oldest beginning of all reads.
func (p *pass) sinceBegan(began time.Time) {
	if !began.IsZero() && began.Before(p.observed.Began) {
		p.observed.Began = began
	}
}

// joinLogs fills in the last log lines of what exited by itself, read once for each.
func (o *observer) joinLogs(ctx context.Context, p *pass) {
	seen := map[string][]string{}
	for i := range p.observed.Instances {
		one := &p.observed.Instances[i]
		if one.State != reconcile.ContainerExited || one.Retired || one.Adopted {
			continue
		}
		lines, known := p.memory.tails[one.Name]
		if !known {
			lines = o.tail(ctx, one.Name)
		}
		if lines != nil {
			seen[one.Name] = lines
		}
		one.LastLog = lines
	}
	p.memory.tails = seen
}

// tailLines is how many log lines go into status and events.
const tailLines = 20

// tail is nil when the log cannot be read; it is tried again with the next look.
func (o *observer) tail(ctx context.Context, instance string) []string {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	lines, err := o.around.fleet.runtime.Tail(ctx, instance, tailLines)
	if err != nil {
		return nil
	}
	if lines == nil {
		lines = []string{}
	}
	return lines
}

// joinPull follows an image that is under way; what has ended is remembered until it is asked for again.
func (o *observer) joinPull(ctx context.Context, p *pass) {
	asked, known := p.memory.pulls[p.target.Hash]
	if known && asked.wish.State == reconcile.WishPending {
		asked = askPull(ctx, o.around.fleet.runtime, p.target)
		p.memory.pulls[p.target.Hash] = asked
	}
	p.observed.Pull = asked.wish
	if asked.image.Progress != "" && asked.wish.State == reconcile.WishPending {
		p.observed.Pull.Reason = asked.image.Progress
	}
	p.desired.ImageHealth = asked.image.HasHealthcheck
	for _, i := range p.observed.Instances {
		p.desired.ImageHealth = p.desired.ImageHealth || i.Revision == p.target.Hash && i.HasImageHealth
	}
}

// askPull asks for a revision's image: for what it resolved to, once that is known.
func askPull(ctx context.Context, runtime Runtime, revision reconcile.Revision) pull {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	t := revision.Deployment.Defaulted().Spec.Template
	image, policy := t.Image, t.ImagePullPolicy
	if revision.Image != "" {
		image = revision.Image
		if policy != spec.PullNever {
			policy = spec.PullIfNotPresent
		}
	}
	wish, pulled := runtime.Pull(ctx, image, string(policy))
	return pull{wish: wish, image: pulled}
}

// dependencies are those of dependsOn that are not available at the spec that they have now, in words.
func (o *observer) dependencies(p *pass) []string {
	var missing []string
	for _, written := range p.desired.Wanted.Deployment.Spec.DependsOn {
		name := spec.ReferTo(written, p.name.Namespace)
		if why := o.board.unavailable(o.objects.get(deploymentKey(name)), deploymentKey(name)); why != "" {
			missing = append(missing, why)
		}
	}
	return missing
}

// highestN is the highest number in the name of any container, served generation or lease.
func highestN(p *pass) int {
	n := 0
	for _, i := range p.observed.Instances {
		n = max(n, i.N)
	}
	for _, server := range p.observed.Nginx {
		for _, lists := range []map[string][]string{server.Serves, server.Reachable} {
			for _, instance := range lists[p.name.String()] {
				n = max(n, numberOf(instance))
			}
		}
	}
	for instance := range p.leases {
		n = max(n, numberOf(instance))
	}
	return n
}
