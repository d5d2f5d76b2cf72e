package spec_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/segue-dev/segue/spec"
)

func TestRedact(t *testing.T) {
	m := readAll(t, "x", []string{manifest("Deployment", "orders", `{TEMPLATE(env: {A: shown}, envFrom: [{file: s.env, secret: true}, {file: p.env}], files: {/s: {source: s, secret: true}, /p: {source: p}, /both: {source: s}, /inline: {content: hidden, secret: true}, /open: {content: shown}})}`)})[0]
	m.Files = map[string][]byte{
		"s.env": []byte("# hidden\n\nPASSWORD=hidden=x\nhidden\n"), "p.env": []byte("B=shown\n"), "s": []byte("hidden"), "p": []byte("shown"),
	}
	before := encoded(t, m)
	r := spec.Redact(m)
	want := map[string]string{"s.env": "PASSWORD=***\n***\n", "p.env": "B=shown\n", "s": "***", "p": "shown"}
	got := map[string]string{}
	for name, data := range r.Files {
		got[name] = string(data)
	}
	if !maps.Equal(got, want) {
		t.Errorf("the files are %q, want %q", got, want)
	}
	files := r.Deployment.Spec.Template.Files
	if *files["/inline"].Content != "***" || *files["/open"].Content != "shown" || r.Deployment.Spec.Template.Env["A"] != "shown" {
		t.Errorf("inline content: %+v, env %v", files, r.Deployment.Spec.Template.Env)
	}
	if encoded(t, m) != before {
		t.Error("what was given has changed")
	}

	e := readAll(t, "x", []string{manifest("Eureka", "main", "{servers: ['http://a/eureka'], username: me, passwordFile: pw, caFile: ca}")})[0]
	e.Files = map[string][]byte{"pw": []byte("hidden"), "ca": []byte("shown")}
	if r := spec.Redact(e); string(r.Files["pw"]) != "***" || string(r.Files["ca"]) != "shown" {
		t.Errorf("the registry's files are %q", r.Files)
	}
}

// TestValidateFiles: the controller keeps nothing whose files did not come along.
func TestValidateFiles(t *testing.T) {
	m := readAll(t, "x", []string{manifest("Deployment", "orders", "{TEMPLATE(envFrom: [{file: e}, {file: gone}], files: {/f: {source: f}})}")})[0]
	m.Files = map[string][]byte{"e": []byte("secret"), "f": nil}
	want := "x0.yaml:4:7  spec.template.envFrom[0].file: e line 1: want NAME=VALUE\nx0.yaml:4:7  spec.template.envFrom[1].file: the content of gone did not come along\n2 problems in 1 file"
	if got := errorText(m.ValidateFiles()); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := errorText(m.Validate()); got != want {
		t.Errorf("Validate says %s\nwant %s", got, want)
	}
	m.Files = nil
	if err := m.Validate(); err != nil {
		t.Errorf("without files Validate says %v", err)
	}
}

func TestParseEnvFile(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want map[string]string
		err  string
	}{
		"lines":         {"\ufeff# no\n\n A=1\r\nB_.-b=x=y  \nC=\n  # no\nD='a", map[string]string{"A": "1", "B_.-b": "x=y  ", "C": "", "D": "'a"}, ""},
		"empty":         {"", map[string]string{}, ""},
		"no value":      {"A=1\nB\n", nil, "line 2: want NAME=VALUE"},
		"a digit first": {"1A=secret", nil, "line 1: the name before = may have letters, digits, _ . - and must not begin with a digit"},
		"export":        {"export A=secret", nil, "line 1: the name before = may have letters, digits, _ . - and must not begin with a digit"},
		"quotes":        {`A="secret"`, nil, "line 1: A is in quotes, which docker keeps and compose drops; leave them out"},
		"twice":         {"A=secret\n\nA=secret", nil, "line 3: A stands here twice"},
		"a NUL byte":    {"A=se\x00cret", nil, "line 1: A holds a NUL byte"},
	} {
		got, err := spec.ParseEnvFile([]byte(test.text))
		if message := errorText(err); !maps.Equal(got, test.want) || message != test.err || strings.Contains(message, "secret") {
			t.Errorf("%s: got %q and %q, want %q and %q", name, got, message, test.want, test.err)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// replace changes exactly one place, or the test is wrong.
func replace(text, from, to string) string {
	if strings.Count(text, from) != 1 {
		panic(from + " does not stand exactly once in " + text)
	}
	return strings.Replace(text, from, to, 1)
}
