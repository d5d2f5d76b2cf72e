package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/notify"
	"github.com/segue-dev/segue/spec"
)

// notificationEntry is one receiver of notifications, as the file of --sources has it; notify.Target explains the fields.
type notificationEntry struct {
	Name       string         `json:"name"`
	On         []notify.Event `json:"on"`
	URL        string         `json:"url,omitempty"`
	URLFile    string         `json:"urlFile,omitempty"`
	Method     string         `json:"method,omitempty"`
	Headers    []headerEntry  `json:"headers,omitempty"`
	Body       string         `json:"body,omitempty"`
	BodyFile   string         `json:"bodyFile,omitempty"`
	SecretFile string         `json:"secretFile,omitempty"`
	CAFile     string         `json:"caFile,omitempty"`
	Timeout    string         `json:"timeout,omitempty"`
	RetryFor   string         `json:"retryFor,omitempty"`
}

// headerEntry is one header of a notification's request.
type headerEntry struct {
	Name      string `json:"name"`
	Value     string `json:"value,omitempty"`
	ValueFile string `json:"valueFile,omitempty"`
	Prefix    string `json:"prefix,omitempty"`
}

// receiverName becomes a key of the store.
var receiverName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// checkNotifications gives everything that is wrong with the receivers, and makes their paths relative to the file.
func (f *sourcesFile) checkNotifications(path string, at map[string]spec.Position, data []byte) spec.Problems {
	var problems spec.Problems
	names := map[string]bool{}
	for i := range f.Notifications {
		one := &f.Notifications[i]
		field := fmt.Sprintf("notifications[%d]", i)
		place := func(below, message string) {
			problems = append(problems, spec.ProblemAt(path, at, strings.TrimSuffix(field+"."+below, "."), message))
		}
		one.below(filepath.Dir(path))
		if !receiverName.MatchString(one.Name) {
			place("name", fmt.Sprintf("%q; want at most 63 lower case letters, digits and dashes", one.Name))
		} else if names[one.Name] {
			place("name", one.Name+" is there twice; give one of them another name")
		}
		names[one.Name] = true
		target, wrong := one.target()
		for below, message := range wrong {
			place(below, message)
		}
		if len(wrong) > 0 {
			continue
		}
		for _, fault := range target.Check() {
			place(fault.Field, fault.Message)
			one.point(&problems[len(problems)-1], fault, data)
		}
	}
	return problems
}

// point moves a problem in a template to the line of the file in which it stands.
func (n *notificationEntry) point(p *spec.Problem, fault notify.Fault, data []byte) {
	switch {
	case fault.Line == 0:
	case fault.Field == "bodyFile":
		p.File, p.Line, p.Column = n.BodyFile, fault.Line, 0
	default:
		p.Column = 0
		lines := strings.Split(string(data), "\n")
		if p.Line > 0 && p.Line <= len(lines) && blockScalar.MatchString(lines[p.Line-1]) {
			p.Line++ // the text begins below the | or >
		}
		p.Line += fault.Line - 1
	}
}

// blockScalar is the line on which a text begins that stands below it.
var blockScalar = regexp.MustCompile(`:\s*[|>][-+0-9]*\s*(#.*)?$`)

// below makes relative paths relative to dir.
func (n *notificationEntry) below(dir string) {
	paths := []*string{&n.URLFile, &n.BodyFile, &n.SecretFile, &n.CAFile}
	for i := range n.Headers {
		paths = append(paths, &n.Headers[i].ValueFile)
	}
	for _, path := range paths {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
}

// target is the receiver; wrong are the fields that are no times.
func (n *notificationEntry) target() (t notify.Target, wrong map[string]string) {
	t = notify.Target{
		Name: n.Name, On: n.On, URL: n.URL, URLFile: n.URLFile, Method: n.Method, Body: n.Body, BodyFile: n.BodyFile,
		SecretFile: n.SecretFile, CAFile: n.CAFile,
	}
	for _, h := range n.Headers {
		t.Headers = append(t.Headers, notify.Header(h))
	}
	wrong = map[string]string{}
	for field, into := range map[string]*time.Duration{"timeout": &t.Timeout, "retryFor": &t.RetryFor} {
		text := map[string]string{"timeout": n.Timeout, "retryFor": n.RetryFor}[field]
		if text == "" {
			continue
		}
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			wrong[field] = fmt.Sprintf("%q; want a duration, as 10s or 1h", text)
			continue
		}
		*into = d
	}
	return t, wrong
}
