package cli

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cashier/app"
	"cashier/app/demo"
	"cashier/app/vault"
	"cashier/services/reconcile"
)

// reconciled runs the command and reads its document.
func (r *rig) reconciled(code int, args ...string) reportJSON {
	r.t.Helper()
	return doc[reportJSON](r.t, r.want(code, r.run("", append([]string{"--json", "reconcile"}, args...)...)).out)
}

// paidBy rings a sale of ¥14.95 and returns the key of its payment.
func (r *rig) paidBy(code string) string {
	r.t.Helper()
	s := doc[saleJSON](r.t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10001@1.25", "--tender", "code="+code)).out)
	return s.Legs[0].Key
}

func (r *rig) tillID() string {
	r.t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.dir, "till.id"))
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.TrimSpace(string(raw))
}

// notes are the details of the audit rows that reconciliations left.
func (r *rig) notes() (notes []string) {
	r.t.Helper()
	// The folder's name holds what a database's address would have to escape.
	raw, err := os.ReadFile(filepath.Join(r.dir, "ledger.db"))
	if err != nil {
		r.t.Fatal(err)
	}
	copied := filepath.Join(r.t.TempDir(), "ledger.db")
	if err := os.WriteFile(copied, raw, 0o600); err != nil {
		r.t.Fatal(err)
	}
	db, err := sql.Open("sqlite", copied)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(r.t.Context(), `SELECT detail FROM audit WHERE what = 'reconcile' AND actor_program = 'cashierctl' ORDER BY seq`)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var detail string
		if err := rows.Scan(&detail); err != nil {
			r.t.Fatal(err)
		}
		notes = append(notes, detail)
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return notes
}

// only is the one finding of a report.
func only(t *testing.T, r reportJSON, kind reconcile.Kind, remedy reconcile.Remedy, key string) findingJSON {
	t.Helper()
	if len(r.Findings) != 1 {
		t.Fatalf("%+v", r.Findings)
	}
	f := r.Findings[0]
	if f.Kind != kind || f.Remedy != remedy || f.Key != key || f.Advice == "" {
		t.Fatalf("%+v, want %s %s of %s", f, kind, remedy, key)
	}
	return f
}

func TestACleanDayReconciles(t *testing.T) {
	r := newRig(t).synced()
	r.want(Done, r.run("", "sale", "ring", "--line", "10001@1", "--tender", "cash=100"))
	if got := r.reconciled(Done); got.Matched != 0 || len(got.Findings) != 0 {
		t.Errorf("cash is on no bill: %+v", got)
	}
	r.paidBy("134567890123450001")
	r.paidBy("134567890123459012")                                                                                                          // charged rightly, the reply states one fen more
	r.paidBy("134567890123459004")                                                                                                          // charged, the reply is lost
	r.want(RefusedExit, r.run("", "sale", "ring", "--line", "10001@1.25", "--tender", "code=134567890123459007"))                           // refused
	r.want(RefusedExit, r.run("", "sale", "ring", "--line", "10001@1.25", "--tender", "code=134567890123459006"))                           // never arrived
	r.want(RefusedExit, r.run("", "sale", "ring", "--line", "10001@1.25", "--tender", "cash=5", "--tender", "code="+"130001000001"+"0001")) // too little money
	r.want(Done, r.run("", "redeem", "times-card", "914095353294404024"))

	got := r.reconciled(Done)
	if got.Matched != 5 || got.MatchedAmount != 3*1495 || got.Elsewhere != 0 || got.InMotion != 0 || len(got.Findings) != 0 {
		t.Errorf("%+v", got)
	}
	today := time.Now().In(time.FixedZone("CST", 8*60*60))
	if from, err := time.Parse(time.RFC3339, got.From); err != nil || from.After(today.AddDate(0, 0, -1)) || !strings.HasSuffix(got.From, "T00:00:00+08:00") || !strings.HasSuffix(got.To, "T00:00:00+08:00") {
		t.Errorf("from %s to %s", got.From, got.To)
	}
	r.want(Done, r.run("", "reconcile"), "5 payments match, ¥44.85 paid", "0 findings")
	r.want(Done, r.run("", "reconcile", "--from", "2026-01-01", "--to", "2026-03-31"), "0 payments match")
	notes := r.notes()
	if len(notes) != 4 || notes[1] != "matched 5 of 44.85, elsewhere 0, in motion 0, findings 0" {
		t.Errorf("the audit trail has %q", notes)
	}
	r.want(Done, r.run("", "verify"), "0 broken")
}

