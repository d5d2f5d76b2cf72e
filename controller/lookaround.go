package controller

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// driverRetry is how soon a driver that could not be made is made again.
const driverRetry = 10 * time.Second

// lookAtNginx publishes how an Nginx object is, and forgets it when it is deleted and nothing uses it any more.
func (l *looker) lookAtNginx(ctx context.Context, k key) time.Time {
	o := l.control.objects.get(k)
	if o == nil || l.forgotten(k, o) {
		return time.Time{}
	}
	l.control.around.gateways.want(k.name, o.Manifest.Nginx.Defaulted())
	gateway := l.control.around.gateways.get(k.name)
	s := &api.NginxStatus{}
	var view reconcile.NginxView
	err := gateway.err
	if err == nil {
		view, _, err = gateway.view.get(ctx, time.Time{}, idleAge)
		if describer, ok := any(gateway.driver).(nginxDescriber); ok && err == nil {
			described := describer.Describe()
			s = &described
		} else if err == nil {
			s.Servers = nginxServers(view)
		}
	}
	s.ObservedGeneration = o.Generation
	l.noteCertificates(k, s.Certificates, time.Now())
	before, _ := l.control.board.get(k)
	c := conditions{now: time.Now()}
	if before.status.Nginx != nil {
		c.before = before.status.Nginx.Conditions
	}
	c.reachable(api.ConditionNginxSynced, err, nginxTrouble(view))
	s.Conditions = c.merged(s.Conditions)
	l.noteServerDrift(k, c.before, s.Conditions)
	status := statusOf(k, o)
	status.Nginx = s
	l.control.board.publish(k, posted{status: status}, func() bool { return l.control.objects.get(k) == o })
	if err != nil {
		return time.Now().Add(driverRetry)
	}
	return time.Time{}
}

// certificateWarning is how long before its end a certificate is warned of.
const certificateWarning = 21 * 24 * time.Hour

// noteCertificates warns of certificates that end soon, once each.
func (l *looker) noteCertificates(k key, certificates []api.Certificate, now time.Time) {
	for _, one := range certificates {
		if one.NotAfter.IsZero() || now.Before(one.NotAfter.Add(-certificateWarning)) {
			continue
		}
		message := fmt.Sprintf("%s ends on %s", one.File, one.NotAfter.UTC().Format("2 January 2006 15:04 MST"))
		l.mu.Lock()
		known := l.warned[k.String()+message]
		l.warned[k.String()+message] = true
		l.mu.Unlock()
		if !known {
			l.control.journal.note(k, warning, "CertificateExpires", message, "")
		}
	}
}

func nginxServers(view reconcile.NginxView) []api.NginxServer {
	var list []api.NginxServer
	for _, server := range view.Servers {
		list = append(list, api.NginxServer{
			Name: server.Name, State: server.State.String(), Reason: server.Reason, Version: server.Version,
			Generation: server.Generation, Switch: server.Switch,
		})
	}
	return list
}

func nginxTrouble(view reconcile.NginxView) string {
	for _, server := range view.Servers {
		if server.State != reconcile.ServerUp {
			return fmt.Sprintf("%s is %s: %s", server.Name, server.State, server.Reason)
		}
	}
	return ""
}

// lookAtEureka publishes how a Eureka object is, deletes the leases that belong to nothing, and forgets the object
// when it is deleted and nothing uses it any more.
func (l *looker) lookAtEureka(ctx context.Context, k key) time.Time {
	o := l.control.objects.get(k)
	if o == nil || l.forgotten(k, o) {
		return time.Time{}
	}
	l.control.around.wantRegistry(k.name, l.control.objects.eureka(o))
	registry := l.control.around.registries.get(k.name)
	s := &api.EurekaStatus{}
	var view registryView
	var again time.Time
	err := registry.err
	if err == nil {
		view, _, err = registry.view.get(ctx, time.Time{}, idleAge)
		if describer, ok := any(registry.driver).(eurekaDescriber); ok && err == nil {
			described := describer.Describe()
			s = &described
		} else if err == nil {
			s.Servers = eurekaServers(l.observer.owner, view)
		}
	}
	if err == nil && !l.control.options.ReadOnly && l.control.options.Only == nil {
		again = l.sweepRegistry(ctx, k, registry.driver, view)
	}
	s.ObservedGeneration = o.Generation
	before, _ := l.control.board.get(k)
	c := conditions{now: time.Now()}
	if before.status.Eureka != nil {
		c.before = before.status.Eureka.Conditions
	}
	c.reachable(api.ConditionEurekaSynced, err, eurekaTrouble(view))
	s.Conditions = c.merged(s.Conditions)
	status := statusOf(k, o)
	status.Eureka = s
	l.control.board.publish(k, posted{status: status}, func() bool { return l.control.objects.get(k) == o })
	if err != nil {
		return time.Now().Add(driverRetry)
	}
	return again
}

