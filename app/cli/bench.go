package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"cashier/app/bench"
	"cashier/services/fault"
)

// runBench measures the till in folders of its own; the data folder is not
// touched.
func runBench(ctx context.Context, c *call) (int, error) {
	set := newFlags("bench")
	products := set.String("products", "1000,10000,100000", "")
	only := set.String("only", "", "")
	seed := set.Uint64("seed", 42, "")
	out := set.String("out", "", "")
	window := set.String("cashier", "", "")
	profiles := set.String("profile", "", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	p := bench.Params{Seed: *seed, Program: *window, Profiles: *profiles, Now: time.Now, Progress: c.Err}
	for word := range strings.SplitSeq(*products, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 {
			return 0, usage("--products is a list of numbers such as 1000,10000,100000")
		}
		p.Products = append(p.Products, n)
	}
	if *only != "" {
		p.Only = strings.Split(strings.ToUpper(*only), ",")
	}
	if *out != "" && *only != "" {
		return 0, usage("--out writes the whole table; it does not go with --only")
	}
	for _, goal := range p.Only {
		if !bench.Known(goal) {
			return 0, usage("--only is a list of %s", strings.Join(bench.Goals(), ", "))
		}
	}
	if p.Program == "" {
		p.Program = besideThis("cashier")
	}
	if *profiles != "" {
		if err := os.MkdirAll(*profiles, 0o755); err != nil {
			return 0, err
		}
		p.Profiles, _ = filepath.Abs(*profiles) // as given where there is no working folder
	}
	r, err := bench.Run(ctx, p)
	if err != nil {
		return 0, fault.Wrap(err, fault.Internal, "bench.failed", "The measuring came to an end: {why}.", "why", err.Error())
	}
	if *out != "" {
		if err := r.Write(*out); err != nil {
			return 0, fault.Wrap(err, fault.Invalid, "bench.not_written", "The figures were not written: {why}.", "why", err.Error())
		}
	}
	return Done, c.print(r, func(w io.Writer) {
		r.Print(w)
		if *out != "" {
			fmt.Fprintf(w, "written to %s\n", *out)
		}
	})
}

// besideThis is a program in the folder of this one or on the path, "" for none.
func besideThis(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		path := filepath.Join(filepath.Dir(self), name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}
