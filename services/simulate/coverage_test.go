package simulate

import (
	"slices"
	"strings"
	"testing"
)

// What is not met is named, and only in runs that are long enough.
func TestMissingNamesWhatALongRunHasNotMet(t *testing.T) {
	for tier, enough := range map[Tier]uint64{TierCore: coreEnough, TierServices: servicesEnough} {
		reach := strings.Split(strings.TrimSpace(map[Tier]string{TierCore: coreReach, TierServices: servicesReach}[tier]), "\n")
		if len(reach) < 50 || !slices.IsSorted(reach) {
			t.Errorf("%s: %d pairs", tier, len(reach))
		}
		none := newCoverage(tier)
		if got := none.Missing(enough - 1); got != nil {
			t.Errorf("%s: a short run misses %v", tier, got)
		}
		if got := none.Missing(enough); len(got) != len(reach) {
			t.Errorf("%s: %d of %d missing", tier, len(got), len(reach))
		}
		some := newCoverage(tier)
		keepsInto(t, tier, some)
		missing := some.Missing(enough)
		if len(missing) == 0 || len(missing) >= len(reach) {
			t.Errorf("%s: after a few schedules %d of %d missing", tier, len(missing), len(reach))
		}
		for _, m := range missing {
			if slices.Contains(some.Lines(), m) {
				t.Errorf("%s: %s was met", tier, m)
			}
		}
	}
}

func keepsInto(t *testing.T, tier Tier, seen *Coverage) {
	t.Helper()
	for seed := range uint64(20) {
		if out := schedule(Options{Tier: tier}, seeded(seed), seen, nil); out.err != nil {
			t.Fatal(out.err)
		}
	}
}
