package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/spec"
	"github.com/segue-dev/segue/test/golden"
)

const (
	edgeYAML  = "apiVersion: segue.dev/v1\nkind: Nginx\nmetadata: {name: edge}\nspec: {servers: [{host: {}}, {container: web-2}]}\n---\n"
	hostYAML  = "apiVersion: segue.dev/v1\nkind: Nginx\nmetadata: {name: edge}\nspec:\n  servers:\n  - host: {}\n---\n"
	mainYAML  = "apiVersion: segue.dev/v1\nkind: Eureka\nmetadata: {name: main}\nspec: {servers: [\"http://eureka:8761/eureka\"]}\n---\n"
	shopYAML  = "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: orders}\nspec:\n"
	routeYAML = "  routes: {http: {hostnames: [shop.example.com]}}\n"
	appYAML   = "  template:\n    image: orders:1.4\n    ports: [{containerPort: 8080}]\n    readinessProbe: {httpGet: {path: /health}}\n"
)

// ahead is a plan of a change of what runs.
type ahead struct {
	// nginx is the version of its servers.
	nginx string
	// before is applied and settles; "" where nothing runs. after is planned; "" stands for before.
	before, after string
	boot          time.Duration
	// args are the command's, "plan -f shop.yaml" if empty.
	args string
	// images are on the host.
	images []string
	// meanwhile changes the world before the plan.
	meanwhile func(*drivertest.World)
}

var plans = map[string]ahead{
	"first": {
		after: strings.ReplaceAll(edgeYAML, "spec: {servers: [{host: {}}, {container: web-2}]}\n", "") + shopYAML + "  replicas: 2\n" + routeYAML + appYAML,
	},
	"rolling-eureka": {
		nginx: "1.30.6", boot: 34 * time.Second,
		before: edgeYAML + mainYAML + shopYAML + "  replicas: 3\n" + routeYAML + "  eureka: {}\n" + appYAML + rich,
		after:  edgeYAML + mainYAML + shopYAML + "  replicas: 3\n" + routeYAML + "  eureka: {}\n" + strings.ReplaceAll(appYAML, "1.4", "1.5") + rich,
	},
	"rolling-lame": {
		nginx: "1.22.1", boot: 2 * time.Second,
		before: hostYAML + shopYAML + "  replicas: 2\n" + routeYAML + appYAML,
		after:  hostYAML + shopYAML + "  replicas: 2\n" + routeYAML + strings.ReplaceAll(appYAML, "1.4", "1.5"),
	},
	"rolling-in-place": {
		nginx:  "1.30.6",
		before: edgeYAML + shopYAML + "  replicas: 3\n" + routeYAML + inPlace + appYAML,
		after:  edgeYAML + shopYAML + "  replicas: 3\n" + routeYAML + inPlace + strings.ReplaceAll(appYAML, "1.4", "1.5"),
	},
	"upstream": {
		nginx:  "1.22.1",
		before: edgeYAML + shopYAML + "  replicas: 2\n  routes: {http: {upstream: orders}}\n" + appYAML,
		after:  edgeYAML + shopYAML + "  replicas: 2\n  routes: {http: {upstream: orders}}\n" + strings.ReplaceAll(appYAML, "1.4", "1.5"),
	},
	"bluegreen-flag": {
		nginx:  "1.22.1",
		before: edgeYAML + shopYAML + "  replicas: 2\n  routes: {http: {variable: service_url}}\n  strategy: {type: BlueGreen, blueGreen: {autoPromote: false}}\n" + appYAML,
		after:  edgeYAML + shopYAML + "  replicas: 2\n  routes: {http: {variable: service_url}}\n  strategy: {type: BlueGreen, blueGreen: {autoPromote: false}}\n" + strings.ReplaceAll(appYAML, "1.4", "1.5"),
	},
	"bluegreen-eureka": {
		nginx:  "1.30.6",
		before: edgeYAML + mainYAML + shopYAML + "  replicas: 2\n" + routeYAML + "  eureka: {}\n  strategy: {type: BlueGreen}\n" + appYAML,
		after:  edgeYAML + mainYAML + shopYAML + "  replicas: 2\n" + routeYAML + "  eureka: {}\n  strategy: {type: BlueGreen}\n" + strings.ReplaceAll(appYAML, "1.4", "1.5"),
	},
	"recreate": {
		nginx:  "1.30.6",
		before: edgeYAML + shopYAML + "  replicas: 2\n" + routeYAML + "  strategy: {type: Recreate}\n" + appYAML,
		after:  edgeYAML + shopYAML + "  replicas: 2\n" + routeYAML + "  strategy: {type: Recreate}\n" + strings.ReplaceAll(appYAML, "1.4", "1.5"),
	},
	"scale": {
		nginx:  "1.30.6",
		before: edgeYAML + shopYAML + "  replicas: 2\n" + routeYAML + appYAML,
		after:  edgeYAML + shopYAML + "  replicas: 4\n" + routeYAML + appYAML,
	},
	"scale-down": {
		nginx:  "1.30.6",
		before: edgeYAML + shopYAML + "  replicas: 4\n" + routeYAML + appYAML,
		after:  edgeYAML + shopYAML + "  replicas: 2\n" + routeYAML + appYAML,
	},
	"unchanged": {
		nginx:  "1.30.6",
		before: edgeYAML + shopYAML + "  replicas: 2\n" + routeYAML + appYAML,
	},
	"moved-tag": {
		nginx:  "1.30.6",
		before: edgeYAML + shopYAML + "  replicas: 2\n" + routeYAML + appYAML,
		meanwhile: func(w *drivertest.World) {
			w.Lock()
			defer w.Unlock()
			w.Images["orders:1.4"] = drivertest.Image{Digest: "orders@sha256:1234"}
		},
	},
	"depends-on": {
		nginx: "1.30.6",
		after: edgeYAML + mainYAML + shopYAML + "  replicas: 1\n  dependsOn: [config]\n" + routeYAML + appYAML +
			"---\n" + strings.ReplaceAll(shopYAML, "orders", "config") + strings.ReplaceAll(appYAML, "orders:1.4", "config:2"),
	},
	"delete": {
		nginx:  "1.30.6",
		before: edgeYAML + mainYAML + shopYAML + "  replicas: 2\n" + routeYAML + "  eureka: {}\n" + appYAML,
		args:   "delete deployment orders --dry-run=server",
	},
	"rolling-json": {
		nginx:  "1.30.6",
		before: edgeYAML + shopYAML + "  replicas: 2\n" + routeYAML + appYAML,
		after:  edgeYAML + shopYAML + "  replicas: 2\n" + routeYAML + strings.ReplaceAll(appYAML, "1.4", "1.5"),
		args:   "plan -f shop.yaml -o json",
	},
	// What begins with getting-started is shown in docs/getting-started.md.
	"getting-started-first": {
		nginx: "1.22.1", images: []string{"orders:1.4"},
		after: hostYAML + guideYAML,
		args:  "apply -f shop.yaml --dry-run=server",
	},
	"getting-started": {
		nginx: "1.22.1", boot: 2 * time.Second, images: []string{"orders:1.5"},
		before: hostYAML + guideYAML, after: hostYAML + strings.ReplaceAll(guideYAML, "1.4", "1.5"),
	},
	"getting-started-apply": {
		nginx: "1.22.1", boot: 2 * time.Second, images: []string{"orders:1.5"},
		before: hostYAML + guideYAML, after: hostYAML + strings.ReplaceAll(guideYAML, "1.4", "1.5"),
		args: "apply -f shop.yaml --dry-run=server",
	},
	"announced-promotion": {
		nginx: "1.22.1", boot: 2 * time.Second, images: []string{"orders:1.5"},
		before: hostYAML + guideYAML, after: hostYAML + strings.ReplaceAll(guideYAML, "1.4", "1.5") + "  strategy: {type: BlueGreen, blueGreen: {autoPromote: false}}\n",
		args: "apply -f shop.yaml --dry-run=server",
	},
}

