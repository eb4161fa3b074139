package cli

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"cashier/app/demo"
	"cashier/app/vault"
	"cashier/assets/demoshop"
	"cashier/services/checkout"
	"cashier/services/liantuofu/liantuofutest"
	"cashier/services/money"
	"cashier/services/shopdata/standin"
)

// net is what the provider still holds of a payment, by its own list.
func (r *rig) net(key string) money.Fen { return standin.Net(r.servers.Charges())[key] }

// refunds counts what the provider gave back.
func (r *rig) refunds() (n int) {
	for _, c := range r.servers.Charges() {
		if c.Kind == "refund" {
			n++
		}
	}
	return n
}

// rung is a sale of 1.25 kg apples for ¥14.95.
func (r *rig) rung(tender string) saleJSON {
	r.t.Helper()
	return doc[saleJSON](r.t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10001@1.25", "--tender", tender)).out)
}

func (r *rig) saleDoc(code int, args ...string) saleJSON {
	r.t.Helper()
	return doc[saleJSON](r.t, r.want(code, r.run("", append([]string{"--json"}, args...)...)).out)
}

func (r *rig) legDoc(code int, args ...string) legJSON {
	r.t.Helper()
	return doc[legJSON](r.t, r.want(code, r.run("", append([]string{"--json"}, args...)...)).out)
}

// agrees holds the books against themselves and the bill.
func (r *rig) agrees(refunds int, refunded money.Fen) {
	r.t.Helper()
	r.want(Done, r.run("", "verify"), "0 broken")
	if got := r.reconciled(Done); got.Refunds != refunds || got.Refunded != refunded {
		r.t.Errorf("%+v", got)
	}
}

func TestASaleIsGivenBackByItsReceipt(t *testing.T) {
	r := newRig(t).synced()
	sale := r.rung("code=134567890123450001")
	got := r.saleDoc(Done, "sale", "refund", sale.ReceiptNo, "--all", "--reason", "坏了")
	if got.Kind != checkout.Refund || got.Of != sale.SaleID || got.State != checkout.Complete || got.Total != 1495 || got.ReceiptNo == "" || got.HandBack != 0 {
		t.Errorf("%+v", got)
	}
	if l := got.Legs[0]; l.Class != "R1" || l.State != "PAID" || l.Of != sale.Legs[0].Key || l.Amount != 1495 {
		t.Errorf("%+v", l)
	}
	if r.net(sale.Legs[0].Key) != 0 || r.refunds() != 1 {
		t.Errorf("%+v", r.servers.Charges())
	}
	shown := r.saleDoc(Done, "journal", "show", got.SaleID)
	if len(shown.Lines) != 1 || shown.Lines[0].Of != 1 || shown.Lines[0].KG != "1.250" {
		t.Errorf("%+v", shown)
	}
	r.want(Done, r.run("", "journal", "show", got.SaleID), "refund of "+sale.SaleID)
	r.want(Done, r.run("", "pay", "query", got.Legs[0].Key), "PAID")
	r.want(RefusedExit, r.run("", "sale", "refund", sale.SaleID, "--all", "--reason", "x"), "given back before")
	r.want(RefusedExit, r.run("", "sale", "refund", got.SaleID, "--all", "--reason", "x"), "already COMPLETE")
	r.agrees(1, 1495)
}

func TestPartsOfASaleAreGivenBack(t *testing.T) {
	r := newRig(t).synced()
	p := r.product("10204")
	sale := doc[saleJSON](t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10001@1.25", "--line", "10204*3", "--tender", "code=134567890123450001")).out)
	key := sale.Legs[0].Key
	first := r.saleDoc(Done, "sale", "refund", sale.SaleID, "--line", "1@0.333", "--line", "2*1", "--reason", "x")
	weighed := money.Fen(1495 * 333 / 1250) // rounded down
	if first.Total != weighed+p.Price {
		t.Errorf("%s, want %s", first.Total, weighed+p.Price)
	}
	r.want(RefusedExit, r.run("", "sale", "refund", sale.SaleID, "--line", "1@0.918", "--reason", "x"), "0.917 kg is left")
	r.want(RefusedExit, r.run("", "sale", "refund", sale.SaleID, "--line", "2*3", "--reason", "x"), "2 is left")
	r.want(RefusedExit, r.run("", "sale", "refund", sale.SaleID, "--line", "1*1", "--reason", "x"), "measure")
	r.want(RefusedExit, r.run("", "sale", "refund", sale.SaleID, "--line", "3", "--reason", "x"), "no line 3")
	r.want(RefusedExit, r.run("", "pay", "refund", key, "--amount", sale.Total.Yuan()), "more than is left")
	r.legDoc(Done, "pay", "refund", key, "--amount", "0.01")
	left := sale.Total - first.Total - 1
	if rest := r.saleDoc(Done, "sale", "refund", sale.SaleID, "--all", "--reason", "x"); rest.Total != left || len(rest.Legs) != 1 || rest.Legs[0].Amount != left {
		t.Errorf("%+v, want %s", rest, left)
	}
	r.want(RefusedExit, r.run("", "pay", "refund", key), "no money to give back")
	if r.net(key) != 0 || r.refunds() != 3 {
		t.Errorf("%+v", r.servers.Charges())
	}
	r.agrees(3, sale.Total)
}

func TestCashIsHandedOutLast(t *testing.T) {
	r := newRig(t).synced()
	sale := doc[saleJSON](t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10001@1.25", "--tender", "cash=5", "--tender", "code=134567890123450001")).out)
	got := r.run("", "--json", "sale", "refund", sale.SaleID, "--all", "--reason", "x")
	back := doc[saleJSON](t, r.want(Done, got, "Hand the ¥5.00 in cash to the customer").out)
	if back.HandBack != 500 || len(back.Legs) != 2 || back.Legs[0].Class != "R1" || back.Legs[1].Class != "C0" || back.Legs[1].Of != sale.Legs[0].Key {
		t.Errorf("%+v", back)
	}
	cash := r.rung("cash=20")
	if l := r.legDoc(Done, "pay", "refund", cash.Legs[0].Key, "--reason", "too sour"); l.Class != "C0" || l.Amount != 1495 {
		t.Errorf("%+v", l)
	}
	code := r.rung("code=134567890123450002")
	if got := r.saleDoc(Done, "sale", "refund", code.SaleID, "--all", "--cash", "--reason", "the phone is lost"); got.HandBack != 1495 || r.net(code.Legs[0].Key) != 1495 {
		t.Errorf("%+v", got)
	}
	r.agrees(1, 995)
}

// What was seen to be paid by other means is given back by a person.
func TestWhatWasPaidOtherwiseIsGivenBackByAPerson(t *testing.T) {
	r := newRig(t).synced()
	sale := r.rung("other=14.95:店里的固定收款码")
	got := r.run("", "--json", "pay", "refund", sale.Legs[0].Key, "--amount", "4.95")
	if l := doc[legJSON](t, r.want(Done, got, "Give the ¥4.95 back by the way it was seen to be paid").out); l.Method != "other" || l.State != "PAID" {
		t.Errorf("%+v", l)
	}
	if s := r.saleDoc(Done, "sale", "refund", sale.SaleID, "--line", "1@0.5", "--cash", "--reason", "x"); s.HandBack != s.Total {
		t.Errorf("%+v", s)
	}
	r.agrees(0, 0)
}

func TestRefundUsage(t *testing.T) {
	r := newRig(t).synced()
	sale := r.rung("cash=20")
	for _, args := range [][]string{
		{"sale", "refund", sale.SaleID, "--all"},
		{"sale", "refund", sale.SaleID, "--all", "--reason", " "},
	} {
		r.want(Usage, r.run("", args...), "--reason")
	}
	for _, args := range [][]string{
		{"sale", "refund", sale.SaleID, "--reason", "x"},
		{"sale", "refund", sale.SaleID, "--all", "--line", "1", "--reason", "x"},
		{"sale", "refund", sale.SaleID, "--line", "one", "--reason", "x"},
		{"sale", "refund", sale.SaleID, "--line", "0", "--reason", "x"},
		{"sale", "refund", sale.SaleID, "--line", "1*0", "--reason", "x"},
		{"sale", "refund", sale.SaleID, "--line", "1@0", "--reason", "x"},
		{"sale", "refund", sale.SaleID, "--line", "1@x", "--reason", "x"},
		{"sale", "refund", "--all", "--reason", "x"},
		{"pay", "refund"},
		{"pay", "refund", sale.Legs[0].Key, "--amount", "0"},
		{"pay", "refund", sale.Legs[0].Key, "--amount", "-1"},
		{"pay", "refund", sale.Legs[0].Key, "--amount", "much"},
		{"pay", "refund", sale.Legs[0].Key, "--reason", ""},
	} {
		r.want(Usage, r.run("", args...))
	}
	r.want(RefusedExit, r.run("", "sale", "refund", "nothing", "--all", "--reason", "x"), "no sale nothing")
	r.want(RefusedExit, r.run("", "pay", "refund", "nothing"), "no payment nothing")
	redeemed := doc[saleJSON](t, r.want(Done, r.run("", "--json", "redeem", "times-card", washCard)).out)
	r.want(RefusedExit, r.run("", "sale", "refund", redeemed.SaleID, "--all", "--reason", "x"), "Only a sale of goods")
	if list := doc[map[string][]saleJSON](t, r.run("", "--json", "journal", "list").out)["sales"]; len(list) != 2 {
		t.Errorf("%+v", list)
	}
}

// What the provider does with a refund, and what that means for the money.
func TestFaultsOfARefund(t *testing.T) {
	for name, c := range map[string]struct {
		faults string
		exit   int
		state  checkout.SaleState
		says   string
		given  int
	}{
		"the reply is lost":       {"refundV2=lost-reply", Done, checkout.Complete, "", 1},
		"the request is lost":     {"refundV2=request-lost#1", Done, checkout.Complete, "", 1},
		"garbage":                 {"refundV2=garbage", Done, checkout.Complete, "", 1},
		"a forged yes":            {"refundV2=bad-signature", Done, checkout.Complete, "", 1},
		"a yes without a deed":    {"refundV2=lies#1", Done, checkout.Complete, "", 1},
		"refused":                 {"refundV2=refused", RefusedExit, checkout.Voided, "nothing was given back", 0},
		"under way":               {"refundV2=refunding:3", Done, checkout.Complete, "", 1},
		"under way for long":      {"refundV2=refunding:50", Unresolved, checkout.Unsettled, "whether the money has gone back", 0},
		"nobody answers about it": {"refundV2=lost-reply,refund/queryV2=request-lost", Unresolved, checkout.Unsettled, "cashierctl settle", 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t).synced()
			sale := r.rung("code=134567890123450001")
			r.faults(c.faults)
			got := doc[saleJSON](t, r.want(c.exit, r.run("", "--json", "sale", "refund", sale.SaleID, "--all", "--reason", "x"), c.says).out)
			if got.State != c.state || r.refunds() != c.given {
				t.Errorf("%+v, %d given", got, r.refunds())
			}
			if c.exit == Unresolved {
				r.want(Unresolved, r.run("", "settle", "--wait", "0s"), got.Legs[0].Key)
			}
			r.faults("")
			r.want(Done, r.run("", "settle"), "0 payments open")
			if c.exit == RefusedExit {
				r.saleDoc(Done, "sale", "refund", sale.SaleID, "--all", "--reason", "once more")
			}
			if r.net(sale.Legs[0].Key) != 0 || r.refunds() != 1 {
				t.Errorf("%+v", r.servers.Charges())
			}
			r.agrees(1, 1495)
		})
	}
}

// withGateway is a rig whose gateway is of its own kind.
func withGateway(t *testing.T, gateway func(*liantuofutest.Params)) *rig {
	t.Helper()
	t.Setenv(vault.PassphraseEnv, "test")
	servers, err := demo.Start(context.Background(), demo.Params{Shop: demoshop.FS(), Liantuofu: gateway})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	return (&rig{t: t, dir: filepath.Join(t.TempDir(), "till"), servers: servers}).setUp().synced()
}

// A gateway that hides refunds in progress, or calls them a success, gives
// nobody his money twice.
func TestARefundInProgressIsNoProofAndNotMissing(t *testing.T) {
	r := withGateway(t, func(p *liantuofutest.Params) { p.RefundingIsHidden = true })
	sale := r.rung("code=134567890123450001")
	r.faults("refundV2=refunding:120")
	got := r.saleDoc(Unresolved, "sale", "refund", sale.SaleID, "--all", "--reason", "x")
	if got.Legs[0].State != "PENDING" || r.refunds() != 0 {
		t.Errorf("%+v", got)
	}
	r.want(RefusedExit, r.run("", "sale", "refund", sale.SaleID, "--all", "--cash", "--reason", "x"))
	r.want(Done, r.run("", "settle"), "Refund "+got.SaleID, "0 payments open")
	if r.refunds() != 1 || r.net(sale.Legs[0].Key) != 0 {
		t.Errorf("%+v", r.servers.Charges())
	}
	r.agrees(1, 1495)
}

func TestARefundWithoutANetwork(t *testing.T) {
	r := newRig(t).synced()
	sale := r.rung("code=134567890123450001")
	url := r.servers.Endpoints().Liantuofu
	r.want(Done, r.run("", "config", "set", "liantuofu.url", "http://127.0.0.1:1/open/"))
	if got := r.saleDoc(NotReached, "sale", "refund", sale.SaleID, "--all", "--reason", "x"); got.State != checkout.Voided {
		t.Errorf("%+v", got)
	}
	r.want(NotReached, r.run("", "pay", "refund", sale.Legs[0].Key), "give it back in cash")
	r.want(Done, r.run("", "sale", "refund", sale.SaleID, "--line", "1@0.25", "--cash", "--reason", "x"), "Hand the ¥2.99")
	r.want(Done, r.run("", "config", "set", "liantuofu.url", url))
	if l := r.legDoc(Done, "pay", "refund", sale.Legs[0].Key); l.Amount != 1495-299 {
		t.Errorf("%+v", l)
	}
	r.agrees(1, 1495-299)
}

// What a card paid is not given back by the till, unless in cash.
func TestWhatACardPaidIsGivenBackInCashOnly(t *testing.T) {
	r := newRig(t).synced().withCard()
	sale := doc[saleJSON](t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10197", "--line", "10204", "--tender", "card="+washCard, "--tender", "code=134567890123450002")).out)
	card := sale.Legs[1]
	r.want(RefusedExit, r.run("", "sale", "refund", sale.SaleID, "--all", "--reason", "x"), card.Amount.String(), "times card", "--cash")
	r.want(RefusedExit, r.run("", "pay", "refund", card.Key), "times card")
	if got := r.saleDoc(Done, "sale", "refund", sale.SaleID, "--all", "--cash", "--reason", "x"); got.HandBack != sale.Total || len(got.Legs) != 2 {
		t.Errorf("%+v", got)
	}
	r.want(Done, r.run("", "verify"), "0 broken")
}

// Two payments, the second of which the provider does not give back: the rest is
// a person's, in cash or once more, and the refund cannot be dropped.
func TestAPartlyGivenRefundIsFinishedByAPerson(t *testing.T) {
	for name, finish := range map[string][]string{
		"in cash":                   {"sale", "refund", "ID", "--all", "--cash", "--reason", "x"},
		"as it was paid, once more": {"sale", "refund", "ID", "--all", "--reason", "x"},
		"in cash, as a tender":      {"sale", "tender", "ID", "--tender", "cash=REST"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t).synced().withCard()
			sale := r.twoCodes()
			rest := sale.Legs[2].Amount
			r.faults("refundV2=refused#2")
			got := r.saleDoc(Unresolved, "sale", "refund", sale.SaleID, "--all", "--reason", "x")
			if got.State != checkout.Unsettled || got.Legs[0].State != "PAID" || got.Legs[1].State != "REJECTED" || got.HandBack != 0 {
				t.Fatalf("%+v", got)
			}
			r.faults("")
			r.want(Unresolved, r.run("", "settle", "--wait", "0s"), "1 payments open", "sale refund "+got.SaleID+" --all")
			r.want(RefusedExit, r.run("", "sale", "void", got.SaleID, "--reason", "x"), "give the rest")
			r.want(RefusedExit, r.run("", "sale", "tender", got.SaleID, "--tender", "cash=0.01"), rest.String())
			r.want(Usage, r.run("", "sale", "refund", got.SaleID, "--line", "1", "--reason", "x"), "--all")
			for i, word := range finish {
				finish[i] = strings.NewReplacer("ID", got.SaleID, "REST", rest.Yuan()).Replace(word)
			}
			ended := r.saleDoc(Done, finish...)
			var byProvider money.Fen
			for _, l := range ended.Legs {
				if l.Class == "R1" && l.State == "PAID" {
					byProvider += l.Amount
				}
			}
			if ended.State != checkout.Complete || byProvider+ended.HandBack != sale.Total {
				t.Errorf("%+v", ended)
			}
			r.want(Done, r.run("", "settle"), "0 payments open")
			r.want(Done, r.run("", "verify"), "0 broken")
			r.reconciled(Done)
		})
	}
}

