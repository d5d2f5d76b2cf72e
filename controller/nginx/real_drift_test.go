//go:build nginx

package nginx

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/segue-dev/segue/controller/api"
)

// TestRealEditedFileIsToldAndMended: what somebody writes into a file of what is served is a condition with its diff,
// and is put right, unless it is only to be told.
func TestRealEditedFileIsToldAndMended(t *testing.T) {
	for name, report := range map[string]bool{"healed": false, "reported": true} {
		t.Run(name, func(t *testing.T) {
			r := newRunning(t)
			r.switcher.options.ReportDrift = func() bool { return report }
			b := startBackend(t, "orders-1")
			r.mustRoute(wishFor("orders", owned(), b))
			current, err := r.switcher.sites[0].dir.current(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			file := r.switcher.sites[0].dir.path("releases", current, "http.conf")
			good, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, append(good, "# by hand\n"...), 0o644); err != nil {
				t.Fatal(err)
			}
			var drift api.Condition
			told := func() bool {
				r.switcher.refresh()
				drift = api.Condition{}
				for _, c := range r.switcher.Describe().Conditions {
					if c.Type == api.ConditionDrift {
						drift = c
					}
				}
				return drift.Status == "True"
			}
			r.until("told", told)
			if !strings.Contains(drift.Message, "http.conf: +# by hand") {
				t.Errorf("told %q", drift.Message)
			}
			if report {
				if now, err := os.ReadFile(file); err != nil || string(now) == string(good) || drift.Reason != "Reported" {
					t.Errorf("it was not left as it is: %s, %v", drift.Reason, err)
				}
				return
			}
			r.until("over", func() bool { return !told() })
			if now, err := os.ReadFile(file); err != nil || string(now) != string(good) {
				t.Errorf("the file is %q, %v", now, err)
			}
		})
	}
}
