package notify

import (
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// posterTo is one for a target that is found good.
func posterTo(t *testing.T, target Target) *poster {
	t.Helper()
	target.Name, target.On = "x", Events
	made, found := target.compile()
	if len(found) > 0 {
		t.Fatalf("faults %+v", found)
	}
	p := &poster{target: made, agent: "segue/test"}
	t.Cleanup(p.close)
	return p
}

// TestARequest looks at what a receiver gets, over TLS, with secrets that are replaced meanwhile.
func TestARequest(t *testing.T) {
	var got *http.Request
	var body string
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got, body = r, string(text)
	}))
	defer server.Close()
	ca := fileWith(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	token, key := fileWith(t, "one\n"), fileWith(t, "s3cret")
	p := posterTo(t, Target{
		URL: server.URL + "/{{.Commit}}", Method: "PUT", CAFile: ca, SecretFile: key, Body: `{"text": {{json .Reason}}}`,
		Headers: []Header{{Name: "Authorization", Prefix: "Bearer ", ValueFile: token}, {Name: "Accept", Value: "x/y"}},
	})
	n := samplesOf(Converged)[0]
	if v := p.post(t.Context(), n); v.fate != taken {
		t.Fatalf("verdict %+v", v)
	}
	want := `{"text": "he said \"no\" \\\nand left"}`
	if got.Method != http.MethodPut || got.URL.Path != "/"+n.Commit || body != want || got.Header.Get("Authorization") != "Bearer one" ||
		got.Header.Get("Accept") != "x/y" || got.Header.Get("User-Agent") != "segue/test" || got.Header.Get(HeaderID) != n.ID ||
		got.Header.Get("Content-Type") != "application/json" || got.Header.Get(HeaderSignature) != sign("s3cret", want) {
		t.Errorf("got %+v\n%s", got, body)
	}
	if err := os.WriteFile(token, []byte("two"), 0o600); err != nil {
		t.Fatal(err)
	}
	if v := p.post(t.Context(), n); v.fate != taken || got.Header.Get("Authorization") != "Bearer two" {
		t.Errorf("after the token was replaced: %+v, %v", v, got.Header)
	}
	if p.client.Transport.(*http.Transport).Proxy == nil {
		t.Error("the proxy of the environment is not used")
	}
	stranger := posterTo(t, Target{URL: server.URL})
	if v := stranger.post(t.Context(), n); v.fate != later || !strings.Contains(v.reason, "certificate") {
		t.Errorf("an unknown certificate: %+v", v)
	}
}

// TestNothingIsSentWhereATemplateGivesNothing: not for what has no commit, here.
func TestNothingIsSentWhereATemplateGivesNothing(t *testing.T) {
	p := posterTo(t, Target{URL: "{{with .Commit}}http://127.0.0.1:1/{{.}}{{end}}"})
	if v := p.post(t.Context(), samplesOf(Converged)[1]); v.fate != taken {
		t.Errorf("verdict %+v", v)
	}
}

// TestAnswers says what each answer means.
func TestAnswers(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Retry-After", "7")
		w.Header().Set("Location", "/204")
		code := map[string]int{"/204": 204, "/302": 302, "/307": 307, "/400": 400, "/404": 404, "/408": 408, "/429": 429, "/500": 500, "/503": 503}[r.URL.Path]
		w.WriteHeader(code)
	}))
	defer server.Close()
	for path, want := range map[string]verdict{
		"/204": {fate: taken}, "/302": {fate: never, reason: "it answered 302 Found, which is not followed: write the URL that it leads to"},
		"/307": {fate: never, reason: "it answered 307 Temporary Redirect, which is not followed: write the URL that it leads to"},
		"/400": {fate: never, reason: "it answered 400 Bad Request"}, "/404": {fate: never, reason: "it answered 404 Not Found"},
		"/408": {fate: later, reason: "it answered 408 Request Timeout", after: 7 * time.Second},
		"/429": {fate: later, reason: "it answered 429 Too Many Requests", after: 7 * time.Second},
		"/500": {fate: later, reason: "it answered 500 Internal Server Error", after: 7 * time.Second},
		"/503": {fate: later, reason: "it answered 503 Service Unavailable", after: 7 * time.Second},
	} {
		asked = 0
		p := posterTo(t, Target{URL: server.URL + path})
		if got := p.post(t.Context(), samplesOf(Converged)[0]); got != want || asked != 1 {
			t.Errorf("%s: %+v after %d requests, want %+v", path, got, asked, want)
		}
	}
}

// TestSecretsStandInNoReason makes every way to fail with a secret URL, token and key.
func TestSecretsStandInNoReason(t *testing.T) {
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the client has gone
		if strings.HasPrefix(r.URL.Path, "/slow") {
			<-r.Context().Done()
			return
		}
		connection, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(connection, "HTTP/1.1 nonsense "+r.URL.Path+r.Header.Get("Authorization")+"\r\n\r\n")
			_ = connection.Close()
		}
	}))
	defer cut.Close()
	for _, where := range []string{"http://127.0.0.1:1/T000/hush", cut.URL + "/T000/hush?a=hush", cut.URL + "/slow/hush", "https://" + cut.Listener.Addr().String() + "/T000/hush", "http://no-such-host.invalid/hush"} {
		urlFile, token, key := fileWith(t, where), fileWith(t, "hush-token"), fileWith(t, "hush-key")
		p := posterTo(t, Target{
			URLFile: urlFile, SecretFile: key, Headers: []Header{{Name: "Authorization", Prefix: "Bearer ", ValueFile: token}}, Timeout: 300 * time.Millisecond,
		})
		check := func() {
			t.Helper()
			v := p.post(t.Context(), samplesOf(Converged)[0])
			if v.fate == taken || v.reason == "" || strings.Contains(v.reason, "hush") {
				t.Errorf("%s: %+v", where, v)
			}
		}
		check()
		// What the file says may become bad while segue runs.
		for _, text := range []string{"hush", "http://hush:hush@x/", "http://x/%zzhush", "two\nhush"} {
			if err := os.WriteFile(urlFile, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			check()
		}
		if err := errors.Join(os.WriteFile(urlFile, []byte(where), 0o600), os.Remove(token)); err != nil {
			t.Fatal(err)
		}
		check()
	}
	if _, err := secretIn(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing secret is none")
	}
}
