package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"cashier/app"
	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/reconcile"
)

// reconcileBill holds Liantuofu's bill against the books. It takes up no open
// payment first, as other commands do: looking must not move money.
func reconcileBill(ctx context.Context, c *call) (int, error) {
	set := newFlags("reconcile")
	first, last := set.String("from", "", ""), set.String("to", "", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	t, err := c.bystander(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	from, to, err := days(*first, *last, time.Now().In(t.Zone))
	if err != nil {
		return 0, err
	}
	r, err := t.Reconcile(ctx, from, to)
	if err != nil {
		return 0, err
	}
	code := Done
	if len(r.Findings) > 0 {
		code = RefusedExit
	}
	return c.report(code, reportView(r, t.Zone), func(w io.Writer) { writeReport(w, r) })
}

// bystander opens the books so that what is found can go into the audit trail,
// or only reads them where another process has them.
func (c *call) bystander(ctx context.Context) (*app.Till, error) {
	reader, err := app.OpenRead(ctx, c.params())
	if err != nil {
		return nil, err
	}
	if reader.Ledger == nil {
		reader.Close()
		return nil, errNoLedger()
	}
	t, err := app.Open(ctx, c.params())
	switch {
	case fault.CodeOf(err) == "lock.held":
		fmt.Fprintln(c.Err, "cashierctl: Another program has this till's books open; the result is not noted in the audit trail.")
		t = reader
	case err != nil:
		reader.Close()
		return nil, err
	default:
		reader.Close()
	}
	c.warnings(t.Warnings)
	return t, nil
}

// days reads the first and the last day, both included, in now's zone. The last
// is today unless said, the first the day before the last.
func days(first, last string, now time.Time) (from, to time.Time, err error) {
	if to, err = day("--to", last, now); err != nil {
		return from, to, err
	}
	before := to.AddDate(0, 0, -1)
	if from, err = day("--from", first, before); err != nil {
		return from, to, err
	}
	if to.Before(from) {
		return from, to, usage("--from is after --to")
	}
	return from, to.AddDate(0, 0, 1), nil
}

// day is the beginning of the day that text names, or of the day that unset
// lies in.
func day(flag, text string, unset time.Time) (time.Time, error) {
	if text == "" {
		text = unset.Format(time.DateOnly)
	}
	t, err := time.ParseInLocation(time.DateOnly, text, unset.Location())
	if err != nil {
		return t, usage("%s is a day, such as 2026-01-31", flag)
	}
	return t, nil
}

type sideJSON struct {
	State      string    `json:"state"`
	Amount     money.Fen `json:"amount"`
	GivenBack  money.Fen `json:"givenBack,omitempty"`
	ProviderNo string    `json:"providerNo,omitempty"`
}

type findingJSON struct {
	Kind   reconcile.Kind   `json:"kind"`
	Key    string           `json:"key"`
	Of     string           `json:"of,omitempty"` // of a refund: the payment given back
	SaleID string           `json:"saleId,omitempty"`
	Ours   *sideJSON        `json:"ours"`   // null: the books know no such payment
	Theirs *sideJSON        `json:"theirs"` // null: it is not on the bill
	Remedy reconcile.Remedy `json:"remedy"`
	Advice string           `json:"advice"`
}

type reportJSON struct {
	From          string        `json:"from"`
	To            string        `json:"to"`
	Matched       int           `json:"matched"`
	MatchedAmount money.Fen     `json:"matchedAmount"`
	Refunds       int           `json:"refunds"`
	Refunded      money.Fen     `json:"refunded"`
	Elsewhere     int           `json:"elsewhere"`
	InMotion      int           `json:"inMotion"`
	Findings      []findingJSON `json:"findings"`
}

func reportView(r reconcile.Report, zone *time.Location) reportJSON {
	v := reportJSON{
		From: r.From.In(zone).Format(time.RFC3339), To: r.To.In(zone).Format(time.RFC3339),
		Matched: r.Matched, MatchedAmount: r.MatchedAmount, Refunds: r.Refunds, Refunded: r.Refunded, Elsewhere: r.Elsewhere, InMotion: r.InMotion,
		Findings: []findingJSON{},
	}
	for _, f := range r.Findings {
		j := findingJSON{Kind: f.Kind, Key: f.Key, Of: f.Of, Remedy: f.Remedy, Advice: advice(f)}
		if f.Ours != nil {
			j.SaleID, j.Ours = f.Ours.SaleID, &sideJSON{State: string(f.Ours.State), Amount: f.Ours.Amount}
		}
		if t := f.Theirs; t != nil {
			j.Theirs = &sideJSON{string(t.State), t.Amount, t.GivenBack, t.ProviderNo}
		}
		v.Findings = append(v.Findings, j)
	}
	return v
}

func writeReport(w io.Writer, r reconcile.Report) {
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s  %s\n  here:  %s\n  there: %s\n  %s\n", f.Kind, f.Key, oursText(f.Ours), theirsText(f.Theirs), advice(f))
	}
	fmt.Fprintf(w, "%d payments match, %s paid; %d rows are not this till's; %d findings\n", r.Matched, r.MatchedAmount, r.Elsewhere, len(r.Findings))
	if r.Refunds > 0 {
		fmt.Fprintf(w, "%d refunds match, %s given back\n", r.Refunds, r.Refunded)
	}
	if r.InMotion > 0 {
		fmt.Fprintf(w, "%d payments changed while the bill was read; reconcile again for them\n", r.InMotion)
	}
}

func oursText(o *reconcile.Ours) string {
	if o == nil {
		return "not known"
	}
	return fmt.Sprintf("%s %s, sale %s", o.State, o.Amount, o.SaleID)
}

func theirsText(t *reconcile.Theirs) string {
	if t == nil {
		return "not on the bill"
	}
	text := fmt.Sprintf("%s %s", t.State, t.Amount)
	switch {
	case t.State == "" && t.Amount == 0 && t.GivenBack > 0:
		text = "refunds alone"
	case t.State == "":
		text = "no state " + t.Amount.String()
	}
	if t.GivenBack > 0 {
		text += fmt.Sprintf(", %s given back", t.GivenBack)
	}
	if t.ProviderNo != "" {
		text += ", provider " + t.ProviderNo
	}
	return text
}

// advice says what a finding means and what a person does about it.
func advice(f reconcile.Finding) string {
	const office = "the merchant back office"
	if f.Of != "" {
		return refundAdvice(f, office)
	}
	switch f.Remedy {
	case reconcile.AskRefund:
		return refundAdvice(f, office)
	case reconcile.FindSale:
		return "Liantuofu took money for an order that this till has no record of. If a backup was restored, the sale was lost with the books: look for the customer's slip. If nothing was sold, give the money back in " + office + "."
	case reconcile.FindCaller:
		return "This till has no record of the order; no money is held for it. Find out who used this till's number: a call by hand, or books that were restored."
	case reconcile.GiveBack:
		return "Liantuofu holds money for a payment that came to nothing here. `cashierctl pay query " + f.Key + "` asks again; if the money is still there it begins to give it back, and `cashierctl settle` sees it through."
	case reconcile.AskProvider:
		return "The customer counts as having paid, and the bill does not have the money. `cashierctl pay query " + f.Key + "` asks about it; then look it up in " + office + ". A bill may be late: reconcile this day again tomorrow."
	case reconcile.FindRefund:
		return "Money went back to the customer that this till did not give back. Find in " + office + " who gave it back, and why; nothing was booked here."
	case reconcile.CompareAmounts:
		return "The amounts differ. Hold the receipt against the order in " + office + ", and tell Liantuofu."
	case reconcile.Settle:
		return "The till has not finished with this payment. `cashierctl settle` works on it."
	case reconcile.ResolvePaid:
		return "The bill says that it was paid. If " + office + " says so too: `cashierctl pay resolve " + f.Key + " --as PAID --reason TEXT`."
	case reconcile.ResolveUndone:
		return "The bill says that it was given back. If " + office + " says so too: `cashierctl pay resolve " + f.Key + " --as REVERSED --reason TEXT`."
	case reconcile.ResolveNever:
		return "The bill has no money for it. If that day is over and " + office + " has none either: `cashierctl pay resolve " + f.Key + " --as REJECTED --reason TEXT`."
	case reconcile.ResolveLate:
		return "Liantuofu holds money for a payment that came to nothing here, and does not give it back to this till. Give it back in " + office + ", then `cashierctl pay resolve " + f.Key + " --as REVERSED --reason TEXT`; `cashierctl pay status " + f.Key + "` says what else there is."
	case reconcile.LookUp:
		return "The bill does not decide this one. Look the order up in " + office + "."
	}
	return "Look the order up in " + office + "."
}

// refundAdvice is advice about a refund of this till.
func refundAdvice(f reconcile.Finding, office string) string {
	switch f.Remedy {
	case reconcile.AskRefund:
		return "The refund counts as given, and the bill does not have it. `cashierctl pay query " + f.Key + "` asks about it; then look it up in " + office + ". A bill may be late: reconcile this day again tomorrow."
	case reconcile.Settle:
		return "The till has not finished with this refund. `cashierctl settle` works on it."
	case reconcile.ResolvePaid:
		return "The bill says that it was given back. If " + office + " says so too: `cashierctl pay resolve " + f.Key + " --as PAID --reason TEXT`."
	case reconcile.ResolveNever:
		return "The bill does not have this refund. If that day is over and " + office + " does not have it either: `cashierctl pay resolve " + f.Key + " --as REJECTED --reason TEXT`."
	case reconcile.CompareAmounts:
		return "The amounts given back differ. Hold the receipt against the refund in " + office + ", and tell Liantuofu."
	default:
		return "Look the refund up in " + office + "."
	}
}
