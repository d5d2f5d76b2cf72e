package main

import (
	"fmt"
	"time"
)

// age is a duration as kubectl's AGE shows it: 45s, 3m12s, 25m, 7h3m, 30h, 4d2h, 90d, 2y40d.
func age(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	seconds, minutes, hours := int(d/time.Second), int(d/time.Minute), int(d/time.Hour)
	switch days := hours / 24; {
	case seconds < 120:
		return fmt.Sprintf("%ds", seconds)
	case minutes < 10:
		return pair(minutes, "m", seconds%60, "s")
	case hours < 3:
		return fmt.Sprintf("%dm", minutes)
	case hours < 8:
		return pair(hours, "h", minutes%60, "m")
	case hours < 48:
		return fmt.Sprintf("%dh", hours)
	case days < 8:
		return pair(days, "d", hours%24, "h")
	case days < 2*365:
		return fmt.Sprintf("%dd", days)
	default:
		return pair(days/365, "y", days%365, "d")
	}
}

// since is age, "-" for a time that is not known.
func since(at, now time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return age(now.Sub(at))
}

// lasting is a duration in full: 36s, 6m40s, 1h5m.
func lasting(d time.Duration) string {
	d = d.Round(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%ds", int(d/time.Second))
	}
	if d < time.Hour {
		return pair(int(d/time.Minute), "m", int(d/time.Second)%60, "s")
	}
	return pair(int(d/time.Hour), "h", int(d/time.Minute)%60, "m")
}

func pair(a int, unitA string, b int, unitB string) string {
	if b == 0 {
		return fmt.Sprintf("%d%s", a, unitA)
	}
	return fmt.Sprintf("%d%s%d%s", a, unitA, b, unitB)
}

// between is the range of a wait: ~36s, 65–95s, 1m30s–4m; "" for none.
func between(least, most time.Duration) string {
	switch {
	case most <= 0:
		return ""
	case most < time.Second:
		return "<1s"
	case least == most:
		return "~" + lasting(most)
	case most < 100*time.Second:
		return fmt.Sprintf("%d–%ds", int(least.Round(time.Second)/time.Second), int(most.Round(time.Second)/time.Second))
	default:
		return lasting(least) + "–" + lasting(most)
	}
}
