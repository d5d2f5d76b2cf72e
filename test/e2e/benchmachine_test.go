package e2e

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/testbed"
)

// loadAverage is the machine's over the last minute, "unknown" where the kernel does not say.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	load, _, found := strings.Cut(string(text), " ")
	if err != nil || !found {
		return "unknown"
	}
	return load
}

// machine says in general words where it was measured, and how busy it was with other things when that began.
func machine(ctx context.Context, load string) string {
	GinkgoHelper()
	engine, err := testbed.Docker(ctx, "version", "-f", "{{.Server.Version}}")
	Expect(err).NotTo(HaveOccurred())
	info, err := testbed.Docker(ctx, "info", "-f", "{{.NCPU}} {{.MemTotal}} {{.KernelVersion}}")
	Expect(err).NotTo(HaveOccurred())
	words := strings.Fields(info)
	memory, err := strconv.ParseFloat(words[1], 64)
	Expect(err).NotTo(HaveOccurred())
	return fmt.Sprintf(`# Benchmarks

Written by `+"`make bench`"+` on %s: %s cores, %.0f GiB of memory, Linux %s, Docker Engine %s, load %s when
it began. Of up to %d runs the middle one counts, and its parts are measured before, between and after.

## Rollouts

From the write of the manifest to the end of the last old instance. The lower bound is the number of waves times what one
wave cannot do without, measured beside it: from start to ready (as docker run does it), the lame time of an old nginx,
the reload of an idle nginx (nginx -s reload, to the end of the old workers), and from SIGTERM to exit. The aim is a ratio
of at most 1.15.
`, time.Now().Format(time.DateOnly), words[0], memory/(1<<30), kernel(words[2]), engine, load, samples)
}

// kernel is the first two numbers of its version; what follows is the machine's own.
func kernel(version string) string {
	numbers := strings.SplitN(version, ".", 3)
	return strings.Join(numbers[:min(len(numbers), 2)], ".")
}
