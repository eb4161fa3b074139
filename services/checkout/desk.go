package checkout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/money"
)

// Params of a Desk. Store, Secrets, Scheduler, NewID and Log are required; a nil
// gateway means that its tender is not set up, which is said when it is used.
type Params struct {
	Store     Store
	Codes     CodeGateway
	Cards     CardGateway
	Members   MemberGateway
	Secrets   Secrets
	Scheduler Scheduler
	Timers    Timers
	Till      Till
	Zone      *time.Location // of the shop: decides the business date
	NewID     func() string  // unique, at most 26 letters, digits and dashes
	Program   string         // names the till itself in the audit trail
	Shift     func() string
	Log       *slog.Logger
	OnUpdate  func(Update) // called from the desk's goroutines after each durable change
}

// Update tells a screen that something about a sale changed.
type Update struct {
	Sale    Sale
	QR      string // what the customer scans to pay the open leg; "" where there is none
	Trouble error  // the disk does not take what must be written; retried
}

// Desk takes payment. It outlives the requests made of it: a payment once
// begun is followed to its end whatever becomes of the caller.
type Desk struct {
	p    Params
	ctx  context.Context
	stop context.CancelFunc

	mu      sync.Mutex
	tasks   int                 // running
	drained chan struct{}       // closed when the last of them has ended, if somebody waits for that
	jobs    map[string]*job     // by sale id, while anything about the sale is open
	watches map[string]*watcher // by leg id
}

// New makes a desk. Recover must be called before anything is sold.
func New(p Params) (*Desk, error) {
	if p.Store == nil || p.Secrets == nil || p.Scheduler == nil || p.NewID == nil || p.Log == nil {
		return nil, errors.New("checkout: Store, Secrets, Scheduler, NewID and Log are required")
	}
	if p.Till.ID == "" || p.Till.Epoch < 1 {
		return nil, errors.New("checkout: a till has an id and an epoch")
	}
	if p.Zone == nil {
		p.Zone = time.Local
	}
	if p.Shift == nil {
		p.Shift = func() string { return "" }
	}
	if p.OnUpdate == nil {
		p.OnUpdate = func(Update) {}
	}
	p.Store = careful{p.Store}
	ctx, stop := context.WithCancel(context.Background())
	return &Desk{p: p, ctx: ctx, stop: stop, jobs: map[string]*job{}, watches: map[string]*watcher{}}, nil
}

// Close stops following open legs and waits for the work in hand. What is
// open stays open on disk and is recovered at the next start.
func (d *Desk) Close() {
	d.stop()
	d.mu.Lock()
	drained := make(chan struct{})
	if d.drained = drained; d.tasks == 0 {
		d.drained = nil
		close(drained)
	}
	d.mu.Unlock()
	d.p.Scheduler.Wait(context.WithoutCancel(d.ctx), Never, drained)
}

// Start freezes the cart into a sale and begins to take payment. A cash sale
// is complete when it returns. With a payment code it returns as soon as the
// sale is durable; Wait says how it ended.
func (d *Desk) Start(ctx context.Context, by access.Actor, c Cart, tenders ...Tender) (Sale, error) {
	if err := by.Demand(access.Sell); err != nil {
		return Sale{}, err
	}
	if len(c.Lines) == 0 {
		return Sale{}, fault.New(fault.Invalid, "sale.empty", "There is nothing in the cart to pay for.")
	}
	return d.begin(ctx, by, d.newSale(by, Goods, c), "sale.freeze", tenders...)
}

// begin freezes a sale with the legs of its plan and starts on the first.
func (d *Desk) begin(ctx context.Context, by access.Actor, s Sale, what string, tenders ...Tender) (Sale, error) {
	dr, err := d.draftLegs(ctx, s, tenders)
	if err != nil {
		return Sale{}, err
	}
	s.Legs = dr.legs
	if s.Settled() {
		return d.sell(ctx, s, dr, d.act(by, "sale.complete", s.ID, s.Total.String()))
	}
	if err := d.p.Store.Freeze(ctx, s, dr.events, dr.entries, d.act(by, what, s.ID, s.Total.String())); err != nil {
		d.inDoubt(ctx, s.ID, func(Sale) bool { return true })
		return Sale{}, err
	}
	d.follow(s, dr.secrets, Begin, true)
	return s, nil
}