// twoCodes is a sale that two payment codes paid.
func (r *rig) twoCodes() saleJSON {
	r.t.Helper()
	r.faults("timescard/userTimesCardConsume=request-lost")
	sale := r.saleDoc(Unresolved, "sale", "ring", "--line", "10197", "--line", "10204", "--tender", "card="+washCard, "--tender", "code=134567890123450002")
	r.faults("")
	r.want(Done, r.run("", "pay", "resolve", sale.Legs[1].Key, "--as", "rejected", "--reason", "all times are left"))
	return r.saleDoc(Done, "sale", "tender", sale.SaleID, "--tender", "code=134567890123450003")
}

// Restored books give nothing back by the provider before they were compared
// with the bill: what they have lost may have been given back already.
func TestRestoredBooksGiveBackInCashOnly(t *testing.T) {
	r := newRig(t).synced()
	r.want(Done, r.run("", "config", "set", "journal.dir", filepath.Join(t.TempDir(), "stick")))
	sale := r.rung("code=134567890123450001")
	file := doc[struct{ File string }](t, r.want(Done, r.run("", "--json", "backup")).out).File
	lost := r.legDoc(Done, "pay", "refund", sale.Legs[0].Key, "--amount", "4.95")
	r.want(Done, r.run("", "restore", file, "--no-journal"))
	r.want(RefusedExit, r.run("", "pay", "refund", sale.Legs[0].Key), "restored")
	r.want(RefusedExit, r.run("", "sale", "refund", sale.SaleID, "--all", "--reason", "x"), "restored")
	if r.refunds() != 1 {
		t.Fatalf("%+v", r.servers.Charges())
	}
	f := r.reconciled(RefusedExit).Findings
	if len(f) != 1 || f[0].Kind != "given_back" || f[0].Theirs.GivenBack != lost.Amount {
		t.Errorf("%+v", f)
	}
	r.want(Done, r.run("", "restore", "--confirm-reconciled", "--reason", "¥4.95 was given back before"))
	r.want(RefusedExit, r.run("", "pay", "refund", sale.Legs[0].Key)) // the provider knows better
	if l := r.legDoc(Done, "pay", "refund", sale.Legs[0].Key, "--amount", "10.00"); l.State != "PAID" || r.net(sale.Legs[0].Key) != 0 {
		t.Errorf("%+v", l)
	}
}

