package cli

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"cashier/app/bench"
)

// ctl runs one command line on a folder of its own.
func ctl(t *testing.T, args ...string) (code int, out, said string) {
	t.Helper()
	var o, e strings.Builder
	code = Run(context.Background(), append([]string{"--data", t.TempDir()}, args...), IO{In: strings.NewReader(""), Out: &o, Err: &e}, Options{})
	return code, o.String(), e.String()
}

func TestBenchUsage(t *testing.T) {
	for _, args := range [][]string{
		{"--products", "many"}, {"--products", "0"}, {"--products", "10,,20"}, {"--only", "P6"}, {"--only", "P2", "--out", "docs"}, {"word"},
	} {
		if code, _, said := ctl(t, append([]string{"bench"}, args...)...); code != Usage {
			t.Errorf("%q: exit %d: %s", args, code, said)
		}
	}
}

func TestBench(t *testing.T) {
	code, out, said := ctl(t, "--json", "bench", "--products", "200", "--only", "p4")
	var r bench.Report
	if code != Done || json.Unmarshal([]byte(out), &r) != nil {
		t.Fatalf("exit %d: %s %s", code, out, said)
	}
	if len(r.Figures) != 4 || r.Figures[3].Value != 1 || r.Figures[3].Products != 200 || r.Figures[3].Verdict != bench.Met {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(said, "200 products: reading the prices") {
		t.Errorf("said %q", said)
	}
}