// Redeem takes count times off a card: a sale of one line that costs nothing
// and one leg. before is what the card held, -1 where nobody could say.
func (d *Desk) Redeem(ctx context.Context, by access.Actor, card Card, before, count int64) (Sale, error) {
	if err := by.Demand(access.Redeem); err != nil {
		return Sale{}, err
	}
	name := card.Name
	if name == "" {
		name = "次卡"
	}
	s := d.newSale(by, Redemption, Cart{Lines: []Line{{Name: name, Unit: "次", Times: count}}})
	return d.begin(ctx, by, s, "redeem.freeze", Tender{Card: &CardTender{Card: card, Before: before, Count: count}})
}

// Tender offers another tender for a sale whose last one was refused. A refund
// of which a part could not be given takes the rest in cash, to the fen.
func (d *Desk) Tender(ctx context.Context, by access.Actor, saleID string, tenders ...Tender) (Sale, error) {
	if err := by.Demand(access.Sell); err != nil {
		return Sale{}, err
	}
	s, err := d.idle(ctx, saleID)
	switch {
	case err != nil:
		return Sale{}, err
	case s.Settled(): // paid in full, and its end could not be written
		return d.close(ctx, s)
	}
	act := d.act(by, "sale.tender", s.ID, s.Due().String())
	if s.Kind == Refund {
		return d.tenderRest(ctx, by, s, tenders, act)
	}
	dr, err := d.draftLegs(ctx, s, tenders)
	if err != nil {
		return Sale{}, err
	}
	return d.addLegs(ctx, s, dr, act)
}

// addLegs goes on with a sale by further legs.
func (d *Desk) addLegs(ctx context.Context, s Sale, dr draft, a Act) (Sale, error) {
	d.retire(s.ID) // what nobody waited for, somebody goes on with
	if err := d.p.Store.AddLegs(ctx, dr.legs, dr.events, dr.entries, a); err != nil {
		d.inDoubt(ctx, s.ID, func(s Sale) bool {
			_, there := s.leg(func(l Leg) bool { return l.ID == dr.legs[0].ID })
			return there
		})
		return Sale{}, err
	}
	s.Legs = append(slices.Clone(s.Legs), dr.legs...)
	if s.Settled() {
		return d.close(ctx, s)
	}
	d.follow(s, dr.secrets, Begin, true)
	return s, nil
}

// close completes a sale that is paid in full.
func (d *Desk) close(ctx context.Context, s Sale) (Sale, error) {
	c := d.course(s)
	e := c.Step(Input{Kind: Resume}, d.p.Scheduler.Now())
	return d.bring(ctx, c, e)
}

// course is the law of a sale nobody waits for at the counter.
func (d *Desk) course(s Sale) Course {
	return NewCourse(s, d.p.Timers, d.itself(), false, d.p.Scheduler.Now())
}

// Cancel asks the open leg of a sale to be given up: 取消收款. A payment that
// is proven before its reversal begins still counts as paid.
func (d *Desk) Cancel(saleID string) {
	if j := d.job(saleID); j != nil {
		j.mu.Lock()
		j.cancel = true
		j.mu.Unlock()
		j.wake()
	}
}

// Void gives a sale up. Cash counted for it is booked back; what a provider took
// is taken back first, in the background, and the sale is COMPENSATING until
// that is proven. What cannot be taken back keeps the sale from being given up.
func (d *Desk) Void(ctx context.Context, by access.Actor, saleID, reason string) (Sale, error) {
	if err := by.Demand(access.Sell); err != nil {
		return Sale{}, err
	}
	s, err := d.idle(ctx, saleID)
	if err != nil {
		return Sale{}, err
	}
	if back, ok := s.undoable(); ok && !d.hasGateway(back.Class) {
		return s, NotSetUp(back.Class)
	}
	c := d.course(s)
	e, err := c.GiveUp(by, reason, d.p.Scheduler.Now())
	if err != nil {
		return s, err
	}
	if _, err := d.commit(ctx, *e.Write); err != nil && !d.stands(ctx, *e.Write) {
		return s, err
	}
	if d.retire(s.ID); !c.Sale.over() {
		d.follow(c.Sale, nil, Resume, false)
	}
	d.ended(c.Sale)
	return c.Sale, nil
}

// idle is a sale that waits for a person: nothing of it is under way.
func (d *Desk) idle(ctx context.Context, saleID string) (Sale, error) {
	s, err := d.p.Store.Sale(ctx, saleID)
	if err != nil {
		return Sale{}, err
	}
	if l, open := s.OpenLeg(); open {
		return Sale{}, fault.New(fault.Busy, "sale.leg_open", "Payment {key} of this sale is still being confirmed; wait for it or cancel it first.", "key", l.Key)
	}
	if s.State != Tendering && s.State != Unsettled {
		return Sale{}, fault.New(fault.Invalid, "sale.closed", "This sale is already {state}.", "state", string(s.State))
	}
	return s, nil
}

