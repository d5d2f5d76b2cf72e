package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table prints columns as kubectl does: three blanks between, the last one ragged. It remembers widths, so that rows
// of a watch stay in line.
type table struct {
	widths []int
}

func (t *table) print(to io.Writer, rows ...[]string) {
	for _, row := range rows {
		for len(t.widths) < len(row) {
			t.widths = append(t.widths, 0)
		}
		for i, cell := range row {
			t.widths[i] = max(t.widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", t.widths[i]-utf8.RuneCountInString(cell)+3))
			}
		}
		fmt.Fprintln(to, strings.TrimRight(line.String(), " "))
	}
}
