package simulate

import (
	"os"
	"strconv"
	"testing"
	"time"
)

var start = time.Now()

func clock() time.Duration { return time.Since(start) }

func TestTheCoreKeepsTheLaw(t *testing.T) { keeps(t, TierCore, 100_000) }
func TestServicesKeepTheLaw(t *testing.T) { keeps(t, TierServices, 3000) }

func keeps(t *testing.T, tier Tier, seeds uint64) {
	if n, err := strconv.ParseUint(os.Getenv("SIMULATE_SEEDS"), 10, 64); err == nil {
		seeds = n
	}
	r, err := Run(Options{Tier: tier, Seeds: seeds}, clock)
	if err != nil {
		t.Fatal(err)
	}
	if r.Failure != nil {
		t.Fatalf("seed %d: invariant %d: %s\n%s", r.Failure.Seed, r.Failure.Invariant, r.Failure.Why, r.Failure.Story)
	}
	t.Logf("%+v", r)
}

func TestEachWrongPolicyIsCaught(t *testing.T) {
	for m := NotFoundIsFailed; m <= KeyWithoutEpoch; m++ {
		t.Run(m.String(), func(t *testing.T) {
			r, err := Run(Options{Tier: TierServices, Seeds: 10_000, Wrong: m}, clock)
			if err != nil {
				t.Fatal(err)
			}
			if r.Failure == nil {
				t.Fatal("no invariant notices it")
			}
			t.Logf("seed %d: invariant %d: %s", r.Failure.Seed, r.Failure.Invariant, r.Failure.Why)
		})
	}
}
