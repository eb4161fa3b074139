package checkout

import (
	"context"
	"time"

	"cashier/services/access"
	"cashier/services/money"
)

// Act is who did what, for the audit trail.
type Act struct {
	Actor   access.Actor
	What    string // sale.freeze, leg.paid, …
	Subject string // sale id or leg key
	Detail  string // one line, without secrets
	At      time.Time
}

// Store keeps sales and legs. Each method is one durable transaction that
// writes everything the transition needs (sale and leg rows, events, entries,
// the audit row) or nothing. A nil error means it survives a power cut. Every
// error is a fault a person can act on.
type Store interface {
	// Freeze records a new sale in state TENDERING with its lines, its legs,
	// their first events and the entries of a cash leg already counted. A refund
	// is held against its sale by CheckRefund, here and in Sell and AddLegs, in
	// the same transaction; its faults are these methods' too.
	Freeze(ctx context.Context, s Sale, events []LegEvent, entries []Entry, a Act) error
	// Sell records a sale that is complete from the start (cash only), assigns
	// its receipt number, and clears its cart.
	Sell(ctx context.Context, s Sale, events []LegEvent, entries []Entry, a Act) (receiptNo string, err error)
	// AddLegs records further legs of a sale in state TENDERING or UNSETTLED of
	// which no leg is open; otherwise a fault with code sale.state_changed.
	AddLegs(ctx context.Context, legs []Leg, events []LegEvent, entries []Entry, a Act) error
	// Advance appends one event to a leg.
	Advance(ctx context.Context, e LegEvent, entries []Entry, a Act) error
	// Complete ends a sale: the last leg's event if there is one, COMPLETE,
	// the receipt number, and its cart cleared. A sale that is over already is
	// a fault with code sale.state_changed.
	Complete(ctx context.Context, s Sale, last *LegEvent, entries []Entry, a Act) (receiptNo string, err error)
	// Close ends a sale as VOIDED (with the contra events and entries of cash),
	// sets it aside as UNSETTLED, or begins to take it back, COMPENSATING: that
	// only while no leg is open, otherwise a fault with code sale.state_changed.
	Close(ctx context.Context, s Sale, events []LegEvent, entries []Entry, a Act) error
	// Watch records how far a watch has come. A watch begins by itself: with
	// the transition that ends a leg for which WatchOf says so. It is a fault
	// with code watch.changed if the books do not have it as before says.
	Watch(ctx context.Context, before, after Watch, entries []Entry, a Act) error
	// Watches lists the watches that are not over, oldest first.
	Watches(ctx context.Context) ([]Watch, error)
	// Note adds an audit row by itself.
	Note(ctx context.Context, a Act) error

	// OpenSales lists sales that are neither COMPLETE nor VOIDED, oldest first.
	OpenSales(ctx context.Context) ([]Sale, error)
	// Sale finds one sale; a fault with code sale.unknown if there is none.
	Sale(ctx context.Context, id string) (Sale, error)
	// SaleByKey finds the sale that holds the leg with this key; a fault with
	// code leg.unknown if there is none.
	SaleByKey(ctx context.Context, key string) (Sale, error)
	// Refunds lists the refunds of a sale, oldest first.
	Refunds(ctx context.Context, saleID string) ([]Sale, error)
	// Sales lists sales opened at or after since, newest first.
	Sales(ctx context.Context, since time.Time, limit int) ([]Sale, error)
	// CodeUsed reports whether a leg that was sent carries this digest.
	CodeUsed(ctx context.Context, digest string) (bool, error)

	// SaveCart keeps the open cart across a power cut; an empty one clears it.
	SaveCart(ctx context.Context, c Cart) error
	// LoadCart returns the open cart, empty if there is none or if its sale is
	// still unsettled.
	LoadCart(ctx context.Context) (Cart, error)
}