// sweepRegistry deletes the leases of Deployments that are gone together with their containers.
func (l *looker) sweepRegistry(ctx context.Context, k key, registry Registry, view registryView) time.Time {
	all, _, err := l.control.around.fleet.view.get(ctx, time.Time{}, fleetAge)
	if err != nil {
		return time.Now().Add(leftoverTime)
	}
	var again time.Time
	still := map[string]time.Time{}
	now := time.Now()
	for _, byDeployment := range view.byDeployment {
		for deployment, leases := range byDeployment {
			name := spec.ParseName(deployment)
			if deployment == "" || l.control.objects.get(deploymentKey(name)) != nil || len(all[name]) > 0 {
				continue
			}
			for id, lease := range leases {
				if lease.Status == reconcile.LeaseNone {
					continue
				}
				since := l.leftSince(k, id, now)
				still[id] = since
				if now.Before(since.Add(leftoverTime)) {
					again = earlier(again, since.Add(leftoverTime))
					continue
				}
				ctx, cancel := context.WithTimeout(ctx, stepTime)
				err := registry.Remove(ctx, reconcile.LeaseOrder{ID: id, App: lease.App})
				cancel()
				if err != nil {
					l.log.Error(err, "Deleting a lease without a container failed", "id", id)
				} else {
					l.control.journal.note(k, normal, "LeaseDeleted", id+" has no container", "")
				}
			}
		}
	}
	l.keepLeftover(k, still)
	return again
}

func (l *looker) leftSince(k key, id string, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if since, known := l.leftover[k][id]; known {
		return since
	}
	return now
}

func (l *looker) keepLeftover(k key, still map[string]time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leftover[k] = still
}

func eurekaServers(owner string, view registryView) []api.EurekaServer {
	var list []api.EurekaServer
	for _, server := range view.servers {
		one := api.EurekaServer{URL: server.URL, State: server.State.String(), Reason: server.Reason, Leases: map[string]int{}}
		for id, lease := range server.Leases {
			if _, _, own := splitEurekaID(owner, id); own {
				one.Leases[string(lease.Status)]++
			}
		}
		list = append(list, one)
	}
	return list
}

func eurekaTrouble(view registryView) string {
	for _, server := range view.servers {
		if server.State != reconcile.ServerUp {
			return fmt.Sprintf("%s is %s: %s", server.URL, server.State, server.Reason)
		}
	}
	return ""
}

// reachable is the condition of the servers of an object.
func (c *conditions) reachable(kind string, err error, trouble string) {
	switch {
	case err != nil:
		c.add(kind, conditionUnknown, "ServerUnknown", err.Error())
	case trouble != "":
		c.add(kind, conditionFalse, "ServerUnavailable", trouble)
	default:
		c.add(kind, conditionTrue, "Up", "every server answers")
	}
}

// merged are the driver's own conditions, with ours where it has none of that type.
func (c *conditions) merged(described []api.Condition) []api.Condition {
	merged := &conditions{before: c.before, now: c.now}
	seen := map[string]bool{}
	for _, one := range described {
		seen[one.Type] = true
		merged.add(one.Type, one.Status, one.Reason, one.Message)
	}
	for _, one := range c.list {
		if !seen[one.Type] {
			merged.add(one.Type, one.Status, one.Reason, one.Message)
		}
	}
	return merged.list
}

// forgotten forgets an Nginx or Eureka object that is deleted and that no Deployment uses, and answers whether it did.
func (l *looker) forgotten(k key, o *object) bool {
	if !o.Deleting || l.control.options.ReadOnly || l.control.inUse(k) {
		return false
	}
	c := l.control
	c.objects.writing.Lock()
	defer c.objects.writing.Unlock()
	if c.objects.get(k) != o {
		return false
	}
	if err := c.objects.commit([]change{{key: k, before: o}}); err != nil {
		l.log.Error(err, "Forgetting a deleted object failed", "object", k.String())
		return false
	}
	c.wantDriver(k)
	c.journal.note(k, normal, "Deleted", "nothing uses it", o.By)
	final := statusOf(k, o)
	c.board.remove(k, &final)
	return true
}

// inUse: some Deployment lives with the Nginx or Eureka object; one that is being deleted still does.
func (c *Controller) inUse(k key) bool { return len(c.objects.relations().users[k]) > 0 }

// requeueDeleted looks again at what waits to be deleted.
func (c *Controller) requeueDeleted() {
	for _, k := range c.objects.keys() {
		if one := c.objects.get(k); one != nil && one.Deleting {
			c.queue.add(k)
		}
	}
}
