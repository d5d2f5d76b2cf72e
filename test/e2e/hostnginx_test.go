package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// hostNginx is the distribution's nginx, run on this machine as its own, beside segue: both see a private /etc/nginx,
// /var/log/nginx and /var/lib/nginx, which are directories of the bed. The machine's own are not touched.
type hostNginx struct {
	// dir is what they see as /etc/nginx.
	dir string
	// inside is the process whose mounts they see.
	inside *exec.Cmd
}

// The addresses of its servers: the user's own, with TLS and HTTP/2, and segue's.
const (
	userAddress  = "127.0.0.1:18081"
	http2Address = "127.0.0.1:18443"
	ownAddress   = "127.0.0.1:18080"
)

const hostMain = `user %s;
worker_processes 2;
pid %s/nginx.pid;
error_log /var/log/nginx/error.log;
events { worker_connections 1024; }
http {
	access_log off;
	include /etc/nginx/conf.d/*.conf;
}
`

// newHostNginx starts one with user as the user's configuration at http level.
func newHostNginx(ctx context.Context, bed *testbed.Bed, user string) *hostNginx {
	GinkgoHelper()
	out, err := exec.CommandContext(ctx, filepath.Join(filepath.Dir(filepath.Dir(binary)), "test/testbed/images.sh"), "host").CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s", out)
	h := &hostNginx{dir: bed.Path("host", "etc")}
	for _, dir := range []string{"etc/conf.d", "log", "lib"} {
		Expect(os.MkdirAll(bed.Path("host", dir), 0o755)).To(Succeed())
	}
	Expect(os.WriteFile(filepath.Join(h.dir, "nginx.conf"), fmt.Appendf(nil, hostMain, "www-data", bed.Path("host")), 0o644)).To(Succeed())
	h.write("user.conf", user)
	writeCertificate(filepath.Join(h.dir, "own.pem"))

	h.inside = exec.Command("unshare", "--mount", "--propagation", "private", "sh", "-ec",
		`for at in etc:/etc/nginx log:/var/log/nginx lib:/var/lib/nginx; do mount --bind "$0/${at%%:*}" "${at#*:}"; done; echo; exec sleep infinity`, bed.Path("host"))
	h.inside.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	ready, err := h.inside.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(h.inside.Start()).To(Succeed())
	_, err = ready.Read(make([]byte, 1))
	Expect(err).NotTo(HaveOccurred(), "mount /etc/nginx")
	DeferCleanup(func() {
		_ = h.inside.Process.Kill() // it ends in no other way
		_ = h.inside.Wait()         // killed
	})
	h.run(ctx)
	DeferCleanup(func(ctx context.Context) {
		master := h.master()
		h.run(ctx, "-s", "stop")
		Eventually(fmt.Sprintf("/proc/%d", master)).ShouldNot(BeADirectory())
	})
	return h
}

// within is a command that sees the private directories.
func (h *hostNginx) within(command ...string) []string {
	return append([]string{"nsenter", fmt.Sprintf("--mount=/proc/%d/ns/mnt", h.inside.Process.Pid)}, command...)
}

// run runs nginx with arguments.
func (h *hostNginx) run(ctx context.Context, args ...string) {
	GinkgoHelper()
	command := h.within(append([]string{"/usr/sbin/nginx"}, args...)...)
	out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "nginx %v: %s", args, out)
}

// write replaces a file of the user's.
func (h *hostNginx) write(file, text string) {
	GinkgoHelper()
	path := filepath.Join(h.dir, "conf.d", file)
	Expect(os.WriteFile(path+".new", []byte(text), 0o644)).To(Succeed())
	Expect(os.Rename(path+".new", path)).To(Succeed())
}

// binary writes a command that is segue beside this nginx.
func (h *hostNginx) binary(bed *testbed.Bed) string {
	GinkgoHelper()
	path := bed.Path("segue")
	script := "#!/bin/sh\nPATH=$PATH:/usr/sbin exec " + strings.Join(h.within(binary), " ") + ` "$@"` + "\n"
	Expect(os.WriteFile(path, []byte(script), 0o755)).To(Succeed())
	return path
}

func (h *hostNginx) master() int {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(h.dir), "nginx.pid"))
	Expect(err).NotTo(HaveOccurred())
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	Expect(err).NotTo(HaveOccurred())
	return pid
}

// workers are the ids of the master's children.
func (h *hostNginx) workers() string {
	GinkgoHelper()
	pid := h.master()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}

