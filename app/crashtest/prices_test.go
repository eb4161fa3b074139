//go:build unix

package crashtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cashier/app/demo"
	"cashier/assets/demoshop"
)

// manyPrices is how many prices a killed till goes on with.
const manyPrices = 5000

// pricedBench is a bench whose shop has that many products.
func pricedBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	dir := filepath.Join(t.TempDir(), "shop")
	if err := demoshop.Generate(dir, manyPrices, 0, 1); err != nil {
		t.Fatal(err)
	}
	servers, err := demo.Start(context.Background(), demo.Params{Shop: os.DirFS(dir)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	b.servers = servers
	return b
}

// received is how often HQ has taken a price for each product of the till's shop.
func (b *bench) received() map[int64]int {
	b.t.Helper()
	raw, err := b.servers.HQ.State()
	if err != nil {
		b.t.Fatal(err)
	}
	var state struct {
		Logs []struct {
			ProductID int64 `json:"productId"`
		} `json:"logs"`
	}
	if err := json.Unmarshal(raw, &state); err != nil {
		b.t.Fatal(err)
	}
	times := map[int64]int{}
	for _, l := range state.Logs {
		times[l.ProductID]++
	}
	return times
}

type batches struct {
	Batches []struct {
		ID    string
		State string
		Rows  int
		Count map[string]int
	}
}

func (l *till) batches() batches {
	l.t.Helper()
	var got batches
	if err := json.Unmarshal([]byte(l.must("", "--json", "price", "batch", "list")), &got); err != nil {
		l.t.Fatal(err)
	}
	return got
}

// dearer writes the till's own list anew, each price five fen higher.
func (l *till) dearer() string {
	l.t.Helper()
	file := filepath.Join(l.t.TempDir(), "prices.csv")
	l.must("", "price", "export", file)
	raw, err := os.ReadFile(file)
	if err != nil {
		l.t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\r\n")
	for i, line := range lines[1:] {
		cells := strings.Split(line, ",")
		var yuan, fen int
		if _, err := fmt.Sscanf(cells[len(cells)-2], "%d.%d", &yuan, &fen); err != nil {
			l.t.Fatalf("%q: %v", line, err)
		}
		fen += 100*yuan + 5
		cells[len(cells)-2] = fmt.Sprintf("%d.%02d", fen/100, fen%100)
		lines[i+1] = strings.Join(cells, ",")
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\r\n")), 0o600); err != nil {
		l.t.Fatal(err)
	}
	return file
}

// Killed at a write or a moment in the middle of 5,000 prices, the next till goes
// on and HQ takes none of them twice; undone, HQ has every price that it had.
func TestKilledWhileSendingPrices(t *testing.T) {
	kills := []kill{{"batch.step.after:30", 0}, {"batch.step.before:9", 0}}
	if os.Getenv("CRASH_EACH") != "" {
		kills = append(kills, kill{"batch.before", 0}, kill{"batch.after", 0}, kill{"batch.step.after:2", 0}, kill{"prices.after:3", 0}, kill{"", 900 * time.Millisecond}, kill{"", 1500 * time.Millisecond})
	}
	for _, k := range kills {
		t.Run(k.point+k.after.String(), func(t *testing.T) { pricedBench(t).killed(k) })
	}
}

// kill names a write point, or a moment.
type kill struct {
	point string
	after time.Duration
}

func (b *bench) killed(k kill) {
	l := b.newTill()
	all := func() string { return l.must("", "--json", "product", "find", "", "--limit", "10000") }
	original := all()
	r := l.run("", k.point, k.after, "--json", "price", "import", l.dearer())
	if !r.killed && k.point != "" {
		b.t.Fatalf("not killed (exit %d)\n%s%s", r.code, r.out, r.err)
	}
	list := l.batches()
	if len(list.Batches) == 0 {
		if n := len(b.received()); n > 0 {
			b.t.Errorf("%d prices were sent before they were written down", n)
		}
		return
	}
	id := list.Batches[0].ID
	if r := l.run("", "", 0, "--json", "price", "batch", "send", id); r.code != 0 && r.code != 3 {
		b.t.Fatalf("exit %d\n%s", r.code, r.err)
	}
	b.once()
	if left := l.batches().Batches[0].Count["unknown"]; left > 0 {
		// Marked, and killed before or while it left: a person says to send it.
		l.must("", "--json", "price", "batch", "resolve", id, "--all", "--apply")
		b.once()
	}
	if now := l.batches().Batches[0]; now.State != "done" || now.Count["changed"] != manyPrices || len(b.received()) != manyPrices {
		b.t.Fatalf("%+v, HQ took %d", now, len(b.received()))
	}
	l.must("", "--json", "price", "batch", "undo", id)
	if all() != original {
		b.t.Error("undone, and not every price is back here")
	}
	l.must("", "sync")
	if all() != original {
		b.t.Error("undone, and not every price is back at HQ")
	}
	l.must("", "verify")
}

// once checks that HQ has taken no product's price more than once.
func (b *bench) once() {
	b.t.Helper()
	for id, n := range b.received() {
		if n > 1 {
			b.t.Fatalf("HQ took the price of product %d %d times", id, n)
		}
	}
}
