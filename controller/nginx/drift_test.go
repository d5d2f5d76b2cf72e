package nginx

import "testing"

func TestLineDiff(t *testing.T) {
	for name, test := range map[string]struct{ was, is, want string }{
		"changed": {"a\n b;\nc", "a\n x;\nc", "-b; +x;"},
		"added":   {"a\nb", "a\nb\nb", "+b"},
		"removed": {"a\nb\n", "", "-a -b"},
		"long":    {"1\n2\n3\n4\n5\n6\n7\n8\n", "", "-1 -2 -3 -4 -5 -6 and 2 more lines"},
	} {
		if got := lineDiff(test.was, test.is); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
