package nginx

import (
	"slices"
	"testing"
)

func TestWhatIsWrittenIsNewsBeforeItIsServed(t *testing.T) {
	written := func(generation string, texts map[string]string) sight {
		r := release{Generation: generation, Sections: map[string]section{}}
		for name, text := range texts {
			r.Sections[name] = section{HTTP: text}
		}
		return sight{current: generation, disk: &r}
	}
	before := written("a", map[string]string{"gone": "x", "kept": "x", "other": "x"})
	for _, c := range []struct {
		after sight
		want  []string
	}{
		{written("a", nil), nil},
		{written("b", map[string]string{"kept": "x", "new": "x", "other": "y"}), []string{"gone", "new", "other"}},
		{sight{current: "b"}, nil},
	} {
		if got := news([]sight{before}, []sight{c.after}); !slices.Equal(got, c.want) {
			t.Errorf("after %s: %q, want %q", c.after.current, got, c.want)
		}
	}
}
