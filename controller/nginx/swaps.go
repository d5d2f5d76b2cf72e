package nginx

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/google/renameio/v2"
)

// swapLine is one line of CONFDIR/swaps, appended before each swap: the generation left and who may know it.
type swapLine struct {
	At   time.Time `json:"at"`
	Boot string    `json:"boot"`
	// Left is what the workers first listed here know.
	Left    string    `json:"left,omitempty"`
	Workers []process `json:"workers,omitempty"`
	// Tried is a generation whose reload was not proven: a worker first listed on a later line may know it as well.
	Tried string `json:"tried,omitempty"`
}

// readSwaps reads the file. A last line that was cut by a crash is dropped: its swap never happened.
func (c confDir) readSwaps() ([]swapLine, error) {
	raw, err := os.ReadFile(c.path("swaps"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read swaps: %w", err)
	}
	var lines []swapLine
	for scanner := bufio.NewScanner(bytes.NewReader(raw)); scanner.Scan(); {
		var l swapLine
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
			if bytes.HasSuffix(raw, []byte("\n")) {
				return nil, fmt.Errorf("read swaps: %w", err)
			}
			break
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// writeSwaps replaces the file by those lines that still matter and one more, on disk before it returns.
func (c confDir) writeSwaps(lines []swapLine) error {
	var text bytes.Buffer
	for _, l := range lines {
		raw, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("write swaps: %w", err)
		}
		text.Write(append(raw, '\n'))
	}
	if err := renameio.WriteFile(c.path("swaps"), text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write swaps: %w", err)
	}
	return nil
}

// known says which generations living workers of the lines know, by generation the workers. A worker counts on the first line
// that lists it: it was started before that line's swap and knows nothing younger.
func known(lines []swapLine, boot string, alive func(process) bool) map[string][]process {
	generations := map[string][]process{}
	listed := map[process]bool{}
	var tried []string
	for _, l := range lines {
		if l.Boot != boot {
			continue
		}
		if l.Tried != "" {
			tried = append(tried, l.Tried)
		}
		if len(l.Workers) == 0 {
			continue
		}
		for _, w := range l.Workers {
			if listed[w] {
				continue
			}
			listed[w] = true
			if !alive(w) {
				continue
			}
			for _, g := range append([]string{l.Left}, tried...) {
				generations[g] = append(generations[g], w)
			}
		}
	}
	return generations
}

// compact drops the lines before which every worker is dead; a Tried line goes with what is before it.
func compact(lines []swapLine, boot string, alive func(process) bool) []swapLine {
	for i, l := range lines {
		if l.Boot != boot {
			continue
		}
		if l.Tried != "" {
			return lines[i:]
		}
		for _, w := range l.Workers {
			if alive(w) {
				return lines[i:]
			}
		}
	}
	return nil
}
