package controller_test

import (
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
)

// BenchmarkSettling takes n Deployments from their manifests to the end of their first rollout, a hundred behind each
// pair of nginx servers: all that segue itself does beside a fake engine that is as quick as can be.
func BenchmarkSettling(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			debug.FreeOSMemory()
			resetPeak(b)
			for b.Loop() {
				s := converged(b, n, n/100)
				b.StopTimer()
				peak := residentMiB(b, "VmHWM")
				runtime.GC()
				debug.FreeOSMemory()
				b.ReportMetric(residentMiB(b, "VmRSS"), "MiB-RSS")
				b.ReportMetric(peak, "MiB-peak-RSS")
				s.stop()
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/deployment")
		})
	}
}

// resetPeak begins to measure VmHWM anew.
func resetPeak(b *testing.B) {
	b.Helper()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200); err != nil {
		b.Log(err)
	}
}

// residentMiB is a value of /proc/self/status: VmRSS is what is resident now, VmHWM what was at most. It is the whole
// process's: the fake world's and the test's, too.
func residentMiB(b *testing.B, field string) float64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	found := regexp.MustCompile(field + `:\s*(\d+) kB`).FindSubmatch(text)
	if found == nil {
		b.Fatalf("%s is not in %s", field, text)
	}
	kib, err := strconv.Atoi(string(found[1]))
	if err != nil {
		b.Fatal(err)
	}
	return float64(kib) / 1024
}
