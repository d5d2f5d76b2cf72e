package nginx

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// prepare writes the files and has them checked where that can be done without touching what is served. Meanwhile the
// configuration is checked as it stands; what the user broke is told first. What was rehearsed has had all that.
func (t *turn) prepare(ctx context.Context, changed []string) error {
	if !t.changes() {
		return nil
	}
	if t.rehearsed = t.running() && !t.portsChanged && t.site.wasRehearsed(t.to.Generation); t.rehearsed {
		return nil
	}
	var broken error
	var checking sync.WaitGroup
	if t.running() {
		checking.Go(func() { broken = t.checkAsItStands(ctx) })
	}
	err := t.writeChecked(ctx, changed)
	checking.Wait()
	if broken != nil {
		return broken
	}
	return err
}

// writeChecked writes the files and checks them alone.
func (t *turn) writeChecked(ctx context.Context, changed []string) error {
	if t.portsChanged {
		if err := t.site.dir.writePorts(ctx, t.ports); err != nil {
			return err
		}
	}
	if err := t.site.dir.write(ctx, t.to, t.files, t.from); err != nil {
		return err
	}
	if !t.running() || t.sight.conf == nil {
		return nil
	}
	return t.checkAlone(ctx, changed)
}

// checkAsItStands: a failure before anything was touched is the user's own. Only where he already names a file that
// is about to be written is that no failure.
func (t *turn) checkAsItStands(ctx context.Context) error {
	_, line, err := t.test(ctx, "-t")
	if err != nil || line == "" || strings.Contains(line, t.site.spec.ConfDir+"/current/") {
		return err
	}
	return &refusal{server: t.site.server.Name(), text: "its configuration is broken, so nothing was changed: " + line}
}

// checkAlone checks the files in a main file of segue's own.
func (t *turn) checkAlone(ctx context.Context, changed []string) error {
	name := "check/" + t.to.Generation + ".conf"
	if err := t.site.dir.machine.writeFile(ctx, t.site.dir.path(name), []byte(t.checkMain(changed))); err != nil {
		return fmt.Errorf("write check: %w", err)
	}
	_, line, err := t.test(ctx, "-t", "-c", t.site.spec.ConfDir+"/"+name)
	if err != nil || line == "" {
		return err
	}
	return &refusal{server: t.site.server.Name(), text: "the check of what was rendered failed: " + line, wish: true}
}

// checkMain is a main file around the release. nginx -t makes and chowns directories for the user that it names, so
// it names the user's own; and it leaves an empty pid file.
func (t *turn) checkMain(changed []string) string {
	var main, http strings.Builder
	for _, d := range t.sight.conf.directives {
		if !plainWords(d.args) {
			continue
		}
		switch {
		case d.name == "user" && len(d.block) == 0:
			fmt.Fprintf(&main, "user %s;\n", strings.Join(d.args, " "))
		case strings.HasSuffix(d.name, "_temp_path") && len(d.block) == 1:
			fmt.Fprintf(&http, "    %s %s;\n", d.name, strings.Join(d.args, " "))
		}
	}
	release := t.site.spec.ConfDir + "/releases/" + t.to.Generation
	fmt.Fprintf(&main, "pid /dev/null;\nerror_log stderr;\nevents { worker_connections 64; }\nhttp {\n    access_log off;\n    server_names_hash_bucket_size 128;\n%s", http.String())
	fmt.Fprintf(&main, "    include %s/http.conf;\n", release)
	for _, name := range changed {
		if t.to.Sections[name].Inc != "" {
			fmt.Fprintf(&main, "    server { listen 127.0.0.1:%d; server_name segue.check.%s; include %s/%s.inc; }\n", t.to.Ports[0], name, release, name)
		}
	}
	main.WriteString("}\n")
	return main.String()
}

// plainWords: they mean the same without quotes.
func plainWords(args []string) bool {
	return !slices.ContainsFunc(args, func(a string) bool { return a == "" || strings.ContainsAny(a, " \t\n\"'\\;{}#$") })
}

// checkSwapped checks the user's whole configuration with the files in it. It prints it as well, so that what the
// reload brings need not be asked for after it.
func (t *turn) checkSwapped(ctx context.Context) error {
	if !t.running() {
		return nil
	}
	at := time.Now()
	dump, line, err := t.test(ctx, "-T")
	if err == nil && line == "" {
		t.brings = readUserConf(dump, t.site.spec.ConfDir, at)
	}
	if err != nil || line == "" {
		return err
	}
	if t.rehearsed {
		if err := t.blameUser(ctx); err != nil {
			return err
		}
	}
	return &refusal{server: t.site.server.Name(), text: "with the change in place its configuration is refused, so it was taken back: " + line, wish: true}
}

// blameUser takes the change back and checks the configuration as it stands: since the rehearsal the user may have broken
// it. It is nil where he has not.
func (t *turn) blameUser(ctx context.Context) error {
	if err := t.swapBack(ctx); err != nil {
		return err
	}
	return t.checkAsItStands(ctx)
}

// test runs nginx -t, or -T, and gives what it printed and nginx's complaint, "" for none. Never while no master runs:
// it leaves an empty pid file.
func (t *turn) test(ctx context.Context, args ...string) (output []byte, said string, err error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	code, output, diagnostics, err := t.site.server.Nginx(ctx, args...)
	if err != nil {
		return nil, "", fmt.Errorf("nginx %s: check: %w", t.site.server.Name(), err)
	}
	if code == 0 {
		return output, "", nil
	}
	return nil, complaint(append(slices.Clone(diagnostics), output...)), nil
}
