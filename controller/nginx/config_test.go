package nginx

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/spec"
)

const dump = `# configuration file /etc/nginx/nginx.conf:
user www-data; # a comment; with { signs }
http {
    include /etc/nginx/segue/current/http.conf;
    include sites/*.conf;
    log_format main '$remote_addr "$request" {}';
}

# configuration file /etc/nginx/segue/current/http.conf:
upstream orders { server 10.83.0.2:80; }

# configuration file /etc/nginx/sites/shop.conf:
upstream legacy { server 127.0.0.1:1; }
server {
    set $service_url http://127.0.0.1:8081;
    proxy_set_header Host $host;
    location / {
        proxy_pass http://orders;
    }
    location ~ "^/x{2}/" {
        open_file_cache max=10;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_pass $service_url;
    }
}

`

func TestParseDump(t *testing.T) {
	u := readUserConf([]byte(dump), "/etc/nginx/segue", timeZero)
	if !u.includesHTTP() || u.setsMinTimeout() {
		t.Errorf("includes http.conf: %v, sets keepalive_min_timeout: %v", u.includesHTTP(), u.setsMinTimeout())
	}
	if where := u.fileCache(); where != "/etc/nginx/sites/shop.conf:9" {
		t.Errorf("open_file_cache at %q", where)
	}
	for _, d := range u.directives {
		if d.name == "proxy_pass" && (!d.inside("http") || !d.inside("server") || !d.inside("location")) {
			t.Errorf("%s is inside %v", d.at(), d.block)
		}
		if d.name == "log_format" && fmt.Sprint(d.args) != `[main $remote_addr "$request" {}]` {
			t.Errorf("log_format has %q", d.args)
		}
	}
}

var timeZero time.Time

func TestMissingAndNotes(t *testing.T) {
	u := readUserConf([]byte(dump), "/etc/nginx/segue", timeZero)
	upstream := func(name string) section {
		return section{Deployment: spec.Name{Name: name}, Routes: []sectionRoute{{Name: "http", Upstream: name, Route: spec.Route{Upstream: name}}}}
	}
	variable := section{Deployment: spec.Name{Name: "web"}, Routes: []sectionRoute{{Name: "http", Upstream: "segue.web.http", Variable: "service_url", Route: spec.Route{Variable: "service_url"}}}}
	if !u.names(upstream("orders")) || u.names(upstream("legacy")) || u.names(variable) {
		t.Errorf("names orders %v, legacy %v, web %v", u.names(upstream("orders")), u.names(upstream("legacy")), u.names(variable))
	}
	got := u.missing(variable, "/etc/nginx/segue")
	want := "include /etc/nginx/segue/current/web.inc;  instead of  set $service_url http://127.0.0.1:8081;  at /etc/nginx/sites/shop.conf:3"
	if len(got) != 1 || got[0] != want {
		t.Errorf("missing %q, want %q", got, want)
	}
	http := u.missingHTTP(map[string]section{"legacy": upstream("legacy")}, "/etc/nginx/segue")
	if len(http) != 2 || !strings.Contains(http[0], "below  log_format main …;  at /etc/nginx/nginx.conf:5") || !strings.Contains(http[1], "/etc/nginx/sites/shop.conf:1") {
		t.Errorf("missing %q", http)
	}
	notes := strings.Join(u.notes(map[string]section{"orders": upstream("orders"), "web": variable}, oldNginx), "\n")
	for _, want := range []string{
		"not lossless for keep-alive clients",
		"shop.conf:6: proxy_pass http://orders; has no proxy_http_version 1.1",
		`shop.conf:6: proxy_pass http://orders; has no proxy_set_header Connection ""`,
		"shop.conf:12: proxy_pass $service_url; has no proxy_set_header Host $host",
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes lack %q:\n%s", want, notes)
		}
	}
	if strings.Contains(notes, "shop.conf:6: proxy_pass http://orders; has no proxy_set_header Host") {
		t.Errorf("the server's Host is inherited where the location sets no header:\n%s", notes)
	}
	if notes := u.notes(map[string]section{"web": variable}, newNginx); len(notes) != 1 {
		t.Errorf("on %s: %q", newNginx, notes)
	}
}

// TestPlaceOfHTTP: behind everything, so that the first server of a port stays the user's own.
func TestPlaceOfHTTP(t *testing.T) {
	for conf, want := range map[string]string{
		"events {}\nhttp {\n  gzip on;\n  include sites/*.conf;\n}\n":                     "below  include sites/*.conf;  at nginx.conf:4",
		"http {\n  gzip on;\n  server {\n    listen 80;\n  }\n}\nstream { include x; }\n": "below the block  server {  at nginx.conf:3",
		"http {\n  map $a $b {\n    default x;\n  }\n}\n":                                 "below the block  map $a $b {  at nginx.conf:2",
		"http {\n}\n": "below  http {  at nginx.conf:1",
		"":            "inside http, after its servers",
	} {
		u := readUserConf([]byte(dumpHeader+"nginx.conf:\n"+conf), "/etc/nginx/segue", timeZero)
		if got := u.placeOfHTTP(); got != want {
			t.Errorf("in %q it goes %s, want %s", conf, got, want)
		}
	}
}

func TestLastEmergency(t *testing.T) {
	log := "2026/11/24 02:39:17 [emerg] 12#12: bind() to 0.0.0.0:80 failed (98: Address already in use)\n2026/11/24 02:39:18 [emerg] 12#12: still could not bind()\n2026/11/24 02:39:19 [notice] 12#12: x\n"
	if got := lastEmergency([]byte(log), timeZero); got != "bind() to 0.0.0.0:80 failed (98: Address already in use)" {
		t.Errorf("last emergency: %q", got)
	}
}

func TestVersion(t *testing.T) {
	for text, want := range map[string]version{"nginx version: nginx/1.22.1\n": oldNginx, "nginx version: nginx/1.30.6 (Debian)": newNginx} {
		if got, err := parseVersion([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	if oldNginx.hasMinTimeout() || !newNginx.hasMinTimeout() || !oldNginx.truncates() || newNginx.truncates() {
		t.Error("what versions can do is mixed up")
	}
}
