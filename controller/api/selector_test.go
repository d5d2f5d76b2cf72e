package api

import "testing"

func TestSelectorsMeanWhatKubernetesMeans(t *testing.T) {
	labels := map[string]string{"app": "orders", "tier": "web"}
	for text, want := range map[string]bool{
		"": true, "app=orders": true, "app==orders": true, "app=other": false, "app!=other": true, "app!=orders": false,
		"app": true, "!app": false, "zone": false, "!zone": true, "zone!=a": true, "app=orders,tier=web": true, "app=orders,tier=db": false,
	} {
		selector, err := ParseSelector(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got := selector.Matches(labels); got != want {
			t.Errorf("%q matches: %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"=x", "app in (a,b)", "a,,b", "!"} {
		if _, err := ParseSelector(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
