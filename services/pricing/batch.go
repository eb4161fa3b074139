package pricing

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/money"
)

// BatchState is how far a batch is.
type BatchState string

// The states of a batch. Waiting goes to Open when it is begun, or to Cancelled;
// Open to Done when no row is planned, sent, unknown or in conflict any more, and
// back to Waiting where a person stops it; Done back to Open where a person has
// rows applied again.
const (
	BatchWaiting   BatchState = "waiting"
	BatchOpen      BatchState = "open"
	BatchDone      BatchState = "done"
	BatchCancelled BatchState = "cancelled"
)

// RowState is what is known of one price of a batch.
type RowState string

// The states of a row. RowSent is written before a row leaves: after a crash it
// is asked about, never sent again.
const (
	RowPlanned   RowState = "planned"
	RowSent      RowState = "sent"
	RowChanged   RowState = "changed"   // HQ has the new price
	RowSame      RowState = "same"      // HQ had it before
	RowUnchanged RowState = "unchanged" // HQ still has the old price, and nothing is under way
	RowUnknown   RowState = "unknown"   // it is asked about until it is known
	RowConflict  RowState = "conflict"  // HQ's price is not the one the draft showed: a person decides
	RowKept      RowState = "kept"      // a person has decided for HQ's price
	RowBlocked   RowState = "blocked"   // a guard, or HQ does not have it
	RowCancelled RowState = "cancelled"
	RowUndone    RowState = "undone" // changed, and then back
)

// RowStates are all of them.
func RowStates() []RowState {
	return []RowState{RowPlanned, RowSent, RowChanged, RowSame, RowUnchanged, RowUnknown, RowConflict, RowKept, RowBlocked, RowCancelled, RowUndone}
}

// unsettled are the states in which a row keeps its batch open.
var unsettled = []RowState{RowPlanned, RowSent, RowUnknown, RowConflict}

// Batch is a named change of many prices.
type Batch struct {
	ID     string // rising with time
	Name   string
	State  BatchState
	By     access.Actor // who planned it
	MadeAt time.Time
	Due    time.Time // not before
	Begun  time.Time // zero: not yet
	Ended  time.Time // zero: not yet
	UndoOf string    // the batch that this one undoes
	UndoBy string    // the newest batch that undoes this one
	Count  map[RowState]int
}

// Rows is how many prices there are in it.
func (b Batch) Rows() (n int) {
	for _, c := range b.Count {
		n += c
	}
	return n
}

// Stopped reports whether a person has stopped it in the middle: it goes on when a
// person says so, and not by itself.
func (b Batch) Stopped() bool { return b.State == BatchWaiting && !b.Begun.IsZero() }

// left is how many rows have yet to be sent or asked about.
func (b Batch) left() int { return b.Count[RowPlanned] + b.Count[RowSent] + b.Count[RowUnknown] }

// BatchRow is one price of a batch. Was is what HQ had when it was planned, or
// when a person had a conflict applied.
type BatchRow struct {
	No                int // from 1
	ProductID, ShopID int64
	Code, Name        string
	Was, WasMember    decimal.NullDecimal
	Price, Member     money.Fen // to be
	State             RowState
	Now, NowMember    decimal.NullDecimal // what HQ had when it was last asked, where that is neither
	Why               *fault.Error        // why it is not changed; nil otherwise
	Sends             int                 // how often it has left; what has once goes alone, for HQ may have refused it in company
	At                time.Time           // of the state
}

func (r BatchRow) place() place { return place{r.ShopID, r.ProductID} }

// before and after are the row as HQ had it, and is to have it.
func (r BatchRow) before() Row {
	return Row{ShopID: r.ShopID, ProductID: r.ProductID, Code: r.Code, Name: r.Name, Price: r.Was, Member: r.WasMember}
}

func (r BatchRow) after() Row {
	row := r.before()
	row.Price, row.Member = yuan(r.Price), yuan(r.Member)
	return row
}

// Result is the row in the words of a single change.
func (r BatchRow) Result() Result {
	res := result(r.before(), r.after())
	switch r.State {
	case RowChanged, RowUndone:
		res.Outcome = Changed
	case RowSame:
		res.Outcome = Same
	case RowUnchanged:
		res.Outcome = Unchanged
	case RowUnknown, RowSent:
		res.Outcome = Unknown
	case RowConflict:
		res.Outcome = Conflict
	case RowPlanned:
		res.Outcome = Planned
	case RowKept, RowBlocked, RowCancelled:
		res.Outcome = NotSent
	}
	if r.Why != nil {
		res.Err = r.Why
	}
	return res
}

// Act is an entry of the audit trail.
type Act struct {
	By                    access.Actor
	What, Subject, Detail string
}

// Step is one transaction on a batch: rows that change their state, and the
// acts that go into the audit trail with them.
type Step struct {
	Batch  string
	To     BatchState // "": as it is
	At     time.Time
	Moves  []Move
	Acts   []Act
	Undone []place // rows of the undone batch that are back
}

// UndonePlaces are the shop and product of rows that an undo has brought back.
func (s Step) UndonePlaces(each func(shop, product int64) error) error {
	for _, p := range s.Undone {
		if err := each(p.shop, p.product); err != nil {
			return err
		}
	}
	return nil
}

// Move is a row as it is to be, and the state it must be in.
type Move struct {
	From RowState
	Row  BatchRow
}

// BatchStore keeps batches. Each method is one durable transaction. A row is
// never sent twice because TakeStep refuses what is no longer in the state it
// was seen in: with code "price.batch_moved" (Busy), and nothing is written.
type BatchStore interface {
	AddBatch(ctx context.Context, b Batch, rows []BatchRow, acts []Act) error
	TakeStep(ctx context.Context, s Step) error
	// Batch is Invalid with code "price.batch_unknown" where there is none.
	Batch(ctx context.Context, id string) (Batch, error)
	// Batches are the newest first; a limit of 0 or less is none.
	Batches(ctx context.Context, limit int, states ...BatchState) ([]Batch, error)
	// BatchRows are in order; without states, all. A limit of 0 or less is none.
	BatchRows(ctx context.Context, id string, limit int, states ...RowState) ([]BatchRow, error)
}

// Cache is what sells: it follows at once, and keeps the price history.
type Cache interface {
	// Hold keeps a sync that runs from taking these products of this shop, until
	// release is called: what it has read of them may be of before or after.
	Hold(products []int64) (release func())
	// Priced puts prices in force here that HQ has. What the cache has already
	// leaves no trace; what it does not sell is passed over.
	Priced(ctx context.Context, by, why string, rows []Row) error
}

// Progress of a batch that is sent.
type Progress struct {
	Done, Of  int // rows
	Changed   int
	PerSecond int        // since this sending began
	Rows      []BatchRow // those just done
}