func TestABillThatIsWrong(t *testing.T) {
	r := newRig(t).synced()
	first := r.paidBy("134567890123450001")
	r.paidBy("134567890123450002")

	r.faults("bill=wrong-amount")
	f := only(t, r.reconciled(RefusedExit), reconcile.AmountDiffers, reconcile.CompareAmounts, first)
	if f.Ours.Amount != 1495 || f.Theirs.Amount != 1496 || f.Ours.State != "PAID" || f.Theirs.State != "SUCCESS" || f.SaleID == "" {
		t.Errorf("%+v", f)
	}
	r.faults("bill=page-shift") // in every reading: they agree that it is not there
	if f := only(t, r.reconciled(RefusedExit), reconcile.OnlyOurs, reconcile.AskProvider, first); f.Theirs != nil {
		t.Errorf("%+v", f)
	}
	r.faults("bill=page-shift#2") // in one of them only
	if got := r.reconciled(Done); got.Matched != 2 {
		t.Errorf("%+v", got)
	}
	r.faults("bill=empty-list")
	got := r.reconciled(RefusedExit)
	if len(got.Findings) != 2 || got.Findings[0].Kind != reconcile.OnlyOurs || got.Findings[1].Kind != reconcile.OnlyOurs || got.Matched != 0 {
		t.Errorf("%+v", got)
	}
	r.want(RefusedExit, r.run("", "reconcile"), "not on the bill", "cashierctl pay query "+first, "2 findings")
	r.faults("")
	r.reconciled(Done)
}

func TestABillThatCannotBeRead(t *testing.T) {
	r := newRig(t).synced()
	r.paidBy("134567890123450001")
	for faults, c := range map[string]struct {
		exit int
		says string
	}{
		"bill=request-lost":                       {NotReached, ""},
		"bill=500":                                {NotReached, ""},
		"bill=html":                               {NotReached, ""},
		"bill=refused":                            {RefusedExit, "查询失败"},
		"bill=garbage":                            {RefusedExit, ""},
		"bill=bad-signature":                      {Done, "1 payments match"}, // a reply with a list in it carries no sign
		"bill=wrong-amount#1,bill=empty-list#2":   {RefusedExit, "kept changing"},
		"bill=500#1,bill=lost-reply#2,bill=500#4": {Done, "1 payments match"}, // asked again
	} {
		r.faults(faults)
		if got := r.run("", "reconcile"); got.code != c.exit || !strings.Contains(got.out+got.err, c.says) {
			t.Errorf("%s: exit %d, want %d; out %s err %s", faults, got.code, c.exit, got.out, got.err)
		}
	}
	r.faults("")
	r.want(Done, r.run("", "config", "set", "liantuofu.url", "http://127.0.0.1:1/open/"))
	r.want(NotReached, r.run("", "reconcile"))
	r.want(Done, r.run("", "config", "set", "liantuofu.url", r.servers.Endpoints().Liantuofu))
	r.want(Done, r.run("wrong\n", "secret", "set", "liantuofu.key"))
	r.want(RefusedExit, r.run("", "reconcile"), "Check the key in Settings")
	r.want(Done, r.run("", "config", "set", "liantuofu.app_id", ""))
	r.want(RefusedExit, r.run("", "reconcile"), "not set up")
}

// What somebody charges by hand with this till's number was not sold here; with
// another number it is none of this till's business.
func TestChargesTheTillDoesNotKnow(t *testing.T) {
	r := newRig(t).synced()
	r.paidBy("134567890123450001")
	call := func(outTradeNo, code string) {
		t.Helper()
		r.want(Done, r.run("pay\n", "liantuofu", "call", "pay", "outTradeNo="+outTradeNo, "totalAmount=5.00", "authCode="+code))
	}
	call("other1-1-byhand0001", "134567890123450002")
	call("20261122000000001", "134567890123450003")
	if got := r.reconciled(Done); got.Elsewhere != 2 || got.Matched != 1 {
		t.Errorf("%+v", got)
	}
	mine := r.tillID() + "-7-byhand0001"
	call(mine, "134567890123450004")
	f := only(t, r.reconciled(RefusedExit), reconcile.OnlyTheirs, reconcile.FindSale, mine)
	if f.Ours != nil || f.SaleID != "" || f.Theirs.Amount != 500 || f.Theirs.ProviderNo == "" {
		t.Errorf("%+v", f)
	}
	r.want(Done, r.run("refundV2\n", "liantuofu", "call", "refundV2", "outTradeNo="+mine, "refundNo=refund-0001", "refundAmount=5.00"))
	only(t, r.reconciled(RefusedExit), reconcile.OnlyTheirs, reconcile.FindCaller, mine)
}

