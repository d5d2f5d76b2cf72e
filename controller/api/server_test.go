package api_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/api/apitest"
	"github.com/segue-dev/segue/spec"
)

// serve runs a server for service and gives a client of it and what stops it.
func serve(t *testing.T, service api.Service) (*api.Client, func()) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "segue.sock")
	listener, err := api.Listen(t.Context(), socket, "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- api.Serve(ctx, listener, service) }()
	client := api.NewClient(socket)
	stop := func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		served <- nil
		client.Close()
	}
	t.Cleanup(stop)
	return client, stop
}

func orders(ready int) api.Status {
	return api.Status{Kind: spec.KindDeployment, Name: spec.Name{Namespace: "default", Name: "orders"}, Generation: 1,
		Deployment: &api.DeploymentStatus{Phase: "Progressing", Replicas: 3, ReadyReplicas: ready}}
}

func TestEveryCallGoesThereAndBack(t *testing.T) {
	fake := &apitest.Service{Planned: api.PlanResult{Items: []api.Plan{{Kind: "Deployment", From: 7, To: 8, Total: 400 * time.Second}}}, Log: "one\ntwo\n"}
	fake.Publish(orders(2))
	fake.Happen(api.Event{Kind: "Deployment", Name: spec.Name{Namespace: "default", Name: "orders"}, Type: "Normal", Reason: "Started"})
	client, _ := serve(t, fake)
	ctx := t.Context()
	list, err := client.List(ctx, api.Query{Kind: spec.KindDeployment})
	if err != nil || len(list.Items) != 1 || list.Items[0].Deployment.ReadyReplicas != 2 {
		t.Errorf("list: %+v, %v", list, err)
	}
	replicas := 3
	surge := spec.IntOrPercent("25%")
	manifest := spec.Manifest{Files: map[string][]byte{"a.env": []byte("A=1\n")}, Deployment: &spec.Deployment{Metadata: spec.Metadata{Name: "orders"},
		Spec: spec.DeploymentSpec{Replicas: &replicas, Strategy: spec.Strategy{RollingUpdate: &spec.RollingUpdateStrategy{MaxSurge: &surge}}}}}
	result, err := client.Apply(ctx, api.ApplyRequest{Manifests: []spec.Manifest{manifest}, Owner: api.OwnerApply, By: "somebody else"})
	if err != nil || len(result.Items) != 1 || result.Items[0].Result != "configured" {
		t.Errorf("apply: %+v, %v", result, err)
	}
	plan, err := client.Plan(ctx, api.ApplyRequest{})
	if err != nil || len(plan.Items) != 1 || plan.Items[0].Total != 400*time.Second {
		t.Errorf("plan: %+v, %v", plan, err)
	}
	if _, err := client.Delete(ctx, api.DeleteRequest{Kind: spec.KindDeployment}); err != nil {
		t.Errorf("delete: %v", err)
	}
	if _, err := client.Intend(ctx, api.Intent{Verb: api.Undo, HasRevision: true}); err != nil {
		t.Errorf("intend: %v", err)
	}
	var events []api.Event
	if err := client.Events(ctx, api.EventQuery{}, func(e api.Event) error { events = append(events, e); return nil }); err != nil || len(events) != 1 {
		t.Errorf("events: %+v, %v", events, err)
	}
	var log bytes.Buffer
	if err := client.Logs(ctx, api.LogQuery{Instance: "orders-1"}, &log); err != nil || log.String() != "one\ntwo\n" {
		t.Errorf("logs: %q, %v", log.String(), err)
	}
	if version, err := client.Version(ctx); err != nil || version.PID != 42 {
		t.Errorf("version: %+v, %v", version, err)
	}

	asked := fake.Asked()
	applied := asked[0].(api.ApplyRequest)
	if want := api.UserName(uint32(os.Getuid())); applied.By != want || asked[2].(api.Intent).By != want {
		t.Errorf("applied by %q, intended by %q, want %q of the peer credentials", applied.By, asked[2].(api.Intent).By, want)
	}
	if got := applied.Manifests[0]; string(got.Files["a.env"]) != "A=1\n" || *got.Deployment.Spec.Strategy.RollingUpdate.MaxSurge != surge {
		t.Errorf("the manifest arrived as %+v", got)
	}
}

func TestWatchTellsEachChangeUntilTheCallerHasSeenEnough(t *testing.T) {
	fake := &apitest.Service{}
	fake.Publish(orders(0))
	client, _ := serve(t, fake)
	enough := errors.New("enough")
	var seen []int
	err := client.Watch(t.Context(), api.Query{}, func(s api.Status) error {
		seen = append(seen, s.Deployment.ReadyReplicas)
		if s.Deployment.ReadyReplicas == 3 {
			return enough
		}
		fake.Publish(orders(s.Deployment.ReadyReplicas + 1))
		return nil
	})
	if !errors.Is(err, enough) || len(seen) != 4 {
		t.Errorf("saw %v, ended with %v", seen, err)
	}
}

