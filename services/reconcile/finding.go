package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cashier/services/checkout"
	"cashier/services/money"
)

// Kind is how the bill and the books differ.
type Kind string

// The kinds, the worst first.
const (
	OnlyTheirs    Kind = "only_theirs"    // an order with this till's number that this till does not know
	LateMoney     Kind = "late_money"     // they hold money for a payment that came to nothing here
	OnlyOurs      Kind = "only_ours"      // paid here, and not on the bill
	NotPaid       Kind = "not_paid"       // paid here, and there an order that was never paid
	GivenBack     Kind = "given_back"     // paid here, and given back there beyond what this till gave back
	RefundMissing Kind = "refund_missing" // given back here, and not on the bill
	AmountDiffers Kind = "amount_differs" // both agree but for the amount
	Open          Kind = "open"           // not decided here; the bill is evidence
	Contradictory Kind = "contradictory"  // the bill has the order or the refund twice, differently
	UnknownState  Kind = "unknown_state"  // the bill names a state nobody documents
	Unreadable    Kind = "unreadable"     // a row that cannot be read, and may be this till's
)

var severity = []Kind{
	OnlyTheirs, LateMoney, OnlyOurs, NotPaid, GivenBack, RefundMissing, AmountDiffers, Open, Contradictory, UnknownState, Unreadable,
}

// Remedy is what a person does about a finding. Whoever speaks the person's
// language has the sentence.
type Remedy string

// The remedies.
const (
	FindSale       Remedy = "find_sale"       // money was taken and nothing sold: restore the books, or give it back by hand
	FindCaller     Remedy = "find_caller"     // no money is held, yet somebody used this till's number
	GiveBack       Remedy = "give_back"       // ask again; the till then begins to give it back
	AskProvider    Remedy = "ask_provider"    // query, then look the order up in the merchant back office
	FindRefund     Remedy = "find_refund"     // find who gave it back, and whether the goods came back too
	AskRefund      Remedy = "ask_refund"      // query the refund, then look it up in the merchant back office
	CompareAmounts Remedy = "compare_amounts" // hold the receipt against the merchant back office
	Settle         Remedy = "settle"          // the till is still at it: let it
	ResolvePaid    Remedy = "resolve_paid"    // a person settles it by hand: the bill says paid
	ResolveUndone  Remedy = "resolve_undone"  // the same: the bill says given back
	ResolveNever   Remedy = "resolve_never"   // the same: the bill has no money for it
	ResolveLate    Remedy = "resolve_late"    // a person settles it by hand: the till could not give it back
	LookUp         Remedy = "look_up"         // the bill does not decide: look the order up in the merchant back office
)

// Ours is what the books say of a payment.
type Ours struct {
	SaleID string
	State  checkout.State
	Amount money.Fen
}

// Theirs is what the bill says of an order. State and Amount are empty where
// the bill has refunds of the order only.
type Theirs struct {
	State      checkout.OrderState
	Amount     money.Fen
	GivenBack  money.Fen
	ProviderNo string
}

// Finding is one difference. Ours is nil where the books know no such payment,
// Theirs where the bill has no such order.
type Finding struct {
	Kind   Kind
	Remedy Remedy
	Key    string // outTradeNo, or of a refund its refundNo; "" where the row's could not be read
	Of     string // of a refund: the outTradeNo of the payment given back
	Ours   *Ours
	Theirs *Theirs
}

// Report is what a reconciliation found. Findings are sorted, the worst kind
// first and then by key.
type Report struct {
	From, To      time.Time
	Matched       int       // payments of the window on which both agree, those that came to nothing included
	MatchedAmount money.Fen // of these, what was paid
	Refunds       int       // refunds of the window on which both agree
	Refunded      money.Fen // of these, what was given back
	Elsewhere     int       // rows of the same merchant that are not this till's
	InMotion      int       // payments that changed while the bill was read; the next run decides
	Findings      []Finding
}

func (r *Report) sort() {
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(
			slices.Index(severity, a.Kind)-slices.Index(severity, b.Kind),
			strings.Compare(a.Key, b.Key),
			strings.Compare(a.number(), b.number()),
		)
	})
}

func (f Finding) number() string {
	if f.Theirs == nil {
		return ""
	}
	return f.Theirs.ProviderNo
}
