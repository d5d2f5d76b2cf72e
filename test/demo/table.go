package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/segue-dev/segue/test/e2e/load"
)

// table is what came of the demo, a row a scene.
type table struct {
	rows []row
}

type row struct {
	title string
	// report is empty where there was no load.
	report load.Report
	took   time.Duration
}

// lost counts failed requests of every kind.
func (t table) lost() int {
	lost := 0
	for _, row := range t.rows {
		lost += row.report.Failed()
	}
	return lost
}

func (t table) String() string {
	var text strings.Builder
	writer := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(writer, "\n\tREQUESTS\tFAILED\tVERSIONS\tP50\tP99\tLONGEST GAP\tTOOK")
	reports := make([]load.Report, 0, len(t.rows))
	for _, row := range t.rows {
		took := "-"
		if row.took > 0 {
			took = row.took.Round(100 * time.Millisecond).String()
		}
		printRow(writer, row.title, row.report, took)
		reports = append(reports, row.report)
	}
	total := load.Total("all", reports...)
	printRow(writer, "all", total, "-")
	_ = writer.Flush() // a strings.Builder takes everything
	for _, sample := range total.Samples {
		text.WriteString("  " + sample + "\n")
	}
	if total.Requests > 0 {
		fmt.Fprintf(&text, "\nClients: careful, naive, one-shot; GET, POST with body, 2-second answers, streams, websockets (%d closed by the\nservice, %d cut), by two nginx servers and by Eureka. Nothing was retried.\n", total.ClosedByApp, total.Failures[load.Cut])
	}
	return text.String()
}

func printRow(writer *tabwriter.Writer, title string, report load.Report, took string) {
	if report.Requests == 0 {
		fmt.Fprintf(writer, "%s\t-\t-\t-\t-\t-\t-\t%s\n", title, took)
		return
	}
	fmt.Fprintf(writer, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", title, report.Requests, report.FailureText(), strings.Join(report.VersionNames(), " "),
		report.P50.Round(10*time.Microsecond), report.P99.Round(100*time.Microsecond), report.LongestGap.Round(time.Millisecond), took)
}
