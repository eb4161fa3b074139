package cli

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cashier/services/money"
	"cashier/services/pricing"
)

type batchesJSON struct {
	Batches []batchJSON `json:"batches"`
}

func (r *rig) batches() []batchJSON {
	r.t.Helper()
	return doc[batchesJSON](r.t, r.want(Done, r.run("", "--json", "price", "batch", "list")).out).Batches
}

func (r *rig) file(name, text string) string {
	r.t.Helper()
	path := filepath.Join(r.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

// setAtHQ is somebody else's price.
func (r *rig) setAtHQ(p productJSON, price money.Fen) {
	r.t.Helper()
	if !r.servers.HQ.SetPrice(p.ShopID, p.ProductID, price, p.MemberPrice) {
		r.t.Fatal("no such product")
	}
}

func TestABatchFromTheCommandLine(t *testing.T) {
	r := newRig(t).synced()
	a, b := r.product("10197"), r.product("10204")
	file := r.file("调价.csv", "货号,售价\n10197,"+(a.Price+10).Yuan()+"\n10204,"+(b.Price+20).Yuan()+"\n")
	rows := r.priceRows(Done, "import", file, "--name", "春季调价")
	if rows[0].Batch == "" || rows[1].Row != 2 || rows[0].Result != pricing.Changed {
		t.Fatalf("%+v", rows)
	}
	id := rows[0].Batch
	// The cache has it at once, and the history says who and why.
	if r.product("10197").Price != a.Price+10 {
		t.Error("the cache does not follow")
	}
	history := doc[[]priceEntryJSON](t, r.want(Done, r.run("", "--json", "price", "history", "--product", "10197")).out)
	if history[0].Why != "春季调价" || history[0].By == "" || history[0].Price != (a.Price+10).Yuan() {
		t.Errorf("%+v", history[0])
	}
	list := r.batches()
	if len(list) != 1 || list[0].ID != id || list[0].Name != "春季调价" || list[0].State != pricing.BatchDone || list[0].Count[pricing.RowChanged] != 2 {
		t.Errorf("%+v", list)
	}
	r.want(Done, r.run("", "price", "batch", "list"), "春季调价")
	r.want(Done, r.run("", "price", "batch", "show", id), "changed", "10204")
	r.want(RefusedExit, r.run("", "price", "batch", "show", "nothing"), "price batch list")
	r.want(RefusedExit, r.run("", "price", "batch", "send", "nothing"))
	r.want(RefusedExit, r.run("", "price", "batch", "cancel", id), "Undo")
	undone := r.priceRows(Done, "batch", "undo", id)
	if undone[0].Price != a.Price.Yuan() || r.product("10204").Price != b.Price {
		t.Errorf("%+v", undone)
	}
	if list := r.batches(); len(list) != 2 || list[0].UndoOf != id || list[1].UndoBy != list[0].ID || list[1].Count[pricing.RowUndone] != 2 {
		t.Errorf("%+v", list)
	}
	r.want(Done, r.run("", "verify"), "0 broken")
}

func TestABatchForLater(t *testing.T) {
	r := newRig(t).synced()
	a := r.product("10197")
	file := r.file("a.csv", "货号,售价\n10197,"+(a.Price+10).Yuan()+"\n")
	for _, bad := range []string{"soon", "25:00", "2026-13-01 10:00"} {
		r.want(Usage, r.run("", "price", "import", file, "--at", bad))
	}
	at := time.Now().Add(time.Hour).Format(time.RFC3339)
	rows := r.priceRows(Done, "import", file, "--at", at)
	if rows[0].Result != pricing.Planned || r.batches()[0].State != pricing.BatchWaiting {
		t.Errorf("%+v", rows)
	}
	r.want(Done, r.run("", "price", "batch", "cancel", rows[0].Batch), "cancelled")
	later := r.priceRows(Done, "import", file, "--at", at)
	r.setAtHQ(a, a.Price+55)
	asks := r.priceRows(RefusedExit, "batch", "send", later[0].Batch) // now, and HQ's price has moved
	if asks[0].Result != pricing.Conflict || asks[0].Now != (a.Price+55).Yuan() || asks[0].Reason == "" {
		t.Errorf("%+v", asks)
	}
	for _, words := range [][]string{{"--all"}, {"--row", "1"}, {"--row", "1", "--keep", "--apply"}, {"--keep"}, {"--row", "x", "--keep"}, {"--all", "--row", "1", "--keep"}} {
		r.want(Usage, r.run("", append([]string{"price", "batch", "resolve", later[0].Batch}, words...)...))
	}
	r.want(RefusedExit, r.run("", "price", "batch", "resolve", later[0].Batch, "--row", "2", "--keep"), "nothing was decided")
	if done := r.priceRows(Done, "batch", "resolve", later[0].Batch, "--row", "1", "--apply"); done[0].Result != pricing.Changed || done[0].Was != (a.Price+55).Yuan() {
		t.Errorf("%+v", done)
	}
}

func TestGuardsOfAnImport(t *testing.T) {
	r := newRig(t).synced()
	a, b := r.product("10197"), r.product("10204")
	file := r.file("a.csv", "货号,售价\n10197,"+(a.Price*10).Yuan()+"\n10204,0.01\n")
	r.want(Usage, r.run("", "price", "import", file, "--allow", "price.guard_zero"), "price.guard_dearer")
	rows := r.priceRows(RefusedExit, "import", file, "--dry-run")
	if rows[0].Result != pricing.NotSent || !strings.Contains(rows[0].Reason, "decimal point") || rows[1].Result != pricing.NotSent {
		t.Errorf("%+v", rows)
	}
	dry := r.priceRows(RefusedExit, "import", file, "--dry-run", "--allow", "price.guard_dearer")
	if dry[0].Result != pricing.WouldChange || len(dry[0].Warnings) == 0 {
		t.Errorf("%+v", dry)
	}
	if done := r.priceRows(RefusedExit, "import", file, "--allow", "price.guard_dearer"); done[0].Result != pricing.Changed || done[1].Result != pricing.NotSent || r.product("10204").Price != b.Price {
		t.Errorf("%+v", done)
	}
}

// A wrong row is named by line and column; a dry run shows the good ones.
func TestAListWithWrongRows(t *testing.T) {
	r := newRig(t).synced()
	a := r.product("10197")
	file := r.file("a.csv", "自编码,活动价\n10197,"+(a.Price+1).Yuan()+"\n10204,cheap\nnone,1\n")
	r.want(RefusedExit, r.run("", "price", "import", file), "no row names the columns")
	r.want(Usage, r.run("", "price", "import", file, "--map", "colour=x"))
	rows := r.priceRows(RefusedExit, "import", file, "--dry-run", "--map", "productCode=自编码", "--map", "price=活动价")
	if len(rows) != 1 || rows[0].Result != pricing.WouldChange {
		t.Errorf("%+v", rows)
	}
	r.want(RefusedExit, r.run("", "price", "import", file), "Line 3", "column B 活动价", "Line 4") // the columns are remembered
	if len(r.batches()) != 0 {
		t.Error("a batch of a list with wrong rows")
	}
}

// What is exported is imported again without a difference, in either form.
func TestExportAndImport(t *testing.T) {
	r := newRig(t).synced()
	a := r.product("10197")
	for _, name := range []string{"all.csv", "all.xlsx"} {
		file := filepath.Join(t.TempDir(), name)
		r.want(Done, r.run("", "price", "export", file), "exported")
		for _, row := range r.priceRows(Done, "import", file, "--dry-run") {
			if row.Result != pricing.Same {
				t.Fatalf("%s: %+v", name, row)
			}
		}
		r.priceRows(Done, "import", file)
	}
	if len(r.batches()) != 0 {
		t.Error("a batch of nothing")
	}
	r.want(Done, r.run("", "price", "export", filepath.Join(t.TempDir(), "class.csv"), "--class", a.Class))
	r.want(RefusedExit, r.run("", "price", "export", filepath.Join(t.TempDir(), "x.csv"), "--class", "none"))
	r.want(RefusedExit, r.run("", "price", "export", filepath.Join(t.TempDir(), "no", "x.csv")), "cannot be written")
}

func TestAdjust(t *testing.T) {
	r := newRig(t).synced()
	a := r.product("10197")
	id := strconv.FormatInt(a.ProductID, 10)
	for _, bad := range [][]string{
		{"--percent", "-5"}, {"--product", id}, {"--product", id, "--percent", "x"}, {"--product", id, "--percent", "-100"}, {"--product", id, "--round", ".7"},
		{"--product", id, "--add", "x"}, {"--product", id, "--add", "1.234"}, {"--product", id, "--price", "1", "--round", ".9"},
		{"--product", id, "--percent", "1", "--member", "2"}, {"--product", id, "--price", "-1"}, {"--product", id, "--percent", "1", "--direction", "left"},
	} {
		r.want(Usage, r.run("", append([]string{"price", "adjust"}, bad...)...))
	}
	r.want(RefusedExit, r.run("", "price", "adjust", "--class", "none", "--percent", "-5"), "none")
	rows := r.priceRows(Done, "adjust", "--product", id, "--percent", "10", "--round", ".9", "--direction", "up", "--dry-run")
	want := (a.Price*110 + 50) / 100
	want += (90 - want%100 + 100) % 100
	if len(rows) != 1 || rows[0].Price != want.Yuan() || rows[0].Result != pricing.WouldChange {
		t.Errorf("%+v, want %s", rows, want.Yuan())
	}
	class := r.priceRows(Done, "adjust", "--class", a.Class, "--add", "+0.10", "--member", "same", "--name", "一毛")
	for _, row := range class {
		if row.Result != pricing.Changed {
			t.Errorf("%+v", row)
		}
	}
	if now := r.product("10197"); now.Price != a.Price+10 || len(class) < 2 {
		t.Errorf("%+v, %d rows", now, len(class))
	}
	set := r.priceRows(Done, "adjust", "--product", id, "--price", "12.30", "--member", "11")
	if set[0].Price != "12.30" || set[0].MemberPrice != "11.00" {
		t.Errorf("%+v", set)
	}
}

// HQ goes away between the rehearsal and the sending: what is written down is
// sent later.
func TestABatchWithoutHQ(t *testing.T) {
	r := newRig(t).synced()
	a := r.product("10197")
	file := r.file("a.csv", "货号,售价\n10197,"+(a.Price+10).Yuan()+"\n")
	r.faults("getlistbyproductids=500#2,getlistbyproductids=500#3,getlistbyproductids=500#4")
	got := r.run("", "price", "import", file)
	if got.code == Done || !strings.Contains(got.err, "price batch send") {
		t.Fatalf("%+v", got)
	}
	r.faults("")
	list := r.batches()
	if len(list) != 1 || list[0].Count[pricing.RowPlanned] != 1 {
		t.Fatalf("%+v", list)
	}
	if sent := r.priceRows(Done, "batch", "send", list[0].ID); sent[0].Result != pricing.Changed {
		t.Errorf("%+v", sent)
	}
}

func TestParseAt(t *testing.T) {
	now := time.Date(2026, 12, 31, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"06:00": "2027-01-01T06:00:00Z", "10:00": "2027-01-01T10:00:00Z", "10:01": "2026-12-31T10:01:00Z",
		"2027-02-03 04:05": "2027-02-03T04:05:00Z", "2027-02-03T04:05": "2027-02-03T04:05:00Z", "2027-02-03T04:05:00+08:00": "2027-02-03T04:05:00+08:00",
	} {
		if got, err := parseAt(text, now); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%s: %s, %v", text, got.Format(time.RFC3339), err)
		}
	}
}
