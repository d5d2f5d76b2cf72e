package load

import (
	"math"
	"time"
)

// histogram counts durations in steps of 5 %, from 10 µs to some minutes.
type histogram struct {
	counts [360]int
	total  int
}

const (
	histogramFloor = 10 * time.Microsecond
	histogramStep  = 1.05
)

func (h *histogram) add(d time.Duration) {
	step := 0
	if d > histogramFloor {
		step = int(math.Log(float64(d)/float64(histogramFloor)) / math.Log(histogramStep))
	}
	h.counts[min(step, len(h.counts)-1)]++
	h.total++
}

func (h *histogram) merge(other *histogram) {
	for i, count := range other.counts {
		h.counts[i] += count
	}
	h.total += other.total
}

// quantile gives the upper end of the step that holds it; 0 when nothing was counted.
func (h *histogram) quantile(q float64) time.Duration {
	left := int(math.Ceil(q * float64(h.total)))
	for step, count := range h.counts {
		if left -= count; left <= 0 && count > 0 {
			return time.Duration(float64(histogramFloor) * math.Pow(histogramStep, float64(step+1)))
		}
	}
	return 0
}
