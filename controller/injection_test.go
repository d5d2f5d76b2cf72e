package controller

import (
	"encoding/json"
	"net/netip"
	"testing"
)

func TestInjectionNeverOverwritesTheUsers(t *testing.T) {
	in := injection{id: "me:orders:orders-a-1", address: netip.MustParseAddr("10.83.0.7"), network: netip.MustParsePrefix("10.83.0.0/16")}
	const id, address, networks = "eureka.instance.instance-id", "eureka.instance.ip-address", "spring.cloud.inetutils.preferred-networks"
	for _, c := range []struct {
		name string
		env  map[string]string
		want map[string]any
	}{
		{"nothing set", map[string]string{}, map[string]any{id: "me:orders:orders-a-1", address: "10.83.0.7"}},
		{"dotted", map[string]string{springJSON: `{"eureka.instance.instanceId":"mine"}`}, map[string]any{"eureka.instance.instanceId": "mine", id: nil, address: "10.83.0.7"}},
		{"nested", map[string]string{springJSON: `{"eureka":{"instance":{"ip-address":"1.2.3.4"}}}`}, map[string]any{address: nil, id: "me:orders:orders-a-1"}},
		{"a variable", map[string]string{"EUREKA_INSTANCE_INSTANCEID": "mine"}, map[string]any{id: nil}},
		{"a list", map[string]string{springJSON: `{"spring.cloud.inetutils.preferred-networks[0]":"192.168"}`}, map[string]any{networks: nil}},
		{"something else stays", map[string]string{springJSON: `{"server.port":9000}`}, map[string]any{"server.port": 9000.0, id: "me:orders:orders-a-1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := in.inject(c.env); err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal([]byte(c.env[springJSON]), &got); err != nil {
				t.Fatal(err)
			}
			for name, want := range c.want {
				if got[name] != want {
					t.Errorf("%s is %v, want %v", name, got[name], want)
				}
			}
		})
	}
	if err := in.inject(map[string]string{springJSON: "{"}); err == nil {
		t.Error("broken JSON was replaced")
	}
}

func TestSilenceLeavesTheUsersWill(t *testing.T) {
	for _, c := range []struct{ written, want string }{
		{"", `{"eureka.client.register-with-eureka":false}`},
		{`{"eureka":{"client":{"registerWithEureka":true}}}`, `{"eureka":{"client":{"registerWithEureka":true}}}`},
	} {
		env := map[string]string{springJSON: c.written}
		if err := injectSilence(env); err != nil || env[springJSON] != c.want {
			t.Errorf("%q became %s (%v), want %s", c.written, env[springJSON], err, c.want)
		}
	}
}

func TestPreferredNetworkIsARegularExpression(t *testing.T) {
	for network, want := range map[string]string{"10.83.0.0/16": `^10\.83\.`, "192.168.7.0/24": `^192\.168\.7\.`, "10.0.0.0/8": `^10\.`} {
		if got := preferred(netip.MustParsePrefix(network)); got != want {
			t.Errorf("%s is %s, want %s", network, got, want)
		}
	}
}
