package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
)

// progress tells people. On a terminal it rewrites its last lines; elsewhere it prints a line for each change, and one
// each 30 s.
type progress struct {
	cli *cli
	// drawn is how many lines the next drawing replaces.
	drawn int
	said  map[string]saying
}

// saying is the last line that was printed of an object.
type saying struct {
	line string
	at   time.Time
}

func (p *progress) show(open []api.Status, now time.Time) {
	if p.cli.terminal {
		p.draw(open, now)
		return
	}
	if p.said == nil {
		p.said = map[string]saying{}
	}
	for _, status := range open {
		if status.Deployment == nil {
			continue
		}
		key, line := status.Name.String(), headline(status)
		if w := firstWait(status.Deployment); w != nil {
			line += " (" + gateOn(*w) + ")"
		}
		last, before := p.said[key]
		if before && last.line == line && now.Sub(last.at) < reminder {
			continue
		}
		p.said[key] = saying{line, now}
		if before && last.line == line {
			line = headline(status) + " (" + p.longer(status, now) + ")"
		}
		fmt.Fprintln(p.cli.out, line)
	}
}

// longer says of something that has not changed how long it has not.
func (p *progress) longer(status api.Status, now time.Time) string {
	if w := firstWait(status.Deployment); w != nil {
		return waitLine(status, *w, now)
	}
	return status.Deployment.Reason
}

func (p *progress) draw(open []api.Status, now time.Time) {
	var lines []string
	for _, status := range open {
		lines = append(lines, headline(status))
		if status.Deployment != nil {
			lines = append(lines, details(status, now)...)
		}
	}
	p.clear()
	width := 0
	if p.cli.width != nil {
		width = p.cli.width()
	}
	for _, line := range lines {
		fmt.Fprintln(p.cli.out, clip(line, width))
	}
	p.drawn = len(lines)
}

// clear takes back what was drawn: CSI n A goes up, CSI J clears to the end (ECMA-48).
func (p *progress) clear() {
	if p.drawn > 0 {
		fmt.Fprintf(p.cli.out, "\x1b[%dA\x1b[J", p.drawn)
	}
	p.drawn = 0
}

func (p *progress) conclude(last api.Status, v verdict, now time.Time) {
	p.clear()
	color := "31"
	if v.code == exitDone {
		color = "32"
	}
	fmt.Fprintln(p.cli.out, p.cli.paint(color, v.text))
	if v.code == exitDone || last.Deployment == nil {
		return
	}
	for _, line := range aftermath(last, now) {
		fmt.Fprintln(p.cli.out, line)
	}
}

// clip keeps a line on one line of the terminal: what wraps cannot be rewritten.
func clip(line string, width int) string {
	runes := []rune(line)
	if width <= 1 || len(runes) < width {
		return line
	}
	return string(runes[:width-2]) + "…"
}

// headline is kubectl's sentence.
func headline(s api.Status) string {
	d := s.Deployment
	if d == nil {
		return fmt.Sprintf("Waiting for %s %q to be in sync...", lower(s.Kind), s.Name)
	}
	head := fmt.Sprintf("Waiting for deployment %q rollout to finish: ", s.Name)
	switch {
	case s.Deleting:
		return fmt.Sprintf("Waiting for deletion of deployment %q: %d instances are left...", s.Name, d.LiveReplicas)
	case d.ObservedGeneration < s.Generation:
		return head + fmt.Sprintf("generation %d has yet to be looked at...", s.Generation)
	case d.Paused:
		return fmt.Sprintf("Waiting for deployment %q: it is paused; segue rollout resume %s goes on", s.Name, s.Name)
	case d.UpdatedReplicas < d.Replicas:
		return head + fmt.Sprintf("%d out of %d new replicas have been updated...", d.UpdatedReplicas, d.Replicas)
	case d.AvailableReplicas < d.UpdatedReplicas:
		return head + fmt.Sprintf("%d of %d updated replicas are available...", d.AvailableReplicas, d.UpdatedReplicas)
	case d.LiveReplicas > d.UpdatedReplicas:
		return head + fmt.Sprintf("%d old replicas are pending termination...", d.LiveReplicas-d.UpdatedReplicas)
	default:
		return strings.TrimSuffix(head+d.Reason, ".")
	}
}

func firstWait(d *api.DeploymentStatus) *api.Wait {
	if len(d.WaitingFor) == 0 {
		return nil
	}
	return &d.WaitingFor[0]
}
