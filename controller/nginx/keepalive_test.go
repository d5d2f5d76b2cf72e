package nginx

import (
	"fmt"
	"testing"
	"time"

	"github.com/segue-dev/segue/spec"
)

// An old worker goes on taking requests for as long as anybody lets connections rest: segue's manifest, the user's
// server, or what nginx was started with.
func TestKeepAlive(t *testing.T) {
	says := func(lines string) *userConf {
		return readUserConf([]byte("# configuration file /etc/nginx/nginx.conf:\nhttp {\n"+lines+"\n}\n"), "/etc/nginx/segue", timeZero)
	}
	newest, six := version{1, 30, 0}, 6
	for _, c := range []struct {
		version      version
		ours         *int
		conf, loaded *userConf
		want         time.Duration
	}{
		{version: version{1, 22, 1}, ours: &six, conf: says(""), want: 0},
		{version: version{1, 27, 3}, ours: &six, want: 0},
		{version: newest, want: 2 * time.Second},
		{version: version{1, 27, 4}, ours: &six, conf: says(""), want: 6 * time.Second},
		{version: newest, ours: &six, conf: says("keepalive_min_timeout 3s;"), want: 6 * time.Second},
		{version: newest, conf: says("server { keepalive_min_timeout 9; }"), want: 9 * time.Second},
		{version: newest, conf: says("keepalive_min_timeout 2500ms;"), loaded: says("server { location / { keepalive_min_timeout '1m 30s'; } }"), want: 90 * time.Second},
		{version: newest, conf: says("keepalive_min_timeout 1d;"), want: 24 * time.Hour},
	} {
		t.Run(fmt.Sprint(c.version, c.want), func(t *testing.T) {
			seen := sight{version: c.version, conf: c.conf, loaded: c.loaded}
			if got := seen.keepAlive(&spec.NginxSpec{KeepaliveMinTimeoutSeconds: c.ours}); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
