package nginx

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

const (
	// editPace is how often the files of what is served are compared with the hash that they are named by.
	editPace = 10 * time.Second
	// mendPause lies between two tries to mend the same edit.
	mendPause = 30 * time.Second
	// mostDiffLines is how much of an edit is shown.
	mostDiffLines = 6
)

// drift is what somebody changed by hand in a server's files.
type drift struct {
	// of names the edit, diff shows it; at is when it was last mended or told. reported: it is left as it is.
	of, diff string
	at       time.Time
	reported bool
}

// checkEdits says whether somebody changed the current release's files. The caller holds mu. What cannot be read is
// checked at another look.
func (p *site) checkEdits(ctx context.Context, s *sight) {
	if s.current == "" || s.disk == nil || p.readOnly {
		return
	}
	if p.editsOf == s.current && s.began.Sub(p.editsAt) < editPace {
		s.edited = p.edited
		return
	}
	files, err := p.dir.machine.readDir(ctx, p.dir.path("releases", s.current))
	if err != nil {
		return
	}
	p.editsOf, p.editsAt, p.edited = s.current, s.began, ""
	names := []string{"http.conf", "servers.conf"}
	for name, section := range s.disk.Sections {
		if section.Inc != "" {
			names = append(names, name+".inc")
		}
	}
	slices.Sort(names)
	named, content := sha256.New(), sha256.New()
	for _, name := range names {
		text := strings.ReplaceAll(string(files[name]), s.current, unnamed)
		fmt.Fprintf(named, "%s %d\n%s", name, len(text), text)
		_, _ = content.Write(files[name]) // a hash takes everything
	}
	if hex.EncodeToString(named.Sum(nil))[:12] != s.current {
		p.edited = hex.EncodeToString(content.Sum(nil))
	}
	s.edited = p.edited
}

// toldFor is how long an edit is told at least: who asks now and then is to see it, however soon it was mended.
const toldFor = 3 * time.Second

// unmended: an edit was seen that has yet to be told or mended. It needs the lock.
func (s *Switcher) unmended(i int, now time.Time) bool {
	edited, known := s.sights[i].edited, s.drifts[i]
	switch {
	case edited == "":
		return known.of != "" && now.Sub(known.at) > toldFor
	case edited != known.of, known.reported != s.options.reportsDrift():
		return true
	default:
		return !known.reported && now.Sub(known.at) > mendPause
	}
}

func (o *Options) reportsDrift() bool { return o.ReportDrift != nil && o.ReportDrift() }

// mend tells of what somebody changed by hand in the files of what is served, and puts it right unless it is only to
// be told.
func (s *Switcher) mend(ctx context.Context) {
	for i, site := range s.sites {
		s.mu.Lock()
		due := len(s.sights) > i && s.unmended(i, time.Now())
		edited := ""
		if due {
			edited = s.sights[i].edited
		}
		s.mu.Unlock()
		if !due {
			continue
		}
		found := drift{of: edited, at: time.Now(), reported: s.options.reportsDrift()}
		if edited != "" {
			diff, err := s.mendSite(ctx, site, !found.reported)
			if err != nil {
				s.options.Log.Error(err, "What somebody changed by hand stays", "nginx", s.options.Name.String(), "server", site.server.Name())
			}
			found.diff = site.server.Name() + ": " + diff
		}
		s.mu.Lock()
		s.drifts[i] = found
		s.mu.Unlock()
		s.tell("")
	}
}

// mendSite gives the diff of what is on disk against what is rendered, and with heal makes it that again: nginx may
// have loaded it, so it is reloaded.
func (s *Switcher) mendSite(ctx context.Context, p *site, heal bool) (string, error) {
	t := &turn{site: p}
	if err := t.plan(ctx, nil); err != nil {
		return "somebody changed its files", err
	}
	if t.absent != "" || t.away || t.to.Generation != t.sight.current {
		return "somebody changed its files", nil
	}
	at := func(name string) string { return p.dir.path("releases", t.to.Generation, name) }
	files, err := p.dir.machine.readDir(ctx, p.dir.path("releases", t.to.Generation))
	if err != nil {
		return "somebody changed its files", fmt.Errorf("read generation %s: %w", t.to.Generation, err)
	}
	var diffs []string
	for _, name := range sortedKeys(t.files) {
		if name == releaseFile || bytes.Equal(files[name], []byte(t.files[name])) {
			continue
		}
		diffs = append(diffs, at(name)+": "+lineDiff(t.files[name], string(files[name])))
		if heal {
			if err := p.dir.machine.writeFile(ctx, at(name), []byte(t.files[name])); err != nil {
				return strings.Join(diffs, "; "), fmt.Errorf("write %s: %w", name, err)
			}
		}
	}
	if !heal {
		return strings.Join(diffs, "; "), nil
	}
	p.mu.Lock()
	p.editsAt = time.Time{}
	p.mu.Unlock()
	if !t.running() || t.sight.included != reconcile.Yes {
		return strings.Join(diffs, "; "), nil
	}
	if _, complaint, err := t.test(ctx, "-t"); err != nil || complaint != "" {
		return strings.Join(diffs, "; "), err
	}
	return strings.Join(diffs, "; "), t.load(ctx)
}

// lineDiff are the lines that only one of the two has, a few of them.
func lineDiff(was, is string) string {
	count := map[string]int{}
	for line := range strings.SplitSeq(was, "\n") {
		count[line]++
	}
	for line := range strings.SplitSeq(is, "\n") {
		count[line]--
	}
	var lines []string
	add := func(text, sign string, by int) {
		for line := range strings.SplitSeq(text, "\n") {
			if count[line]*by > 0 {
				count[line] -= by
				lines = append(lines, sign+strings.TrimSpace(line))
			}
		}
	}
	add(was, "-", 1)
	add(is, "+", -1)
	if more := len(lines) - mostDiffLines; more > 0 {
		lines = append(lines[:mostDiffLines], fmt.Sprintf("and %d more lines", more))
	}
	return strings.Join(lines, " ")
}

// driftCondition is there while something is changed. It needs the lock.
func (s *Switcher) driftCondition() []api.Condition {
	condition := api.Condition{Type: api.ConditionDrift, Status: "True", Reason: "Healing"}
	var words []string
	for _, d := range s.drifts {
		if d.of == "" {
			continue
		}
		words = append(words, d.diff)
		if d.reported {
			condition.Reason = "Reported"
		}
	}
	if condition.Message = strings.Join(words, "; "); condition.Message == "" {
		return nil
	}
	return []api.Condition{condition}
}
