package registry

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/segue-dev/segue/controller/eureka"
)

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
