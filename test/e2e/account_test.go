package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// account is what a spec put segue through, and what its clients saw.
type account struct {
	testbed.Deeds
	Requests   int
	Failures   map[load.Failure]int
	LongestGap time.Duration
}

// accounted is the name of report entries that hold an account.
const accounted = "account"

func accountOf(report load.Report) account {
	return account{Requests: report.Requests, Failures: report.Failures, LongestGap: report.LongestGap}
}

var before testbed.Deeds

var _ = BeforeEach(func() { before = testbed.DeedsSoFar() })

var _ = JustAfterEach(func() {
	AddReportEntry(accounted, account{Deeds: testbed.DeedsSoFar().Minus(before)}, ReportEntryVisibilityNever)
})

// sum adds up the accounts in a spec's report.
func sum(spec types.SpecReport) (account, error) {
	total := account{Failures: map[load.Failure]int{}}
	for _, entry := range spec.ReportEntries {
		if entry.Name != accounted {
			continue
		}
		var one account
		if err := json.Unmarshal([]byte(entry.Value.AsJSON), &one); err != nil {
			return total, fmt.Errorf("read account of %s: %w", spec.FullText(), err)
		}
		total.add(one)
	}
	return total, nil
}

func (a *account) add(one account) {
	a.Rollouts += one.Rollouts
	a.Kills += one.Kills
	a.Requests += one.Requests
	a.LongestGap = max(a.LongestGap, one.LongestGap)
	for kind, n := range one.Failures {
		a.Failures[kind] += n
	}
}

// failed is each kind of failure with its number, the most frequent first; 0 where there is none.
func (a *account) failed() string {
	kinds := slices.SortedFunc(maps.Keys(a.Failures), func(x, y load.Failure) int {
		return cmp.Or(a.Failures[y]-a.Failures[x], strings.Compare(string(x), string(y)))
	})
	var texts []string
	for _, kind := range kinds {
		texts = append(texts, fmt.Sprintf("%d %s", a.Failures[kind], kind))
	}
	return cmp.Or(strings.Join(texts, ", "), "0")
}
