package main

import (
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/api/apitest"
	"github.com/segue-dev/segue/spec"
)

func named(name string) spec.Name { return spec.Name{Namespace: spec.DefaultNamespace, Name: name} }

// shop is a controller that has a rollout that does not get ready (orders), one that drains (web), an orphan's
// namesake elsewhere, two nginx servers and a registry.
func shop() *apitest.Service {
	now := time.Now()
	s := &apitest.Service{Log: "started\n"}
	s.Publish(notReady(now))
	s.Publish(draining(now))
	s.Publish(api.Status{
		Kind: spec.KindDeployment, Name: spec.Name{Namespace: "lab", Name: "probe"}, Generation: 1, CreatedAt: now.Add(-8 * 24 * time.Hour),
		Deployment: &api.DeploymentStatus{ObservedGeneration: 1, Phase: "Converged", Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, AvailableReplicas: 1, LiveReplicas: 1, Orphan: true},
	})
	s.Publish(edge(now))
	s.Publish(registryStatus(now))
	s.Happen(api.Event{At: now.Add(-4 * time.Minute), Kind: spec.KindDeployment, Name: named("orders"), Type: "Normal", Reason: "Applied", Message: "generation 9", By: "ci"})
	s.Happen(api.Event{At: now.Add(-3 * time.Minute), LastAt: now.Add(-time.Second), Count: 96, Kind: spec.KindDeployment, Name: named("orders"), Type: "Warning", Reason: "Unhealthy", Message: "readiness probe failed: 503"})
	s.Happen(api.Event{At: now.Add(-time.Minute), Kind: spec.KindNginx, Name: named("edge"), Type: "Warning", Reason: "CertificateExpires", Message: "shop.pem is valid for 20 days more"})
	return s
}

func notReady(now time.Time) api.Status {
	before := &spec.Deployment{Spec: spec.DeploymentSpec{Template: spec.Template{Env: map[string]string{"DB_URL": "a", "SAME": "1"}}}}
	after := &spec.Deployment{Spec: spec.DeploymentSpec{Template: spec.Template{Env: map[string]string{"DB_URL": "b", "SAME": "1"}}}}
	instance := func(name string, revision int, status string, ready bool, age time.Duration) api.Instance {
		hash := map[int]string{7: "1b2c3", 8: "6f8d4"}[revision]
		return api.Instance{Name: name, Deployment: named("orders"), Revision: revision, Hash: hash, Image: map[int]string{7: "registry.shop/orders:1.4", 8: "registry.shop/orders:1.5"}[revision],
			Address: "10.83.0.2" + name[len(name)-1:], Ready: ready, Status: status, StartedAt: now.Add(-age), Nginx: "2/2", Eureka: "UP 2/2"}
	}
	fresh := instance("orders-6f8d4-4", 8, "NotReady", false, 192*time.Second)
	fresh.Nginx, fresh.Eureka, fresh.Restarts = "0/2", "STARTING 2/2", 1
	fresh.LastProbe = "GET http://10.83.0.24:8080/actuator/health/readiness → 503 (96 times, last 1s ago)\n{\"status\":\"DOWN\",\"components\":{\"db\":{\"status\":\"DOWN\"}}}"
	fresh.Log = []string{"03:06:14 HikariPool-1 - Starting...", "03:06:14 HikariPool-1 - Connection is not available, request timed out after 30000ms"}
	replicas := 3
	return api.Status{
		Kind: spec.KindDeployment, Name: named("orders"), Owner: api.OwnerApply, Generation: 9, CreatedAt: now.Add(-98 * time.Hour),
		Manifest: spec.Manifest{Deployment: &spec.Deployment{APIVersion: spec.APIVersion, Kind: spec.KindDeployment,
			Metadata: spec.Metadata{Name: "orders", Labels: map[string]string{"tier": "api"}, Annotations: map[string]string{spec.ChangeCause: "#1423 faster search"}},
			Spec: spec.DeploymentSpec{Replicas: &replicas, Routes: map[string]spec.Route{"http": {Hostnames: []string{"shop.example.com"}}}, Eureka: &spec.Registration{},
				Template: spec.Template{Image: "registry.shop/orders:1.5", Warmup: []spec.Warmup{{Path: "/warm"}}}}}},
		Deployment: &api.DeploymentStatus{
			ObservedGeneration: 9, Phase: "Progressing", Reason: "orders-6f8d4-4 is not ready", Revision: 8, Hash: "6f8d4", TargetRevision: 8, Image: "registry.shop/orders:1.5",
			Strategy: "RollingUpdate", Replicas: 3, UpdatedReplicas: 1, ReadyReplicas: 3, AvailableReplicas: 3, LiveReplicas: 4,
			Conditions: []api.Condition{
				{Type: api.ConditionProgressing, Status: "True", Reason: "ReplicaSetUpdated", Message: "revision 8 is on its way", LastTransitionTime: now.Add(-4 * time.Minute)},
				{Type: api.ConditionAvailable, Status: "True", Reason: "MinimumReplicasAvailable", Message: "3 of 3", LastTransitionTime: now.Add(-98 * time.Hour)},
			},
			WaitingFor: []api.Wait{{Gate: "ready", On: "orders-6f8d4-4", Since: now.Add(-192 * time.Second), Reason: "GET /actuator/health/readiness → 503"}},
			Deadline:   now.Add(408 * time.Second),
			History: []api.History{
				{Revision: 6, Hash: "0a0a0", Image: "registry.shop/orders:1.3", At: now.Add(-98 * time.Hour), Result: "accepted", By: "root"},
				{Revision: 7, Hash: "1b2c3", Image: "registry.shop/orders:1.4", At: now.Add(-50 * time.Hour), Result: "accepted", By: "ci", Cause: "#1400", Manifest: before},
				{Revision: 8, Hash: "6f8d4", Image: "registry.shop/orders:1.5", At: now.Add(-220 * time.Second), Result: "progressing", By: "ci", Cause: "#1423 faster search", Manifest: after},
			},
			Instances: []api.Instance{
				instance("orders-1b2c3-1", 7, "Serving", true, 50*time.Hour), instance("orders-1b2c3-2", 7, "Serving", true, 50*time.Hour),
				instance("orders-1b2c3-3", 7, "Serving", true, 50*time.Hour), fresh,
			},
		},
	}
}

