package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/onsi/ginkgo/v2/types"
)

// chronicle is what came of specs, on which kind of engine.
type chronicle struct {
	mu      sync.Mutex
	entries []chronicled
}

type chronicled struct {
	kind string
	spec types.SpecReport
}

func (c *chronicle) add(kind string, specs []types.SpecReport) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, spec := range specs {
		if spec.LeafNodeType == types.NodeTypeIt && spec.State != types.SpecStateSkipped {
			c.entries = append(c.entries, chronicled{kind, spec})
		}
	}
}

// slowest lists the n specs that took longest.
func (c *chronicle) slowest(n int) string {
	entries := slices.SortedStableFunc(slices.Values(c.entries), func(a, b chronicled) int { return int(b.spec.RunTime - a.spec.RunTime) })
	var text strings.Builder
	writer := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, entry := range entries[:min(n, len(entries))] {
		fmt.Fprintf(writer, "%s\t%s\t%s\n", entry.spec.RunTime.Round(100*time.Millisecond), entry.kind, entry.spec.FullText())
	}
	_ = writer.Flush() // a strings.Builder takes everything
	return text.String()
}

func (c *chronicle) write(ctx context.Context, path string) error { return nil }
