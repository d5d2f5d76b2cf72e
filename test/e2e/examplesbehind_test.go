package e2e

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/testbed"
)

// What a user's own server block leads to. Its owner does what the comment at the top of each example says.
var _ = Describe("an example in manifests/ behind a user's own server", Ordered, Label(byRoot), func() {
	var h *house
	var nginx *hostNginx
	const enough = SpecTimeout(time.Minute)
	const original = "orders-old"
	// The addresses of a process and a container of before segue.
	const process, container = "127.0.0.1:8081", "10.84.0.200"
	upstream := func(address string) string {
		return "upstream orders_backend { server " + address + "; }\n" + usersOwn("orders.test", "", "http://orders_backend")
	}
	variable := func(line string) string { return usersOwn("webservice.test", line, "$service_url") }
	const nothing = "set $service_url http://127.0.0.1:9;"
	user := func(ctx context.Context, text string) {
		GinkgoHelper()
		nginx.write("user.conf", text)
		nginx.run(ctx, "-t")
		nginx.run(ctx, "-s", "reload")
	}
	// startProcess starts what a user runs by hand; it ends with its spec.
	startProcess := func() {
		GinkgoHelper()
		command := exec.Command(filepath.Join(filepath.Dir(binary), "sample"))
		command.Env = append(os.Environ(), "SERVICE=webservice", "VERSION=real-0", "PORT=8081")
		command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		Expect(command.Start()).To(Succeed())
		DeferCleanup(func() {
			Expect(command.Process.Signal(syscall.SIGTERM)).To(Succeed())
			Expect(command.Wait()).To(Succeed())
		})
		Eventually(func() error {
			conn, err := net.Dial("tcp", process)
			if err == nil {
				err = conn.Close()
			}
			return err
		}).Should(Succeed())
	}
	// play applies an example while before is the user's configuration, makes it after once segue has written its files,
	// and expects that the image, whose version is given, answers.
	play := func(ctx context.Context, file, deployment, image, version, before, after string) {
		GinkgoHelper()
		nginx.write("segue.conf", "")
		user(ctx, before)
		path := h.example(file)
		h.cli(ctx, 0, "apply", "-f", path)
		Eventually(func() (string, error) {
			written, err := os.ReadFile(nginx.segueFile("current", "http.conf"))
			return string(written), err
		}).Should(MatchRegexp(`upstream (segue\.)?` + deployment))
		if deployment == "webservice" {
			Eventually(nginx.segueFile("current", "webservice.inc")).Should(BeAnExistingFile())
		}
		nginx.write("segue.conf", "include /etc/nginx/segue/current/http.con[f];\n")
		user(ctx, after)
		status := h.serves(ctx, deployment, image)
		Expect(status.Conditions).NotTo(ContainElement(And(HaveField("Type", api.ConditionWaitingForInclude), HaveField("Status", "True"))))
		answersOnly(ctx, "127.0.0.1:80", deployment+".test", version)
		user(ctx, "")
		h.cli(ctx, 0, "delete", "-f", path, "--timeout=1m")
		Expect(h.cli(ctx, 0, "get", "all", "-A")).To(ContainSubstring("No objects found"))
	}

	BeforeAll(func(ctx SpecContext) {
		h = newEmptyHouse(ctx)
		nginx = newHostNginx(ctx, h.bed, nil)
		h.bed.Binary = nginx.binary(h.bed)
		h.control()
		Expect(h.segue.Start(ctx)).To(Succeed())
		h.image(ctx, "orders:1.5", "ENV SERVICE=orders", "ENV VERSION=1.5")
		h.image(ctx, "webservice:1.0.7", "ENV SERVICE=webservice", "ENV VERSION=real-1.0.7")
	}, NodeTimeout(2*time.Minute))

	It("is applied: upstream.yaml", func(ctx SpecContext) {
		play(ctx, "upstream.yaml", "orders", "orders:1.5", "1.5", "", usersOwn("orders.test", "", "http://orders_backend"))
	}, enough)

	It("is applied: adopt-container.yaml", func(ctx SpecContext) {
		docker(ctx, "run", "-d", "--name", original, "--label", "segue.dev/testbed="+h.bed.Name, "--network", h.bed.Name, "--ip", container,
			"-e", "SERVICE=orders", "-e", "VERSION=1.4", testbed.Sample(1))
		play(ctx, "adopt-container.yaml", "orders", "orders:1.5", "1.5", upstream(container+":8080"), usersOwn("orders.test", "", "http://orders_backend"))
		Expect(docker(ctx, "inspect", "-f", "{{.State.Status}}", original)).To(Equal("exited"), "it is stopped and kept")
	}, enough)

	It("is applied: slots.yaml", func(ctx SpecContext) {
		play(ctx, "slots.yaml", "webservice", "webservice:1.0.7", "real-1.0.7", variable(nothing), variable("include /etc/nginx/segue/current/webservice.inc;"))
	}, enough)

	for _, file := range []string{"adopt-address.yaml", "migrate/002-set-service-url.yaml"} {
		It("is applied: "+file, func(ctx SpecContext) {
			startProcess()
			play(ctx, file, "webservice", "webservice:1.0.7", "real-1.0.7",
				variable("set $service_url http://"+process+";"), variable("include /etc/nginx/segue/current/webservice.inc;"))
		}, enough)
	}
})
