package registry

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/reconcile"
)

func TestServeGoesOnWithWhatTheLastOneHad(t *testing.T) {
	options := Options{ResponseCache: time.Hour, Keep: filepath.Join(t.TempDir(), "leases.json")}.withDefaults()
	for run, want := range []int{0, 1} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		client, err := eureka.NewClient("http://"+listener.Addr().String()+"/eureka", eureka.ClientOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- serve(ctx, listener, options) }()
		apps, err := client.Apps(t.Context())
		if err != nil || len(apps.Apps) != want {
			t.Errorf("run %d begins with %d applications, want %d (%v)", run+1, len(apps.Apps), want, err)
		}
		err = client.Register(t.Context(), eureka.Instance{
			ID: "0", App: "ORDERS", HostName: "10.0.0.5", IPAddr: "10.0.0.5", Status: reconcile.LeaseUp, LastDirty: 1000,
			DataCenter: "MyOwn", DataCenterClass: eureka.MyOwnDataCenter,
		})
		if err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- serve(ctx, listener, Options{ResponseCache: -1}.withDefaults()) }()
	client, err := eureka.NewClient("http://"+address+"/eureka", eureka.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Apps(t.Context()); err != nil {
		t.Error(err)
	}
	if err := Serve(ctx, Options{Listen: address}); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("a second one at the same address: %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := client.Apps(t.Context()); err == nil {
		t.Error("it still answers")
	}
}
