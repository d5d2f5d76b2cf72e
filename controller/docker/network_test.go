package docker

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/docker/docker/api/types/network"
)

func TestTheUpperHalfIsTheStrangers(t *testing.T) {
	for subnet, want := range map[string]string{
		"10.83.0.0/16": "10.83.128.0/17", "10.83.7.9/16": "10.83.128.0/17", "192.168.4.0/24": "192.168.4.128/25",
		"10.0.0.0/8": "10.128.0.0/9", "172.20.0.16/28": "172.20.0.24/29",
	} {
		if got := strangersHalf(netip.MustParsePrefix(subnet)).String(); got != want {
			t.Errorf("%s: %s, want %s", subnet, got, want)
		}
	}
	for subnet, ok := range map[string]bool{"10.83.0.0/16": true, "10.83.0.0/28": true, "10.83.0.0/29": false, "fd00::/64": false, "0.0.0.0/0": false} {
		if err := checkSubnet(netip.MustParsePrefix(subnet)); (err == nil) != ok {
			t.Errorf("%s: %v", subnet, err)
		}
	}
}

func TestWhichNetworkIsRefused(t *testing.T) {
	made := func(owner, subnet string) network.Inspect {
		options := networkOptions(netip.MustParsePrefix(subnet), owner)
		return network.Inspect{Driver: options.Driver, IPAM: *options.IPAM, Labels: options.Labels}
	}
	by := made("", "10.83.0.0/16")
	by.Labels = nil
	wrong := made("me", "10.83.0.0/16")
	wrong.IPAM.Config[0].IPRange = ""
	overlay := made("me", "10.83.0.0/16")
	overlay.Driver = "overlay"
	for what, test := range map[string]struct {
		network network.Inspect
		owner   string
		refused bool
	}{
		"mine":           {made("me", "10.83.0.0/16"), "", false},
		"another's":      {made("you", "10.83.0.0/16"), "you", true},
		"by hand":        {by, "", true},
		"another subnet": {made("me", "10.84.0.0/16"), "", true},
		"no range":       {wrong, "", true},
		"no bridge":      {overlay, "", true},
	} {
		err := checkNetwork(test.network, DefaultInstanceCIDR, "me")
		var refusal *Refusal
		if errors.As(err, &refusal) != test.refused || (refusal != nil && refusal.Owner != test.owner) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
