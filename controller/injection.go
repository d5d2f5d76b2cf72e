package controller

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
)

// springJSON is the environment variable that Spring reads its settings from before all others but the command line.
const springJSON = "SPRING_APPLICATION_JSON"

// injection is what a self-registering instance is told about its registration.
type injection struct {
	id string
	// address is where it is to say that it is; port is 0 where that is the app's own.
	address netip.Addr
	port    int
	network netip.Prefix
	// serviceURL is the registry's where it is segue's own; "" where the app knows its servers by itself.
	serviceURL string
}

// inject merges what makes dark start and drain safe into SPRING_APPLICATION_JSON.
func (in injection) inject(env map[string]string) error {
	ours := map[string]any{
		"eureka.instance.instance-id":               in.id,
		"eureka.instance.prefer-ip-address":         true,
		"eureka.instance.ip-address":                in.address.String(),
		"eureka.instance.hostname":                  in.address.String(),
		"spring.cloud.inetutils.preferred-networks": []string{preferred(in.network)},
	}
	if in.port != 0 {
		ours["eureka.instance.non-secure-port"] = in.port
	}
	if in.serviceURL != "" {
		ours["eureka.client.service-url.defaultZone"] = in.serviceURL
	}
	return mergeSettings(env, ours)
}

// injectSilence keeps an app that is a Eureka client from registering itself: segue does, it or nginx. It goes on to
// find others.
func injectSilence(env map[string]string) error {
	return mergeSettings(env, map[string]any{"eureka.client.register-with-eureka": false})
}

// mergeSettings adds ours to SPRING_APPLICATION_JSON. What the user wrote, there or in a variable of its own, nested or
// dotted, is never overwritten.
func mergeSettings(env map[string]string, ours map[string]any) error {
	settings := map[string]any{}
	if written := env[springJSON]; written != "" {
		if err := json.Unmarshal([]byte(written), &settings); err != nil {
			return fmt.Errorf("read %s: %w", springJSON, err)
		}
	}
	for name, value := range ours {
		if !isSet(settings, relaxed(name)) && !inEnvironment(env, relaxed(name)) {
			settings[name] = value
		}
	}
	merged, err := json.Marshal(settings)
	if err != nil {
		return fmt.Errorf("write %s: %w", springJSON, err)
	}
	env[springJSON] = string(merged)
	return nil
}

// preferred is the network as Spring's regular expression over the beginning of an address: 10.83.0.0/16 is ^10\.83\.
func preferred(network netip.Prefix) string {
	octets := strings.Split(network.Masked().Addr().String(), ".")
	return "^" + strings.Join(octets[:min(network.Bits()/8, len(octets))], `\.`) + `\.`
}

// isSet: the settings have the name, nested or dotted.
func isSet(settings map[string]any, name string) bool {
	for written, value := range settings {
		have := relaxed(written)
		if have == name || strings.HasPrefix(have, name+"[") {
			return true
		}
		nested, isMap := value.(map[string]any)
		if rest, inside := strings.CutPrefix(name, have); inside && isMap && isSet(nested, rest) {
			return true
		}
	}
	return false
}

// inEnvironment: a variable of its own sets the name, as EUREKA_INSTANCE_INSTANCEID does.
func inEnvironment(env map[string]string, name string) bool {
	for variable := range env {
		if have := relaxed(variable); have == name || have == name+"0" {
			return true
		}
	}
	return false
}

// relaxed is a name without what Spring's relaxed binding does not look at, and without dots.
func relaxed(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
}
