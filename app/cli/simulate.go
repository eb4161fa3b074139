package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"cashier/app"
	"cashier/services/simulate"
)

type simulateJSON struct {
	Reports   []simulate.Report `json:"reports"`
	Uncovered []string          `json:"uncovered,omitempty"`
	Mutants   []mutantJSON      `json:"mutants,omitempty"`
	Story     *storyJSON        `json:"story,omitempty"`
}

// storyJSON is one seed, told.
type storyJSON struct {
	Tier   simulate.Tier `json:"tier"`
	Seed   uint64        `json:"seed"`
	Digest string        `json:"digest"`
	Lines  []string      `json:"lines"`
	Broken string        `json:"broken,omitempty"` // the invariant, and how
}

type mutantJSON struct {
	Policy    string `json:"policy"`
	Caught    bool   `json:"caught"`
	Seed      uint64 `json:"seed"`
	Invariant int    `json:"invariant"`
	Why       string `json:"why"`
}

// mutantSeeds is within how many seeds a wrong policy must be caught.
const mutantSeeds = 10_000

func runSimulation(ctx context.Context, c *call) (int, error) {
	set := newFlags("simulate")
	seeds := set.Uint64("seeds", 100_000, "")
	first := set.Uint64("first", 0, "")
	tier := set.String("tier", string(simulate.TierCore), "")
	store := set.String("store", "", "")
	mutants := set.Bool("mutants", false, "")
	mutant := set.String("mutant", "", "")
	seed := set.Int64("seed", -1, "")
	coverage := set.Bool("coverage", false, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	// Millions of short schedules, each of which leaves little behind and nothing
	// alive: collecting less often is a third of the time.
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	o := simulate.Options{Tier: simulate.Tier(*tier), Seeds: *seeds, First: *first, Stopped: func() bool { return ctx.Err() != nil }}
	for _, m := range simulate.Mutants() {
		if m.String() == *mutant {
			o.Wrong, o.Tier = m, simulate.TierServices // they are made at the desk's doors
		}
	}
	switch {
	case *seeds == 0:
		return 0, usage("--seeds is a number from 1")
	case *seed < -1:
		return 0, usage("--seed is a number from 0")
	case *mutant != "" && o.Wrong == simulate.None:
		return 0, usage("--mutant is one of the policies that --mutants lists")
	case *store == "sqlite":
		dir, err := os.MkdirTemp("", "cashier-simulate-")
		if err != nil {
			return 0, err
		}
		defer func() { _ = os.RemoveAll(dir) }() // only of this run
		o.Tier = simulate.TierServices
		if o.Open, err = app.RealBooks(ctx, dir); err != nil {
			return 0, err
		}
	case *store != "" && *store != "memory":
		return 0, usage("--store is memory or sqlite")
	}
	switch {
	case o.Tier != simulate.TierCore && o.Tier != simulate.TierServices:
		return 0, usage("--tier is core or services")
	case *mutants:
		return c.mutants(o)
	case *seed >= 0:
		return c.story(o, uint64(*seed))
	}
	r, err := simulate.Run(o, sinceStart())
	if err != nil {
		return 0, err
	}
	missed := r.Coverage.Missing(r.Seeds)
	code := Done
	if r.Failure != nil || len(missed) > 0 || ctx.Err() != nil {
		code = RefusedExit // or it was interrupted
	}
	return code, c.print(simulateJSON{Reports: []simulate.Report{r}, Uncovered: missed}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %d schedules, %d sales, %d events, %d faults, %d power cuts; %d violations\n", r.Tier, r.Seeds, r.Sales, r.Events, r.Faults, r.Crashes, r.Broken)
		fmt.Fprintf(w, "%.0f schedules per second and core, in %s; digest %s\n", r.PerCore, r.Took.Round(time.Millisecond), r.Digest)
		reach := "too few schedules to say which reachable ones were not"
		if r.Coverage.Judged(r.Seeds) {
			reach = fmt.Sprintf("%d reachable ones not", len(missed))
		}
		fmt.Fprintf(w, "%d pairs of state and event met, %s\n", len(r.Coverage.Lines()), reach)
		if *coverage {
			fmt.Fprintln(w, strings.Join(r.Coverage.Lines(), "\n"))
		}
		for _, m := range missed {
			fmt.Fprintln(w, "not met:", m)
		}
		if f := r.Failure; f != nil {
			fmt.Fprintf(w, "seed %d: %s\nThe shortest story found, of %d choices:\n%s", f.Seed, f, f.Choices, f.Story)
		}
	})
}

// story replays one seed and tells it.
func (c *call) story(o simulate.Options, seed uint64) (int, error) {
	var told strings.Builder
	digest, err := simulate.Tell(o, seed, &told)
	story := storyJSON{Tier: o.Tier, Seed: seed, Digest: digest, Lines: strings.Split(strings.TrimRight(told.String(), "\n"), "\n")}
	code := Done
	if err != nil {
		code, story.Broken = RefusedExit, err.Error()
	}
	return code, c.print(simulateJSON{Reports: []simulate.Report{}, Story: &story}, func(w io.Writer) {
		fmt.Fprint(w, told.String())
		fmt.Fprintln(w, "digest", digest)
		if err != nil {
			fmt.Fprintln(w, err)
		}
	})
}

func (c *call) mutants(o simulate.Options) (int, error) {
	o.Tier, o.Seeds = simulate.TierServices, mutantSeeds
	var all []mutantJSON
	code := Done
	for _, m := range simulate.Mutants() {
		o.Wrong = m
		r, err := simulate.Run(o, sinceStart())
		if err != nil {
			return 0, err
		}
		v := mutantJSON{Policy: m.String(), Caught: r.Failure != nil}
		if f := r.Failure; f != nil {
			v.Seed, v.Invariant, v.Why = f.Seed, f.Invariant, f.Why
		} else {
			code = RefusedExit
		}
		all = append(all, v)
	}
	return code, c.print(simulateJSON{Reports: []simulate.Report{}, Mutants: all}, func(w io.Writer) {
		for _, m := range all {
			if m.Caught {
				fmt.Fprintf(w, "caught      %-42s seed %d, invariant %d: %s\n", m.Policy, m.Seed, m.Invariant, m.Why)
			} else {
				fmt.Fprintf(w, "NOT CAUGHT  %s\n", m.Policy)
			}
		}
	})
}

// sinceStart measures how long something takes; no money depends on it.
func sinceStart() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}
