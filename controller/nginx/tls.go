package nginx

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"github.com/segue-dev/segue/spec"
)

// tlsPair is a certificate and its key as a server reads them.
type tlsPair struct {
	files spec.TLSFiles
	// hash covers the bytes of both files.
	hash     string
	names    []string
	notAfter time.Time
}

// readPair reads a pair through the server. The key's bytes are hashed and forgotten.
func readPair(ctx context.Context, server Server, files spec.TLSFiles) (tlsPair, error) {
	cert, err := server.ReadFile(ctx, files.CertFile)
	if err != nil {
		return tlsPair{}, fmt.Errorf("read certificate: %w", err)
	}
	key, err := server.ReadFile(ctx, files.KeyFile)
	if err != nil {
		return tlsPair{}, fmt.Errorf("read key: %w", err)
	}
	block, _ := pem.Decode(cert)
	if block == nil {
		return tlsPair{}, fmt.Errorf("read certificate %s: no PEM block", files.CertFile)
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return tlsPair{}, fmt.Errorf("read certificate %s: %w", files.CertFile, err)
	}
	names := parsed.DNSNames
	if len(names) == 0 && parsed.Subject.CommonName != "" {
		names = []string{parsed.Subject.CommonName}
	}
	hash := sha256.New()
	hash.Write(cert)
	hash.Write([]byte{0})
	hash.Write(key)
	return tlsPair{files: files, hash: hex.EncodeToString(hash.Sum(nil))[:16], names: names, notAfter: parsed.NotAfter}, nil
}

// pick finds the pair for a hostname; for "" (all others) the first.
func pick(pairs []tlsPair, host string) (tlsPair, bool) {
	for _, p := range pairs {
		if host == "" {
			return p, true
		}
		for _, name := range p.names {
			if covers(strings.ToLower(name), host) {
				return p, true
			}
		}
	}
	return tlsPair{}, false
}

// covers: *.example.com covers a.example.com and not a.b.example.com (RFC 6125, 6.4.3).
func covers(name, host string) bool {
	if name == host {
		return true
	}
	_, parent, found := strings.Cut(host, ".")
	return found && name == "*."+parent
}

// hashes are the pairs' by certFile, nil for none.
func hashes(pairs []tlsPair) map[string]string {
	if len(pairs) == 0 {
		return nil
	}
	all := map[string]string{}
	for _, p := range pairs {
		all[p.files.CertFile] = p.hash
	}
	return all
}
