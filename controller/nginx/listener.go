package nginx

import (
	"errors"
	"fmt"
	"strings"
)

// insideHeaders leave to an instance what its caller says, as if nothing stood between them: the caller may be a gateway
// that knows who asked whom.
const insideHeaders = `        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $segue_connection;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
`

// listener writes the server of an internal route, at a port of its own, whatever name it is called by. Callers keep
// their connections for long and hear of it when one ends; nothing is buffered on the way to them.
func (r renderer) listener(to *strings.Builder, deployment string, route *sectionRoute, scheme string) error {
	if r.port == nil {
		return errors.New("no port for it")
	}
	port, err := r.port(deployment, route.Name)
	if err != nil {
		return err
	}
	timeout, err := timeoutOf(route.Route)
	if err != nil {
		return err
	}
	size := int64(0)
	if route.Route.MaxBodySize != "" {
		if size, err = bodySize(route.Route.MaxBodySize); err != nil {
			return err
		}
	}
	route.Port, route.Lame = port, r.lame()
	pass := fmt.Sprintf("        client_max_body_size %d;\n        proxy_http_version 1.1;\n", size) + insideHeaders + passing(timeout, route.nobody()) + "        proxy_buffering off;\n"
	if scheme == "https://" {
		pass += "        proxy_ssl_server_name on;\n"
	}
	pass += fmt.Sprintf("        proxy_pass %s%s;\n", scheme, route.Upstream)
	fmt.Fprintf(to, "server {\n    listen %s;\n    server_name segue.inside;\n    keepalive_timeout 300s;\n    keepalive_requests 100000;\n"+
		"    ignore_invalid_headers off;\n    underscores_in_headers on;\n", listenAt(r.listenOn, port))
	if !route.Lame {
		fmt.Fprintf(to, "    location / {\n%s    }\n}\n", pass)
		return nil
	}
	fmt.Fprintf(to, "    open_file_cache off;\n    error_page 418 = @lame;\n    location / {\n        if (-f %s/flags/lame) { return 418; }\n%s    }\n", r.spec.ConfDir, pass)
	fmt.Fprintf(to, "    location @lame {\n        keepalive_timeout 0;\n%s    }\n}\n", pass)
	return nil
}
