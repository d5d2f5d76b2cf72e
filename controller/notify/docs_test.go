package notify

import (
	"os"
	"strings"
	"testing"
)

// TestThePageNamesEverything keeps docs/notifications.md from going stale.
func TestThePageNamesEverything(t *testing.T) {
	page, err := os.ReadFile("../../docs/notifications.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range Events {
		if !strings.Contains(string(page), "`"+string(e)+"`") {
			t.Errorf("the page does not name the event %s", e)
		}
	}
	for _, field := range fields() {
		if !strings.Contains(string(page), "`."+field+"`") {
			t.Errorf("the page does not name the field .%s", field)
		}
	}
	for name := range functions {
		if !strings.Contains(string(page), "`"+name+"`") && !strings.Contains(string(page), "`"+name+" ") {
			t.Errorf("the page does not name the function %s", name)
		}
	}
}
