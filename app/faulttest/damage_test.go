//go:build unix && !race

package faulttest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "modernc.org/sqlite"

	"cashier/app"
	"cashier/localdb"
	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
)

// trade is a till that has sold in every way, with a backup halfway: its folder
// as it is after closing, and as it is while selling, with a log that has not
// been folded back.
type trade struct {
	*bench
	closed, running string
	old             []byte // ledger.db at the backup
	sales           map[string]checkout.Sale
	rows            map[string]string // of each of the folders
}

func newTrade(b *bench) *trade {
	b.Helper()
	base := inMemory(b)
	tr := &trade{bench: b, closed: filepath.Join(base, "closed"), running: filepath.Join(base, "running"), sales: map[string]checkout.Sale{}, rows: map[string]string{}}
	dir := filepath.Join(base, "till")
	till := tr.open(dir)
	_, err := till.Catalog.Sync(b.Context(), false, nil)
	b.ok(err)
	tr.sellEachWay(till)
	_, err = till.Backup(b.Context(), "")
	b.ok(err)
	till.Close()
	tr.old, err = os.ReadFile(filepath.Join(dir, "ledger.db"))
	b.ok(err)
	till = tr.open(dir)
	tr.sellEachWay(till)
	till.Close()
	b.ok(os.CopyFS(tr.closed, os.DirFS(dir)))
	till = tr.open(dir)
	tr.sellEachWay(till)
	if found, err := till.VerifyBooks(b.Context()); err != nil || len(found) > 0 { // also waits for the journal
		b.Fatalf("%v %v", found, err)
	}
	b.ok(os.CopyFS(tr.running, os.DirFS(dir)))
	till.Close()
	for _, folder := range []string{tr.closed, tr.running} {
		// What the running till holds in memory is gone with it.
		b.ok(removeIfThere(filepath.Join(folder, "ledger.db-shm")))
		copied := filepath.Join(b.TempDir(), "copy")
		b.ok(os.CopyFS(copied, os.DirFS(folder)))
		tr.rows[folder] = rows(b, filepath.Join(copied, "ledger.db"))
	}
	return tr
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !os.IsNotExist(err) {
		return err
	}
	return nil
}

func (tr *trade) open(dir string) *app.Till {
	tr.Helper()
	till, err := app.Open(tr.Context(), tr.params(dir))
	tr.ok(err)
	return till
}

// sellEachWay rings a few sales; what ended is kept, as it was reported.
func (tr *trade) sellEachWay(till *app.Till) {
	tr.Helper()
	for _, tender := range []checkout.Tender{
		{Cash: 5000}, {Code: tr.code("0001")}, {Cash: 5000}, {Code: tr.code("9004")}, {Cash: 2122}, {Code: tr.code("9002")}, {Code: tr.code("9008")},
	} {
		s, err := ring(tr.Context(), till, tender)
		tr.ok(err)
		if _, open := s.OpenLeg(); !open && s.State == checkout.Tendering { // refused
			s, err = till.Desk.Void(tr.Context(), till.Actor(), s.ID, "test")
			tr.ok(err)
		}
		tr.sales[s.ID] = s
	}
}

