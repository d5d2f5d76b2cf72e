package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
	"github.com/segue-dev/segue/test/golden"
)

const good = `apiVersion: segue.dev/v1
kind: Deployment
metadata: {name: orders}
spec:
  routes: {http: {nginx: edge}}
  template:
    image: registry.shop/orders:1.5
    ports: [{name: http, containerPort: 8080}]
`

const bad = `apiVersion: segue.dev/v1
kind: Deployment
metadata: {name: orders}
spec:
  template:
    image: orders:1
    livenessprobe: {httpGet: {path: /}}
    env:
      MODE: 0755
`

// manifest writes a file and goes to its directory, so that messages name it as it was given.
func manifest(t *testing.T, name, text string) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// aPlan is the one of the user's guide.
func aPlan() api.PlanResult {
	return api.PlanResult{Items: []api.Plan{{
		Kind: spec.KindDeployment, Name: named("orders"), Result: "configured", From: 7, To: 8, Changed: []string{"image 1.4 → 1.5", "env LOG_LEVEL"},
		Diff: "--- orders (kept)\n+++ orders (orders.yaml)\n@@ -1 +1 @@\n-image: orders:1.4\n+image: orders:1.5\n", Total: 400 * time.Second,
		Steps: []api.PlanStep{
			{Name: "pull", What: "registry.shop/orders:1.5 (142 MB, not on this host)"},
			{Name: "start", What: "1 instance, dark", Note: "4 live of 4 allowed · +512Mi, 9.8Gi free"},
			{Name: "gate", What: "ready: GET /actuator/health/readiness, 2 warm-up requests", Min: 36 * time.Second, Max: 36 * time.Second},
			{Name: "open", What: "eureka/main, 2 servers; gate: the consumers' view shows it", Max: 30 * time.Second},
			{Name: "drain", What: "1 old: OUT_OF_SERVICE; gone from that view, then 65s (fetch 30 + LB 35)", Min: 65 * time.Second, Max: 95 * time.Second, Longest: true},
			{Name: "stop", What: "SIGTERM, 45s grace"},
			{What: "2–6 for 2 more"},
		},
		Notes: []string{"Faster: maxSurge: 100% → 2m15s, +1.0Gi", "If it fails: revision 7 serves on and 8 is rolled back by itself."},
	}}}
}

func TestWhatManifestsLeadTo(t *testing.T) {
	for name, c := range map[string]struct{ args, text string }{
		"plan":                 {"plan -f orders.yaml", good},
		"plan-json":            {"plan -f orders.yaml -o json", good},
		"diff":                 {"diff -f orders.yaml", good},
		"diff-bad":             {"diff -f orders.yaml", bad},
		"apply":                {"apply -f orders.yaml", good},
		"apply-dry-run-server": {"apply -f orders.yaml --dry-run=server", good},
		"apply-dry-run-client": {"apply -f orders.yaml --dry-run", strings.ReplaceAll(good, "  routes: {http: {nginx: edge}}\n", "")},
		"apply-bad":            {"apply -f orders.yaml", bad},
		"apply-unknown-nginx":  {"apply -f orders.yaml", strings.ReplaceAll(good, "edge", "egde")},
		"apply-other-ns":       {"apply -f orders.yaml -n lab", strings.ReplaceAll(good, "{name: orders}", "{name: orders, namespace: shop}")},
		"apply-nothing":        {"apply", good},
		"apply-missing":        {"apply -f nosuch.yaml", good},
	} {
		t.Run(name, func(t *testing.T) {
			testdata, err := filepath.Abs("testdata")
			if err != nil {
				t.Fatal(err)
			}
			manifest(t, "orders.yaml", c.text)
			var r ran
			synctest.Test(t, func(t *testing.T) {
				fake := shop()
				fake.Planned = aPlan()
				r = call{service: fake, args: strings.Fields(c.args)}.run(t.Context())
				if asked := len(fake.Asked()); asked > 0 && name != "apply" && name != "apply-dry-run-server" {
					t.Errorf("%d changes were asked for", asked)
				}
			})
			golden.Expect(t, filepath.Join(testdata, name+".txt"), "$ segue "+c.args+"\n"+r.String())
		})
	}
}

func TestManagedRegistrationNeedsADaemon(t *testing.T) {
	m := spec.Manifest{Deployment: &spec.Deployment{Metadata: spec.Metadata{Name: "orders"}, Spec: spec.DeploymentSpec{Eureka: &spec.Registration{Mode: spec.ManagedRegistration}}}}
	err := refuseManaged([]spec.Manifest{m})
	if codeOf(err) != exitUsage || !strings.Contains(err.Error(), "these need `segue run`") {
		t.Errorf("got %v", err)
	}
}

func TestARefusalIsToldOnce(t *testing.T) {
	manifest(t, "orders.yaml", good)
	synctest.Test(t, func(t *testing.T) {
		fake := shop()
		fake.Err = &api.Refusal{Kind: api.Owned, Message: "deployment/orders is owned by dir:/etc/segue; change it in orders.yaml:1"}
		for _, inside := range []bool{false, true} {
			r := call{service: fake, inside: inside, args: []string{"apply", "-f", "orders.yaml"}}.run(t.Context())
			if r.code != exitUsage || strings.Count(r.String(), "is owned by") != 1 {
				t.Errorf("inside %t:\n%s", inside, r)
			}
		}
	})
}
