package spec

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Problems is everything that is wrong with what was read, sorted by file, line and column.
type Problems []Problem

// Error gives a line for each problem and a last line "4 problems in 3 files".
func (p Problems) Error() string {
	var text strings.Builder
	files := map[string]bool{}
	for _, problem := range p {
		files[problem.File] = true
		text.WriteString(problem.Error() + "\n")
	}
	fmt.Fprintf(&text, "%s in %s", count(len(p), "problem"), count(len(files), "file"))
	return text.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Join makes one Problems of all errors, each problem once; an error of another kind becomes a Problem without a
// place. It gives nil when there is none.
func Join(errs ...error) error {
	var all Problems
	for _, err := range errs {
		var some Problems
		switch {
		case err == nil:
		case errors.As(err, &some):
			all = append(all, some...)
		default:
			all = append(all, Problem{Message: err.Error()})
		}
	}
	return all.orNil()
}

// orNil sorts and drops doubles; nil when nothing is left.
func (p Problems) orNil() error {
	if len(p) == 0 {
		return nil
	}
	sorted := slices.Clone(p)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(
			strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(sorted)
}