// segueFile is a path below the directory that segue owns.
func (h *hostNginx) segueFile(parts ...string) string {
	return filepath.Join(append([]string{h.dir, "segue"}, parts...)...)
}

// writeCertificate writes a key and a certificate for it and for names, both in one file.
func writeCertificate(path string, names ...string) {
	GinkgoHelper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Expect(err).NotTo(HaveOccurred())
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: names, NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	Expect(err).NotTo(HaveOccurred())
	private, err := x509.MarshalPKCS8PrivateKey(key)
	Expect(err).NotTo(HaveOccurred())
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	Expect(os.WriteFile(path, text, 0o600)).To(Succeed())
}

// userServer is the user's own server block; line says what $service_url is. nginx ends an HTTP/2 connection by itself
// after keepalive_requests, 1,000 by default: that would be counted as if a switch had done it.
func userServer(line string) string {
	return fmt.Sprintf(`server {
	listen %s;
	listen %s ssl http2;
	ssl_certificate /etc/nginx/own.pem;
	ssl_certificate_key /etc/nginx/own.pem;
	keepalive_requests 100000;
	%s
	location / {
		proxy_pass $service_url;
		proxy_http_version 1.1;
		proxy_set_header Connection "";
		proxy_set_header Host $host;
	}
}
`, userAddress, http2Address, line)
}

