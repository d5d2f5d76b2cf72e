package spec_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// refusal is an object's spec in YAML's flow style, as manifest takes it, and its problems, each PATH: MESSAGE; none where
// it is good.
type refusal struct {
	written string
	want    []string
}

func expectRefusals(t *testing.T, kind string, refusals []refusal) {
	t.Helper()
	for _, test := range refusals {
		t.Run(test.written, func(t *testing.T) {
			got := problemsOf(t, manifest(kind, "x", test.written))
			slices.Sort(test.want)
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(test.want, "\n  "))
			}
		})
	}
}

// manifest is an object in YAML; TEMPLATE(…) in what is written is a template with an image and more.
func manifest(kind, name, written string) string {
	if begin, end := strings.Index(written, "TEMPLATE("), strings.LastIndex(written, ")"); begin >= 0 {
		more := written[begin+len("TEMPLATE(") : end]
		if more != "" {
			more = ", " + more
		}
		written = written[:begin] + "template: {image: i" + more + "}" + written[end+1:]
	}
	return "apiVersion: segue.dev/v1\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec: " + written + "\n"
}

// problemsOf are what reading says, as PATH: MESSAGE, sorted; each must have a line and a column.
func problemsOf(t *testing.T, text string) []string {
	t.Helper()
	_, err := spec.Read("x.yaml", []byte(text))
	var problems spec.Problems
	if err != nil && !errors.As(err, &problems) {
		t.Fatalf("not Problems: %v", err)
	}
	var all []string
	for _, p := range problems {
		if p.Line == 0 || p.Column == 0 || p.File != "x.yaml" {
			t.Errorf("no place: %+v", p)
		}
		all = append(all, p.Path+": "+p.Message)
	}
	slices.Sort(all)
	return all
}
