package main

import (
	"testing"

	"github.com/segue-dev/segue/reconcile"
)

func TestHostPorts(t *testing.T) {
	for written, want := range map[string]reconcile.HostPorts{
		"": reconcile.DefaultHostPorts, "31000-31009": {From: 31000, To: 31009}, "80-80": {From: 80, To: 80},
	} {
		if got, err := readHostPorts(written); err != nil || got != want {
			t.Errorf("%q: %+v, %v", written, got, err)
		}
	}
	for _, written := range []string{"x", "1", "9-1", "0-5", "1-70000", "1-2-3"} {
		if got, err := readHostPorts(written); err == nil {
			t.Errorf("%q is read as %+v", written, got)
		}
	}
}