func draining(now time.Time) api.Status {
	return api.Status{
		Kind: spec.KindDeployment, Name: named("web"), Owner: "dir:/etc/segue/manifests", Generation: 2, CreatedAt: now.Add(-30 * time.Hour),
		Manifest: spec.Manifest{Deployment: &spec.Deployment{APIVersion: spec.APIVersion, Kind: spec.KindDeployment, Metadata: spec.Metadata{Name: "web", Labels: map[string]string{"tier": "web"}},
			Spec: spec.DeploymentSpec{Routes: map[string]spec.Route{"http": {Upstream: "web", Nginx: "edge"}}, Eureka: &spec.Registration{Registry: "main"}, Template: spec.Template{Image: "web:2"}}}},
		Deployment: &api.DeploymentStatus{
			ObservedGeneration: 2, Phase: "Progressing", Reason: "1 old instance drains", Revision: 2, Hash: "bbbbb", TargetRevision: 2, Image: "web:2", Strategy: "RollingUpdate",
			Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, AvailableReplicas: 1, LiveReplicas: 2,
			WaitingFor: []api.Wait{
				{Gate: "propagation", On: "web-aaaaa-1", Since: now.Add(-20 * time.Second), Until: now.Add(45 * time.Second), Reason: "consumers of eureka http://eureka-1:8761/eureka forget it within 65 s (fetch + load balancer)"},
				{Gate: "connections", On: "web-aaaaa-1", Since: now.Add(-20 * time.Second), Until: now.Add(40 * time.Second), Reason: "3 connections from nginx edge-1 are open"},
			},
			NextSteps: []string{"retire web-aaaaa-1"},
			Instances: []api.Instance{
				{Name: "web-aaaaa-1", Deployment: named("web"), Revision: 1, Hash: "aaaaa", Image: "web:1", Address: "10.83.0.7", Status: "Draining", StartedAt: now.Add(-30 * time.Hour), Nginx: "0/2", Eureka: "OUT_OF_SERVICE 2/2"},
				{Name: "web-bbbbb-2", Deployment: named("web"), Revision: 2, Hash: "bbbbb", Image: "web:2", Address: "10.83.0.8", Ready: true, Status: "Serving", StartedAt: now.Add(-time.Minute), Nginx: "2/2", Eureka: "UP 2/2"},
			},
		},
	}
}

func edge(now time.Time) api.Status {
	return api.Status{
		Kind: spec.KindNginx, Name: named("edge"), Owner: api.OwnerApply, Generation: 1, CreatedAt: now.Add(-98 * time.Hour),
		Manifest: spec.Manifest{Nginx: &spec.Nginx{APIVersion: spec.APIVersion, Kind: spec.KindNginx, Metadata: spec.Metadata{Name: "edge"}, Spec: spec.NginxSpec{Servers: []spec.NginxServer{{Container: "edge-1"}, {Host: &spec.NginxHost{}}}}}},
		Nginx: &api.NginxStatus{
			ObservedGeneration: 1,
			Servers: []api.NginxServer{
				{Name: "edge-1", State: "Up", Version: "1.30.6", Generation: "0123456789ab", Switch: "Reload"},
				{Name: "host", State: "Down", Reason: "no nginx master", Version: "1.22.1", Switch: "Reload"},
			},
			Conditions:   []api.Condition{{Type: api.ConditionNginxSynced, Status: "False", Reason: "ServerDown", Message: "host: no nginx master", LastTransitionTime: now.Add(-time.Minute)}, {Type: api.ConditionProgressing, Status: "True"}},
			Includes:     []string{"/etc/nginx/nginx.conf:12, inside http: include /etc/nginx/segue/current/http.conf;"},
			Certificates: []api.Certificate{{File: "/etc/ssl/shop.pem", Names: []string{"shop.example.com"}, NotAfter: now.Add(20 * 24 * time.Hour)}},
			Notes:        []string{"/etc/nginx/sites-enabled/shop:4: proxy_next_upstream off: a dying instance's requests are not sent to another"},
		},
	}
}

func registryStatus(now time.Time) api.Status {
	return api.Status{
		Kind: spec.KindEureka, Name: named("main"), Owner: api.OwnerApply, Generation: 1, CreatedAt: now.Add(-98 * time.Hour),
		Manifest: spec.Manifest{Eureka: &spec.Eureka{APIVersion: spec.APIVersion, Kind: spec.KindEureka, Metadata: spec.Metadata{Name: "main"}}},
		Eureka: &api.EurekaStatus{
			ObservedGeneration: 1,
			Servers: []api.EurekaServer{
				{URL: "http://eureka-1:8761/eureka", State: "Up", Leases: map[string]int{"UP": 4, "STARTING": 1}},
				{URL: "http://eureka-2:8761/eureka", State: "Up", Leases: map[string]int{"UP": 4}},
			},
			Conditions: []api.Condition{{Type: api.ConditionEurekaSynced, Status: "True", Reason: "Synced", Message: "2 of 2 servers", LastTransitionTime: now.Add(-98 * time.Hour)}},
		},
	}
}
