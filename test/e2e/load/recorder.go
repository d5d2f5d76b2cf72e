package load

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// recorder keeps a job's Report.
type recorder struct {
	mu       sync.Mutex
	report   Report
	lastGood time.Time
}

func newRecorder(job Job) *recorder {
	return &recorder{report: Report{
		Name: job.Name, fast: job.fast(), Failures: map[Failure]int{}, Versions: map[string]Span{}, Instances: map[string]Span{},
	}}
}

// add records one request that began at begin and has just ended.
func (r *recorder) add(from answer, err error, begin, end time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Requests++
	if r.report.FirstAt.IsZero() {
		r.report.FirstAt = end
	}
	r.report.LastAt = end
	if err != nil {
		kind := kindOf(err, false)
		r.report.Failures[kind]++
		if len(r.report.Samples) < 5 {
			r.report.Samples = append(r.report.Samples, fmt.Sprintf("%s %s: %v (after %s, %s %s)", end.Format("15:04:05.000"),
				r.report.Name, err, round(end.Sub(begin)), from.version, from.instance))
		}
		return
	}
	r.report.Good++
	r.report.latencies.add(end.Sub(begin))
	addSpan(r.report.Versions, from.version, end)
	addSpan(r.report.Instances, from.instance, end)
	if r.report.fast {
		if gap := end.Sub(r.lastGood); !r.lastGood.IsZero() && gap > r.report.LongestGap {
			r.report.LongestGap, r.report.GapAt = gap, r.lastGood
		}
		r.lastGood = end
	}
}

func addSpan(to map[string]Span, name string, at time.Time) {
	span, ok := to[name]
	if !ok {
		span.First = at
	}
	span.Count, span.Last = span.Count+1, at
	to[name] = span
}

func (r *recorder) closedByApp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.ClosedByApp++
}

func (r *recorder) behind() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Behind++
}

// read gives a copy. A gap that is still open counts.
func (r *recorder) read(now time.Time) Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.copy(now)
}

func (r *recorder) copy(now time.Time) Report {
	report := r.report
	report.Failures = maps.Clone(report.Failures)
	report.Versions = maps.Clone(report.Versions)
	report.Instances = maps.Clone(report.Instances)
	report.Samples = slices.Clone(report.Samples)
	report.P50, report.P99 = report.latencies.quantile(0.5), report.latencies.quantile(0.99)
	if !now.IsZero() && r.report.fast && !r.lastGood.IsZero() && now.Sub(r.lastGood) > report.LongestGap {
		report.LongestGap, report.GapAt = now.Sub(r.lastGood), r.lastGood
	}
	return report
}

// lap gives what came since the last lap and begins another. A gap that is open goes on.
func (r *recorder) lap(now time.Time) Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	report := r.copy(now)
	fresh := newRecorder(Job{Name: r.report.Name}).report
	fresh.fast = r.report.fast
	r.report = fresh
	return report
}
