package bench

import (
	"math"
	"slices"
	"time"
)

// series are measurements of one thing.
type series []float64

// add takes in one length of time, in milliseconds.
func (s *series) add(d time.Duration) { *s = append(*s, ms(d)) }

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// percentile is the least measurement that p of 100 do not exceed (nearest
// rank); NaN without any.
func (s series) percentile(p float64) float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// median is the 50th percentile.
func (s series) median() float64 { return s.percentile(50) }