const (
	guideYAML = shopYAML + "  replicas: 2\n  progressDeadlineSeconds: 60\n" + routeYAML + appYAML
	rich      = "    warmup: [{path: /search, repeat: 2}]\n    resources: {limits: {memory: 512Mi}}\n" +
		"    startupProbe: {httpGet: {path: /health}}\n"
	inPlace = "  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}\n"
)

// TestPlans compares what people read with testdata/plan-*.txt: the real controller folds the real planner over a fake
// world.
func TestPlans(t *testing.T) {
	testdata, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for name, a := range plans {
		t.Run(name, func(t *testing.T) {
			if a.args == "" {
				a.args = "plan -f shop.yaml"
			}
			if a.after == "" {
				a.after = a.before
			}
			manifest(t, "shop.yaml", a.before)
			var before []spec.Manifest
			if a.before != "" {
				if before, err = spec.ReadPaths([]string{"shop.yaml"}, nil); err != nil {
					t.Fatal(err)
				}
			}
			manifest(t, "shop.yaml", a.after)
			synctest.Test(t, func(t *testing.T) {
				r := a.look(t, before)
				golden.Expect(t, filepath.Join(testdata, "plan-"+name+".txt"), "$ segue "+a.args+"\n"+r.String())
			})
		})
	}
}

// look applies what was before, lets it settle, and runs the command.
func (a ahead) look(t *testing.T, before []spec.Manifest) ran {
	world := drivertest.NewWorld()
	world.Boot = max(a.boot, time.Second)
	router, registry := world.NewRouter("web-1", "web-2"), world.NewRegistry("http://eureka:8761/eureka")
	router.Version = a.nginx
	c, err := controller.New(controller.Options{
		Owner: "me", Runtime: world, Prober: world.Prober(), Store: drivertest.NewStore(), FreeMemory: func() int64 { return 98 << 30 / 10 },
		NewRouter:   func(spec.Nginx) (controller.Router, error) { return router, nil },
		NewRegistry: func(spec.Eureka) (controller.Registry, error) { return registry, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { _ = c.Run(ctx) })
	defer group.Wait()
	defer cancel()
	if err := c.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	// What starts at the very moment in which segue does is not measured.
	<-time.After(time.Second)
	for _, image := range a.images {
		world.Pull(ctx, image, string(spec.PullIfNotPresent))
	}
	if len(before) > 0 {
		if _, err := c.Apply(ctx, api.ApplyRequest{Manifests: before, By: "alice"}); err != nil {
			t.Fatal(err)
		}
		settled(t, c)
	}
	if a.meanwhile != nil {
		a.meanwhile(world)
	}
	return call{service: c, args: strings.Fields(a.args)}.run(ctx)
}

func settled(t *testing.T, c *controller.Controller) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	enough := errors.New("enough")
	err := c.Watch(ctx, api.Query{Kind: spec.KindDeployment, Name: "orders"}, func(s api.Status) error {
		if s.Deployment != nil && s.Deployment.Settled {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Fatalf("orders does not settle: %v", err)
	}
}
