package nginx

import (
	"strconv"
	"strings"
	"time"

	"github.com/segue-dev/segue/spec"
)

// keepAlive is how long a client's connection may rest at an old worker, which takes one more request from it then:
// the longest keepalive_min_timeout of segue's and the user's. An older nginx closes what rests.
func (s sight) keepAlive(ours *spec.NginxSpec) time.Duration {
	if !s.version.hasMinTimeout() {
		return 0
	}
	longest := time.Duration(seconds(ours.KeepaliveMinTimeoutSeconds, 2)) * time.Second
	for _, u := range []*userConf{s.conf, s.loaded} {
		if u != nil {
			longest = max(longest, u.keepAlive)
		}
	}
	return longest
}

// readTime reads a time in nginx's syntax ("Configuration file measurement units": 30, 500ms, 1m, "1m 30s"). One in
// days and longer counts as a day.
func readTime(text string) time.Duration {
	if whole, err := strconv.Atoi(text); err == nil {
		return time.Duration(whole) * time.Second
	}
	d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		return 24 * time.Hour
	}
	return d
}
