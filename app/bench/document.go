package bench

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The files that Write keeps in a folder of documents.
const (
	documentFile = "performance.md"
	chartFile    = "performance" // .svg and .png
)

// What stands between these lines of the document is written by Write.
const (
	tableBegins = "<!-- bench: begin -->\n"
	tableEnds   = "<!-- bench: end -->\n"
)

// Write puts the report into dir: its table into performance.md, between its
// two marks, and its chart beside it as SVG and PNG. A document without the marks
// is left as it is, with an error.
func (r Report) Write(dir string) error {
	path := filepath.Join(dir, documentFile)
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(old), tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		return fmt.Errorf("%s has no place for the table: it needs the lines %s and %s", path, strings.TrimSpace(tableBegins), strings.TrimSpace(tableEnds))
	}
	var table bytes.Buffer
	r.table(&table)
	if err := r.charts(dir); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(before+tableBegins+table.String()+tableEnds+after), 0o644)
}

// table writes the report in Markdown: a row for each figure, a column for each
// size of shop.
func (r Report) table(w io.Writer) {
	m := r.Machine
	fmt.Fprintf(w, "\n%s, %s, %d cores, %d MB, %s; %s; %s. Seed %d.\n", r.Date.Format("2006-01-02"), m.Processor, m.Cores, m.Memory, m.System, m.Graphics, m.Go, r.Seed)
	if m.Busy > float64(m.Cores) {
		fmt.Fprintf(w, "When it began, %.1f processes wanted to run on %d cores: times are longer than they would be on a till, ratios hold.\n", m.Busy, m.Cores)
	}
	sizes := r.sizes()
	fmt.Fprint(w, "\n| goal | figure | wanted |")
	for _, n := range sizes {
		fmt.Fprintf(w, " %s products |", thousands(n))
	}
	fmt.Fprintf(w, "\n|---|---|---|%s\n", strings.Repeat("---|", len(sizes)))
	for _, row := range r.rows() {
		f := row[0]
		against := ""
		if f.Against != "" {
			against = " (floor: " + f.Against + ")"
		}
		fmt.Fprintf(w, "| %s | %s%s | %s |", f.Goal, f.What, against, f.Wanted)
		for _, n := range sizes {
			i := slices.IndexFunc(row, func(f Figure) bool { return f.Products == n })
			if i < 0 {
				fmt.Fprint(w, " – |")
				continue
			}
			fmt.Fprintf(w, " %s |", row[i].cell())
		}
		fmt.Fprintln(w)
	}
	for _, why := range r.LeftOut {
		fmt.Fprintf(w, "\nLeft out: %s.\n", why)
	}
	fmt.Fprintln(w)
}

// cell is a figure, its floor and what it is worth.
func (f Figure) cell() string {
	s := strings.TrimSpace(number(f.Value) + " " + f.Unit)
	if f.Floor != 0 {
		s += fmt.Sprintf(" / %s = %s ×", number(f.Floor), number(f.Ratio))
	}
	switch f.Verdict {
	case Met, Within:
		return s + ", " + string(f.Verdict)
	case Missed:
		return s + ", **missed**"
	case None:
	}
	return s
}

func (r Report) sizes() []int {
	var out []int
	for _, f := range r.Figures {
		if !slices.Contains(out, f.Products) {
			out = append(out, f.Products)
		}
	}
	slices.Sort(out)
	return out
}

// rows are the figures of one name together, by goal and in the order in which
// they were first measured.
func (r Report) rows() [][]Figure {
	var out [][]Figure
	for _, f := range r.Figures {
		i := slices.IndexFunc(out, func(row []Figure) bool { return row[0].Goal == f.Goal && row[0].What == f.What })
		if i < 0 {
			out = append(out, nil)
			i = len(out) - 1
		}
		out[i] = append(out[i], f)
	}
	slices.SortStableFunc(out, func(a, b []Figure) int { return strings.Compare(a[0].Goal, b[0].Goal) })
	return out
}

// Print writes the report for a terminal.
func (r Report) Print(w io.Writer) {
	for _, f := range r.Figures {
		wanted := ""
		if f.Wanted != "" {
			wanted = fmt.Sprintf("  (%s)", f.Wanted)
		}
		fmt.Fprintf(w, "%s  %9s  %-48s %s%s\n", f.Goal, thousands(f.Products), f.What, f.cell(), wanted)
	}
	for _, why := range r.LeftOut {
		fmt.Fprintln(w, "left out:", why)
	}
}
