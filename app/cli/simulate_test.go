package cli

import (
	"strings"
	"testing"
)

func TestSimulateTellsInJSON(t *testing.T) {
	r := newRig(t)
	for _, tier := range []string{"core", "services"} {
		text := r.want(Done, r.run("", "simulate", "--tier", tier, "--seed", "7")).out
		got := doc[simulateJSON](t, r.want(Done, r.run("", "--json", "simulate", "--tier", tier, "--seed", "7")).out)
		if s := got.Story; s == nil || s.Seed != 7 || string(s.Tier) != tier || s.Broken != "" || text != strings.Join(s.Lines, "\n")+"\ndigest "+s.Digest+"\n" {
			t.Errorf("%s: %+v, and as text:\n%s", tier, got.Story, text)
		}
	}
	bad := doc[simulateJSON](t, r.want(RefusedExit, r.run("", "--json", "simulate", "--mutant", "pay again on timeout", "--seeds", "200")).out)
	if len(bad.Reports) != 1 || bad.Reports[0].Failure == nil || bad.Reports[0].Failure.Invariant != 2 {
		t.Errorf("%+v", bad)
	}
}

func TestSimulateSaysWhereItCannotJudge(t *testing.T) {
	r := newRig(t)
	r.want(Done, r.run("", "simulate", "--seeds", "3"), "too few schedules to say")
}

func TestSimulateMutantsInJSON(t *testing.T) {
	if testing.Short() {
		t.Skip("tries twelve policies, as .ci/simulate does for every change")
	}
	r := newRig(t)
	out := r.want(Done, r.run("", "--json", "simulate", "--mutants")).out
	got := doc[simulateJSON](t, out)
	if len(got.Mutants) != 12 || strings.Contains(out, "null") {
		t.Errorf("%s", out)
	}
	for _, m := range got.Mutants {
		if !m.Caught || m.Invariant == 0 {
			t.Errorf("%+v", m)
		}
	}
}

func TestSimulateRefusesWhatItCannotRun(t *testing.T) {
	r := newRig(t)
	for _, args := range [][]string{{"--seeds", "0"}, {"--seed", "-2"}, {"--tier", "disk"}, {"--store", "paper"}, {"--mutant", "none"}} {
		if got := r.run("", append([]string{"simulate"}, args...)...); got.code != Usage {
			t.Errorf("%v: %d %s", args, got.code, got.err)
		}
	}
}
