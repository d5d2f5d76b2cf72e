package conformance

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// row begins a line of the table of cases in docs/eureka.md.
var row = regexp.MustCompile(`(?m)^\| (\d+) \| [^|]+ \| [^|]+ \| [^|]+ \|$`)

func TestThePageHasALineForEachCase(t *testing.T) {
	page, err := os.ReadFile("../../../docs/eureka.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := row.FindAllSubmatch(page, -1)
	if len(rows) != len(cases) {
		t.Errorf("%d lines for %d cases", len(rows), len(cases))
	}
	for n, c := range cases {
		if c.number != n+1 {
			t.Errorf("case %d stands at place %d", c.number, n+1)
		}
		if n >= len(rows) || string(rows[n][1]) != strconv.Itoa(c.number) {
			t.Errorf("line %d is not that of case %d, %s", n+1, c.number, c.name)
		}
	}
}