// sell records a sale that is complete from the start.
func (d *Desk) sell(ctx context.Context, s Sale, dr draft, a Act) (Sale, error) {
	s.State, s.ClosedAt = Complete, s.OpenedAt
	no, err := d.p.Store.Sell(ctx, s, dr.events, append(dr.entries, completeEntries(s)...), a)
	if err != nil {
		return Sale{}, err
	}
	s.ReceiptNo = no
	d.p.OnUpdate(Update{Sale: s})
	return s, nil
}

func (d *Desk) newSale(by access.Actor, kind Kind, c Cart) Sale {
	now := d.p.Scheduler.Now().Wall
	return Sale{
		ID: d.p.NewID(), Kind: kind, TillID: d.p.Till.ID, Epoch: d.p.Till.Epoch, ShiftID: d.p.Shift(),
		BusinessDate: now.In(d.p.Zone).Format(time.DateOnly), Actor: by, CartID: c.ID,
		State: Tendering, Total: c.Total(), Lines: c.Lines, OpenedAt: now,
	}
}

// acceptCode refuses a code that cannot be one, and one that was already sent.
func (d *Desk) acceptCode(ctx context.Context, code string) error {
	if d.p.Codes == nil {
		return NotSetUp(ClassCode)
	}
	if err := checkCode(code); err != nil {
		return err
	}
	used, err := d.p.Store.CodeUsed(ctx, d.p.Secrets.Digest(code))
	if err != nil {
		return err
	}
	if used {
		return fault.New(fault.Refused, "sale.code_used", "This payment code was already used here and was not sent again. Ask the customer to refresh the code.")
	}
	return nil
}

// NotSetUp is the fault of a tender whose provider this till does not know.
func NotSetUp(c Class) error {
	if c == ClassMember {
		return fault.New(fault.Invalid, "zvcms.not_set_up", "The member gateway is not set up: set zvcms.open_id, zvcms.grant_code and the secret zvcms.open_key. Cash and payment codes work without it.")
	}
	return fault.New(fault.Invalid, "liantuofu.not_set_up", "Liantuofu is not set up: set liantuofu.url, liantuofu.app_id, liantuofu.merchant_code and the secret liantuofu.key. Cash works without it.")
}

// hasGateway reports whether this process can speak with the provider of a
// class.
func (d *Desk) hasGateway(c Class) bool {
	switch c {
	case ClassCode, ClassRefund:
		return d.p.Codes != nil
	case ClassCard:
		return d.p.Cards != nil
	case ClassMember:
		return d.p.Members != nil
	case ClassRecorded:
	}
	return true
}

// newLeg makes a leg and its INTENT. The key carries the till and the epoch,
// so that no two tills and no restored backup can ever use the same one.
func (d *Desk) newLeg(s Sale, no int, class Class, method string, amount money.Fen) (Leg, LegEvent) {
	id := d.p.NewID()
	provider := providers[class]
	l := Leg{
		ID: id, SaleID: s.ID, No: no, Class: class, Method: method, Provider: provider,
		Amount: amount, Before: -1,
	}
	l.Key = fmt.Sprintf("%s-%d-%s", d.p.Till.ID, d.p.Till.Epoch, id)
	e := LegEvent{LegID: id, Seq: 1, State: Intent, At: d.p.Scheduler.Now().Wall}
	l, err := l.Apply(e)
	if err != nil {
		panic("checkout: " + err.Error())
	}
	return l, e
}

var providers = map[Class]string{
	ClassRecorded: "till", ClassCode: "liantuofu", ClassRefund: "liantuofu", ClassCard: "liantuofu", ClassMember: "zvcms",
}

func (d *Desk) act(by access.Actor, what, subject, detail string) Act {
	return Act{Actor: by, What: what, Subject: subject, Detail: detail, At: d.p.Scheduler.Now().Wall}
}

// itself is the till as an actor: what it does without being asked.
func (d *Desk) itself() access.Actor {
	return access.Actor{ID: "till:" + d.p.Till.ID, Name: "till", Role: "", Program: d.p.Program}
}

func last4(s string) string { return s[max(0, len(s)-4):] }
