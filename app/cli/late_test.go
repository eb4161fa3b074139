package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cashier/localdb"
	"cashier/services/checkout"
	"cashier/services/money"
	"cashier/services/reconcile"
)

// heldBack is a payment that was refused and charged after all, and whose money
// the provider has kept through all tries to give it back.
func (r *rig) heldBack() legJSON {
	r.t.Helper()
	got := r.saleDoc(RefusedExit, "sale", "ring", "--line", "10001@1.25", "--tender", "code=134500000001059007")
	l, err := localdb.Open(r.t.Context(), localdb.Params{Path: filepath.Join(r.dir, "ledger.db"), Journal: filepath.Join(r.dir, "journal"), Now: time.Now})
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() {
		if err := l.Shut(); err != nil {
			r.t.Error(err)
		}
	}()
	watches, err := l.Watches(r.t.Context())
	i := slices.IndexFunc(watches, func(w checkout.Watch) bool { return w.Leg.Key == got.Legs[0].Key })
	if err != nil || i < 0 {
		r.t.Fatalf("%v: what was refused is not watched: %+v", err, watches)
	}
	held := watches[i]
	held.State, held.Step, held.Booked, held.Since = checkout.LateHeld, 12, held.Leg.Amount, time.Now()
	entry := checkout.Entry{SaleID: held.Leg.SaleID, LegID: held.Leg.ID, Kind: "late", Postings: []checkout.Posting{
		{Account: checkout.AccLiantuofu, Amount: held.Booked}, {Account: checkout.AccUnresolved, Amount: -held.Booked},
	}}
	if err := l.Watch(r.t.Context(), watches[i], held, []checkout.Entry{entry}, checkout.Act{What: "watch.HELD", Subject: held.Leg.Key, At: time.Now()}); err != nil {
		r.t.Fatal(err)
	}
	return got.Legs[0]
}

func TestLateMoneyLeftToAPersonIsSettled(t *testing.T) {
	for name, how := range map[string][]string{
		"given back": {"--as", "reversed"}, "kept": {"--as", "paid"}, "in cash": {"--cash"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t).synced()
			l := r.heldBack()
			r.want(Done, r.run("", "verify"), "0 broken")
			listed := r.want(Unresolved, r.run("", "settle", "--wait", "0s"), "¥14.95", "pay resolve "+l.Key+" --as REVERSED", "--cash", "1 payments open")
			if strings.Contains(listed.out, "nothing was charged") {
				t.Errorf("%s", listed.out)
			}
			if got := r.legDoc(Unresolved, "pay", "status", l.Key); got.State != checkout.Rejected || got.ReasonCode != checkout.CodeLateHeld {
				t.Errorf("%+v", got)
			}
			r.want(RefusedExit, r.run("", append([]string{"pay", "resolve", l.Key}, how...)...), "Say why")
			r.want(RefusedExit, r.run("", "pay", "resolve", l.Key, "--as", "rejected", "--reason", "x"), "REVERSED", "PAID")
			r.want(Usage, r.run("", "pay", "resolve", l.Key, "--cash", "--as", "paid", "--reason", "x"))
			r.want(Done, r.run("", append([]string{"pay", "resolve", l.Key, "--reason", "the back office says so"}, how...)...))
			r.want(Done, r.run("", "settle", "--wait", "0s"), "0 payments open")
			r.want(Done, r.run("", "pay", "status", l.Key), "REJECTED")
			r.want(RefusedExit, r.run("", append([]string{"pay", "resolve", l.Key, "--reason", "twice"}, how...)...), "MANUAL")
			r.want(Done, r.run("", "verify"), "0 broken")
		})
	}
}

