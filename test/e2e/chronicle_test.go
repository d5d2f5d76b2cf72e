package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// chronicle is what came of specs, on which kind of engine.
type chronicle struct {
	mu      sync.Mutex
	entries []chronicled
}

type chronicled struct {
	engine engineApart
	spec   types.SpecReport
}

func (c *chronicle) add(engine engineApart, specs []types.SpecReport) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, spec := range specs {
		if spec.LeafNodeType == types.NodeTypeIt && spec.State != types.SpecStateSkipped {
			c.entries = append(c.entries, chronicled{engine, spec})
		}
	}
}

// slowest lists the n specs that took longest.
func (c *chronicle) slowest(n int) string {
	entries := slices.SortedStableFunc(slices.Values(c.entries), func(a, b chronicled) int { return int(b.spec.RunTime - a.spec.RunTime) })
	var text strings.Builder
	writer := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, entry := range entries[:min(n, len(entries))] {
		fmt.Fprintf(writer, "%s\t%s\t%s\n", entry.spec.RunTime.Round(100*time.Millisecond), entry.engine.kind, entry.spec.FullText())
	}
	_ = writer.Flush() // a strings.Builder takes everything
	return text.String()
}

const reliability = `# Reliability

The last run of ` + "`make test-long`" + `, as the test wrote it down. Clients never retry; every request that was not answered as it should
be counts as failed, whoever broke it. Where a story says that others break something, what was inside it is lost, and nothing else.

%s
| what happened | engine | rollouts | kills | requests | failed | longest gap |
|---|---|---|---|---|---|---|
%s`

// write writes it for people.
func (c *chronicle) write(ctx context.Context, path string, engines []engineApart) error {
	entries := slices.SortedStableFunc(slices.Values(c.entries), func(a, b chronicled) int {
		return strings.Compare(a.spec.FullText()+a.engine.kind, b.spec.FullText()+b.engine.kind)
	})
	var rows strings.Builder
	total := account{Failures: map[load.Failure]int{}}
	for _, entry := range entries {
		one, err := sum(entry.spec)
		if err != nil {
			return err
		}
		if one.Requests == 0 {
			continue
		}
		total.add(one)
		fmt.Fprintln(&rows, one.row(entry.spec.FullText(), versions[entry.engine.kind]))
	}
	fmt.Fprintln(&rows, total.row("**all**", ""))
	machine, err := describeMachine(ctx, engines)
	if err != nil {
		return err
	}
	return os.WriteFile(path, fmt.Appendf(nil, reliability, machine, rows.String()), 0o644)
}

// versions are the engines by kind, as the table names them.
var versions = map[string]string{"own": "older", "modern": "newer", springKind: "older"}

func (a *account) row(what, engine string) string {
	return fmt.Sprintf("| %s | %s | %d | %d | %d | %s | %s |", strings.ReplaceAll(what, "|", `\|`), engine, a.Rollouts, a.Kills, a.Requests, a.failed(), a.LongestGap.Round(time.Millisecond))
}

// describeMachine says what it ran on, in words that fit any machine of its kind.
func describeMachine(ctx context.Context, engines []engineApart) (string, error) {
	said := func(name string, args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("describe the machine: %s %v: %w: %s", name, args, err, out)
		}
		return strings.TrimSpace(string(out)), nil
	}
	repository, err := testbed.Repository()
	if err != nil {
		return "", err
	}
	segue, err := said(filepath.Join(repository, "bin/segue"), "version")
	if err != nil {
		return "", err
	}
	segue, _, _ = strings.Cut(segue, "\n")
	segue = "segue " + strings.TrimSpace(strings.TrimPrefix(segue, "Client:"))
	kernel, err := said("uname", "-sr")
	if err != nil {
		return "", err
	}
	memory, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return "", fmt.Errorf("describe the machine: %w", err)
	}
	var kilobytes int
	if _, err := fmt.Sscanf(string(memory), "MemTotal: %d kB", &kilobytes); err != nil {
		return "", fmt.Errorf("describe the machine: %w", err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "- %s, %s\n", time.Now().UTC().Format(time.DateOnly), segue)
	fmt.Fprintf(&text, "- %d cores, %d GB, %s\n", runtime.NumCPU(), (kilobytes+1<<19)>>20, regexp.MustCompile(`^(\S+ \d+\.\d+).*`).ReplaceAllString(kernel, "$1"))
	told := map[string]bool{}
	for _, engine := range engines {
		if told[versions[engine.kind]] {
			continue
		}
		told[versions[engine.kind]] = true
		command := engine.command(ctx, repository, "docker", "version", "--format", "Docker Engine {{.Server.Version}}, API {{.Server.APIVersion}}")
		out, err := command.Output()
		if err != nil {
			return "", fmt.Errorf("describe the machine: %w", err)
		}
		fmt.Fprintf(&text, "- the %s engine: %s\n", versions[engine.kind], strings.TrimSpace(string(out)))
	}
	for _, image := range []string{testbed.OldNginx, testbed.NewNginx} {
		out, err := engines[0].command(ctx, repository, "docker", "run", "--rm", "--network", "none", image, "nginx", "-v").CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("describe the machine: %w: %s", err, out)
		}
		fmt.Fprintf(&text, "- %s\n", strings.TrimPrefix(strings.TrimSpace(string(out)), "nginx version: "))
	}
	return text.String(), nil
}
