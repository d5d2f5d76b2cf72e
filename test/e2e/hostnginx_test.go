package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
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
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/testbed"
)

// hostNginx is the distribution's nginx, run on this machine as its own, beside segue: both see a private /etc/nginx,
// /var/log/nginx and /var/lib/nginx, which are directories of the bed. The machine's own are not touched.
type hostNginx struct {
	// dir is what they see as /etc/nginx.
	dir string
	*mounts
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

// newHostNginx starts one with the user's files of conf.d.
func newHostNginx(ctx context.Context, bed *testbed.Bed, files map[string]string) *hostNginx {
	GinkgoHelper()
	out, err := exec.CommandContext(ctx, filepath.Join(filepath.Dir(filepath.Dir(binary)), "test/testbed/images.sh"), "host").CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s", out)
	h := &hostNginx{dir: bed.Path("host", "etc")}
	for _, dir := range []string{"etc/conf.d", "log", "lib"} {
		Expect(os.MkdirAll(bed.Path("host", dir), 0o755)).To(Succeed())
	}
	Expect(os.WriteFile(filepath.Join(h.dir, "nginx.conf"), fmt.Appendf(nil, hostMain, "www-data", bed.Path("host")), 0o644)).To(Succeed())
	for name, text := range files {
		h.write(name, text)
	}
	writeCertificate(filepath.Join(h.dir, "own.pem"))

	h.mounts = newMounts(`for at in etc:/etc/nginx log:/var/log/nginx lib:/var/lib/nginx; do mount --bind "$0/${at%%:*}" "${at#*:}"; done`, bed.Path("host"))
	h.run(ctx)
	DeferCleanup(func(ctx context.Context) {
		master := h.master()
		h.run(ctx, "-s", "stop")
		Eventually(fmt.Sprintf("/proc/%d", master)).ShouldNot(BeADirectory())
	})
	return h
}

// run runs nginx with arguments.
func (h *hostNginx) run(ctx context.Context, args ...string) {
	GinkgoHelper()
	h.mounts.run(ctx, append([]string{"/usr/sbin/nginx"}, args...)...)
}

// write replaces a file of the user's.
func (h *hostNginx) write(file, text string) {
	GinkgoHelper()
	path := filepath.Join(h.dir, "conf.d", file)
	Expect(os.WriteFile(path+".new", []byte(text), 0o644)).To(Succeed())
	Expect(os.Rename(path+".new", path)).To(Succeed())
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
