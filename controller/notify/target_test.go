package notify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fileWith is a file with a text.
func fileWith(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhatIsWrongWithATargetIsFoundAtTheStart(t *testing.T) {
	good := Target{Name: "x", On: []Event{Converged}, URL: "https://hooks.shop/x"}
	for name, test := range map[string]struct {
		change func(*Target)
		field  string
		line   int
		want   string
	}{
		"nothing":                {func(*Target) {}, "", 0, ""},
		"no events":              {func(t *Target) { t.On = nil }, "on", 0, "want some of RolloutStarted"},
		"unknown event":          {func(t *Target) { t.On = []Event{"Done"} }, "on[0]", 0, `"Done" is no event`},
		"no place":               {func(t *Target) { t.URL = "" }, "", 0, "want url, or urlFile"},
		"two places":             {func(o *Target) { o.URLFile = fileWith(t, "https://x/y") }, "urlFile", 0, "beside url"},
		"a path":                 {func(t *Target) { t.URL = "/hooks" }, "url", 0, "no http:// or https:// URL"},
		"password":               {func(t *Target) { t.URL = "https://a:b@hooks.shop" }, "url", 0, "would be shown"},
		"no URL in the file":     {func(o *Target) { o.URL, o.URLFile = "", fileWith(t, "s3cret") }, "urlFile", 0, "holds is no http://"},
		"missing file":           {func(t *Target) { t.URL, t.URLFile = "", "/nowhere" }, "urlFile", 0, "no such file"},
		"empty file":             {func(o *Target) { o.SecretFile = fileWith(t, "\n") }, "secretFile", 0, "is empty"},
		"method":                 {func(t *Target) { t.Method = "GET" }, "method", 0, "want POST, PUT or PATCH"},
		"timeout":                {func(t *Target) { t.Timeout = time.Hour }, "timeout", 0, "at most 1m"},
		"header name":            {func(t *Target) { t.Headers = []Header{{Name: "A b", Value: "c"}} }, "headers[0].name", 0, "no header's name"},
		"header without value":   {func(t *Target) { t.Headers = []Header{{Name: "A"}} }, "headers[0]", 0, "want value, or valueFile"},
		"header of two lines":    {func(t *Target) { t.Headers = []Header{{Name: "A", Value: "a\nB: c"}} }, "headers[0]", 0, "one line"},
		"prefix alone":           {func(t *Target) { t.Headers = []Header{{Name: "A", Value: "a", Prefix: "b"}} }, "headers[0].prefix", 0, "write it into value"},
		"header file":            {func(t *Target) { t.Headers = []Header{{Name: "A", ValueFile: "/nowhere"}} }, "headers[0].valueFile", 0, "no such file"},
		"two bodies":             {func(t *Target) { t.Body, t.BodyFile = "{}", "x" }, "bodyFile", 0, "beside body"},
		"syntax":                 {func(t *Target) { t.Body = "{\n{{if .Commit}}\n}" }, "body", 3, "unexpected EOF"},
		"unknown function":       {func(t *Target) { t.Body = "{\n\n{{shout .Name}}}" }, "body", 3, `function "shout" not defined`},
		"unknown field":          {func(t *Target) { t.Body = "{\"a\":\n{{json .Comit}}}" }, "body", 2, "there is no field Comit; there are ID, Event,"},
		"in the branch not seen": {func(t *Target) { t.Body = "{{if .Commit}}{}{{else}}\n{{json .Nope}}{{end}}" }, "body", 2, "there is no field Nope"},
		"no JSON":                {func(t *Target) { t.Body = `{"text": "{{.Reason}}"}` }, "body", 0, "write {{json .Reason}}"},
		"in the URL":             {func(t *Target) { t.URL = "https://x/{{.Comit}}" }, "url", 1, "there is no field Comit"},
		"body file":              {func(o *Target) { o.BodyFile = fileWith(t, "\n\n\n{{nope}}") }, "bodyFile", 4, `function "nope" not defined`},
		"plain text": {func(t *Target) {
			t.Body, t.Headers = "{{.Reason}}", []Header{{Name: "content-type", Value: "text/plain"}}
		}, "", 0, ""},
		"not for bare ones": {func(t *Target) { t.URL = "{{with .Commit}}https://x/{{.}}{{end}}" }, "", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			target := good
			test.change(&target)
			found := target.Check()
			if test.want == "" {
				if len(found) > 0 {
					t.Errorf("found %+v", found)
				}
				return
			}
			if len(found) != 1 || found[0].Field != test.field || found[0].Line != test.line || !strings.Contains(found[0].Message, test.want) {
				t.Errorf("found %+v\nwant %s, line %d: %s", found, test.field, test.line, test.want)
			}
		})
	}
}

func TestFunctionsOfTemplates(t *testing.T) {
	f := faults{}
	n := samplesOf(RolledBack)[0]
	for text, want := range map[string]string{
		`{{json .Reason}}`:                      `"he said \"no\" \\\nand left"`,
		`{{short .Commit}}`:                     "8f3c2ab",
		`{{cut 6 .Cause}}`:                      "commi…",
		`{{.Time.Format "15:04"}}`:              "03:04",
		`{{path "a/b"}} {{upper "a"}}`:          "a%2Fb A",
		`{{lower .Kind}} {{.Outcome}}`:          "deployment failure",
		`{{if eq .Event "RolledBack"}}y{{end}}`: "y",
	} {
		made := f.parse("body", text)
		if len(f.list) > 0 {
			t.Fatalf("%s: %+v", text, f.list)
		}
		if got, err := render(made, n); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
}
