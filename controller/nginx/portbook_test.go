package nginx

import (
	"errors"
	"testing"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestPortOfAListener(t *testing.T) {
	now := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	open := func(n int) heldPort { return heldPort{Port: n} }
	closed := func(n int, ago time.Duration) heldPort { return heldPort{Port: n, Released: now.Add(-ago)} }
	cases := []struct {
		name  string
		book  portBook
		taken []int
		want  int
	}{
		{"the first", portBook{}, nil, 21002},
		{"its own stays", portBook{"orders/eureka": open(21004)}, nil, 21004},
		{"its own stays though the range is another now", portBook{"orders/eureka": open(30000)}, nil, 30000},
		{"its own again at once", portBook{"orders/eureka": closed(21003, time.Second)}, nil, 21003},
		{"its own, of another range, is not used again", portBook{"orders/eureka": closed(30000, time.Hour)}, nil, 21002},
		{"not a stranger's", portBook{}, []int{21002, 21003}, 21004},
		{"one that nobody ever had, before one that rests no more", portBook{"a/x": closed(21002, time.Hour)}, nil, 21003},
		{"what was given back first", portBook{"a/x": closed(21002, time.Hour), "b/x": open(21003), "c/x": closed(21004, 2*time.Hour)}, nil, 21004},
		{"none that rests", portBook{"a/x": closed(21002, time.Minute), "b/x": open(21003), "c/x": closed(21004, time.Minute)}, nil, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.book.portOf("orders/eureka", 21002, 21004, func(port int) (bool, error) {
				for _, other := range c.taken {
					if other == port {
						return true, nil
					}
				}
				return false, nil
			}, now)
			if got != c.want || (c.want == 0) != errors.Is(err, errNoPort) {
				t.Fatalf("port %d, error %v; want %d", got, err, c.want)
			}
			if c.want != 0 && c.book["orders/eureka"] != open(c.want) {
				t.Errorf("the book says %+v", c.book["orders/eureka"])
			}
		})
	}
}

func TestPortsFollowListeners(t *testing.T) {
	now := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	listening := section{Routes: []sectionRoute{{Name: "eureka", Port: 21002, Route: spec.Route{Internal: true}, Pools: [][]reconcile.Backend{nil}}}}
	book := portBook{"gone/eureka": {Port: 21003}}
	if !book.follow(map[string]section{"orders": listening}, now) {
		t.Error("nothing changed")
	}
	if book["orders/eureka"] != (heldPort{Port: 21002}) || book["gone/eureka"] != (heldPort{Port: 21003, Released: now}) {
		t.Errorf("%+v", book)
	}
	if book.follow(map[string]section{"orders": listening}, now.Add(time.Hour)) {
		t.Errorf("it changed again: %+v", book)
	}
}