// Faults of a transition that the sale or the leg has already gone beyond.
const (
	codeStateChanged = "sale.state_changed"
	codeLegChanged   = "leg.state_changed"
	codeWatchChanged = "watch.changed"
)

// PayCall is one payment by the code a customer shows.
type PayCall struct {
	Key     string // outTradeNo
	Amount  money.Fen
	Code    string // never kept, never logged; "" for a QR code of ours
	Subject string
}

// CodeGateway takes payment codes. Its methods never fail: an Answer says how
// far the request got. Pay must not retry, and must report NotSent only if it
// can prove that not one byte left.
type CodeGateway interface {
	Pay(ctx context.Context, c PayCall) Answer
	Query(ctx context.Context, key string) Answer
	Reverse(ctx context.Context, key string) Answer
	// Precreate orders a QR code for the customer to pay by: Answer.QR.
	Precreate(ctx context.Context, c PayCall) Answer
	// Refund gives back. Of its answer and its query's, Key is the refund's
	// number and Amount the sum given back. RefundQuery answers SUCCESS for
	// what is done alone, and FAILED with REFUNDING for what is under way.
	Refund(ctx context.Context, c RefundCall) Answer
	RefundQuery(ctx context.Context, key string) Answer
}

// RefundCall gives Amount of the payment Of back. The same Key is the same
// refund, however often it is asked for.
type RefundCall struct {
	Key    string // refundNo
	Of     string // outTradeNo
	Amount money.Fen
}

// RedeemCall takes Count times off a card.
type RedeemCall struct {
	Card   string
	Count  int64
	Remark string // our key: the only trace of ours at the provider
}

// Card is a times card as its provider describes it.
type Card struct {
	No        string `json:"cardNo"`
	Name      string `json:"cardName"`
	Holder    string `json:"memberName"`
	Mobile    string `json:"memberMobile"`
	EndDate   string `json:"endDate"`
	Remaining int64  `json:"remaining"`
}

// CardGateway reads and redeems times cards. A code generated on the member's
// phone can be redeemed but not always read: Card then answers FAILED.
type CardGateway interface {
	Card(ctx context.Context, no string) (Card, Answer)
	Redeem(ctx context.Context, c RedeemCall) Answer
}

// MemberAccount is what a consumption is taken from. It is kept sealed.
type MemberAccount struct {
	Customer string   `json:"customer,omitempty"`
	Coupons  []string `json:"coupons,omitempty"`
	Scanned  bool     `json:"scanned,omitempty"` // Coupons are codes a member showed; Customer may be empty then
}

// ConsumeCall takes money, points and coupons from a member's account at once.
type ConsumeCall struct {
	Key      string // bizId
	Account  MemberAccount
	Amount   money.Fen // 0: none
	Points   int64     // 0: none
	Password string    // the member's; never kept, never logged
}

// MemberGateway takes from members' accounts. Consume must not retry, and must
// report NotSent only if it can prove that not one byte left. Its Answer has
// both envelopes' status ("true", "false", "") and code, the returned bizId as
// ProviderNo, and the sum that left the account as Amount. Evidence says in its
// Message what can be read of the account after a silence.
type MemberGateway interface {
	Consume(ctx context.Context, c ConsumeCall) Answer
	Evidence(ctx context.Context, a MemberAccount) Answer
}

// Secrets keeps what must not be readable on disk.
type Secrets interface {
	Digest(code string) string            // keyed; equal codes give equal digests
	Seal(plain string) (string, error)    // encrypt
	Unseal(sealed string) (string, error) // decrypt
}

// Scheduler is the time, the tasks and the waiting of a desk. A simulator brings
// its own, so that a run can be repeated to the byte.
type Scheduler interface {
	Now() Now
	// Go runs task beside its caller.
	Go(task func())
	// Wait blocks until wake can be received from, and reports true; or until
	// the instant is reached or ctx ends, and reports false. A nil wake never
	// can be.
	Wait(ctx context.Context, until Instant, wake <-chan struct{}) bool
}
