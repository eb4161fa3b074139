package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// asWindow makes the test binary play the window's program.
const asWindow = "BENCH_TEST_WINDOW"

func TestMain(m *testing.M) {
	if os.Getenv(asWindow) != "" {
		playWindow()
		return
	}
	goleak.VerifyTestMain(m)
}

// playWindow speaks as a measured window does, as fast as it can.
func playWindow() {
	set := flag.NewFlagSet("window", flag.ExitOnError)
	measure, port := set.String("measure", "", ""), set.String("scanner", "", "")
	set.String("data", "", "")
	set.String("screen", "", "")
	_ = set.Parse(os.Args[1:])
	if os.Getenv(asWindow) == "broken" {
		fmt.Fprintln(os.Stderr, "no OpenGL here")
		return
	}
	out := make(chan string)
	go func() {
		for line := range out {
			at := time.Now().UnixNano()
			fmt.Printf(`{"what":%q,"at":%d,"took":1000000,"cpu":2000000}`+"\n", line, at)
		}
	}()
	out <- "started"
	out <- "frame"
	go func() {
		f, err := os.Open(*port)
		if err != nil {
			return
		}
		what := "added"
		if *measure == asBare {
			what = "label"
		}
		for r := bufio.NewReader(f); ; {
			if _, err := r.ReadString('\r'); err != nil {
				return
			}
			out <- what
			out <- "frame"
		}
	}()
	fmt.Println("a line of the toolkit's own")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		out <- "did"
		out <- "frame"
	}
}

// quick is enough to see that each figure is measured.
var quick = effort{scans: 200, keystrokes: 100, likes: 5, starts: 1, painted: 3, wheels: 2, classes: 2,
	settle: 20 * time.Millisecond, idle: 100 * time.Millisecond, likesFor: time.Second, pictures: 60}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func params() Params {
	return Params{Products: []int{1000}, Seed: 7, Now: func() time.Time { return noon }, effort: quick}
}

// names are what a report holds figures of.
func names(r Report) (out []string) {
	for _, f := range r.Figures {
		out = append(out, f.Goal+" "+f.What)
	}
	return out
}

func TestRunWithoutADisplay(t *testing.T) {
	t.Setenv("DISPLAY", "")
	p := params()
	p.Program = os.Args[0]
	r, err := Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.LeftOut) != 1 || runtime.GOOS == "linux" && !strings.Contains(r.LeftOut[0], "no display") {
		t.Errorf("left out: %q", r.LeftOut)
	}
	want := []string{
		"P4 full sync", "P4 sync with nothing changed", "P4 rows written with nothing changed", "P4 rows written for one changed price",
		"P1 decode → classify → find → cart, p99",
		"P2 one search keystroke, p99", "P2 one search keystroke, median", "P2 allocated by one keystroke",
	}
	if got := names(r); !slices.Equal(got, want) {
		t.Errorf("figures %q", got)
	}
	for _, f := range r.Figures {
		if f.Products != 1000 || f.Unit != "rows" && !(f.Value > 0) || f.Against != "" && !(f.Floor > 0) {
			t.Errorf("%+v", f)
		}
		if f.Unit == "rows" && f.Verdict != Met {
			t.Errorf("%+v", f)
		}
	}
	if !r.Date.Equal(noon) || r.Machine.Cores == 0 {
		t.Errorf("%+v", r)
	}
}

// inWindow has this test program play the window, well or broken.
func inWindow(t *testing.T, how string) Params {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the scanner that the bench plays is a pty of Linux")
	}
	t.Setenv("DISPLAY", ":0")
	t.Setenv(asWindow, how)
	p := params()
	p.Program = os.Args[0]
	return p
}

func TestRunInAWindow(t *testing.T) {
	p := inWindow(t, "1")
	p.Only = []string{"P3", "P5", "P7", "P8", "P1"}
	r, err := Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"P1 decode → classify → find → cart, p99", "P3 start → first sale possible, median",
		"P1 scan → painted, median", "P1 scan → painted, p99", "P1 scan → painted, median, beside a label", "P1 processor time of the frame after a scan, median",
		"P8 idle: share of one core", "P8 idle, while pictures are fetched: share of one core", "P8 idle: frames painted in 100ms", "P5 memory after scrolling through pictures",
		"P7 scrolling: processor time of a frame, median", "P7 another class → painted, median", "P7 another class: processor time, median",
	}
	if got := names(r); !slices.Equal(got, want) || len(r.LeftOut) > 0 {
		t.Errorf("figures %q, left out %q", got, r.LeftOut)
	}
	for _, f := range r.Figures {
		switch f.What {
		case "scrolling: processor time of a frame, median":
			if f.Value != 4 || f.Ratio != 1 || f.Verdict != Met { // 2 ms of the command and 2 of its frame
				t.Errorf("%+v", f)
			}
		case "another class → painted, median":
			if f.Value != 2 || f.Verdict != Met {
				t.Errorf("%+v", f)
			}
		}
	}
}

func TestRunSaysWhyTheWindowDidNotOpen(t *testing.T) {
	p := inWindow(t, "broken")
	p.Only = []string{"P3"}
	if _, err := Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), "no OpenGL here") {
		t.Errorf("%v", err)
	}
}

func TestRunOfASmallShop(t *testing.T) {
	t.Setenv("DISPLAY", ":0")
	p := params()
	p.Products, p.Program, p.Only = []int{30}, os.Args[0], []string{"P7"}
	r, err := Run(t.Context(), p)
	if err != nil || len(r.Figures) > 0 || len(r.LeftOut) != 1 || !strings.Contains(r.LeftOut[0], "too little to scroll") {
		t.Errorf("%+v %v", r, err)
	}
}

func TestRunRefuses(t *testing.T) {
	for name, p := range map[string]Params{
		"no size":      {Now: time.Now},
		"no clock":     {Products: []int{1}},
		"unknown goal": {Products: []int{1}, Now: time.Now, Only: []string{"P6"}},
	} {
		if _, err := Run(t.Context(), p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Run(t.Context(), Params{Products: []int{0}, Now: time.Now, effort: quick}); err == nil {
		t.Error("a shop of nothing was measured")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Run(ctx, params()); err == nil {
		t.Error("went on after the end")
	}
}

func TestReportIsJSON(t *testing.T) {
	raw, err := json.Marshal(Report{Date: noon, Figures: []Figure{Figure{Goal: "P1", What: "x", Value: 1, Unit: "ms", Floor: 2}.judged(atMost, 4)}})
	if err != nil || !strings.Contains(string(raw), `"ratio":0.5,"wanted":"≤ 4 ms","used":0.25,"verdict":"met"`) {
		t.Errorf("%s %v", raw, err)
	}
}
