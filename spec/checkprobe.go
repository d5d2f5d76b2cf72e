package spec

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxRepeat bounds what one warm-up request may cost.
const maxRepeat = 10000

func (c checker) probes(t Template) {
	for name, probe := range map[string]*Probe{"startupProbe": t.StartupProbe, "readinessProbe": t.ReadinessProbe, "livenessProbe": t.LivenessProbe} {
		if probe == nil {
			continue
		}
		path := "spec.template." + name
		c.probe(path, *probe, t)
		if name != "readinessProbe" && probe.SuccessThreshold != nil && *probe.SuccessThreshold != 1 {
			c.problem(path+".successThreshold", "must be 1 for a %s, as in Kubernetes", name)
		}
	}
	for i, w := range t.Warmup {
		c.warmup(item("spec.template.warmup", i), w, t)
	}
}

func (c checker) probe(path string, p Probe, t Template) {
	c.exactlyOne(path, map[string]bool{"httpGet": p.HTTPGet != nil, "tcpSocket": p.TCPSocket != nil, "exec": p.Exec != nil})
	c.action(path, p.HTTPGet, p.Exec, t)
	if p.TCPSocket != nil {
		c.portRef(path+".tcpSocket.port", p.TCPSocket.Port, t)
	}
	c.atLeast(path+".initialDelaySeconds", p.InitialDelaySeconds, 0)
	c.atLeast(path+".periodSeconds", p.PeriodSeconds, 1)
	c.atLeast(path+".timeoutSeconds", p.TimeoutSeconds, 1)
	c.atLeast(path+".successThreshold", p.SuccessThreshold, 1)
	c.atLeast(path+".failureThreshold", p.FailureThreshold, 1)
}

// action checks what probes and preStop share.
func (c checker) action(path string, get *HTTPGetAction, exec *ExecAction, t Template) {
	if get != nil {
		at := path + ".httpGet"
		c.requestPath(at+".path", get.Path)
		c.portRef(at+".port", get.Port, t)
		c.oneOf(at+".scheme", get.Scheme, "HTTP", "HTTPS")
		c.headers(at+".headers", get.Headers)
		c.expect(at+".expect", get.Expect)
	}
	if exec != nil && (len(exec.Command) == 0 || exec.Command[0] == "") {
		c.problem(path+".exec.command", `empty; write a list, as ["test", "-f", "/tmp/ready"]`)
	}
}

// requestPath checks what stands after the authority in a URL: path and query.
func (c checker) requestPath(path, written string) {
	if written == "" {
		return
	}
	if written[0] != '/' {
		c.problem(path, "must begin with /; write %q", "/"+written)
		return
	}
	if strings.ContainsFunc(written, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}#", r) }) {
		c.problem(path, "%q is not a path; escape what a URL cannot hold, as %%20", written)
	}
}

func (c checker) portRef(path string, ref PortRef, t Template) {
	number, err := t.Port(ref)
	switch {
	case err != nil:
		c.problem(path, "%s", err)
	case number < 1 || number > 65535:
		c.problem(path, "%d is not a port; want 1 to 65535", number)
	}
}

func (c checker) expect(path string, e *Expect) {
	if e == nil {
		return
	}
	if c.fits(path+".status", e.Status, statusGrammar, `codes and ranges, as "200-399" or "200,204"`) && e.Status != "" {
		for part := range strings.SplitSeq(e.Status, ",") {
			from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
			low, _ := strconv.Atoi(from) // three digits, says the grammar
			high, _ := strconv.Atoi(to)
			if isRange && low > high {
				c.problem(path+".status", "%s runs backwards; write %s-%s", part, to, from)
			}
		}
	}
	if _, err := regexp.Compile(e.Matches); err != nil {
		c.problem(path+".matches", "not a regular expression (RE2): %s", err)
	}
	for at := range e.JSON {
		if at == "" {
			c.problem(path+".json", "a path is empty; write one, as components.db.status")
		}
	}
}

func (c checker) warmup(path string, w Warmup, t Template) {
	c.oneOf(path+".method", w.Method, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
	if w.Path == "" {
		c.problem(path+".path", "required")
	}
	c.requestPath(path+".path", w.Path)
	c.portRef(path+".port", w.Port, t)
	c.headers(path+".headers", w.Headers)
	if w.Body != "" && slices.Contains([]string{"", "GET", "HEAD"}, w.Method) {
		c.problem(path+".body", "a GET or HEAD has none; say method: POST")
	}
	c.atLeast(path+".timeoutSeconds", w.TimeoutSeconds, 1)
	c.expect(path+".expect", w.Expect)
	c.atLeast(path+".repeat", w.Repeat, 1)
	if w.Repeat != nil && *w.Repeat > maxRepeat {
		c.problem(path+".repeat", "%d is too many; want at most %d", *w.Repeat, maxRepeat)
	}
}
