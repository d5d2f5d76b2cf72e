package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-logr/logr"
)

func sign(secret, body string) string {
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write([]byte(body))
	return hex.EncodeToString(sum.Sum(nil))
}

// TestHooks: what forges send is taken with the right proof, and nothing else is.
func TestHooks(t *testing.T) {
	const body = `{"ref":"refs/heads/main"}`
	right, wrong := sign("s3cret", body), sign("other", body)
	for name, test := range map[string]struct {
		method, path, header, value, body string
		status                            int
	}{
		"GitHub":                  {"POST", "/hooks/shop", "X-Hub-Signature-256", "sha256=" + right, body, 202},
		"GitHub, wrong":           {"POST", "/hooks/shop", "X-Hub-Signature-256", "sha256=" + wrong, body, 401},
		"GitHub, another body":    {"POST", "/hooks/shop", "X-Hub-Signature-256", "sha256=" + right, body + " ", 401},
		"GitHub's old sha1":       {"POST", "/hooks/shop", "X-Hub-Signature", "sha1=" + right, body, 401},
		"Gitea":                   {"POST", "/hooks/shop", "X-Gitea-Signature", right, body, 202},
		"Gogs":                    {"POST", "/hooks/shop", "X-Gogs-Signature", right, body, 202},
		"Gogs, wrong":             {"POST", "/hooks/shop", "X-Gogs-Signature", wrong, body, 401},
		"GitLab":                  {"POST", "/hooks/shop", "X-Gitlab-Token", "s3cret", body, 202},
		"GitLab, wrong":           {"POST", "/hooks/shop", "X-Gitlab-Token", "s3cre", body, 401},
		"generic signature":       {"POST", "/hooks/shop", "X-Segue-Signature-256", "sha256=" + right, "" + body, 202},
		"generic token":           {"POST", "/hooks/shop", "Authorization", "Bearer s3cret", "", 202},
		"generic token, wrong":    {"POST", "/hooks/shop", "Authorization", "Bearer x", "", 401},
		"nothing":                 {"POST", "/hooks/shop", "X", "", body, 401},
		"an empty signature":      {"POST", "/hooks/shop", "X-Hub-Signature-256", "sha256=", body, 401},
		"no such source":          {"POST", "/hooks/other", "X-Gitlab-Token", "s3cret", body, 401},
		"a source without secret": {"POST", "/hooks/open", "X-Hub-Signature-256", "sha256=" + sign("", body), body, 401},
		"elsewhere":               {"POST", "/", "X-Gitlab-Token", "s3cret", body, 404},
		"GET":                     {"GET", "/hooks/shop", "X-Gitlab-Token", "s3cret", "", 405},
		"too large":               {"POST", "/hooks/shop", "X-Gitlab-Token", "s3cret", strings.Repeat("x", maxBody+1), 413},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			r := &Receiver{Log: logr.Discard(), Hooks: map[string]Hook{
				"shop": {Secret: []byte("s3cret"), Now: func() { asked++ }}, "open": {Now: func() { asked++ }},
			}}
			request := httptest.NewRequest(test.method, test.path, strings.NewReader(test.body))
			request.Header.Set(test.header, test.value)
			answer := httptest.NewRecorder()
			r.ServeHTTP(answer, request)
			if answer.Code != test.status {
				t.Errorf("answered %d, want %d", answer.Code, test.status)
			}
			if want := map[bool]int{true: 1, false: 0}[test.status == 202]; asked != want {
				t.Errorf("asked %d times, want %d", asked, want)
			}
		})
	}
}

func TestServeEnds(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- (&Receiver{Log: logr.Discard()}).Serve(ctx, listener) }()
	answer, err := http.Post("http://"+listener.Addr().String()+"/hooks/x", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
