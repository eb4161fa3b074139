package app

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cashier/localdb"
	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/hq/hqtest"
	"cashier/services/money"
	"cashier/services/shopdata"
	"cashier/services/upload"
)

// branch is a ledger, the real client and the stand-in's HQ, with a clock that
// moves when told to, and power that fails when told to.
type branch struct {
	testing.TB
	office *hqtest.Server
	client *hq.Client
	path   string
	ledger *localdb.Ledger
	clock  time.Time
	cut    string // the write at which the power fails
	device string
	n      int
}

type powerCut struct{}

func newBranch(t *testing.T) *branch {
	t.Helper()
	shop, err := shopdata.Load(os.DirFS("../services/shopdata/testdata/shop"))
	if err != nil {
		t.Fatal(err)
	}
	b := &branch{TB: t, path: filepath.Join(t.TempDir(), "ledger.db"), clock: time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC), device: "POS1"}
	if b.office, err = hqtest.New(hqtest.Params{Shop: shop}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(b.office)
	t.Cleanup(srv.Close)
	owner := shop.Owner()
	if b.client, err = hq.New(hq.Params{
		BaseURL: srv.URL, Tenant: shop.Tenant, Login: owner.Login, ShopID: shop.ShopID,
		Password: func() (string, error) { return owner.Password, nil },
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.client.Close)
	b.open()
	t.Cleanup(func() { b.must(b.ledger.Shut()) })
	return b
}

func (b *branch) must(err error) {
	if err != nil {
		b.Helper()
		b.Fatal(err)
	}
}

func (b *branch) open() {
	l, err := localdb.Open(b.Context(), localdb.Params{Path: b.path, Now: func() time.Time { return b.clock }, Hook: func(point string) {
		if point == b.cut {
			panic(powerCut{})
		}
	}})
	b.must(err)
	b.ledger = l
}

// surviving runs f, through a power cut if there is one, and starts again after
// it.
func (b *branch) surviving(f func()) {
	defer func() {
		if r := recover(); r != nil {
			if _, expected := r.(powerCut); !expected {
				panic(r)
			}
			b.cut = ""
			b.must(b.ledger.Shut())
			b.open()
		}
		b.cut = ""
	}()
	f()
}

func (b *branch) sender() *upload.Sender {
	s, err := upload.New(upload.Params{
		Store: b.ledger, HQ: hqBills{b.client, b.device, 3, time.UTC}, Now: func() time.Time { return b.clock },
		Backoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond,
	})
	b.must(err)
	return s
}

var cashier = access.Actor{ID: "7", Name: "梅", Role: access.Cashier, Program: "test"}

// sells brings a sale of one line to where the kind of its end says.
func (b *branch) sells(end checkout.SaleState) {
	b.n++
	id := func(what string) string { return fmt.Sprintf("%s-%04d", what, b.n) }
	b.clock = b.clock.Add(time.Second)
	at, ctx := b.clock, b.Context()
	amount := money.Fen(100 + b.n)
	s := checkout.Sale{
		ID: id("sale"), Kind: checkout.Goods, TillID: b.ledger.Till().ID, Epoch: b.ledger.Till().Epoch, BusinessDate: "2026-03-08", Actor: cashier,
		CartID: id("cart"), State: checkout.Tendering, Total: amount, OpenedAt: at,
		Lines: []checkout.Line{{ProductID: 1001, Code: "1", Name: "苹果", Unit: "个", Pricing: catalog.ByCount, ListPrice: amount, Price: amount, Qty: 1, Amount: amount}},
	}
	l := checkout.Leg{ID: id("leg"), SaleID: s.ID, No: 1, Key: id("key"), Class: checkout.ClassCode, Method: "code", Provider: "liantuofu", Amount: amount, Before: -1, CodeDigest: id("digest")}
	if end == checkout.Complete && b.n%2 == 0 {
		l.Class, l.Method, l.Provider, l.Tendered, l.CodeDigest = checkout.ClassRecorded, "cash", "till", amount, ""
	}
	account := map[checkout.Class]checkout.Account{checkout.ClassRecorded: checkout.AccDrawer, checkout.ClassCode: checkout.AccLiantuofu}[l.Class]
	paid := []checkout.Entry{
		{SaleID: s.ID, LegID: l.ID, Kind: "paid", Postings: []checkout.Posting{{Account: account, Amount: amount}, {Account: checkout.AccCustomer, Amount: -amount}}},
		{SaleID: s.ID, Kind: "complete", Postings: []checkout.Posting{{Account: checkout.AccCustomer, Amount: amount}, {Account: checkout.AccSales, Amount: -amount}}},
	}
	event := func(state checkout.State) checkout.LegEvent {
		e := checkout.LegEvent{LegID: l.ID, Seq: l.Seq + 1, State: state, At: at}
		var err error
		l, err = l.Apply(e)
		b.must(err)
		return e
	}
	act := checkout.Act{Actor: cashier, What: "test", Subject: s.ID, At: at}
	first := event(checkout.Intent)
	if l.Class == checkout.ClassRecorded {
		counted := event(checkout.Paid)
		s.Legs = []checkout.Leg{l}
		_, err := b.ledger.Sell(ctx, s, []checkout.LegEvent{first, counted}, paid, act)
		b.must(err)
		return
	}
	s.Legs = []checkout.Leg{l}
	b.must(b.ledger.Freeze(ctx, s, []checkout.LegEvent{first}, nil, act))
	switch end {
	case checkout.Complete:
		b.must(b.ledger.Advance(ctx, event(checkout.Sent), nil, act))
		last := event(checkout.Paid)
		_, err := b.ledger.Complete(ctx, s, &last, paid, act)
		b.must(err)
	case checkout.Voided:
		b.must(b.ledger.Advance(ctx, event(checkout.Rejected), nil, act))
		s.State = checkout.Voided
		b.must(b.ledger.Close(ctx, s, nil, nil, act))
	default: // left as it is
	}
}

// complete are the receipt numbers of the complete sales, in their order.
func (b *branch) complete() []string {
	sales, err := b.ledger.Sales(b.Context(), time.Time{}, 0)
	b.must(err)
	var list []string
	for _, s := range sales {
		if s.State == checkout.Complete {
			list = append(list, s.ReceiptNo)
		}
	}
	slices.Sort(list)
	return list
}

// settle lets HQ mend itself, and sends until nothing waits.
func (b *branch) settle() {
	b.must(b.office.SetFaults(""))
	if _, err := b.ledger.RetryUploads(b.Context(), "", checkout.Act{What: "upload.retry", At: b.clock}); fault.CodeOf(err) != "upload.nothing_parked" {
		b.must(err)
	}
	for range 3 {
		b.clock = b.clock.Add(2 * time.Hour)
		_, err := b.sender().Flush(b.Context())
		b.must(err)
	}
}

// agree holds HQ's list against the books.
func (b *branch) agree() {
	want := b.complete()
	have := b.office.Bills()
	for part, bills := range map[string][]hqtest.Bill{"payments": have.Payments, "sales": have.Sales} {
		var got []string
		for _, bill := range bills {
			got = append(got, bill.Code)
			if len(bill.Rows) != 1 {
				b.Errorf("%s of %s: %d rows", part, bill.Code, len(bill.Rows))
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			b.Fatalf("%s: HQ has %q, complete are %q", part, got, want)
		}
	}
	items, err := b.ledger.Uploads(b.Context(), 0, upload.Waiting, upload.Parked)
	b.must(err)
	if len(items) > 0 {
		b.Fatalf("left over: %+v", items)
	}
}

// Whatever is sold, however it ends, wherever the power fails and whatever HQ
// makes of it: in the end HQ has each complete sale once, and no other.
func TestHQHasEachCompleteSaleOnce(t *testing.T) {
	b := newBranch(t)
	kinds := strings.Fields("lost-reply request-lost 500 500:done html html:done garbage garbage:undone truncated empty empty:undone bom gzip huge refused session-expiry " +
		"status:200:done status:500 status:500:done status:605 status:703 status:703:done status:777 status:777:done status:902 status:904 status:1003:done")
	cuts := []string{""}
	for _, p := range localdb.Points() {
		for _, of := range []string{"sell.", "complete.", "freeze.", "close.VOIDED.", "upload.begin.", "upload.settle.", "upload.decide."} {
			if strings.HasPrefix(p, of) {
				cuts = append(cuts, p)
			}
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 6).Draw(r, "steps") {
			b.cut = rapid.SampledFrom(cuts).Draw(r, "power")
			switch rapid.IntRange(0, 5).Draw(r, "step") {
			case 0, 1:
				end := rapid.SampledFrom([]checkout.SaleState{checkout.Complete, checkout.Complete, checkout.Voided, checkout.Tendering}).Draw(r, "end")
				b.surviving(func() { b.sells(end) })
			case 2, 3: // the sender is on
				var spec []string
				for _, action := range []string{"billpaymentupload", "billsaleupload"} {
					if nth := rapid.IntRange(0, 2).Draw(r, "request"); nth > 0 {
						spec = append(spec, fmt.Sprintf("%s=%s#%d", action, rapid.SampledFrom(kinds).Draw(r, "fault"), nth))
					}
				}
				b.must(b.office.SetFaults(strings.Join(spec, ",")))
				b.surviving(func() { _, _ = b.sender().Flush(t.Context()) }) // any error is a reason to go again
				b.must(b.office.SetFaults(""))
			case 4:
				b.surviving(func() {
					_, _ = b.ledger.RetryUploads(t.Context(), "", checkout.Act{What: "upload.retry", At: b.clock}) // where nothing is parked it says so
				})
			case 5:
				b.device = fmt.Sprintf("POS%d", rapid.IntRange(1, 3).Draw(r, "device"))
				b.must(b.office.SetQuirks(hqtest.Quirks{BillsApart: rapid.Bool().Draw(r, "apart"), StatusAsString: rapid.Bool().Draw(r, "text")}))
			}
			b.cut = ""
		}
		b.settle()
		b.agree()
	})
	found, err := b.ledger.Verify(t.Context())
	if err != nil || len(found) > 0 {
		t.Errorf("%+v, %v", found, err)
	}
	if n := len(b.complete()); n < 20 {
		t.Errorf("only %d of %d sales were complete: this proves little", n, b.n)
	}
}

// HQ has it, and the till dies before it can write that down.
func TestKilledBetweenReplyAndRecord(t *testing.T) {
	b := newBranch(t)
	b.sells(checkout.Complete)
	b.sells(checkout.Complete)
	b.cut = "upload.settle.before"
	b.surviving(func() { _, _ = b.sender().Flush(t.Context()) })
	if have := b.office.Bills(); len(have.Payments) != 2 || len(have.Sales) != 0 {
		t.Fatalf("%+v", have)
	}
	sent := string(b.office.Bills().Payments[0].Rows[0])
	b.device = "POS9"
	r, err := b.sender().Flush(t.Context())
	if err != nil || r.Already != 2 || r.Done != 4 || r.Parked != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	b.agree()
	if now := string(b.office.Bills().Payments[0].Rows[0]); now != sent || strings.Contains(now, "POS9") {
		t.Errorf("%s, was %s", now, sent)
	}
}

// The rows as HQ reads them: yuan, the shop's time, and no card.
func TestRowsOfASale(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	h := hqBills{newBranch(t).client, "POS1", 3, zone}
	at := time.Date(2026, 3, 8, 12, 0, 2, 0, time.UTC)
	bill, err := upload.Build(checkout.Sale{
		ID: "01jsale", Kind: checkout.Goods, State: checkout.Complete, ReceiptNo: "7HX2KQ-1-000042", ClosedAt: at, Actor: cashier,
		Lines: []checkout.Line{{ProductID: 9, Price: 699, Grams: 731, UnitGrams: 500, Amount: 1022}},
		Legs:  []checkout.Leg{{Class: checkout.ClassMember, Amount: 1022, State: checkout.Paid, CardLast4: "8801", SealedCard: "sealed", ChangedAt: at.Add(-time.Second)}},
	}, upload.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[upload.Part]string{
		upload.Payments: `[{"code":"7HX2KQ-1-000042","randomCode":"01jsale","stallId":3,"deviceCode":"POS1","paymentType":2,"isReturn":false,"money":10.22,` +
			`"memberCardCode":"","userId":0,"userName":"梅","payTime":"2026-03-08 20:00:01","createTime":"2026-03-08 20:00:02","id":0}]`,
		upload.Sales: `[{"code":"7HX2KQ-1-000042","deviceCode":"POS1","productId":9,"price":6.99,"money":10.22,"isReturn":false,"createTime":"2026-03-08 20:00:02","id":0,"qty":1.462}]`,
	} {
		body, rows, err := h.Encode(part, bill)
		if err != nil || rows != 1 || string(body) != want || !json.Valid(body) {
			t.Errorf("%s: %s, %v", part, body, err)
		}
	}
}

// The doctor says how much waits and since when, and when that is too long.
func TestDoctorOnUploads(t *testing.T) {
	b := newBranch(t)
	till := &Till{Ledger: b.ledger, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Zone: time.UTC}
	s := open(t, Params{Dir: t.TempDir(), Settings: map[string]string{"hq.upload": "on"}})
	till.Settings = s.Settings
	check := func(state Light, says string) {
		t.Helper()
		if got := till.checkUploads(t.Context()); got.State != state || !strings.Contains(got.Reason, says) || got.Name != "upload" {
			t.Errorf("%+v, want %s %q", got, state, says)
		}
	}
	check(Green, "0 items wait")
	b.clock = time.Now().Add(-2 * time.Hour)
	b.sells(checkout.Complete)
	check(Amber, "2 items wait, 0 were refused, 0 are at HQ, the oldest of "+b.clock.UTC().Format(time.DateOnly))
	b.must(b.office.SetFaults("billpaymentupload=status:605"))
	_, err := b.sender().Flush(t.Context())
	b.must(err)
	check(Amber, "0 items wait, 1 were refused, 1 are at HQ")
	b.clock = time.Now().Add(-48 * time.Hour)
	b.sells(checkout.Complete)
	check(Red, "upload send")
	till.Settings = open(t, Params{Dir: t.TempDir()}).Settings
	check(Green, "off (hq.upload); 2 items wait")
	till.Ledger = nil
	check(Green, "Nothing has been sold")
}

// A till that does not report its sales, or has no HQ, ends at once and sends
// nothing; one that does stops when it is told to.
func TestRunUploads(t *testing.T) {
	open(t, Params{Dir: t.TempDir()}).RunUploads(t.Context())
	open(t, Params{Dir: t.TempDir(), Settings: map[string]string{"hq.upload": "on"}}).RunUploads(t.Context())
}
