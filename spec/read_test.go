package spec_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// TestReadKeeps: what is written is what is meant.
func TestReadKeeps(t *testing.T) {
	for name, test := range map[string]struct {
		env  string
		want map[string]string
	}{
		"strings":            {`{A: text, B: "0755", C: 'on', D: "", E: !!str yes}`, map[string]string{"A": "text", "B": "0755", "C": "on", "D": "", "E": "yes"}},
		"integers":           {`{A: 0, B: -1, C: 123456789012345678901234567890}`, map[string]string{"A": "0", "B": "-1", "C": "123456789012345678901234567890"}},
		"truth":              {`{A: true, B: false}`, map[string]string{"A": "true", "B": "false"}},
		"what only looks so": {`{A: 2026-01-01, B: 1.2.3, C: 12:30, D: 10.0.0.1, E: yEs, F: Nope, G: -Xmx1g, H: 0x, I: e3, J: 1e}`, map[string]string{"A": "2026-01-01", "B": "1.2.3", "C": "12:30", "D": "10.0.0.1", "E": "yEs", "F": "Nope", "G": "-Xmx1g", "H": "0x", "I": "e3", "J": "1e"}},
		"names":              {`{Y: a, on: b, "no": c, null_: d}`, map[string]string{"Y": "a", "on": "b", "no": "c", "null_": "d"}},
		"blocks":             {"\n      A: |\n        0755\n      B: >-\n        on\n", map[string]string{"A": "0755\n", "B": "on"}},
		"aliases":            {`{A: &a x, B: *a}`, map[string]string{"A": "x", "B": "x"}},
		"merged":             {`{<<: {A: x, B: y}, B: z}`, map[string]string{"A": "x", "B": "z"}},
		"merged, first wins": {`{<<: [{A: x}, {A: z, B: z}]}`, map[string]string{"A": "x", "B": "z"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    image: i\n    env: " + test.env + "\n"
			manifests, err := spec.Read("x.yaml", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if got := manifests[0].Deployment.Spec.Template.Env; !maps.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestReadJSON: JSON is read by the same rules.
func TestReadJSON(t *testing.T) {
	manifests, err := spec.Read("x.json", []byte("{\n\t\"apiVersion\": \"segue.dev/v1\", \"kind\": \"Deployment\",\n\t\"metadata\": {\"name\": \"a\"},\n\t\"spec\": {\"template\": {\"image\": \"i\", \"env\": {\"A\": \"\\u00fc\\/\\ud83d\\ude00\", \"B\": 1, \"C\": true}}}\n}"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := manifests[0].Deployment.Spec.Template.Env, (map[string]string{"A": "ü/😀", "B": "1", "C": "true"}); !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestJSONPlaces: problems in JSON have their places, too.
func TestJSONPlaces(t *testing.T) {
	_, err := spec.Read("x.json", []byte("{\"apiVersion\": \"segue.dev/v1\", \"kind\": \"Nginx\",\n  \"metadata\": {\"name\": \"a\"},\n  \"spec\": {\"servers\": [ {\"host\": {}} , {\"hots\": 1}],\n\t\"ü\": [], \"lameSeconds\": 1e3, \"switch\": null,\n\"confDir\": 5, \"confDir\": \"x\"}}\n"))
	want := `x.json:3:41  spec.servers[1].hots: unknown field; did you mean "host"?
x.json:4:2  spec["ü"]: unknown field; known: servers, image, httpPort, httpsPort, internalPorts, confDir, tls, switch, keepaliveMinTimeoutSeconds, lameSeconds
x.json:4:26  spec.lameSeconds: 1e3 is not a whole number
x.json:4:41  spec.switch: empty; write "" if the empty text is meant, or leave it out
x.json:5:15  spec.confDir: written twice; first on line 5
5 problems in 1 file`
	if got := errorText(err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestOrigin: several documents, each with its place.
func TestOrigin(t *testing.T) {
	text := "# first\n" + manifest("Nginx", "one", "{}") + "---\n# nothing\n---\n\n" + manifest("Nginx", "two", "{}") + "...\n---\n" + manifest("Eureka", "three", "{}")
	manifests, err := spec.Read("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range manifests {
		got = append(got, m.Kind()+" "+m.Name().String()+" "+m.Origin)
	}
	if want := "Nginx one x.yaml:2, Nginx two x.yaml:10, Eureka three x.yaml:16"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

// FuzzRead: whatever stands in a file, reading it ends, names a place for each problem, and takes only what holds.
func FuzzRead(f *testing.F) {
	for _, pattern := range []string{"../manifests/*.yaml", "../manifests/full/*.yaml", "testdata/broken/*", "testdata/shop/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds %s (%v)", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(filepath.Clean(file))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Add([]byte("a: &a {<<: *a}"))
	f.Add([]byte("apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: &m {name: a, labels: *m}\nspec: &s {template: *s, <<: *s}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		manifests, err := spec.Read("x", text)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if line == "" {
					t.Error("an empty line")
				}
			}
			_ = spec.ValidateSet(manifests, nil)
			return
		}
		for _, m := range manifests {
			if err := m.Validate(); err != nil {
				t.Errorf("read without a problem, and then: %v", err)
			}
			if m.Deployment != nil {
				_ = m.Deployment.Defaulted()
				_ = spec.RevisionHash(*m.Deployment, nil)
			}
			_ = spec.Redact(m)
		}
		_ = spec.ValidateSet(manifests, manifests)
	})
}
