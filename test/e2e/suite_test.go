package e2e

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/format"

	"github.com/segue-dev/segue/test/testbed"
)

// scale is how much is repeated: SEGUE_E2E is 1 for make e2e, long for make test-long, bench for make bench. Where it
// is not set nothing runs, so that `go test ./...` needs no Docker.
var scale = os.Getenv("SEGUE_E2E")

// byRoot is the label of stories that mount file systems or make machines, which nobody else may.
const byRoot = "root"

// long says whether the repetitions of make test-long are wanted.
func long() bool { return scale == "long" }

// TestEndToEnd runs all specs in this process, or, where engines.sh has started engines, each story in a process beside
// one of them.
func TestEndToEnd(t *testing.T) {
	if scale == "" {
		t.Log("run it with make e2e")
		return
	}
	suite, reporter := GinkgoConfiguration()
	if scale == "bench" && springAsked() {
		suite.LabelFilter = "bench && " + springKind
	} else if scale == "bench" {
		suite.LabelFilter = "bench && !" + springKind
	} else if suite.LabelFilter == "" && springAsked() {
		suite.LabelFilter = "!bench"
	} else if suite.LabelFilter == "" {
		suite.LabelFilter = "!bench && !" + springKind
	}
	if os.Geteuid() != 0 {
		suite.LabelFilter += " && !" + byRoot
	}
	if engines := enginesApart(); len(engines) > 0 {
		preview := PreviewSpecs("segue", suite, reporter)
		signal.Reset() // it would go on with the next story when it is told to end
		playApart(t, engines, preview)
		return
	}
	RegisterFailHandler(Fail)
	format.MaxLength = 0
	format.RegisterCustomFormatter(func(value any) (string, bool) {
		err, ok := value.(error)
		if !ok {
			return "", false
		}
		return err.Error(), true
	})
	RunSpecs(t, "segue", suite, reporter)
}

// binary is the segue that is tested.
var binary string

var _ = BeforeSuite(func(ctx context.Context) {
	repository, err := testbed.Repository()
	Expect(err).NotTo(HaveOccurred())
	binary = repository + "/bin/segue"
	SetDefaultEventuallyTimeout(30 * time.Second)
	SetDefaultEventuallyPollingInterval(100 * time.Millisecond)
	if os.Getenv("SEGUE_E2E_ENGINES") != "" {
		return // who started the engine has built what runs on it
	}
	build := exec.CommandContext(ctx, "make", "-s", "testbed")
	build.Dir = repository
	out, err := build.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "make testbed: %s", out)
}, NodeTimeout(5*time.Minute))
