package nginx

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/segue-dev/segue/spec"
)

// outsideHeaders tell an instance who asked whom, whatever the client says.
const outsideHeaders = `        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $segue_connection;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-Port $server_port;
`

// passing is how long nginx tries, and that it tries a second instance where the first got nothing. Where nobody is
// there it asks the 503 listener again, also with a POST: an old worker that ends may have taken the first connection.
func passing(timeout int, nobody bool) string {
	again := "error timeout"
	if nobody {
		again += " non_idempotent"
	}
	return fmt.Sprintf(`        proxy_connect_timeout 2s;
        proxy_next_upstream %s;
        proxy_next_upstream_tries 2;
        proxy_next_upstream_timeout 5s;
        proxy_read_timeout %ds;
        proxy_send_timeout %ds;
`, again, timeout, timeout)
}

func timeoutOf(route spec.Route) (int, error) {
	timeout := seconds(route.TimeoutSeconds, 60)
	if timeout < 1 || timeout > 7*24*3600 {
		return 0, fmt.Errorf("timeoutSeconds %d: want 1 to a week", timeout)
	}
	return timeout, nil
}

// location writes the location blocks of one path. The Gateway API's prefix is by path element: /api is /api and
// /api/x, not /apix, so nginx needs two of them.
func (r renderer) location(route sectionRoute, scheme, path string) (string, error) {
	size, err := bodySize(route.Route.MaxBodySize)
	if err != nil {
		return "", err
	}
	timeout, err := timeoutOf(route.Route)
	if err != nil {
		return "", err
	}
	var proxy strings.Builder
	fmt.Fprintf(&proxy, "        client_max_body_size %d;\n", size)
	if strip := route.Route.StripPrefix; strip != nil && *strip && path != "/" {
		fmt.Fprintf(&proxy, "        rewrite \"(?s)^%s/?(.*)$\" \"/$1\" break;\n", regexp.QuoteMeta(path))
	}
	proxy.WriteString("        proxy_http_version 1.1;\n" + outsideHeaders + passing(timeout, route.nobody()))
	if r.version.truncates() {
		proxy.WriteString("        proxy_buffering off;\n")
	}
	if scheme == "https://" {
		proxy.WriteString("        proxy_ssl_server_name on;\n        proxy_ssl_name $host;\n")
	}
	fmt.Fprintf(&proxy, "        proxy_pass %s%s;\n", scheme, route.Upstream)

	var text strings.Builder
	heads := []string{"= " + path, path + "/"}
	if path == "/" {
		heads = []string{"/"}
	}
	twin := "@lame-" + route.Upstream + "-" + strings.ReplaceAll(strings.Trim(path, "/"), "/", "|")
	for _, head := range heads {
		fmt.Fprintf(&text, "    location %s {\n", head)
		if r.lame() {
			fmt.Fprintf(&text, "        open_file_cache off;\n        error_page 418 = %s;\n        if (-f %s/flags/lame) { return 418; }\n", twin, r.spec.ConfDir)
		}
		text.WriteString(proxy.String())
		text.WriteString("    }\n")
	}
	if r.lame() {
		fmt.Fprintf(&text, "    location %s {\n        keepalive_timeout 0;\n%s    }\n", twin, proxy.String())
	}
	return text.String(), nil
}

// clash says which sections answer a host and path twice, or define an upstream twice; the error names both.
func clash(sections map[string]section) error {
	taken := map[string]string{}
	upstreams := map[string]string{}
	for _, name := range sortedKeys(sections) {
		for _, l := range sections[name].Locations {
			key := l.Host + " " + l.Path
			if other, found := taken[key]; found && (other != name) {
				return fmt.Errorf("%s and %s both route host %q path %q", other, name, l.Host, l.Path)
			} else if found {
				return fmt.Errorf("%s routes host %q path %q twice", name, l.Host, l.Path)
			}
			taken[key] = name
		}
		for _, r := range sections[name].Routes {
			if other, found := upstreams[r.Upstream]; found {
				return fmt.Errorf("%s and %s both define upstream %s", other, name, r.Upstream)
			}
			upstreams[r.Upstream] = name
		}
	}
	return nil
}
