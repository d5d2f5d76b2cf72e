package nginx

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"
)

// swapLine is one line of CONFDIR/swaps, written before each swap: what was left and who may know it.
type swapLine struct {
	At   time.Time `json:"at"`
	Boot string    `json:"boot"`
	// Left is what the workers that no earlier line lists may know: one generation, or several where a reload was not
	// proven.
	Left []string `json:"left"`
	// Workers are all that live.
	Workers []process `json:"workers"`
}

// readSwaps reads the file. A last line that was cut by a crash is dropped: its swap never happened.
func (c confDir) readSwaps(ctx context.Context) ([]swapLine, error) {
	raw, err := c.machine.readFile(ctx, c.path("swaps"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read swaps: %w", err)
	}
	var lines []swapLine
	scanner := bufio.NewScanner(bytes.NewReader(raw))
	scanner.Buffer(nil, len(raw)+1)
	for scanner.Scan() {
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

// writeSwaps replaces the file, on disk before it returns.
func (c confDir) writeSwaps(ctx context.Context, lines []swapLine) error {
	var text bytes.Buffer
	for _, l := range lines {
		raw, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("write swaps: %w", err)
		}
		text.Write(append(raw, '\n'))
	}
	if err := c.machine.writeFile(ctx, c.path("swaps"), text.Bytes()); err != nil {
		return fmt.Errorf("write swaps: %w", err)
	}
	return nil
}

// known says what the listed workers know. A worker counts on the first line that lists it: it was started before
// that line's swap and knows nothing younger.
func known(lines []swapLine, boot string) map[process][]string {
	knows := map[process][]string{}
	for _, l := range lines {
		if l.Boot != boot {
			continue
		}
		for _, w := range l.Workers {
			if _, listed := knows[w]; !listed {
				knows[w] = l.Left
			}
		}
	}
	return knows
}

// lastLeft is what was left by the last swap of this boot.
func lastLeft(lines []swapLine, boot string) []string {
	if len(lines) == 0 || lines[len(lines)-1].Boot != boot {
		return nil
	}
	return lines[len(lines)-1].Left
}

// compact drops the lines before the first that lists a living worker: nobody is left who knows of them.
func compact(lines []swapLine, boot string, alive func(process) bool) []swapLine {
	for i, l := range lines {
		if l.Boot == boot && slices.ContainsFunc(l.Workers, alive) {
			return lines[i:]
		}
	}
	return nil
}
