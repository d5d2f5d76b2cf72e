//go:build docker

package docker

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// stubRegistry serves one image, shop/orders:1.5, over the distribution API (docs.docker.com/reference/api/registry),
// to those who know the password.
type stubRegistry struct {
	host   string
	blobs  map[string][]byte
	digest string
	// hold, when not nil, is waited for before the layer is sent.
	hold chan struct{}
	// answer, when not zero, is what everything is answered with.
	answer int
}

const (
	manifestType = "application/vnd.docker.distribution.manifest.v2+json"
	configType   = "application/vnd.docker.container.image.v1+json"
	layerType    = "application/vnd.docker.image.rootfs.diff.tar.gzip"
)

func newStubRegistry(t *testing.T) *stubRegistry {
	t.Helper()
	s := &stubRegistry{blobs: map[string][]byte{}}
	noise := make([]byte, 200_000)
	_, _ = rand.Read(noise)
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	_ = w.WriteHeader(&tar.Header{Name: "noise", Mode: 0o644, Size: int64(len(noise))})
	_, _ = w.Write(noise)
	_ = w.Close()
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(plain.Bytes())
	_ = z.Close()

	layer := s.keep(zipped.Bytes())
	config := s.keep(fmt.Appendf(nil, `{"architecture":"amd64","os":"linux","config":{"Cmd":["/noise"],"Healthcheck":{"Test":["CMD","/noise"]}},"rootfs":{"type":"layers","diff_ids":[%q]}}`, sum(plain.Bytes())))
	s.digest = s.keep(fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,"size":%d,"digest":%q},"layers":[{"mediaType":%q,"size":%d,"digest":%q}]}`,
		manifestType, configType, len(s.blobs[config]), config, layerType, zipped.Len(), layer))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.host = strings.TrimPrefix(server.URL, "http://")
	return s
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(h[:])
}

func (s *stubRegistry) keep(b []byte) string {
	s.blobs[sum(b)] = b
	return sum(b)
}

func (s *stubRegistry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.answer != 0 {
		w.WriteHeader(s.answer)
		return
	}
	if user, password, _ := r.BasicAuth(); user != "ci" || password != "hunter2" {
		w.Header().Set("WWW-Authenticate", `Basic realm="stub"`)
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED")
		return
	}
	reference := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	switch {
	case r.URL.Path == "/v2/":
	case !strings.HasPrefix(r.URL.Path, "/v2/shop/orders/"):
		refuse(w, http.StatusNotFound, "NAME_UNKNOWN")
	case strings.Contains(r.URL.Path, "/manifests/"):
		if reference != "1.5" && reference != "latest" && reference != s.digest {
			refuse(w, http.StatusNotFound, "MANIFEST_UNKNOWN")
			return
		}
		w.Header().Set("Content-Type", manifestType)
		w.Header().Set("Docker-Content-Digest", s.digest)
		_, _ = w.Write(s.blobs[s.digest])
	default:
		blob := s.blobs[reference]
		if len(blob) > 100_000 && s.hold != nil {
			select {
			case <-s.hold:
			case <-r.Context().Done():
			}
		}
		_, _ = w.Write(blob)
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errors":[{"code":%q,"message":%q}]}`, code, strings.ToLower(strings.ReplaceAll(code, "_", " ")))
}
