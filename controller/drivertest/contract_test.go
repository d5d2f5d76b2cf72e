package drivertest_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestWorldKeepsTheContract(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		drivertest.RuntimeContract(t, drivertest.NewWorld(), reconcile.Launch{
			Deployment: spec.ParseName("orders"), Instance: "orders-abc-3", Revision: "abc", N: 3, Image: "orders:1",
			Address: netip.MustParseAddr("10.83.0.7"),
		}, func() { <-time.After(100 * time.Millisecond) })
	})
}