// With the second journal nothing of a refund is lost.
func TestARefundComesBackFromTheJournal(t *testing.T) {
	r := newRig(t).synced()
	r.want(Done, r.run("", "config", "set", "journal.dir", filepath.Join(t.TempDir(), "stick")))
	file := doc[struct{ File string }](t, r.want(Done, r.run("", "--json", "backup")).out).File
	sale := r.rung("code=134567890123450001")
	part := r.saleDoc(Done, "sale", "refund", sale.SaleID, "--line", "1@0.25", "--reason", "x")
	r.want(Done, r.run("", "restore", file))
	shown := r.saleDoc(Done, "journal", "show", part.SaleID)
	if shown.Of != sale.SaleID || shown.ReceiptNo != part.ReceiptNo || shown.Legs[0].Of != sale.Legs[0].Key || shown.Lines[0].Of != 1 {
		t.Errorf("%+v", shown)
	}
	r.agrees(1, 299)
	r.want(RefusedExit, r.run("", "sale", "refund", sale.SaleID, "--line", "1@1.25", "--reason", "x"), "1.000 kg is left")
	if rest := r.saleDoc(Done, "sale", "refund", sale.SaleID, "--all", "--reason", "x"); rest.Total != 1495-299 || r.net(sale.Legs[0].Key) != 0 {
		t.Errorf("%+v", rest)
	}
	r.agrees(2, 1495)
}
