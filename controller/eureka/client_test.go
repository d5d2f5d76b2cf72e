package eureka_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/spec"
)

func TestThePasswordIsReadAtEachCallAndNeverTold(t *testing.T) {
	var password string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if user, given, _ := q.BasicAuth(); user != "segue" || given != password {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte("not " + given))
			return
		}
		_, _ = w.Write([]byte(`{"applications":{"versions__delta":"1","apps__hashcode":"","application":[]}}`))
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "password")
	c, err := eureka.NewClient(server.URL+"/eureka/", eureka.ClientOptions{Username: "segue", PasswordFile: file})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Apps(t.Context()); err == nil || !strings.Contains(err.Error(), "read password of eureka") {
		t.Errorf("without the file: %v", err)
	}
	for _, word := range []string{"s3cret-one", "s3cret-two"} {
		if err := os.WriteFile(file, []byte(word+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := c.Apps(t.Context())
		if err == nil || !strings.Contains(err.Error(), "the credentials are refused") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("with the wrong password: %v", err)
		}
		password = word
		if _, err := c.Apps(t.Context()); err != nil {
			t.Errorf("with the right one: %v", err)
		}
	}
	// Somebody else may read it, who knows how to decrypt it.
	password = "opened"
	other, err := eureka.NewClient(server.URL+"/eureka/", eureka.ClientOptions{Username: "segue", PasswordFile: file, ReadFile: func(path string) ([]byte, error) {
		if path != file {
			t.Errorf("read %s", path)
		}
		return []byte("opened\n"), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Apps(t.Context()); err != nil {
		t.Errorf("read by somebody else: %v", err)
	}
}

func TestWhatNoDriverCanBeMadeFrom(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(broken, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, options := range map[string]eureka.Options{
		"no servers":                          {Owner: owner},
		"no owner":                            {Spec: specOf("http://a/eureka")},
		"not an http or https URL":            {Owner: owner, Spec: specOf("a:8761")},
		"credentials belong in":               {Owner: owner, Spec: specOf("http://u:s3cret@a/eureka")},
		"no such file":                        {Owner: owner, Spec: spec.EurekaSpec{Servers: []string{"https://a/eureka"}, CAFile: "/nowhere"}},
		"ca.pem holds no certificate":         {Owner: owner, Spec: spec.EurekaSpec{Servers: []string{"https://a/eureka"}, CAFile: broken}},
		"http://a:8761/eureka is named twice": {Owner: owner, Spec: specOf("http://a:8761/eureka", "http://a:8761/eureka/")},
	} {
		if _, err := eureka.New(options); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestACertificateOfTheCAIsTrusted(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := eureka.NewClient(server.URL+"/eureka", eureka.ClientOptions{CAFile: file})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, found, err := c.Instance(t.Context(), "A", "a"); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}
