package docker

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/containerd/errdefs"
)

// The words are those of Engines 20.10.24 and 28.5.2.
func TestWhoseFaultAStartIs(t *testing.T) {
	for text, own := range map[string]bool{
		`OCI runtime create failed: runc create failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown`: true,
		`failed to create shim task: OCI runtime create failed: exec: "/tmp": permission denied: unknown`:                                             true,
		`invalid mount config for type "bind": bind source path does not exist: /no/such/dir`:                                                         true,
		`network c-none not found`:                                       true,
		`unable to find user nobody: no matching entries in passwd file`: true,
		`driver failed programming external connectivity on endpoint x: Bind for 127.0.0.1:80 failed: port is already allocated`: false,
		`Address already in use`:                                                                 false,
		`write /var/lib/docker/x: no space left on device`:                                       false,
		`OCI runtime create failed: mkdir /run/x: no space left on device`:                       false,
		`dial unix /run/containerd/containerd.sock: connect: no such file or directory`:          false,
		`Conflict. The container name "/x" is already in use by container "0". You have to wait`: false,
		`something that nobody has seen`:                                                         false,
	} {
		if got := startFaultIsOwn(errors.New(text)); got != own {
			t.Errorf("own %t: %s", got, text)
		}
	}
	for _, err := range []error{fmt.Errorf("x: %w", syscall.ECONNREFUSED), fmt.Errorf("x: %w", context.DeadlineExceeded)} {
		if startFaultIsOwn(err) || pullFaultIsOwn(err) {
			t.Errorf("own: %v", err)
		}
	}
	if !startFaultIsOwn(fmt.Errorf("x: %w", errdefs.ErrInvalidArgument)) {
		t.Error("a refused configuration is nobody's")
	}
	wrapped := fmt.Errorf("start: %w", &Fault{Own: true, Err: errors.New("x")})
	var asked interface{ OwnFault() bool }
	if !errors.As(wrapped, &asked) || !asked.OwnFault() {
		t.Error("who knows no Fault cannot ask")
	}
}

func TestWhoseFaultAPullIs(t *testing.T) {
	for text, own := range map[string]bool{
		`manifest for shop/orders:9 not found: manifest unknown: manifest unknown`:                                              true,
		`pull access denied for shop/orders, repository does not exist or may require 'docker login': denied: requested access`: true,
		`Get "https://registry.shop/v2/": dial tcp: lookup registry.shop on 10.0.0.1:53: no such host`:                          false,
		`Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused`:                                       false,
		`toomanyrequests: You have reached your unauthenticated pull rate limit`:                                                false,
		`received unexpected HTTP status: 502 Bad Gateway`:                                                                      false,
		`failed to register layer: write /x: no space left on device`:                                                           false,
		`no matching manifest for linux/arm64/v8 in the manifest list entries`:                                                  true,
		`Get "https://registry.shop/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`:     false,
		`Head "https://registry.shop/v2/geoff/orders/manifests/1": unauthorized: authentication required`:                       true,
		`net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)`:              false,
	} {
		if got := pullFaultIsOwn(errors.New(text)); got != own {
			t.Errorf("own %t: %s", got, text)
		}
	}
}
