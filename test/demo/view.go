package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
)

// view shows what happens: lines that are rewritten in a terminal, else a line whenever something changed, at most one
// a second.
type view struct {
	stage    *stage
	terminal bool
	begin    time.Time
	// mu guards what is on the screen.
	mu    sync.Mutex
	drawn int
	last  string
}

func newView(s *stage) *view {
	return &view{stage: s, terminal: term.IsTerminal(int(os.Stdout.Fd())), begin: time.Now()}
}

// during shows a scene while it is played.
func (v *view) during(ctx context.Context, title string, generator *load.Generator, play func(context.Context) error) error {
	fmt.Printf("\n%s  %s\n", clock(time.Since(v.begin)), title)
	v.drawn, v.last = 0, ""
	ctx, done := context.WithCancel(ctx)
	var showing sync.WaitGroup
	showing.Go(func() {
		every := time.Second
		if v.terminal {
			every = 250 * time.Millisecond
		}
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				v.draw(ctx, generator)
			case <-ctx.Done():
				return
			}
		}
	})
	err := play(ctx)
	done()
	showing.Wait()
	v.draw(context.WithoutCancel(ctx), generator)
	return err
}

func (v *view) draw(ctx context.Context, generator *load.Generator) {
	lines := v.deployments(ctx)
	counted := ""
	if generator != nil {
		report := generator.Report()
		counted = fmt.Sprintf("  load    %d requests, failed: %s, versions: %s, longest gap %s", report.Requests, report.FailureText(),
			strings.Join(report.VersionNames(), " "), report.LongestGap.Round(time.Millisecond))
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.terminal {
		if text := strings.Join(lines, "\n"); text != v.last {
			v.last = text
			fmt.Println(strings.Join(append(lines, counted), "\n"))
		}
		return
	}
	if counted != "" {
		lines = append(lines, counted)
	}
	if v.drawn > 0 {
		fmt.Printf("\x1b[%dA", v.drawn)
	}
	for _, line := range lines {
		fmt.Printf("\r\x1b[2K%s\n", line)
	}
	fmt.Print("\x1b[J")
	v.drawn = len(lines)
}

// deployments is a line for each, with the controller's own reason.
func (v *view) deployments(ctx context.Context) []string {
	ctx, done := context.WithTimeout(ctx, time.Second)
	defer done()
	list, err := v.stage.segue.Client.List(ctx, api.Query{Kind: "Deployment"})
	if err != nil {
		return []string{"  segue   does not answer"}
	}
	var lines []string
	for _, item := range list.Items {
		if d := item.Deployment; d != nil {
			line := fmt.Sprintf("  %-7s %d/%d ready, %d new, %d live: %s", item.Name.Name, d.ReadyReplicas, d.Replicas, d.UpdatedReplicas, d.LiveReplicas, d.Reason)
			lines = append(lines, cut(line, 150))
		}
	}
	return lines
}

// cut shortens a line, by runes, so that it takes one row of most terminals.
func cut(line string, to int) string {
	runes := []rune(strings.ReplaceAll(line, "\n", " "))
	if len(runes) <= to {
		return string(runes)
	}
	return string(runes[:to-1]) + "…"
}

func clock(d time.Duration) string {
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}