// What looks like a payment code or a card is not kept, whichever field it is
// typed into.
func TestACodeTypedAsAReasonIsNotKept(t *testing.T) {
	r := newRig(t).synced()
	const code, spaced, wide, card = "134567890123459991", "6222 0212 3456 7890 123", "１３４５６７８９０１２３４５９９９２", "914095353294409993"
	r.want(Done, r.run("", "config", "set", "journal.dir", filepath.Join(r.dir, "stick")))
	sale := r.rung("other=14.95:扫了固定码 " + code + "!")
	r.legDoc(Done, "pay", "refund", sale.Legs[0].Key, "--amount", "1.00", "--reason", "卡 "+spaced)
	r.saleDoc(Done, "sale", "refund", sale.SaleID, "--all", "--reason", wide)
	l := r.heldBack()
	r.want(Done, r.run("", "pay", "resolve", l.Key, "--as", "reversed", "--reason", card))
	r.faults("timescard/userTimesCardConsume=request-lost")
	open := r.saleDoc(Unresolved, "redeem", "times-card", "914095353294404024")
	r.faults("")
	r.want(Done, r.run("", "pay", "resolve", open.Legs[0].Key, "--as", "rejected", "--reason", code+card))
	partly := r.withCard().twoCodesOpen()
	r.want(Done, r.run("", "sale", "void", partly, "--reason", "付款码"+code))
	r.noSecretsAtRest(code, spaced, strings.ReplaceAll(spaced, " ", ""), wide, card)
	r.want(Done, r.run("", "journal", "show", sale.SaleID), "扫了固定码 13****9991!")
	r.want(Done, r.run("", "verify"), "0 broken")
}

// twoCodesOpen is the id of a sale of which a code is paid and the rest is not.
func (r *rig) twoCodesOpen() string {
	r.t.Helper()
	r.faults("timescard/userTimesCardConsume=request-lost")
	sale := r.saleDoc(Unresolved, "sale", "ring", "--line", "10197", "--line", "10204", "--tender", "card="+washCard, "--tender", "code=134567890123450002")
	r.faults("")
	r.want(Done, r.run("", "pay", "resolve", sale.Legs[1].Key, "--as", "rejected", "--reason", "all times are left"))
	return sale.SaleID
}

// While nobody has compared restored books with the bill, nothing goes back by
// any way: what they have lost may have been given back already.
func TestRestoredBooksGiveNothingBack(t *testing.T) {
	r := newRig(t).synced()
	cash, code := r.rung("cash=20"), r.rung("code=134567890123450001")
	file := doc[struct{ File string }](t, r.want(Done, r.run("", "--json", "backup")).out).File
	r.want(Done, r.run("", "restore", file))
	refunds := [][]string{
		{"sale", "refund", cash.SaleID, "--all", "--reason", "x"},
		{"sale", "refund", code.SaleID, "--all", "--cash", "--reason", "x"},
		{"sale", "refund", code.ReceiptNo, "--line", "1", "--reason", "x"},
		{"pay", "refund", cash.Legs[0].Key},
		{"pay", "refund", code.Legs[0].Key, "--amount", "1.00"},
	}
	for _, args := range refunds {
		r.want(RefusedExit, r.run("", args...), "nothing is given back", "cashierctl reconcile")
	}
	if list := doc[map[string][]saleJSON](t, r.want(Done, r.run("", "--json", "journal", "list")).out); len(list["sales"]) != 2 || r.refunds() != 0 {
		t.Errorf("%+v", list)
	}
	r.want(Done, r.run("", "reconcile"))
	r.saleDoc(Done, refunds[0]...)
	if got := r.saleDoc(Done, refunds[2]...); got.Total != 1495 || r.net(code.Legs[0].Key) != 0 {
		t.Errorf("%+v", got)
	}
}

// The gateway's words are about the question that was put, and not about the money.
func TestARefundWhoseQuestionFailsSaysWhatItMeans(t *testing.T) {
	r := newRig(t).synced()
	sale := r.rung("code=134567890123450001")
	r.faults("refund-query=500")
	got := r.run("", "--json", "sale", "refund", sale.SaleID, "--all", "--reason", "x")
	r.want(Unresolved, got, "it is not known whether the money has gone back", "cashierctl settle")
	if all := got.out + got.err; strings.Contains(all, "Nothing was changed") {
		t.Errorf("%s", all)
	}
}

// A refund that is under way is called that, and not a customer who pays.
func TestARefundUnderWayHasACodeOfItsOwn(t *testing.T) {
	l := checkout.Leg{Class: checkout.ClassRefund, State: checkout.Pending, Amount: money.Fen(100), Reason: checkout.Reason{Code: "refunding"}}
	if v := legView(l); v.ReasonCode != "refunding" || !strings.Contains(v.Reason, "way") {
		t.Errorf("%+v", v)
	}
	if reconcileAdvice := advice(reconcile.Finding{Remedy: reconcile.ResolveLate, Key: "k"}); !strings.Contains(reconcileAdvice, "pay resolve k --as REVERSED") {
		t.Errorf("%s", reconcileAdvice)
	}
}
