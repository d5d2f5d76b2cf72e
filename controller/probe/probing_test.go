package probe

import (
	"testing"
	"time"

	"github.com/segue-dev/segue/spec"
)

func TestEagerness(t *testing.T) {
	began := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	get, command := &spec.Probe{HTTPGet: &spec.HTTPGetAction{}}, &spec.Probe{Exec: &spec.ExecAction{}}
	for _, test := range []struct {
		what         string
		probe        *spec.Probe
		period       time.Duration
		counted, now time.Duration
		want         time.Duration
	}{
		{"at first after a fortieth of a second", get, 10 * time.Second, 0, 0, 25 * time.Millisecond},
		{"later after a thirty-second of the time", get, 10 * time.Second, 8 * time.Second, 8 * time.Second, 250 * time.Millisecond},
		{"not beyond the next answer that counts", get, 10 * time.Second, 8 * time.Second, 8800 * time.Millisecond, 200 * time.Millisecond},
		{"never slower than once a second", get, 10 * time.Second, time.Minute, time.Minute, time.Second},
		{"a short period is kept", get, 200 * time.Millisecond, 8 * time.Second, 8 * time.Second, 200 * time.Millisecond},
		{"a command once a second", command, 10 * time.Second, 0, 0, time.Second},
	} {
		if got := eagerness(test.probe, test.period, began, began.Add(test.counted), began.Add(test.now)); got != test.want {
			t.Errorf("%s: again in %s, want %s", test.what, got, test.want)
		}
	}
}
