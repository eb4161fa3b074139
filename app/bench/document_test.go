package bench

import (
	"bytes"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	// The example of the nearest-rank method in Wikipedia's "Percentile".
	five := series{35, 15, 50, 20, 40}
	for p, want := range map[float64]float64{5: 15, 30: 20, 40: 20, 50: 35, 100: 50, 0: 15} {
		if got := five.percentile(p); got != want {
			t.Errorf("%v%%: %v, want %v", p, got, want)
		}
	}
	if five[0] != 35 {
		t.Error("the measurements were sorted in place")
	}
	if !math.IsNaN(series(nil).median()) {
		t.Error("nothing has a median")
	}
	var s series
	s.add(1500 * time.Microsecond)
	if s.median() != 1.5 {
		t.Errorf("%v ms", s.median())
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		name         string
		value, floor float64
		how          limit
		goal         float64
		used         float64
		want         Verdict
		wanted       string
	}{
		{"at the goal", 5, 0, atMost, 5, 1, Met, "≤ 5 ms"},
		{"at the ceiling", 10, 0, atMost, 5, 2, Within, "≤ 5 ms"},
		{"past it", 10.1, 0, atMost, 5, 2.02, Missed, "≤ 5 ms"},
		{"a ratio", 30, 20, times, 1.5, 1, Met, "≤ 1.5 ×"},
		{"above a floor", 400, 200, above, 120, 1.666, Within, "≤ floor + 120 ms"},
		{"below its floor", 100, 200, above, 120, 0, Met, "≤ floor + 120 ms"},
		{"fast", 1, 20, faster, 10, 0.5, Met, "10 × faster"},
		{"slow", 1, 4, faster, 10, 2.5, Missed, "10 × faster"},
		{"exact", 0, 0, exactly, 0, 0, Met, "0 ms"},
		{"off by one", 1, 0, exactly, 0, 0, Missed, "0 ms"},
		{"no goal", 1, 2, noGoal, 0, 0, None, ""},
		{"nothing measured", math.NaN(), 1, atMost, 5, math.NaN(), Missed, "≤ 5 ms"},
	} {
		f := Figure{Value: c.value, Floor: c.floor, Unit: "ms"}.judged(c.how, c.goal)
		if f.Verdict != c.want || f.Wanted != c.wanted || math.Abs(f.Used-c.used) > 0.001 {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 5: "5", 0.2: "0.200", 1.5: "1.5", 16.7: "16.7", 123.456: "123.5", 6000.7: "6001", 0.0013: "0.0013", 12.34: "12.34"} {
		if got := number(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	for n, want := range map[int]string{1: "1", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
}

func sample2() Report {
	figure := func(goal, what string, n int, value float64, how limit, limit float64) Figure {
		return Figure{Goal: goal, What: what, Products: n, Value: value, Unit: "ms", Floor: 2, Against: "a floor"}.judged(how, limit)
	}
	return Report{
		Date: noon, Machine: Machine{System: "linux/amd64", Processor: "Some CPU", Cores: 2, Busy: 9.5, Go: "go1.26"}, Seed: 42,
		Figures: []Figure{
			figure("P4", "full sync", 1000, 5, times, 3), figure("P1", "scan → painted", 1000, 10, atMost, 16.7),
			figure("P4", "full sync", 10_000, 50, times, 3), figure("P2", "kept", 10_000, 1, noGoal, 0),
		},
		LeftOut: []string{"everything in the window"},
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "performance.md")
	if err := os.WriteFile(path, []byte("# Before\n"+tableBegins+"old\n"+tableEnds+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second time changes nothing
		if err := sample2().Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "# Before\n" + tableBegins + `
2026-03-01, Some CPU, 2 cores, 0 MB, linux/amd64; ; go1.26. Seed 42.
When it began, 9.5 processes wanted to run on 2 cores: times are longer than they would be on a till, ratios hold.

| goal | figure | wanted | 1,000 products | 10,000 products |
|---|---|---|---|---|
| P1 | scan → painted (floor: a floor) | ≤ 16.7 ms | 10 ms / 2 = 5 ×, met | – |
| P2 | kept (floor: a floor) |  | – | 1 ms / 2 = 0.500 × |
| P4 | full sync (floor: a floor) | ≤ 3 × | 5 ms / 2 = 2.5 ×, met | 50 ms / 2 = 25 ×, **missed** |

Left out: everything in the window.

` + tableEnds + "after\n"
	if string(raw) != want {
		t.Errorf("%s", raw)
	}
	f, err := os.Open(filepath.Join(dir, "performance.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if img, err := png.Decode(f); err != nil || img.Bounds().Dx() != 1200 {
		t.Errorf("the chart: %v", err)
	}
	if svg, err := os.ReadFile(filepath.Join(dir, "performance.svg")); err != nil || !bytes.Contains(svg, []byte("P4 full sync")) {
		t.Errorf("the chart: %v", err)
	}
}

func TestWriteNeedsItsPlace(t *testing.T) {
	dir := t.TempDir()
	if err := sample2().Write(dir); !os.IsNotExist(err) {
		t.Errorf("without a document: %v", err)
	}
	path := filepath.Join(dir, "performance.md")
	if err := os.WriteFile(path, []byte("mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sample2().Write(dir); err == nil || !strings.Contains(err.Error(), tableEnds[:15]) {
		t.Errorf("without marks: %v", err)
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != "mine\n" {
		t.Errorf("the document: %q, %v", raw, err)
	}
}

func TestPrint(t *testing.T) {
	var b strings.Builder
	sample2().Print(&b)
	for _, want := range []string{"P4     10,000  full sync", "25 ×, **missed**  (≤ 3 ×)", "left out: everything in the window"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
}

// A process's name may hold brackets and blanks (proc(5)).
func TestUsedIn(t *testing.T) {
	got, err := usedIn("1234 (till) S (x) R 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 9")
	if err != nil || got != 2*time.Second {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range []string{"", "1 (x) S 1 2", "1 (x) S 1 2 3 4 5 6 7 8 9 10 a 50 0"} {
		if _, err := usedIn(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestKeypad(t *testing.T) {
	// The letters of ITU-T E.161.
	if got := keypad("adgjmptwz"); got != "234567899" {
		t.Errorf("%s", got)
	}
	if got := spelled([]rune("鲜牛奶500ml"), true); got != "xnn" {
		t.Errorf("%s", got)
	}
	if got := spelled([]rune("牛奶"), false); got != "niunai" {
		t.Errorf("%s", got)
	}
}
