package nginx

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// frame is what a release has around its sections.
type frame struct {
	renderer
	generation int // port of the internal server
	listen     string
	owner      string
	// minTimeout: write keepalive_min_timeout, as the user does not set it himself.
	minTimeout bool
	pairs      []tlsPair
	// own: nobody else's server is in this nginx.
	own bool
}

// unnamed stands for the generation while its hash is not known yet.
const unnamed = "@GENERATION@"

// files renders a release: its files by name, with release.json, and the generation that is their hash.
//
// The hash covers what nginx reads. Instances are in it as comments, except in flag mode: there the addresses belong
// to the Deployment and a new instance in them changes nothing for nginx.
func (f frame) files(sections map[string]section) (release, map[string]string, error) {
	if err := clash(sections); err != nil {
		return release{}, nil, err
	}
	if err := fits(ownerGrammar, "owner", f.owner); err != nil {
		return release{}, nil, err
	}
	if err := fitsFile("confDir", f.spec.ConfDir); err != nil {
		return release{}, nil, err
	}
	servers, err := f.servers(sections)
	if err != nil {
		return release{}, nil, err
	}
	texts := map[string]string{"http.conf": f.http(sections), "servers.conf": servers}
	for name, s := range sections {
		if s.Inc != "" {
			texts[name+".inc"] = s.Inc
		}
	}
	hash := sha256.New()
	for _, name := range sortedKeys(texts) {
		fmt.Fprintf(hash, "%s %d\n%s", name, len(texts[name]), texts[name])
	}
	r := release{
		Generation: hex.EncodeToString(hash.Sum(nil))[:12],
		Ports:      [2]int{f.generation, f.placeholder},
		Version:    f.version, MinTimeout: f.minTimeout, TLS: hashes(f.pairs),
		Sections: sections,
	}
	for name, text := range texts {
		texts[name] = strings.ReplaceAll(text, unnamed, r.Generation)
	}
	raw, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return release{}, nil, fmt.Errorf("write release: %w", err)
	}
	texts[releaseFile] = string(raw)
	return r, texts, nil
}

// http renders http.conf.
func (f frame) http(sections map[string]section) string {
	var t strings.Builder
	fmt.Fprintf(&t, "# Generation %s, written by segue (owner %s). It is replaced, not edited.\n", unnamed, f.owner)
	t.WriteString("map $http_upgrade $segue_connection { default upgrade; \"\" \"\"; }\n")
	if f.minTimeout && f.version.hasMinTimeout() {
		fmt.Fprintf(&t, "keepalive_min_timeout %ds;\n", seconds(f.spec.KeepaliveMinTimeoutSeconds, 2))
	}
	for _, name := range sortedKeys(sections) {
		t.WriteString(sections[name].HTTP)
	}
	fmt.Fprintf(&t, "server {\n    listen %s;\n    server_name segue.internal;\n    keepalive_timeout 0;\n    access_log off;\n    open_file_cache off;\n    default_type text/plain;\n", listenAt(f.listen, f.generation))
	fmt.Fprintf(&t, "    set $segue_lame -;\n    if (-f %s/flags/lame) { set $segue_lame lame; }\n", f.spec.ConfDir)
	fmt.Fprintf(&t, "    location = /generation { return 200 \"%s $segue_lame\\n\"; }\n", unnamed)
	for _, name := range sortedKeys(sections) {
		if sections[name].Flag {
			fmt.Fprintf(&t, "    location = /flags/%s {\n        set $segue_pool blue;\n        if (-f %s/flags/%s.green) { set $segue_pool green; }\n        return 200 \"%s $segue_pool\\n\";\n    }\n", name, f.spec.ConfDir, name, unnamed)
		}
	}
	t.WriteString("    location / { return 404; }\n}\n")
	fmt.Fprintf(&t, `server {
    listen 127.0.0.1:%d;
    server_name segue.nobody;
    access_log off;
    default_type text/plain;
    add_header Retry-After 5 always;
    location / { return 503 "no instance is ready\n"; }
}
`, f.placeholder)
	fmt.Fprintf(&t, "include %s/releases/%s/servers.conf;\n", f.spec.ConfDir, unnamed)
	return t.String()
}

func listenAt(host string, port int) string {
	if host == "" || host == "*" {
		return itoa(port)
	}
	return fmt.Sprintf("%s:%d", host, port)
}

func seconds(p *int, otherwise int) int {
	if p == nil {
		return otherwise
	}
	return *p
}