func TestStoppingEndsStreamsAndTellsThem(t *testing.T) {
	fake := &apitest.Service{Log: "a line\n"}
	fake.Publish(orders(0))
	client, stop := serve(t, fake)
	first, watched, logged := make(chan struct{}), make(chan error, 1), make(chan error, 1)
	go func() {
		watched <- client.Watch(t.Context(), api.Query{}, func(api.Status) error { close(first); return nil })
	}()
	read := &signalling{written: make(chan struct{})}
	go func() { logged <- client.Logs(t.Context(), api.LogQuery{Follow: true}, read) }()
	<-first
	<-read.written
	stop()
	if err := <-watched; !errors.Is(err, api.ErrNotRunning) {
		t.Errorf("watch ended with %v", err)
	}
	if err := <-logged; err != nil {
		t.Errorf("logs ended with %v", err)
	}
}

// signalling closes written at the first Write.
type signalling struct{ written chan struct{} }

func (s *signalling) Write(p []byte) (int, error) {
	close(s.written)
	return len(p), nil
}

func TestRefusalsKeepTheirKind(t *testing.T) {
	for _, kind := range []api.RefusalKind{api.Invalid, api.NotFound, api.Owned, api.Locked} {
		client, _ := serve(t, &apitest.Service{Err: &api.Refusal{Kind: kind, Message: "no, because"}})
		_, err := client.Apply(t.Context(), api.ApplyRequest{})
		var refusal *api.Refusal
		if !errors.As(err, &refusal) || refusal.Kind != kind || err.Error() != "no, because" {
			t.Errorf("%s arrives as %v", kind, err)
		}
	}
}

func TestAnErrorAfterTheFirstBytesArrivesToo(t *testing.T) {
	fake := &apitest.Service{Log: "a line\n", Err: &api.Refusal{Kind: api.NotFound, Message: "the container is gone"}}
	client, _ := serve(t, fake)
	var log bytes.Buffer
	err := client.Logs(t.Context(), api.LogQuery{}, &log)
	var refusal *api.Refusal
	if !errors.As(err, &refusal) || refusal.Kind != api.NotFound || log.String() != "a line\n" {
		t.Errorf("got %q and %v", log.String(), err)
	}
	plain := &apitest.Service{Err: errors.New("read log: broken pipe")}
	client, _ = serve(t, plain)
	if err := client.Logs(t.Context(), api.LogQuery{}, &log); err == nil || err.Error() != "read log: broken pipe" || errors.As(err, new(*api.Refusal)) {
		t.Errorf("got %v", err)
	}
}

func TestARequestThatIsTooLargeIsRefused(t *testing.T) {
	client, _ := serve(t, &apitest.Service{})
	_, err := client.List(t.Context(), api.Query{Name: strings.Repeat("x", 2<<20)})
	if err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("a request that is too large: %v", err)
	}
}

func TestNobodyAtTheSocket(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "segue.sock")
	_, err := api.NewClient(socket).Version(t.Context())
	if !errors.Is(err, api.ErrNotRunning) || err.Error() != "no segue run at "+socket {
		t.Errorf("got %v", err)
	}
}

func TestListenRemovesOnlyWhatNobodyAnswers(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "new", "segue.sock")
	if err := os.Mkdir(filepath.Dir(socket), 0o700); err != nil {
		t.Fatal(err)
	}
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	if err := stale.Close(); err != nil {
		t.Fatal(err)
	}
	listener, err := api.Listen(t.Context(), socket, "")
	if err != nil {
		t.Fatalf("a stale socket stops listening: %v", err)
	}
	if info, err := os.Stat(socket); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v, %v", info.Mode(), err)
	}
	var refusal *api.Refusal
	if _, err := api.Listen(t.Context(), socket, ""); !errors.As(err, &refusal) || refusal.Kind != api.Locked {
		t.Errorf("a second listener: %v", err)
	}
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket stays: %v", err)
	}
	if err := os.WriteFile(socket, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := api.Listen(t.Context(), socket, ""); !errors.As(err, &refusal) || refusal.Kind != api.Invalid {
		t.Errorf("over a plain file: %v", err)
	}
	if _, err := api.Listen(t.Context(), filepath.Join(t.TempDir(), "s"), "no-such-group"); !errors.As(err, &refusal) || refusal.Kind != api.Invalid {
		t.Errorf("for a group that is not: %v", err)
	}
}
