package nginx

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/segue-dev/segue/spec"
)

// host is where callers inside dial the server's listeners: an IPv4 address or a name; "" when nobody said.
func (p *site) host(seen Sighting) string {
	switch {
	case p.at.AdvertiseAddress != "":
		return p.at.AdvertiseAddress
	case p.at.SSH != nil:
		_, name, found := strings.Cut(p.at.SSH.Address, "@")
		if !found {
			name = p.at.SSH.Address
		}
		name, _, _ = strings.Cut(name, ":")
		if address, err := netip.ParseAddr(name); err == nil && address.Is4() {
			return name
		}
		return ""
	case seen.Listen == "*":
		return ip4(seen.Dial)
	case seen.Listen != "":
		return ip4(p.advertise)
	default:
		return ""
	}
}

func ip4(address netip.Addr) string {
	if !address.Is4() {
		return ""
	}
	return address.String()
}

// listenOn is the address on which listeners are open: the advertised one where it is the machine's own, else all.
func (p *site) listenOn(seen Sighting) string {
	address, err := netip.ParseAddr(p.host(seen))
	if err != nil || seen.Listen == "*" || !slices.Contains(seen.Addresses, address) {
		return ""
	}
	return address.String()
}

// listeners are the ports of the internal routes that are served, by Deployment and route; nil when that is unknown.
func (s sight) listeners() map[string]map[string]int {
	if s.serves == nil {
		return nil
	}
	found := map[string]map[string]int{}
	for name, section := range s.sections() {
		for _, route := range section.Routes {
			if route.Port == 0 {
				continue
			}
			if found[name] == nil {
				found[name] = map[string]int{}
			}
			found[name][route.Name] = route.Port
		}
	}
	return found
}

// routes are those that are served, by Deployment and name; nil when that is unknown.
func (s sight) routes() map[string]map[string]spec.Route {
	if s.serves == nil {
		return nil
	}
	found := map[string]map[string]spec.Route{}
	for name, section := range s.sections() {
		found[name] = map[string]spec.Route{}
		for _, route := range section.Routes {
			found[name][route.Name] = route.Route
		}
	}
	return found
}

// sections are those of the served generation.
func (s sight) sections() map[string]section {
	if s.served == nil {
		return nil
	}
	return s.served.Sections
}
