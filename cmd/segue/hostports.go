package main

import (
	"strconv"
	"strings"

	"github.com/segue-dev/segue/reconcile"
)

// readHostPorts reads --host-ports; nothing means the default.
func readHostPorts(written string) (reconcile.HostPorts, error) {
	if written == "" {
		return reconcile.DefaultHostPorts, nil
	}
	low, high, _ := strings.Cut(written, "-")
	from, lowErr := strconv.Atoi(low)
	to, highErr := strconv.Atoi(high)
	if lowErr != nil || highErr != nil || from < 1 || to > 65535 || from > to {
		return reconcile.HostPorts{}, usage("error: --host-ports %q: want two ports of 1 to 65535 with a dash, as 30000-32767", written)
	}
	return reconcile.HostPorts{From: from, To: to}, nil
}
