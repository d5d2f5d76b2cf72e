package load

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Report is what came of a job, or of several.
type Report struct {
	Name     string
	Requests int
	Good     int
	// Failures counts each kind; GOAWAY and 503 Retry-After are among them.
	Failures map[Failure]int
	// Samples are the first few failures, with their time.
	Samples []string
	// Versions and Instances say who gave good answers, and from when until when.
	Versions  map[string]Span
	Instances map[string]Span
	// ClosedByApp counts websockets that the service closed with 1000 or 1001: that is as it should be.
	ClosedByApp int
	// P50 and P99 are of good answers; a total's, of those of fast requests.
	P50, P99 time.Duration
	// LongestGap is the longest time between two good answers, of fast requests only; GapAt is when it began.
	LongestGap time.Duration
	GapAt      time.Time
	// Behind counts requests that began more than 100 ms late, because the one before took so long.
	Behind int
	// FirstAt and LastAt are the first and the last request's end.
	FirstAt, LastAt time.Time
	// Jobs are the single ones; nil in those.
	Jobs []Report

	latencies histogram
	fast      bool
}

// Span is a number of good answers and when the first and last of them came.
type Span struct {
	Count       int
	First, Last time.Time
}

// Failed counts all failures but those of the kinds in except.
func (r Report) Failed(except ...Failure) int {
	count := 0
	for kind, n := range r.Failures {
		if !slices.Contains(except, kind) {
			count += n
		}
	}
	return count
}

// VersionNames are the versions seen, in the order of their first answers.
func (r Report) VersionNames() []string {
	return slices.SortedFunc(maps.Keys(r.Versions), func(a, b string) int { return r.Versions[a].First.Compare(r.Versions[b].First) })
}

// FailureText is "none", or each kind with its count, the most frequent first.
func (r Report) FailureText() string {
	kinds := slices.SortedFunc(maps.Keys(r.Failures), func(a, b Failure) int {
		if r.Failures[a] != r.Failures[b] {
			return r.Failures[b] - r.Failures[a]
		}
		return strings.Compare(string(a), string(b))
	})
	if len(kinds) == 0 {
		return "none"
	}
	texts := make([]string, 0, len(kinds))
	for _, kind := range kinds {
		texts = append(texts, fmt.Sprintf("%d × %s", r.Failures[kind], kind))
	}
	return strings.Join(texts, ", ")
}

// String is one line a job and one for all, with the first failures.
func (r Report) String() string {
	var text strings.Builder
	for _, one := range append(slices.Clone(r.Jobs), r) {
		fmt.Fprintf(&text, "%-28s %7d requests, failed: %s; versions %s; p50 %s p99 %s; longest gap %s\n", one.Name, one.Requests,
			one.FailureText(), strings.Join(one.VersionNames(), ","), round(one.P50), round(one.P99), round(one.LongestGap))
	}
	for _, sample := range r.Samples {
		text.WriteString("  " + sample + "\n")
	}
	return text.String()
}

func round(d time.Duration) time.Duration {
	if d > 10*time.Millisecond {
		return d.Round(time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}

// Total joins the reports of several jobs under a name. Its gap is the longest of any of them.
func Total(name string, jobs ...Report) Report {
	total := Report{Name: name, Failures: map[Failure]int{}, Versions: map[string]Span{}, Instances: map[string]Span{}, Jobs: jobs, fast: true}
	for _, job := range jobs {
		total.Requests += job.Requests
		total.Good += job.Good
		total.ClosedByApp += job.ClosedByApp
		total.Behind += job.Behind
		for kind, count := range job.Failures {
			total.Failures[kind] += count
		}
		total.Samples = append(total.Samples, job.Samples...)
		joinSpans(total.Versions, job.Versions)
		joinSpans(total.Instances, job.Instances)
		if job.LongestGap > total.LongestGap {
			total.LongestGap, total.GapAt = job.LongestGap, job.GapAt
		}
		if total.FirstAt.IsZero() || (!job.FirstAt.IsZero() && job.FirstAt.Before(total.FirstAt)) {
			total.FirstAt = job.FirstAt
		}
		if job.LastAt.After(total.LastAt) {
			total.LastAt = job.LastAt
		}
		if job.fast {
			total.latencies.merge(&job.latencies)
		}
	}
	total.P50, total.P99 = total.latencies.quantile(0.5), total.latencies.quantile(0.99)
	return total
}

func joinSpans(to, from map[string]Span) {
	for name, span := range from {
		had, ok := to[name]
		if !ok {
			to[name] = span
			continue
		}
		had.Count += span.Count
		if span.First.Before(had.First) {
			had.First = span.First
		}
		if span.Last.After(had.Last) {
			had.Last = span.Last
		}
		to[name] = had
	}
}