func TestMoneyGivenBackBehindTheTillsBack(t *testing.T) {
	r := newRig(t).synced()
	office := r.beside() // the till itself refuses to do this to its own payments
	key := r.paidBy("134567890123450001")
	refund := func(no, amount string) {
		t.Helper()
		r.want(Done, office.run("refundV2\n", "liantuofu", "call", "refundV2", "outTradeNo="+key, "refundNo="+no, "refundAmount="+amount))
	}
	refund("refund-0001", "4.00")
	refund("refund-0002", "0.95")
	f := only(t, r.reconciled(RefusedExit), reconcile.GivenBack, reconcile.FindRefund, key)
	if f.Theirs.State != "SUCCESS" || f.Theirs.GivenBack != 495 || f.Ours.Amount != 1495 {
		t.Errorf("%+v", f)
	}
	r.want(RefusedExit, r.run("", "reconcile"), "¥4.95 given back")
	refund("refund-0003", "10.00")
	if f := only(t, r.reconciled(RefusedExit), reconcile.GivenBack, reconcile.FindRefund, key); f.Theirs.State != "REFUND" || f.Theirs.GivenBack != 1495 {
		t.Errorf("%+v", f)
	}
	other := r.paidBy("134567890123450002")
	r.want(Done, office.run("cancel\n", "liantuofu", "call", "cancel", "outTradeNo="+other))
	if got := r.reconciled(RefusedExit); len(got.Findings) != 2 || got.Findings[1].Kind != reconcile.GivenBack {
		t.Errorf("%+v", got)
	}
	r.want(Done, r.run("", "pay", "status", key), "PAID") // it only looked
	r.want(Done, r.run("", "verify"), "0 broken")
}

