package storetest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cashier/services/checkout"
	"cashier/services/simulate"
)

// Opened is a store with empty books, and what its owner can do with it.
type Opened struct {
	checkout.Store
	Till checkout.Till // whose sales the books take

	// Reopen is the store as it comes back after the power was cut at this
	// moment: nothing is closed in order. The Opened before it is not used
	// again, but for its Shut.
	Reopen func() Opened
	// Books is what was recorded and the Store itself does not show, read on
	// another way than through the Store where there is one.
	Books func() (Books, error)
	// Shut ends the use of this Opened alone.
	Shut func()
}

// Books is what stands behind the sales. Times are to the millisecond.
type Books struct {
	Acts     []checkout.Act      // in order
	Events   []checkout.LegEvent // by leg id, then in order
	Entries  []simulate.Posted   // by sale id, then in order
	Receipts []simulate.Receipt  // in the order of their numbers
	Watches  []checkout.Watch    // by leg id, also those that are over; of a Leg its ID and SaleID
}

// Run runs the suite. open opens a new store with empty books each time.
func Run(t *testing.T, open func(t *testing.T) Opened) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, open(t))
			defer func() { b.Shut() }()
			c.run(b)
		})
	}
}

// suiteCase is one promise, or some that belong together.
type suiteCase struct {
	name string
	run  func(*bench)
}

var cases = []suiteCase{
	{"sell comes back whole", sellComesBackWhole},
	{"every field comes back", everyFieldComesBack},
	{"a refund comes back, and gives no more than was paid", refundComesBack},
	{"what is recorded is what was given", recordsWhatWasGiven},
	{"refusals leave nothing behind", refusals},
	{"a free sale needs no leg", freeSaleNeedsNoLeg},
	{"a sale by code", codeSale},
	{"a redemption and a consumption", oneWayTenders},
	{"another tender after a refusal", anotherTender},
	{"legs of a plan", legsOfAPlan},
	{"a void books cash back", voidBooksCashBack},
	{"an unsettled sale ends later", unsettledEndsLater},
	{"nothing is taken back under a payment", nothingIsTakenBackUnderAPayment},
	{"a sale that is given up", givenUp},
	{"one receipt for one sale", oneReceipt},
	{"receipts count without gaps", receiptsWithoutGaps},
	{"an end has a time", endsHaveATime},
	{"an event is recorded once", eventOnce},
	{"events decide, not what a leg claims", eventsDecide},
	{"codes in use", codesInUse},
	{"the open cart", openCart},
	{"a cart is sold once", cartSoldOnce},
	{"watches begin by themselves", watchesBegin},
	{"watches go on", watchesGoOn},
	{"late money is left to a person", lateMoneyIsLeftToAPerson},
	{"a refund that the customer keeps", aRefundThatIsKept},
	{"watches are listed by their time", watchesInOrder},
	{"what is recorded of a leg belongs to its own sale", salesStayApart},
	{"a watch refuses", watchRefuses},
	{"sales in order", salesInOrder},
	{"a caller who has left", callerHasLeft},
	{"nothing is shared with the caller", nothingIsShared},
	{"times are to the millisecond", timesToTheMillisecond},
	{"what was acknowledged survives", acknowledgedSurvives},
	{"the law of legs", lawOfLegs},
}

// snapshot is everything a store holds.
type snapshot struct {
	Books   Books
	All     []checkout.Sale
	Open    []checkout.Sale
	Watches []checkout.Watch
	Cart    checkout.Cart
}

func look(ctx context.Context, o Opened) (s snapshot, err error) {
	if s.Books, err = o.Books(); err != nil {
		return s, err
	}
	if s.All, err = o.Sales(ctx, time.Time{}, 0); err != nil {
		return s, err
	}
	if s.Open, err = o.OpenSales(ctx); err != nil {
		return s, err
	}
	if s.Watches, err = o.Watches(ctx); err != nil {
		return s, err
	}
	s.Cart, err = o.LoadCart(ctx)
	return s, err
}

// same compares to the millisecond, which is what the books keep.
var same = cmp.Options{
	cmp.Comparer(func(a, b time.Time) bool { return a.UnixMilli() == b.UnixMilli() }),
	cmpopts.EquateEmpty(),
}

func diff(want, got any) string {
	if reflect.DeepEqual(want, got) {
		return "" // at a glance, which is a hundred times quicker
	}
	return cmp.Diff(want, got, same)
}
