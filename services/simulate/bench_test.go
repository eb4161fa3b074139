package simulate

import (
	"runtime/debug"
	"testing"
)

func BenchmarkCore(b *testing.B)     { bench(b, TierCore) }
func BenchmarkServices(b *testing.B) { bench(b, TierServices) }

// bench is one schedule per round, on one core.
func bench(b *testing.B, tier Tier) {
	b.ReportAllocs()
	defer debug.SetGCPercent(debug.SetGCPercent(sparing)) // as Run does
	seen := newCoverage(tier)
	o := Options{Tier: tier}
	for seed := uint64(0); b.Loop(); seed++ {
		schedule(o, seeded(seed), seen, nil)
	}
}
