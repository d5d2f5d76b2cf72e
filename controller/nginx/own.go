package nginx

import (
	"fmt"
	"path"
)

// DefaultImage is the nginx that segue runs where no server is named: the first stable line with
// keepalive_min_timeout, which makes a reload lossless, and later fixes.
const DefaultImage = "nginx:1.30.6-alpine"

// OwnMainConfig is the nginx.conf of a container that segue runs itself, to be mounted read-only as
// /etc/nginx/nginx.conf. confDir is spec.NginxSpec.ConfDir, where a directory of the host is mounted. The include is
// a pattern, so that nginx starts before segue has written anything.
func OwnMainConfig(confDir string) (string, error) {
	if err := fitsFile("confDir", confDir); err != nil {
		return "", err
	}
	return fmt.Sprintf(`# Written by segue. It is replaced, not edited.
worker_processes auto;
worker_rlimit_nofile 65536;
error_log stderr notice;
pid /run/nginx.pid;
events { worker_connections 8192; }
http {
    include mime.types;
    default_type application/octet-stream;
    access_log /dev/stdout;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 75s;
    keepalive_requests 10000;
    server_names_hash_bucket_size 128;
    include %s/http.con[f];
}
`, path.Join(confDir, "current")), nil
}
