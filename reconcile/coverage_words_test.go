package reconcile

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// words are a string of the planner's that people are meant to read.
type words struct {
	text, at string
	pattern  *regexp.Regexp
}

func (w words) in(text string) bool { return w.pattern.MatchString(text) }

// modelFiles are no part of what decides.
var modelFiles = []string{"world.go", "worldfront.go", "worldpeers.go", "advance.go", "take.go", "observe.go", "plan.go", "address.go", "hostport.go"}

var verb = regexp.MustCompile(`%[a-z]`)

// wordsOf reads the planner's source for all that it may say.
func wordsOf(t *testing.T) []words {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var all []words
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || slices.Contains(modelFiles, name) {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				_, isTag := n.(*ast.StructType)
				return !isTag
			}
			text, err := strconv.Unquote(literal.Value)
			if err == nil && strings.Contains(strings.TrimSpace(text), " ") {
				pattern := verb.ReplaceAllString(regexp.QuoteMeta(strings.TrimPrefix(said(text), "said ")), ".*")
				all = append(all, words{text: text, at: set.Position(n.Pos()).String(), pattern: regexp.MustCompile(pattern)})
			}
			return true
		})
	}
	return all
}
