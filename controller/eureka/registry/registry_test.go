package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
)

// inBubble runs a story with a registry whose clock only moves when all wait. It begins on a turn of the cache.
func inBubble(t *testing.T, options Options, story func(r *Registry, pass func(time.Duration))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r := New(options)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = r.Run(ctx) // it ends with ctx
		}()
		story(r, func(d time.Duration) {
			<-time.After(d)
			synctest.Wait()
		})
		cancel()
		<-done
	})
}

func ask(t *testing.T, r *Registry, method, path, body string) (int, string) {
	t.Helper()
	q := httptest.NewRequest(method, "/eureka"+path, strings.NewReader(body))
	q.Header.Set("Accept", "application/json")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	return w.Code, w.Body.String()
}

// enter registers instances of one app, 0 to n-1.
func enter(t *testing.T, r *Registry, n int) {
	t.Helper()
	for k := range n {
		data, err := json.Marshal(map[string]any{"instance": eureka.Instance{
			ID: fmt.Sprint(k), App: "ORDERS", HostName: "10.0.0.5", IPAddr: "10.0.0.5", Status: "UP", LastDirty: 1000,
			DataCenter: "MyOwn", DataCenterClass: eureka.MyOwnDataCenter, Port: eureka.Port{Number: 8080, Enabled: true},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if code, answer := ask(t, r, "POST", "/apps/ORDERS", string(data)); code != http.StatusNoContent {
			t.Fatalf("register: %d %s", code, answer)
		}
	}
}

// count is how many leases there are, expired ones too.
func (r *Registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.leases)
}

// count is how many instances an answer has.
func count(body string) int { return strings.Count(body, `"instanceId"`) }

func TestExpiredLeasesAreEvictedAFewAtATime(t *testing.T) {
	inBubble(t, Options{}, func(r *Registry, pass func(time.Duration)) {
		enter(t, r, 10)
		pass(91 * time.Second)
		if code, _ := ask(t, r, "GET", "/apps/ORDERS/0", ""); code != http.StatusNotFound {
			t.Errorf("an expired lease is answered with %d", code)
		}
		left := r.count()
		for _, want := range []int{8, 6, 5, 4, 3, 2, 1, 0} { // what is above 85 %, rounded down: of 10 two, of fewer than seven one
			pass(time.Minute)
			got := r.count()
			if got != want {
				t.Errorf("%d leases, want %d (%d before)", got, want, left)
			}
			left = got
		}
	})
}

func TestSelfPreservationEndsExpiryWhileHeartbeatsAreFew(t *testing.T) {
	inBubble(t, Options{SelfPreservation: true}, func(r *Registry, pass func(time.Duration)) {
		enter(t, r, 20)
		beat := func(n int) {
			for range 10 { // five minutes
				for k := range n {
					ask(t, r, "PUT", fmt.Sprintf("/apps/ORDERS/%d", k), "")
				}
				pass(30 * time.Second)
			}
		}
		beat(10)
		if code, _ := ask(t, r, "GET", "/apps/ORDERS/19", ""); code != http.StatusOK || r.count() != 20 {
			t.Errorf("with half of the heartbeats the dead are answered with %d, %d are there", code, r.count())
		}
		beat(19)
		if r.count() != 19 {
			t.Error("with most of the heartbeats the one that is dead is still there")
		}
	})
}

func TestTheCacheTurnsAtMultiplesOfItsInterval(t *testing.T) {
	inBubble(t, Options{}, func(r *Registry, pass func(time.Duration)) {
		pass(7 * time.Second)
		if _, body := ask(t, r, "GET", "/apps", ""); count(body) != 0 {
			t.Fatal("it is not empty")
		}
		enter(t, r, 1)
		pass(22 * time.Second)
		if _, body := ask(t, r, "GET", "/apps", ""); count(body) != 0 {
			t.Error("the cached view is new after 29 s")
		}
		pass(2 * time.Second)
		if _, body := ask(t, r, "GET", "/apps", ""); count(body) != 1 {
			t.Error("the cached view is old after 31 s")
		}
	})
}

func TestTheDeltaForgets(t *testing.T) {
	inBubble(t, Options{ResponseCache: -1}, func(r *Registry, pass func(time.Duration)) {
		enter(t, r, 2)
		if _, body := ask(t, r, "GET", "/apps/delta", ""); count(body) != 2 || !strings.Contains(body, `"apps__hashcode":"UP_2_"`) {
			t.Errorf("the delta is %s", body)
		}
		pass(time.Minute)
		ask(t, r, "DELETE", "/apps/ORDERS/1", "")
		if _, body := ask(t, r, "GET", "/apps/delta", ""); !strings.Contains(body, "DELETED") || !strings.Contains(body, `"apps__hashcode":"UP_1_"`) {
			t.Errorf("the delta is %s", body)
		}
		pass(7 * time.Minute)
		if _, body := ask(t, r, "GET", "/apps/delta", ""); count(body) != 0 {
			t.Errorf("after minutes the delta is %s", body)
		}
	})
}
