package spec_test

import (
	"regexp"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// TestRevisionHash: what makes a revision, and what does not.
func TestRevisionHash(t *testing.T) {
	const base = `{replicas: 1, strategy: {type: BlueGreen, blueGreen: {slots: {a: {hostPort: 1}, b: {hostPort: 2}}}}, eureka: {app: A}, routes: {http: {}}, TEMPLATE(ports: [{containerPort: 80}], env: {A: "1", B: "2"}, files: {/f: {source: f}}, envFrom: [{file: e}])}`
	files := map[string][]byte{"f": []byte("x"), "e": []byte("A=1"), "unnamed": []byte("y")}
	hash := func(written string, files map[string][]byte) string {
		t.Helper()
		return spec.RevisionHash(*readAll(t, "x", []string{manifest("Deployment", "orders", written)})[0].Deployment, files)
	}
	first := hash(base, files)
	// An upgrade of segue must not roll everything: this value may never change.
	if first != "gheirwvn" {
		t.Errorf("the hash is %s", first)
	}
	if !regexp.MustCompile(`^[a-z2-7]{8}$`).MatchString(first) {
		t.Errorf("%q is not eight small letters and digits", first)
	}
	for name, test := range map[string]struct {
		written string
		files   map[string][]byte
		same    bool
	}{
		"the order of keys":          {replace(base, `A: "1", B: "2"`, `B: "2", A: "1"`), files, true},
		"replicas":                   {replace(base, "replicas: 1, ", ""), files, true},
		"routes":                     {replace(base, "http: {}", "http: {balance: ip_hash}"), files, true},
		"how it is switched":         {replace(base, "blueGreen: {", "blueGreen: {autoPromote: false, "), files, true},
		"eureka's metadata and port": {replace(base, "app: A", "app: A, inject: false, metadata: {a: b}"), files, true},
		"a file that is not named":   {base, map[string][]byte{"f": []byte("x"), "e": []byte("A=1")}, true},
		"the command":                {replace(base, "TEMPLATE(", "TEMPLATE(command: [x], "), files, false},
		"an env value":               {replace(base, `A: "1"`, `A: "3"`), files, false},
		"a default, written":         {replace(base, "containerPort: 80", "containerPort: 80, appProtocol: http"), files, false},
		"a file's bytes":             {base, map[string][]byte{"f": []byte("z"), "e": []byte("A=1")}, false},
		"an env file's bytes":        {base, map[string][]byte{"f": []byte("x"), "e": []byte("A=2")}, false},
		"eureka's app":               {replace(base, "app: A", "app: B"), files, false},
		"eureka's mode":              {replace(base, "app: A", "app: A, mode: Managed"), files, false},
		"no eureka":                  {replace(base, "eureka: {app: A}, ", ""), files, false},
		"a slot":                     {replace(base, "hostPort: 2", "hostPort: 3"), files, false},
	} {
		if got := hash(test.written, test.files); (got == first) != test.same {
			t.Errorf("%s: same revision: %t, want %t", name, got == first, test.same)
		}
	}
	m := readAll(t, "x", []string{manifest("Deployment", "orders", base)})[0]
	if got := spec.RevisionHash(*sent(t, m).Deployment, files); got != first {
		t.Errorf("after its travel the hash is %s, before it %s", got, first)
	}
}
