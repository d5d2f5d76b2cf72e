package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
	"github.com/segue-dev/segue/test/golden"
)

func TestMain(m *testing.M) {
	time.Local, version = time.UTC, "v1.2.3"
	flag.Parse()
	os.Exit(m.Run())
}

// ran is what a command line led to.
type ran struct {
	out, err string
	code     exitCode
}

func (r ran) String() string {
	return fmt.Sprintf("%s--- stderr\n%s--- exit code %d\n", r.out, r.err, r.code)
}

// call is one command line against a fake controller.
type call struct {
	service  api.Service
	inside   bool
	terminal bool
	args     []string
}

func (c call) run(ctx context.Context) ran {
	var out, err bytes.Buffer
	command := &cli{in: strings.NewReader(""), out: &out, err: &err, terminal: c.terminal}
	command.connect = func(context.Context, need) (*session, error) {
		return &session{Service: c.service, inside: c.inside, close: func() error { return nil }}, nil
	}
	code := command.execute(ctx, append(c.args, "--socket", "/nonexistent/segue.sock"))
	return ran{out.String(), err.String(), code}
}

func TestWhatCommandsPrint(t *testing.T) {
	for name, args := range map[string]string{
		"get-deployments":       "get deployments",
		"get-deployments-wide":  "get deploy -o wide",
		"get-deployments-names": "get deploy -o name",
		"get-deployment-json":   "get deployment/orders -o json",
		"get-deployment-yaml":   "get deployment orders -o yaml",
		"get-instances":         "get po",
		"get-instances-wide":    "get instances -o wide",
		"get-instance":          "get instance/orders-6f8d4-4",
		"get-nginx-wide":        "get nginx -o wide",
		"get-eureka":            "get eureka",
		"get-revisions":         "get revisions orders",
		"get-all-everywhere":    "get all -A",
		"get-selected":          "get deploy -l tier=web",
		"get-nothing":           "get deployments -n empty",
		"get-missing":           "get deployment nosuch",
		"get-unknown-type":      "get statefulsets",
		"get-events":            "get events",
		"events-of":             "events --for deployment/orders --types Warning",
		"events-none":           "events --for deployment/web",
		"describe-draining":     "describe deployment web",
		"describe-not-ready":    "describe deployment/orders",
		"describe-instance":     "describe po orders-6f8d4-4",
		"describe-nginx":        "describe nginx edge",
		"describe-eureka":       "describe eureka/main",
		"describe-missing":      "describe deployment nosuch",
		"rollout-status-glance": "rollout status deployment/orders --watch=false",
		"rollout-history":       "rollout history deployment/orders",
		"rollout-history-gone":  "rollout history orders --revision 3",
		"rollout-undo":          "rollout undo deployment/orders --to-revision 6",
		"scale":                 "scale deployment orders web --replicas=5",
		"scale-to-what":         "scale deployment orders",
		"set-image":             "set image deployment/orders orders=registry.shop/orders:1.6",
		"logs-of-what":          "logs nginx/edge",
		"wait-timeout":          "wait --for=condition=Available=False deployment/orders --timeout 5s",
		"wait-met":              "wait --for=condition=progressing deployment/orders nginx/edge",
		"wait-for-what":         "wait --for=readiness deployment/orders",
		"unknown-flag":          "get deployments --fast",
		"unknown-command":       "deploy orders",
		"version":               "version --client -o yaml",
		"help":                  "--help",
		"promote-nothing":       "promote",
		"delete-instance":       "delete po orders-6f8d4-4",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				golden.Expect(t, filepath.Join("testdata", name+".txt"), "$ segue "+args+"\n"+call{service: shop(), args: strings.Fields(args)}.run(t.Context()).String())
			})
		})
	}
}

// full is a disk that is full.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestAnAnswerThatCannotBeWrittenIsNoSuccess(t *testing.T) {
	var errs bytes.Buffer
	command := &cli{out: full{}, err: &errs}
	if code := command.execute(t.Context(), []string{"schema"}); code != exitFailed || !strings.Contains(errs.String(), "no space left") {
		t.Errorf("exit code %d, %s", code, errs.String())
	}
}

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		want exitCode
	}{
		{nil, exitDone},
		{errors.New("dial: no route"), exitFailed},
		{&api.Refusal{Kind: api.NotFound}, exitFailed},
		{&api.Refusal{Kind: api.Invalid}, exitUsage},
		{fmt.Errorf("apply: %w", &api.Refusal{Kind: api.Owned}), exitUsage},
		{spec.Problems{{Message: "bad"}}, exitUsage},
		{usage("no"), exitUsage},
		{fmt.Errorf("list: %w", context.DeadlineExceeded), exitTimedOut},
		{&ended{code: exitPromotion}, exitPromotion},
		{&ended{code: exitRolledBack}, exitRolledBack},
		{&api.Refusal{Kind: api.Locked}, exitLocked},
		{context.Canceled, exitInterrupted},
		{errors.Join(&ended{code: exitRolledBack}, errors.New("close: too late")), exitRolledBack},
	} {
		if got := codeOf(c.err); got != c.want {
			t.Errorf("%v: exit code %d, want %d", c.err, got, c.want)
		}
	}
}

func TestAges(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 45 * time.Second: "45s", 119 * time.Second: "119s", 192 * time.Second: "3m12s", 25 * time.Minute: "25m",
		2 * time.Hour: "120m", 7*time.Hour + 3*time.Minute: "7h3m", 30 * time.Hour: "30h", 98 * time.Hour: "4d2h", 90 * 24 * time.Hour: "90d", 770 * 24 * time.Hour: "2y40d",
	} {
		if got := age(d); got != want {
			t.Errorf("%v is shown as %s, want %s", d, got, want)
		}
	}
	for _, c := range []struct {
		least, most time.Duration
		want        string
	}{
		{0, 0, ""}, {36 * time.Second, 36 * time.Second, "~36s"}, {0, 30 * time.Second, "0–30s"}, {65 * time.Second, 95 * time.Second, "65–95s"},
		{90 * time.Second, 4 * time.Minute, "1m30s–4m"}, {400 * time.Second, 400 * time.Second, "~6m40s"},
	} {
		if got := between(c.least, c.most); got != c.want {
			t.Errorf("%v to %v is shown as %q, want %q", c.least, c.most, got, c.want)
		}
	}
}