// clockedRig is a rig whose stand-ins' clock can be put forward.
func clockedRig(t *testing.T) (r *rig, forward *atomic.Int64) {
	t.Helper()
	t.Setenv(vault.PassphraseEnv, "test")
	forward = new(atomic.Int64)
	servers, err := demo.Start(context.Background(), demo.Params{Now: func() time.Time { return time.Now().Add(time.Duration(forward.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	r = (&rig{t: t, dir: filepath.Join(t.TempDir(), "till"), servers: servers}).setUp()
	return r.synced(), forward
}

// The wallet charges after it was told to close the order, and every watch is
// over: only the bill shows it. A person has it given back, and then both agree.
func TestLateMoneyIsFoundOnTheBill(t *testing.T) {
	r, forward := clockedRig(t)
	r.faults("pay=late-money:1h")
	got := r.run("", "--json", "sale", "ring", "--line", "10001@1.25", "--tender", "code=134567890123450001")
	s := doc[saleJSON](t, r.want(RefusedExit, got).out)
	if s.Legs[0].State != "REVERSED" {
		t.Fatalf("%+v", s)
	}
	r.reconciled(Done)
	forward.Store(int64(time.Hour + time.Second))
	f := only(t, r.reconciled(RefusedExit), reconcile.LateMoney, reconcile.GiveBack, s.Legs[0].Key)
	if f.Ours.State != "REVERSED" || f.Theirs.State != "SUCCESS" || f.Theirs.Amount != 1495 {
		t.Errorf("%+v", f)
	}
	if again := r.reconciled(RefusedExit); len(again.Findings) != 1 { // looking moved nothing
		t.Errorf("%+v", again)
	}
	r.want(Done, r.run("", "pay", "query", s.Legs[0].Key))
	r.want(Done, r.run("", "settle"), "0 payments open")
	if after := r.reconciled(Done); after.Matched != 1 || after.MatchedAmount != 0 {
		t.Errorf("%+v", after)
	}
	r.want(Done, r.run("", "verify"), "0 broken")
}

// A payment nobody has decided comes with what the bill says of it.
func TestAnOpenPaymentComesWithEvidence(t *testing.T) {
	r := newRig(t).synced()
	r.leftOpen("134500000001029003") // the customer never confirms
	got := r.reconciled(RefusedExit)
	if len(got.Findings) != 1 || got.Findings[0].Kind != reconcile.Open || got.Findings[0].Remedy != reconcile.Settle || got.Findings[0].Theirs.State != "NOTPAY" {
		t.Fatalf("%+v", got)
	}
	if open := doc[map[string][]any](t, r.run("", "--json", "settle", "--wait", "0s").out)["open"]; len(open) != 1 {
		t.Errorf("looking closed it: %v", open)
	}
	r.want(Done, r.run("", "settle"))
	r.reconciled(Done)
}

func TestReconcilingBesideARunningTill(t *testing.T) {
	r := newRig(t).synced()
	r.paidBy("134567890123450001")
	holder, err := app.Open(t.Context(), app.Params{Dir: r.dir, Program: "cashier", Passphrase: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	r.want(Done, r.run("", "reconcile"), "1 payments match", "not noted in the audit trail")
}

func TestReconcileIsAskedForDays(t *testing.T) {
	r := newRig(t)
	fresh := filepath.Join(t.TempDir(), "fresh")
	if got := r.want(RefusedExit, onFolder(t, fresh, "reconcile")); !strings.Contains(got.err, "no till") {
		t.Errorf("%s", got.err)
	}
	if _, err := os.Stat(fresh); !os.IsNotExist(err) {
		t.Errorf("it made the folder: %v", err)
	}
	r.synced()
	for _, args := range [][]string{
		{"--from", "yesterday"}, {"--to", "2026-02-30"}, {"--from", "2026-03-02", "--to", "2026-03-01"}, {"today"}, {"--since", "2h"},
	} {
		r.want(Usage, r.run("", append([]string{"reconcile"}, args...)...))
	}
	r.want(RefusedExit, r.run("", "reconcile", "--from", "2020-01-01", "--to", "2026-03-01"), "up to 366")
}

// onFolder runs a command on another folder.
func onFolder(t *testing.T, dir string, args ...string) result {
	t.Helper()
	return (&rig{t: t, dir: dir}).run("", args...)
}

func TestDaysOfAReconciliation(t *testing.T) {
	zone := time.FixedZone("CST", 8*60*60)
	now := time.Date(2026, 3, 1, 0, 30, 0, 0, zone)
	for name, c := range map[string]struct{ first, last, from, to string }{
		"neither": {"", "", "2026-02-28", "2026-03-02"},
		"first":   {"2026-02-01", "", "2026-02-01", "2026-03-02"},
		"last":    {"", "2026-02-10", "2026-02-09", "2026-02-11"},
		"both":    {"2026-02-10", "2026-02-10", "2026-02-10", "2026-02-11"},
	} {
		from, to, err := days(c.first, c.last, now)
		want := func(day string) time.Time {
			d, err := time.ParseInLocation(time.DateOnly, day, zone)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		if err != nil || !from.Equal(want(c.from)) || !to.Equal(want(c.to)) {
			t.Errorf("%s: %s to %s, %v", name, from, to, err)
		}
	}
}

// Every remedy has a sentence of its own, and one that a command serves names
// the payment.
func TestEachFindingSaysWhatToDo(t *testing.T) {
	said := map[string]reconcile.Remedy{}
	for _, c := range []struct {
		remedy  reconcile.Remedy
		command string
	}{
		{reconcile.FindSale, ""},
		{reconcile.FindCaller, ""},
		{reconcile.GiveBack, "cashierctl pay query K"},
		{reconcile.AskProvider, "cashierctl pay query K"},
		{reconcile.FindRefund, ""},
		{reconcile.AskRefund, "cashierctl pay query K"},
		{reconcile.CompareAmounts, ""},
		{reconcile.Settle, "cashierctl settle"},
		{reconcile.ResolvePaid, "pay resolve K --as PAID"},
		{reconcile.ResolveUndone, "pay resolve K --as REVERSED"},
		{reconcile.ResolveNever, "pay resolve K --as REJECTED"},
		{reconcile.LookUp, ""},
	} {
		text := advice(reconcile.Finding{Key: "K", Remedy: c.remedy})
		if other, taken := said[text]; taken || !strings.Contains(text, c.command) {
			t.Errorf("%s: %q (also %s) must name %q", c.remedy, text, other, c.command)
		}
		said[text] = c.remedy
	}
}

// A finding about a refund speaks of giving back, never of having paid.
func TestEachFindingAboutARefundSaysWhatToDo(t *testing.T) {
	for remedy, command := range map[reconcile.Remedy]string{
		reconcile.AskRefund: "cashierctl pay query R", reconcile.Settle: "cashierctl settle", reconcile.CompareAmounts: "", reconcile.LookUp: "",
		reconcile.ResolvePaid: "pay resolve R --as PAID", reconcile.ResolveNever: "pay resolve R --as REJECTED",
	} {
		text := advice(reconcile.Finding{Key: "R", Of: "K", Remedy: remedy})
		if !strings.Contains(text, command) || !strings.Contains(text, "refund") && !strings.Contains(text, "given back") || strings.Contains(text, "was paid") {
			t.Errorf("%s: %q", remedy, text)
		}
	}
}

func TestWordsForTheBillsSide(t *testing.T) {
	for want, theirs := range map[string]*reconcile.Theirs{
		"not on the bill": nil,
		"SUCCESS ¥14.95, ¥4.95 given back, provider LTF01": {State: "SUCCESS", Amount: 1495, GivenBack: 495, ProviderNo: "LTF01"},
		"refunds alone, ¥4.95 given back":                  {GivenBack: 495},
		"no state ¥14.95":                                  {Amount: 1495},
	} {
		if got := theirsText(theirs); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
