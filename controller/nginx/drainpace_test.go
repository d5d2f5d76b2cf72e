package nginx

import (
	"testing"
	"time"
)

func TestADrainIsLookedAtOftenAtFirst(t *testing.T) {
	for looks, want := range []time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, paceDrain, paceDrain} {
		if got := drainPace(looks); got != want {
			t.Errorf("after %d looks: %s, want %s", looks, got, want)
		}
	}
	if got := drainPace(1000); got != paceDrain {
		t.Errorf("after 1000 looks: %s", got)
	}
}