var _ = Describe("the nginx of this machine", Ordered, func() {
	var bed *testbed.Bed
	var segue *testbed.Controller
	var nginx *hostNginx
	web := testbed.App{
		Name: "webservice", Version: 2, Replicas: 1, Routes: "{http: {variable: service_url}}",
		Strategy: "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1, slots: {real1: {hostPort: 8081}, real2: {hostPort: 8082}}}}",
		Spec:     []string{"drainTimeoutSeconds: 2", `adopt: [{address: "127.0.0.1:8081"}]`},
	}
	shop := fast("shop", 2)
	original := &exec.Cmd{}

	// jobs are the callers of web: over HTTP/1.1, and over HTTP/2 with bodies that they cannot send again.
	jobs := func() []load.Job {
		target := load.Target{Address: userAddress, Service: web.Name}
		secure := load.Target{Address: http2Address, Service: web.Name, TLS: &tls.Config{InsecureSkipVerify: true}}
		return append(lightOn("web", target, 150),
			load.Job{Name: "web: HTTP/2 GET", Target: secure, Client: load.HTTP2, Request: load.Get, Rate: 50},
			load.Job{Name: "web: HTTP/2 POST once", Target: secure, Client: load.HTTP2, Request: load.PostOnce, Rate: 100})
	}
	apply := func(ctx context.Context, app testbed.App) {
		GinkgoHelper()
		Expect(segue.Write(app.Name+".yaml", app.YAML())).To(Succeed())
		_, err := segue.Await(ctx, app.Name, "rolled to "+app.Image(), time.Minute, testbed.Rolled(app))
		Expect(err).NotTo(HaveOccurred())
	}

	BeforeAll(func(ctx SpecContext) {
		var err error
		bed, err = testbed.New(ctx, "segue-e2e", binary)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func(ctx context.Context) {
			if CurrentSpecReport().Failed() {
				AddReportEntry("segue's log", segue.LogTail(100))
			}
			Expect(segue.Stop()).To(Succeed())
			Expect(bed.Close(ctx)).To(Succeed())
		})
		original = exec.Command(filepath.Join(filepath.Dir(binary), "sample"))
		original.Env = append(os.Environ(), "SERVICE="+web.Name, "VERSION=1", "PORT=8081")
		original.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		Expect(original.Start()).To(Succeed())
		nginx = newHostNginx(ctx, bed, userServer("set $service_url http://127.0.0.1:8081;"))
		bed.Binary = nginx.binary(bed)
		segue, err = bed.Controller()
		Expect(err).NotTo(HaveOccurred())
		Expect(segue.Write("edge.yaml", "apiVersion: segue.dev/v1\nkind: Nginx\nmetadata: {name: edge}\nspec: {servers: [{host: {}}], httpPort: 18080, "+brisk+"}\n")).To(Succeed())
		Expect(segue.Start(ctx)).To(Succeed())
	}, NodeTimeout(time.Minute))

	It("hands over from a bare process on 8081 behind set $service_url, at no cost beyond the user's own reload", func(ctx SpecContext) {
		report := under(ctx, jobs(), func(generator *load.Generator) {
			Expect(segue.Write(web.Name+".yaml", web.YAML())).To(Succeed())
			_, err := segue.Await(ctx, web.Name, "waiting for the user", time.Minute, func(d api.DeploymentStatus) bool {
				return condition(d.Conditions, api.ConditionWaitingForInclude) == "True"
			})
			Expect(err).NotTo(HaveOccurred())
			Eventually(func() (string, error) {
				out, _, err := segue.CLI(ctx, "describe", "nginx/edge")
				return out, err
			}).Should(And(
				ContainSubstring("include /etc/nginx/segue/current/http.conf;  below  include /etc/nginx/conf.d/*.conf;  at /etc/nginx/nginx.conf:"),
				ContainSubstring("include /etc/nginx/segue/current/webservice.inc;  instead of  set $service_url http://127.0.0.1:8081;  at /etc/nginx/conf.d/user.conf:7")))
			Eventually(nginx.segueFile("current", "webservice.inc")).Should(BeAnExistingFile())
			expectNothingLost(generator.Lap())

			nginx.write("a-segue.conf", "include /etc/nginx/segue/current/http.conf;\n")
			nginx.write("user.conf", userServer("include /etc/nginx/segue/current/webservice.inc;"))
			nginx.run(ctx, "-t")
			nginx.run(ctx, "-s", "reload")
			testbed.Pause(ctx, 500*time.Millisecond)
			expectOwnReload(generator.Lap())

			_, err = segue.Await(ctx, web.Name, "rolled", time.Minute, testbed.Rolled(web))
			Expect(err).NotTo(HaveOccurred())
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(ContainElement("2"))
		Eventually(func() (string, error) {
			out, _, err := segue.CLI(ctx, "events")
			return out, err
		}).Should(ContainSubstring("webservice-adopted-1, 127.0.0.1:8081, is idle; stop it yourself"))
		Expect(original.Process.Signal(syscall.SIGTERM)).To(Succeed())
		Expect(original.Wait()).To(Succeed())
	}, SpecTimeout(2*time.Minute))

	It("switches between two slots by a flag, without a reload and without losing anything over HTTP/2 either", func(ctx SpecContext) {
		_, err := segue.Await(ctx, web.Name, "settled", time.Minute, testbed.Settled(web))
		Expect(err).NotTo(HaveOccurred())
		report := under(ctx, jobs(), func(generator *load.Generator) {
			// The adopted address had one of the two places that nginx knows; the next instance in it takes a reload, which
			// on an old nginx costs clients that use a connection again without a look at it.
			web.Version = 3
			apply(ctx, web)
			expectOwnReload(generator.Lap())
			workers := nginx.workers()
			for web.Version = 4; web.Version < 6; web.Version++ {
				apply(ctx, web)
			}
			web.Version--
			Expect(nginx.workers()).To(Equal(workers), "the workers of before the last switches")
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(HaveExactElements("3", "4", "5"))
	}, SpecTimeout(2*time.Minute))

	It("serves segue's own server blocks beside it", func(ctx SpecContext) {
		apply(ctx, shop)
		target := load.Target{Address: ownAddress, Host: shop.Host(), Service: shop.Name}
		report := under(ctx, lightOn("shop", target, 200), func(*load.Generator) {
			shop.Version = 2
			apply(ctx, shop)
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(HaveExactElements("1", "2"))
	}, SpecTimeout(2*time.Minute))

	It("is not left lame when segue is killed in mid-reload", func(ctx SpecContext) {
		target := load.Target{Address: ownAddress, Host: shop.Host(), Service: shop.Name}
		report := under(ctx, lightOn("shop", target, 200), func(*load.Generator) {
			shop.Version = 3
			Expect(segue.Write("shop.yaml", shop.YAML())).To(Succeed())
			flag := nginx.segueFile("flags", "lame")
			Eventually(func() error { _, err := os.Stat(flag); return err }).WithPolling(5 * time.Millisecond).Should(Succeed())
			Expect(segue.Kill()).To(Succeed())
			_, err := os.Lstat(flag)
			Expect(err).NotTo(HaveOccurred(), "it died with the flag raised")
			_, err = os.Stat(flag)
			Expect(err).To(MatchError(os.ErrNotExist), "a flag does not outlive who raised it")
			Expect(segue.Start(ctx)).To(Succeed())
			apply(ctx, shop)
		})
		expectNothingLost(report)
	}, SpecTimeout(2*time.Minute))
})
