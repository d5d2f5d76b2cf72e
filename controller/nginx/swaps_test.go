package nginx

import (
	"fmt"
	"os"
	"testing"
)

func TestKnown(t *testing.T) {
	w := func(pid int) process { return process{PID: pid, Start: uint64(pid)} }
	lines := []swapLine{
		{Boot: "before", Left: []string{"g0"}, Workers: []process{w(9)}},
		{Boot: "now", Left: []string{"g1"}, Workers: []process{w(1), w(2)}},
		// Worker 1 still leaves; 3 came with g2.
		{Boot: "now", Left: []string{"g2"}, Workers: []process{w(1), w(3)}},
		// The reload to g3 was not proven, and taken back.
		{Boot: "now", Left: []string{"g2", "g3"}, Workers: []process{w(3), w(4)}},
	}
	got := known(lines, "now")
	want := map[process][]string{w(1): {"g1"}, w(2): {"g1"}, w(3): {"g2"}, w(4): {"g2", "g3"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("known %v, want %v", got, want)
	}
	for _, c := range []struct {
		alive process
		kept  int
	}{{w(1), 3}, {w(3), 2}, {w(4), 1}, {w(9), 0}} {
		kept := compact(lines, "now", func(p process) bool { return p == c.alive })
		if len(kept) != c.kept {
			t.Errorf("with %v alive %d lines stay, want %d", c.alive, len(kept), c.kept)
		}
	}
}

func TestSwapsSurviveACut(t *testing.T) {
	dir := (confDir{local{}, t.TempDir()})
	lines := []swapLine{{Boot: "now", Left: []string{"g1"}, Workers: []process{{PID: 1, Start: 2}}}}
	if err := dir.writeSwaps(t.Context(), lines); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(dir.path("swaps"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, tail string
		fails      bool
	}{{"a cut last line", `{"boot":"no`, false}, {"nonsense", "nonsense\n", true}} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(dir.path("swaps"), append(raw[:len(raw):len(raw)], c.tail...), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := dir.readSwaps(t.Context())
			if (err != nil) != c.fails || !c.fails && fmt.Sprint(got) != fmt.Sprint(lines) {
				t.Errorf("read %v, %v", got, err)
			}
		})
	}
}

func TestClaim(t *testing.T) {
	dir := (confDir{local{}, t.TempDir() + "/segue"})
	if err := dir.claim(t.Context(), "me"); err != nil {
		t.Fatal(err)
	}
	if err := dir.claim(t.Context(), "me"); err != nil {
		t.Errorf("a second time: %v", err)
	}
	if err := dir.claim(t.Context(), "you"); err == nil {
		t.Error("another owner was let in")
	}
}
