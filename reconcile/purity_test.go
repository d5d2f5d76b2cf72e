package reconcile

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// forbidden are packages of the standard library that a pure function has no use for.
var forbidden = []string{"os", "net", "context", "sync", "math/rand", "log", "syscall", "unsafe", "runtime", "testing", "io/ioutil", "plugin"}

// TestPurity: the planner asks no clock, draws no random number, touches nothing and imports only spec and the standard
// library.
func TestPurity(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !pure(path) {
				t.Errorf("%s imports %s", set.Position(spec.Pos()), path)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if use := impure(n); use != "" {
				t.Errorf("%s: %s", set.Position(n.Pos()), use)
			}
			return true
		})
	}
	if files < 20 {
		t.Errorf("only %d files were looked at", files)
	}
}

// pure: the package may be imported.
func pure(path string) bool {
	if path == "github.com/segue-dev/segue/spec" || path == "net/netip" {
		return true
	}
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && !slices.ContainsFunc(forbidden, func(one string) bool {
		return path == one || strings.HasPrefix(path, one+"/")
	})
}

// impure names what is wrong with n: a look at the clock, a wait, a goroutine or a channel.
func impure(n ast.Node) string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return "starts a goroutine"
	case *ast.ChanType, *ast.SelectStmt:
		return "uses a channel"
	case *ast.SelectorExpr:
		base, ok := n.X.(*ast.Ident)
		if ok && base.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}, n.Sel.Name) {
			return "asks time." + n.Sel.Name
		}
	}
	return ""
}
