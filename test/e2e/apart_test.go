package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/segue-dev/segue/test/testbed"
)

// engineApart is an engine that engines.sh has started, in a network of its own.
type engineApart struct {
	// kind is own for the machine's, modern for the newer one, spring for one of the machine's with Spring's images.
	kind string
	// script runs it, under this name.
	script, name string
}

// enginesApart are those of SEGUE_E2E_ENGINES; none in the process of a story, which has one already.
func enginesApart() []engineApart {
	if os.Getenv("SEGUE_ENGINE_SCRIPT") != "" {
		return nil
	}
	var engines []engineApart
	for pair := range strings.FieldsSeq(os.Getenv("SEGUE_E2E_ENGINES")) {
		kind, at, _ := strings.Cut(pair, "=")
		script, name, _ := strings.Cut(at, ":")
		engines = append(engines, engineApart{kind, script, name})
	}
	return engines
}

// story is all the chosen specs below one outermost Describe: they need the same house, one after the other.
type story struct {
	name  string
	specs []string
}

// everyEngine is the label of specs that make test runs on each kind of engine; make test-long does so with all.
const everyEngine = "every engine"

// springKind is the kind of engine for the specs with this label, and for no others.
const springKind = "spring"

// springAsked says whether there is such an engine.
func springAsked() bool {
	return strings.Contains(" "+os.Getenv("SEGUE_E2E_ENGINES"), " "+springKind+"=")
}

// suits says whether a spec is to be told on a kind of engine.
func suits(labels []string, kind string) bool {
	if kind == springKind || slices.Contains(labels, springKind) {
		return kind == springKind && slices.Contains(labels, springKind)
	}
	return kind == "own" || long() || slices.Contains(labels, everyEngine)
}

// stories are those that are to be told on a kind of engine, the longest first as far as that is known.
func stories(preview types.Report, kind string) []story {
	var all []story
	for _, spec := range preview.SpecReports {
		if spec.LeafNodeType != types.NodeTypeIt || spec.State != types.SpecStatePassed {
			continue
		}
		if !suits(spec.Labels(), kind) {
			continue
		}
		name := spec.ContainerHierarchyTexts[0]
		i := slices.IndexFunc(all, func(s story) bool { return s.name == name })
		if i < 0 {
			i, all = len(all), append(all, story{name: name})
		}
		all[i].specs = append(all[i].specs, spec.FullText())
	}
	slices.SortStableFunc(all, func(a, b story) int { return cmp.Compare(len(b.specs), len(a.specs)) })
	return all
}

// playApart tells each story in a process of its own, as many at a time as there are engines.
func playApart(t *testing.T, engines []engineApart, preview types.Report) {
	queues := map[string]chan story{}
	for _, engine := range engines {
		if queues[engine.kind] == nil {
			waiting := stories(preview, engine.kind)
			queues[engine.kind] = make(chan story, len(waiting))
			for _, story := range waiting {
				queues[engine.kind] <- story
			}
			close(queues[engine.kind])
		}
	}
	var told chronicle
	var telling sync.WaitGroup
	for _, engine := range engines {
		telling.Go(func() {
			kinds := []string{engine.kind}
			if engine.kind != "own" && queues["own"] != nil && !long() {
				kinds = append(kinds, "own") // what it alone can tell is told; the others have more
			}
			for _, kind := range kinds {
				for story := range queues[kind] {
					t.Run(engine.kind+" engine/"+story.name, func(t *testing.T) { told.add(engine, engine.tell(t, story)) })
				}
			}
		})
	}
	telling.Wait()
	t.Logf("the slowest specs:\n%s", told.slowest(20))
	if path := os.Getenv("SEGUE_E2E_REPORT"); path != "" && long() && !t.Failed() {
		if err := told.write(t.Context(), path, engines); err != nil {
			t.Error(err)
		}
	}
}

// tell runs a story beside the engine and gives what its process reported.
func (e engineApart) tell(t *testing.T, story story) []types.SpecReport {
	repository, err := testbed.Repository()
	if err != nil {
		t.Error(err)
		return nil
	}
	report := e.reportOf(t, story)
	if told, err := readReport(report); err == nil && !slices.ContainsFunc(told, types.SpecReport.Failed) {
		t.Log("told before")
		return told
	}
	focus := make([]string, 0, len(story.specs))
	for _, spec := range story.specs {
		focus = append(focus, regexp.QuoteMeta(spec))
	}
	args := []string{
		os.Args[0], "-test.run=^TestEndToEnd$", "-test.timeout=0", "-ginkgo.no-color", "-ginkgo.json-report=" + report,
		"-ginkgo.focus=^segue (" + strings.Join(focus, "|") + ")$",
	}
	for _, arg := range os.Args[1:] {
		if strings.HasPrefix(arg, "-ginkgo.") && !strings.HasPrefix(arg, "-ginkgo.focus") {
			args = append(args, arg)
		}
	}
	command := e.command(t.Context(), repository, args...)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, failed := command.CombinedOutput()
	specs, err := readReport(report)
	if err := errors.Join(failed, err); err != nil {
		t.Errorf("%v\n%s", err, out)
		return specs
	}
	t.Logf("%s", out)
	return specs
}

// reportOf is where the report of a story is written: below $SEGUE_E2E_KEEP, so that a run that was cut short goes on
// where it was.
func (e engineApart) reportOf(t *testing.T, story story) string {
	dir := os.Getenv("SEGUE_E2E_KEEP")
	if dir == "" {
		dir = t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Error(err)
	}
	return filepath.Join(dir, fmt.Sprintf("%s-%x.json", e.kind, crc32.ChecksumIEEE([]byte(strings.Join(story.specs, "\n")))))
}

// command is one beside the engine.
func (e engineApart) command(ctx context.Context, repository string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, filepath.Join(repository, "test/testbed", e.script), append([]string{"run"}, args...)...)
	command.Env = append(os.Environ(), "SEGUE_ENGINE="+e.name)
	return command
}

func readReport(path string) ([]types.SpecReport, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	var reports []types.Report
	if err := json.Unmarshal(text, &reports); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	var specs []types.SpecReport
	for _, report := range reports {
		specs = append(specs, report.SpecReports...)
	}
	return specs, nil
}

// engineRestart is the command that restarts the engine of this process; false where it is not the tests' to restart.
func engineRestart(ctx context.Context) (*exec.Cmd, bool) {
	script := os.Getenv("SEGUE_ENGINE_SCRIPT")
	return exec.CommandContext(ctx, script, "restart"), script != ""
}
