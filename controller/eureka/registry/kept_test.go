package registry

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// another is a server that begins at a time with what a file holds.
func another(file string, now time.Time) *Registry {
	r := New(Options{ResponseCache: -1, Keep: file})
	r.restore(now)
	return r
}

func TestLeasesAndOverridesOutlastTheServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "leases.json")
	inBubble(t, Options{ResponseCache: -1, Keep: file}, func(r *Registry, pass func(time.Duration)) {
		enter(t, r, 3)
		if code, _ := ask(t, r, "PUT", "/apps/ORDERS/1/status?value=OUT_OF_SERVICE", ""); code != http.StatusOK {
			t.Fatalf("override: %d", code)
		}
		ask(t, r, "DELETE", "/apps/ORDERS/2", "")
		synctest.Wait() // nothing ended this server: what follows is what kill -9 leaves
		back := another(file, time.Now())
		_, body := ask(t, back, "GET", "/apps", "")
		if count(body) != 2 || !strings.Contains(body, `"apps__hashcode":"OUT_OF_SERVICE_1_UP_1_"`) {
			t.Errorf("the first that reads finds %s", body)
		}
		for _, id := range []string{"0", "1"} {
			if code, _ := ask(t, back, "PUT", "/apps/ORDERS/"+id+"?lastDirtyTimestamp=1000", ""); code != http.StatusOK {
				t.Errorf("the heartbeat of %s is answered with %d", id, code)
			}
		}
		enter(t, back, 2)
		if got, _ := back.instance(key{"ORDERS", "1"}); got.Status != reconcile.LeaseOutOfService || got.Overridden != reconcile.LeaseOutOfService {
			t.Errorf("its app says UP, and what was out of service is %s, overridden with %s", got.Status, got.Overridden)
		}
	})
}

func TestHeartbeatsAreKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "leases.json")
	inBubble(t, Options{Keep: file}, func(r *Registry, pass func(time.Duration)) {
		enter(t, r, 2)
		for range 4 {
			pass(30 * time.Second)
			ask(t, r, "PUT", "/apps/ORDERS/0", "")
		}
		pass(keepBeats)
		back := another(file, time.Now())
		if _, there := back.instance(key{"ORDERS", "0"}); !there {
			t.Error("one that beat all the time is gone")
		}
		if _, there := back.instance(key{"ORDERS", "1"}); there {
			t.Error("one that was silent for two minutes is back")
		}
		pass(time.Minute)
		back = another(file, time.Now())
		pass(89 * time.Second)
		if _, there := back.instance(key{"ORDERS", "0"}); !there {
			t.Error("nobody could renew it while there was no server, and it has ended before its duration")
		}
	})
}

func TestNothingIsRestoredOfAnotherRunOfTheMachine(t *testing.T) {
	for what, text := range map[string]string{
		"another run": `{"Boot":"another","Leases":[{"Instance":{"instanceId":"0","app":"ORDERS"},"Renewed":"2100-01-01T00:00:00Z"}]}`,
		"a bad file":  `{"Boot":`,
	} {
		file := filepath.Join(t.TempDir(), "leases.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r := another(file, time.Now())
		if _, body := ask(t, r, "GET", "/apps", ""); count(body) != 0 || r.count() != 0 {
			t.Errorf("%s: it has %s", what, body)
		}
	}
}

func TestNoFileYetIsAnEmptyRegistry(t *testing.T) {
	file := filepath.Join(t.TempDir(), "leases.json")
	if r := another(file, time.Now()); r.count() != 0 {
		t.Errorf("%d leases", r.count())
	}
}
