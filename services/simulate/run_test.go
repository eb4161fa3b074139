package simulate

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

func clock(t *testing.T) func() time.Duration {
	t.Helper()
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

func keeps(t *testing.T, o Options) Report {
	t.Helper()
	r, err := Run(o, clock(t))
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Failure; f != nil {
		t.Fatalf("seed %d: invariant %d: %s\n%s", f.Seed, f.Invariant, f.Why, f.Story)
	}
	return r
}

func TestTheLawHolds(t *testing.T)        { keeps(t, Options{Tier: TierCore, Seeds: 5000}) }
func TestTheDeskKeepsTheLaw(t *testing.T) { keeps(t, Options{Tier: TierServices, Seeds: 500}) }

// Every schedule is worth its name.
func TestEverySchedulePutsTheTillToTheTest(t *testing.T) {
	for _, tier := range []Tier{TierCore, TierServices} {
		for seed := range uint64(200) {
			out := schedule(Options{Tier: tier}, seeded(seed), newCoverage(tier), nil)
			if out.sales < 1 || out.events < leastEvents || out.faults < leastFaults {
				t.Errorf("%s, seed %d: %d sales, %d events, %d faults", tier, seed, out.sales, out.events, out.faults)
			}
		}
	}
}

// The same seeds do the same to the byte, on however many cores.
func TestASeedIsReplayedToTheByte(t *testing.T) {
	for _, tier := range []Tier{TierCore, TierServices} {
		var stories [2]bytes.Buffer
		var reports [2]Report
		for i := range 2 {
			for seed := range uint64(20) {
				if _, err := Tell(Options{Tier: tier}, seed, &stories[i]); err != nil {
					t.Fatal(err)
				}
			}
			reports[i] = keeps(t, Options{Tier: tier, Seeds: 200, Workers: 1 + 2*i})
		}
		if stories[0].Len() == 0 || !bytes.Equal(stories[0].Bytes(), stories[1].Bytes()) {
			t.Errorf("%s: two stories of the same seeds", tier)
		}
		if reports[0].Digest != reports[1].Digest || reports[0].Events != reports[1].Events {
			t.Errorf("%s: %+v and %+v", tier, reports[0], reports[1])
		}
	}
}

func TestEachWrongPolicyIsCaught(t *testing.T) {
	if n := len(Mutants()); n != 12 {
		t.Fatalf("%d policies", n)
	}
	for _, m := range Mutants() {
		t.Run(m.String(), func(t *testing.T) {
			r, err := Run(Options{Tier: TierServices, Seeds: 10_000, Wrong: m}, clock(t))
			if err != nil {
				t.Fatal(err)
			}
			f := r.Failure
			if f == nil {
				t.Fatalf("invariant %d does not notice it", m.Breaks())
			}
			if f.Invariant != m.Breaks() {
				t.Errorf("invariant %d notices it, not %d: %s", f.Invariant, m.Breaks(), f.Why)
			}
			// The story is of the same schedule, made shorter.
			full := schedule(Options{Tier: TierServices, Wrong: m}, seeded(f.Seed), newCoverage(TierServices), nil)
			if f.Choices > len(full.choices) || f.Story == "" {
				t.Errorf("%d choices of %d:\n%s", f.Choices, len(full.choices), f.Story)
			}
		})
	}
}

func TestShrinkKeepsWhatFails(t *testing.T) {
	choices := make([]uint16, 300)
	for i := range choices {
		choices[i] = uint16(i % 7)
	}
	fails := func(c []uint16) bool { return len(c) > 20 && slices.Contains(c, 5) }
	got := shrink(choices, fails)
	if !fails(got) || len(got) != 21 {
		t.Errorf("%d choices left: %v", len(got), got)
	}
}