// rows is all that a database holds, but for the open cart, which may change at
// any time, and the date of a migration, which nobody reads.
func rows(t testing.TB, path string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var b strings.Builder
	for _, table := range texts(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('carts', 'cart_lines') ORDER BY name`) {
		columns := texts(t, db, `SELECT 'quote("' || name || '")' FROM pragma_table_info(?) WHERE name <> 'tstamp'`, table)
		all := texts(t, db, `SELECT concat_ws('|', `+strings.Join(columns, ",")+`) FROM "`+table+`"`)
		slices.Sort(all)
		fmt.Fprintf(&b, "%s\n%s\n", table, strings.Join(all, "\n"))
	}
	return b.String()
}

func texts(t testing.TB, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	r, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var all []string
	for r.Next() {
		var one string
		if err := r.Scan(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// outcomes counts what became of damaged files.
type outcomes struct {
	mu sync.Mutex
	by map[string]int
}

func (o *outcomes) add(what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.by[what]++
}

// TestBulkDamagedLedger damages the books in every way. Either the till refuses
// them and leaves them as they are, or `verify` finds the damage, or nothing was
// damaged that is in them; and a restore brings every sale back.
func TestBulkDamagedLedger(t *testing.T) {
	tr := newTrade(newBench(t))
	n := times("FAULT_DAMAGES", 48)
	o := outcomes{by: map[string]int{}}
	eachOfTwo(t, n, func(t *testing.T, i int) {
		tr := &trade{bench: tr.in(t), closed: tr.closed, running: tr.running, old: tr.old, sales: tr.sales, rows: tr.rows}
		o.add(tr.damaged(damages[i%len(damages)], i))
	})
	t.Logf("%d damaged ledgers: %v", n, o.by)
	if o.by["refused"] == 0 || o.by["found"] == 0 {
		t.Errorf("%v: the damage was not damage", o.by)
	}
}

// eachOfTwo runs f for each number up to n in a test of its own, two at a time.
func eachOfTwo(t *testing.T, n int, f func(t *testing.T, i int)) {
	work := make(chan int)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for i := range work {
				t.Run(fmt.Sprint(i), func(t *testing.T) { f(t, i) })
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	wg.Wait()
}

// damaged damages one copy and says what came of it.
func (tr *trade) damaged(d damage, seed int) (outcome string) {
	from := tr.running
	if d.on == "" && seed%2 == 0 {
		from = tr.closed
	}
	dir := filepath.Join(inMemory(tr), "till")
	tr.ok(os.CopyFS(dir, os.DirFS(from)))
	file := filepath.Join(dir, "ledger.db"+d.on)
	whole, err := os.ReadFile(file)
	tr.ok(err)
	bad := d.do(bytes.Clone(whole), tr.old, rand.New(rand.NewPCG(9, uint64(seed))))
	tr.ok(os.WriteFile(file, bad, 0o600))
	before, err := content(dir)
	tr.ok(err)
	name := fmt.Sprintf("%d: %s", seed, d.name)

	till, err := app.Open(tr.Context(), tr.params(dir))
	if err != nil {
		tr.refused(name, dir, before, err)
		tr.restored(name, dir, from, before)
		return "refused"
	}
	found, err := till.VerifyBooks(tr.Context())
	why := till.PayError()
	till.Close()
	switch {
	case err != nil:
		tr.plain(name, err)
	case len(found) > 0:
	default:
		if now := rows(tr, filepath.Join(dir, "ledger.db")); now != tr.rows[from] {
			tr.Errorf("%s: neither refused nor found:\n%s", name, difference(tr.rows[from], now))
		}
		return "harmless"
	}
	tr.restored(name, dir, from, nil)
	if fault.CodeOf(why) == "restore.unreconciled" {
		return "found, and no payment codes taken"
	}
	return "found"
}

// refused sees that a refusal says what to do, and that nothing was touched.
func (tr *trade) refused(name, dir string, before map[string]string, err error) {
	tr.Helper()
	tr.plain(name, err)
	backups, listErr := localdb.Backups(filepath.Join(dir, "backups"))
	tr.ok(listErr)
	if m := err.Error(); !strings.Contains(m, "cashierctl restore "+backups[0].Path) && fault.CodeOf(err) != "ledger.lost" {
		tr.Errorf("%s: %s names no way back: %s %v", name, fault.CodeOf(err), m, errors.Unwrap(err))
	}
	after, readErr := content(dir)
	tr.ok(readErr)
	for file, was := range before {
		if strings.HasPrefix(file, "ledger.db") && after[file] != was && !strings.HasSuffix(file, "-shm") {
			tr.Errorf("%s: %s was changed by the refusal (%d bytes, were %d)", name, file, len(after[file]), len(was))
		}
	}
}

// plain is an error that a person can act on.
func (tr *trade) plain(name string, err error) {
	tr.Helper()
	if fault.CodeOf(err) == "" || !strings.HasSuffix(err.Error(), ".") {
		tr.Errorf("%s: no fault: %v", name, err)
	}
}

// restored brings the books back as the refusal said, and looks at them.
func (tr *trade) restored(name, dir, from string, before map[string]string) {
	tr.Helper()
	ctx := tr.Context()
	b, ok := localdb.NewestGood(ctx, filepath.Join(dir, "backups"))
	if !ok {
		tr.Fatalf("%s: no good backup", name)
	}
	p := tr.params(dir)
	r, err := app.Restore(ctx, p, app.RestoreParams{File: b.Path, By: app.MachineActor("faulttest")})
	if err != nil {
		tr.Fatalf("%s: restoring: %v", name, err)
	}
	if before != nil {
		for _, c := range []string{"", "-wal"} {
			kept, err := os.ReadFile(r.Aside + c)
			if was, there := before["ledger.db"+c]; there && (err != nil || string(kept) != was) {
				tr.Errorf("%s: the damaged ledger.db%s is not kept as it was: %v", name, c, err)
			}
		}
	} else if _, err := os.Stat(r.Aside); err != nil {
		tr.Errorf("%s: the damaged books are not kept: %v", name, err)
	}
	till, err := app.Open(ctx, p)
	if err != nil {
		tr.Fatalf("%s: after the restore: %v", name, err)
	}
	defer till.Close()
	if found, err := till.VerifyBooks(ctx); err != nil || len(found) > 0 {
		tr.Errorf("%s: after the restore: %v %v", name, found, err)
	}
	if till.Ledger.Till().Epoch < 2 {
		tr.Errorf("%s: no new epoch", name)
	}
	if err := till.PayError(); fault.CodeOf(err) != "restore.unreconciled" {
		tr.Errorf("%s: payment codes are taken before the books were compared: %v", name, err)
	}
	tr.everySale(ctx, name, till, from)
	if _, err := ring(ctx, till, checkout.Tender{Cash: 5000}); err != nil {
		tr.Errorf("%s: cash after the restore: %v", name, err)
	}
	if err := till.ConfirmReconciled(ctx, access.Actor{Role: access.Owner, Name: "test"}, "test"); err != nil {
		tr.Errorf("%s: %v", name, err)
	}
}

// everySale sees that each sale which was reported when the copy was made is in
// the books as it was reported.
func (tr *trade) everySale(ctx context.Context, name string, till *app.Till, from string) {
	tr.Helper()
	missing := 0
	for id, want := range tr.sales {
		if !strings.Contains(tr.rows[from], id) {
			continue // rung after the copy
		}
		got, err := till.Ledger.Sale(ctx, id)
		if err != nil || got.State != want.State || got.ReceiptNo != want.ReceiptNo || got.Total != want.Total || len(got.Legs) != len(want.Legs) {
			missing++
		}
	}
	if missing > 0 {
		tr.Errorf("%s: %d sales are not as they were", name, missing)
	}
}

// difference is the lines that only one of two texts has.
func difference(a, b string) string {
	var out []string
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for _, l := range x {
		if !slices.Contains(y, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range y {
		if !slices.Contains(x, l) {
			out = append(out, "+ "+l)
		}
	}
	return strings.Join(out, "\n")
}
