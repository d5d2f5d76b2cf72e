package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.yaml.in/yaml/v3"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// composed is what packaging/compose.yaml says of segue's container, as far as it does not name this machine's files.
type composed struct {
	Network string   `yaml:"network_mode"`
	Pid     string   `yaml:"pid"`
	Drop    []string `yaml:"cap_drop"`
	Add     []string `yaml:"cap_add"`
	Options []string `yaml:"security_opt"`
	Scratch []string `yaml:"tmpfs"`
	Frozen  bool     `yaml:"read_only"`
}

func readCompose(path string) composed {
	GinkgoHelper()
	text, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	var file struct{ Services map[string]composed }
	Expect(yaml.Unmarshal(text, &file)).To(Succeed())
	Expect(file.Services).To(HaveKey("segue"))
	return file.Services["segue"]
}

// args are docker run's.
func (c composed) args() []string {
	args := []string{"--network=" + c.Network, "--pid=" + c.Pid, fmt.Sprintf("--read-only=%t", c.Frozen)}
	for flag, values := range map[string][]string{"--cap-drop=": c.Drop, "--cap-add=": c.Add, "--security-opt=": c.Options, "--tmpfs=": c.Scratch} {
		for _, value := range values {
			args = append(args, flag+value)
		}
	}
	return args
}

var _ = Describe("segue in a container of its own", Ordered, func() {
	const container, image = "segue-e2e-segue", "segue-e2e/segue"
	var h *house
	app := fast("orders", 2)

	BeforeAll(func(ctx SpecContext) {
		packaging := filepath.Join(filepath.Dir(filepath.Dir(binary)), "packaging")
		h = newHouseOf(ctx, "", func(bed *testbed.Bed) string {
			Expect(os.Mkdir(bed.Path("image"), 0o755)).To(Succeed())
			Expect(os.Link(binary, bed.Path("image", "segue"))).To(Succeed())
			Expect(os.Link(filepath.Join(packaging, "Dockerfile"), bed.Path("image", "Dockerfile"))).To(Succeed())
			buildImage(ctx, image, bed.Path("image"))

			// What is to run is run in the container; what asks it, beside it.
			run := append([]string{"docker", "run", "--rm", "--name", container, "--label", "segue.dev/testbed=" + bed.Name,
				"-v", socketOfEngine() + ":/var/run/docker.sock", "-v", bed.Dir + ":" + bed.Dir}, readCompose(filepath.Join(packaging, "compose.yaml")).args()...)
			script := "#!/bin/sh\nif [ \"$1\" = run ]; then exec " + strings.Join(run, " ") + " " + image + ` "$@"; fi` + "\nexec " + binary + ` "$@"` + "\n"
			path := bed.Path("segue")
			Expect(os.WriteFile(path, []byte(script), 0o755)).To(Succeed())
			return path
		})
		h.run(ctx, app)
	}, NodeTimeout(2*time.Minute))

	It("rolls without losing a request, and answers to commands inside and outside", func(ctx SpecContext) {
		report := under(ctx, h.light(200, app), func(*load.Generator) {
			app.Version = 2
			h.roll(ctx, app)
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(HaveExactElements("1", "2"))
		inside := docker(ctx, "exec", container, "/segue", "--socket", h.segue.Socket, "get", "deployments")
		Expect(inside).To(ContainSubstring("Converged"))
		Expect(h.cli(ctx, 0, "describe", "nginx/edge")).NotTo(ContainSubstring("pid: host"), "it sees the workers")
	}, SpecTimeout(2*time.Minute))
})

// buildImage makes an image, which its Describe or spec removes, from the Dockerfile in dir.
func buildImage(ctx context.Context, image, dir string) {
	GinkgoHelper()
	build := exec.CommandContext(ctx, "docker", "build", "-q", "-t", image, dir)
	build.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	out, err := build.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s", out)
	DeferCleanup(func(ctx context.Context) { docker(ctx, "rmi", "-f", image) })
}

// socketOfEngine is the engine's socket on this machine.
func socketOfEngine() string {
	if path, ok := strings.CutPrefix(os.Getenv("DOCKER_HOST"), "unix://"); ok {
		return path
	}
	return "/var/run/docker.sock"
}
