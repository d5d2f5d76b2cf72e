//go:build nginx

package nginx

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/segue-dev/segue/spec"
)

// certify writes a certificate for shop.test with this serial number.
func (r *rig) certify(serial int64) {
	r.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		r.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "shop.test"}, DNSNames: []string{"shop.test"}, NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		r.t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		r.t.Fatal(err)
	}
	r.write("shop.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	r.write("shop.key", string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})))
}

func TestRealCertificateRenewalReloads(t *testing.T) {
	r := newRig(t)
	https := freePort(t)
	r.spec.HTTPSPort = &https
	r.spec.TLS = []spec.TLSFiles{{CertFile: filepath.Join(r.prefix, "shop.pem"), KeyFile: filepath.Join(r.prefix, "shop.key")}}
	r.certify(1)
	r.run()
	r.firstFiles()
	r.startNginx()
	b := startBackend(t, "orders-1-1")
	r.mustRoute(wishFor("orders", owned(), b))
	ask := func() (int64, string, int) {
		transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: "shop.test"}}
		defer transport.CloseIdleConnections()
		req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("https://127.0.0.1:%d/", https), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "shop.test"
		resp, err := transport.RoundTrip(req)
		if err != nil {
			return 0, err.Error(), 0
		}
		defer resp.Body.Close()
		return resp.TLS.PeerCertificates[0].SerialNumber.Int64(), resp.Proto, resp.StatusCode
	}
	r.until("it speaks TLS", func() bool { _, _, code := ask(); return code == http.StatusOK })
	if serial, proto, code := ask(); serial != 1 || proto != "HTTP/2.0" || code != http.StatusOK {
		t.Errorf("certificate %d, %s, %d", serial, proto, code)
	}
	if code, _, header := get(t, r.http, "shop.test"); code != http.StatusPermanentRedirect || header.Get("Location") != fmt.Sprintf("https://shop.test:%d/", https) {
		t.Errorf("plain: %d %v", code, header)
	}
	r.server()
	if got := r.switcher.Describe().Certificates; len(got) != 1 || fmt.Sprint(got[0].Names) != "[shop.test]" {
		t.Errorf("certificates: %+v", got)
	}
	r.stop()
	r.certify(2)
	r.run()
	r.until("the new certificate is served", func() bool { serial, _, _ := ask(); return serial == 2 })
}
