package spec_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/segue-dev/segue/spec"
)

const sealed = "age-encryption.org/v1\n-> X25519 abc\n"

func TestSealed(t *testing.T) {
	for content, want := range map[string]bool{
		sealed: true, "\n -----BEGIN AGE ENCRYPTED FILE-----\n": true,
		"": false, "age-encryption.org/v1": false, "# age-encryption.org/v1\n": false, "A=1\n": false,
	} {
		if got := spec.Sealed([]byte(content)); got != want {
			t.Errorf("%q: %t", content, got)
		}
	}
}

func TestOpened(t *testing.T) {
	m := readAll(t, "x", []string{manifest("Deployment", "orders", "{TEMPLATE(envFrom: [{file: e}], files: {/f: {source: f}, /p: {source: p}})}")})[0]
	m.Files = map[string][]byte{"e": []byte(sealed), "f": []byte(sealed), "p": []byte("plain")}
	before := encoded(t, m)
	if err := m.Validate(); err != nil {
		t.Errorf("a sealed env file is judged: %v", err)
	}
	opened, err := m.Opened(func(content []byte) ([]byte, error) { return []byte("A=hidden"), nil })
	if err != nil || string(opened.Files["e"]) != "A=hidden" || string(opened.Files["p"]) != "plain" || encoded(t, m) != before {
		t.Errorf("opened %q, %v", opened.Files, err)
	}
	if a, b := spec.RevisionHash(*m.Deployment, opened.Files), spec.RevisionHash(*m.Deployment, map[string][]byte{"e": []byte("A=hidden"), "f": []byte("A=hidden"), "p": []byte("plain")}); a != b {
		t.Errorf("the revision is not that of the content: %s, %s", a, b)
	}
	redacted := spec.Redact(m)
	if string(redacted.Files["e"]) != "***" || string(redacted.Files["f"]) != "***" || string(redacted.Files["p"]) != "plain" {
		t.Errorf("redacted %q", redacted.Files)
	}
	_, err = m.Opened(func([]byte) ([]byte, error) { return nil, errors.New("nobody has the key") })
	want := "x0.yaml:4:7  spec.template.envFrom[0].file: e is encrypted with age, and nobody has the key\nx0.yaml:4:7  spec.template.files[\"/f\"].source: f is encrypted"
	if !strings.HasPrefix(errorText(err), want) {
		t.Errorf("got %s\nwant %s", errorText(err), want)
	}
	inline := readAll(t, "x", []string{manifest("Deployment", "orders", "{TEMPLATE(files: {/f: {content: x}})}")})[0]
	content := sealed
	inline.Deployment.Spec.Template.Files["/f"] = spec.File{Content: &content}
	if err := inline.Validate(); err == nil || !strings.Contains(err.Error(), "put it into a file of its own") {
		t.Errorf("inline: %v", err)
	}
}
