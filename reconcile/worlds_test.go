package reconcile

import (
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	worlds  = flag.Int64("worlds", 0, "how many seeded worlds the simulator runs; default 13000, with -short 300")
	oneSeed = flag.Int64("seed", -1, "run only the world of this seed and print its transcript")
)

// fullRun is how many worlds show everything that is to be shown.
const fullRun = 13000

// TestWorlds runs many seeded worlds. A failing one is shrunk and printed.
func TestWorlds(t *testing.T) {
	if *oneSeed >= 0 {
		s := newSimulation(*oneSeed)
		s.verbose = true
		if broken := s.run(); broken != "" {
			t.Errorf("%s", broken)
		}
		t.Log("\n" + strings.Join(s.lines, "\n"))
		return
	}
	n := *worlds
	switch {
	case n > 0:
	case testing.Short():
		n = 300
	default:
		n = fullRun
	}
	seen := coverage{}
	seed, broken := firstBroken(n, func(*simulation) {}, seen)
	if broken != "" {
		t.Fatalf("%s\n%s", broken, shrunk(seed, func(*simulation) {}))
	}
	if n >= fullRun {
		seen.check(t)
	}
}

// firstBroken runs the worlds of seeds 0 to n−1, prepared by prepare, and returns the lowest seed that breaks. What
// happened is added to seen.
func firstBroken(n int64, prepare func(*simulation), seen coverage) (int64, string) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var mu sync.Mutex
	var group sync.WaitGroup
	var next, stop atomic.Int64
	stop.Store(n)
	lowest, words := n, ""
	for range runtime.NumCPU() {
		group.Go(func() {
			for {
				seed := next.Add(1) - 1
				if seed >= stop.Load() {
					return
				}
				s := newSimulation(seed)
				prepare(s)
				broken := s.run()
				mu.Lock()
				seen.add(s.seen)
				if broken != "" && seed < lowest {
					lowest, words = seed, broken
					stop.Store(seed)
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return lowest, words
}

// shrunk runs a failing world again with as few faults as still break the same invariant, and returns its transcript.
func shrunk(seed int64, prepare func(*simulation)) string {
	again := func(faults []fault) *simulation {
		s := newSimulation(seed)
		prepare(s)
		s.faults, s.verbose = append([]fault(nil), faults...), true
		s.run()
		return s
	}
	drawn := newSimulation(seed)
	prepare(drawn)
	faults := drawn.faults
	number, _, _ := strings.Cut(again(faults).broken, ":")
	for i := 0; i < len(faults); {
		if kind := faults[i].kind; kind == "include" || kind == "resume" {
			i++ // Without these nothing would ever end.
			continue
		}
		fewer := append(append([]fault(nil), faults[:i]...), faults[i+1:]...)
		if strings.HasPrefix(again(fewer).broken, number+":") {
			faults = fewer
		} else {
			i++
		}
	}
	s := again(faults)
	return fmt.Sprintf("seed %d, %d faults left (run it whole with -run TestWorlds -seed %d)\n%s", seed, len(faults), seed, strings.Join(s.lines, "\n"))
}
