package app

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/liantuofu"
	"cashier/services/reconcile"
)

// Reconcile holds Liantuofu's bill of [from, to) against this till's books.
// Nothing is booked or given back. Where the till is open for writing, the
// result goes into the audit trail.
//
// Faults: Invalid where Liantuofu is not set up, there are no books yet or the
// window is none; Unreachable, Credentials, Refused and Contract about the
// bill; and those of the books.
func (t *Till) Reconcile(ctx context.Context, from, to time.Time) (reconcile.Report, error) {
	c, err := t.Liantuofu()
	if err != nil {
		return reconcile.Report{}, err
	}
	if t.Ledger == nil {
		return reconcile.Report{}, fault.New(fault.Invalid, "reconcile.no_books", "This till has sold nothing yet, so there is nothing to hold against the bill.")
	}
	p := reconcile.Params{Bill: bill{c, asksAgain()}, Books: t.Ledger}
	r, err := reconcile.Run(ctx, p, reconcile.Window{From: from, To: to, Till: t.Ledger.Till().ID})
	if err != nil || t.Desk == nil { // only a till that may write has a desk
		return r, err
	}
	span := from.In(t.Zone).Format(time.RFC3339) + "/" + to.In(t.Zone).Format(time.RFC3339)
	counts := fmt.Sprintf("matched %d of %s, elsewhere %d, in motion %d, findings %d", r.Matched, r.MatchedAmount.Yuan(), r.Elsewhere, r.InMotion, len(r.Findings))
	if err := t.Note(ctx, "reconcile", span, counts); err != nil {
		return r, err
	}
	return r, t.afterRestore(ctx, r, counts)
}

// afterRestore lets restored books take payment codes again, once the bill since
// the day before they were restored agrees with them in everything.
func (t *Till) afterRestore(ctx context.Context, r reconcile.Report, counts string) error {
	since, err := t.Ledger.Unreconciled(ctx)
	if err != nil || since.IsZero() || len(r.Findings) > 0 || r.InMotion > 0 || r.From.After(since.Add(-24*time.Hour)) || r.To.Before(since) {
		return err
	}
	return t.Reconciled(ctx, counts)
}

// billPage is the rows asked for at once. The vendor page names no limit; the
// number of pages is taken from the answer where it has one.
const billPage = 100

// bill puts Liantuofu's bill into the reconciliation's neutral words.
type bill struct {
	c     *liantuofu.Client
	again retrypolicy.RetryPolicy[liantuofu.BillReply]
}

// asksAgain repeats a question that nobody answered: one lost page would cost
// the whole reading.
func asksAgain() retrypolicy.RetryPolicy[liantuofu.BillReply] {
	return retrypolicy.NewBuilder[liantuofu.BillReply]().
		HandleIf(func(r liantuofu.BillReply, _ error) bool {
			return fault.KindOf(r.Err) == fault.Unreachable && r.Err != nil
		}).
		WithMaxAttempts(3).
		WithBackoff(200*time.Millisecond, 2*time.Second).
		WithJitterFactor(.25).
		ReturnLastFailure().
		Build()
}

// Page implements reconcile.Bill.
func (b bill) Page(ctx context.Context, from, to time.Time, page int) ([]reconcile.Row, bool, error) {
	q := liantuofu.BillQuery{From: from, To: to, Page: page, Size: billPage}
	r, err := failsafe.With(b.again).WithContext(ctx).Get(func() (liantuofu.BillReply, error) {
		return b.c.Bill(ctx, q), nil
	})
	switch {
	case err != nil: // ctx ended between two attempts
		return nil, false, fault.Wrap(err, fault.Unreachable, "reconcile.stopped", "The bill was not read to its end, so nothing was compared. Try again.")
	case r.Err != nil:
		return nil, false, r.Err
	case r.Code != liantuofu.CodeSuccess:
		return nil, false, fault.New(fault.Refused, "reconcile.refused", "Liantuofu does not give its bill, so nothing was compared: {why}. Check the merchant code in Settings, or ask Liantuofu.",
			"why", cmp.Or(r.SubMsg, r.Msg, r.SubCode, r.Code))
	}
	rows := make([]reconcile.Row, len(r.Items))
	for i, item := range r.Items {
		rows[i] = billRow(item)
	}
	return rows, hasMore(r, page), nil
}

// hasMore believes the numbers of the answer; without any, a page with rows in
// it may be followed by another.
func hasMore(r liantuofu.BillReply, page int) bool {
	switch {
	case len(r.Items) == 0:
		return false
	case r.HasPages:
		return int64(page) < r.Pages
	case r.HasTotalCount:
		return int64(page)*int64(min(billPage, len(r.Items))) < r.TotalCount
	}
	return true
}

// billRow is a row of the bill. What a comparison cannot do without and the row
// does not have makes it unreadable.
func billRow(item liantuofu.BillItem) reconcile.Row {
	row := reconcile.Row{
		Key: item.OutTradeNo, RefundNo: item.RefundNo,
		Amount: item.Total, Refunded: item.Refund,
		State:      checkout.OrderState(strings.ToUpper(strings.TrimSpace(item.OrderStatus))),
		ProviderNo: cmp.Or(item.TransactionID, item.OutTransactionID),
		At:         item.PayTime, Unreadable: item.Err,
	}
	has := item.HasTotal
	if item.RefundNo != "" {
		has, row.Amount, row.Refunded = item.HasRefund, item.Refund, 0
	}
	if !has && row.Unreadable == nil {
		row.Unreadable = fault.New(fault.Contract, "reconcile.row", "A row of Liantuofu's bill has no amount. Compare this order in the merchant back office.")
	}
	return row
}
