package upload

import (
	"context"
	"time"

	"cashier/services/checkout"
)

// Part is one of the two reports that HQ takes of a sale.
type Part string

// The parts, in the order in which a sale's are sent.
const (
	Payments Part = "payment"
	Sales    Part = "sale"
)

// Parts are both, in their order.
func Parts() []Part { return []Part{Payments, Sales} }

// State is where an item of the queue stands.
type State string

// The states of an item.
const (
	Waiting State = "WAITING" // sent as soon as the sender comes to it, or again
	Done    State = "DONE"    // HQ has it
	Parked  State = "PARKED"  // HQ said no: a person decides
)

// Item is one part of one complete sale in the queue.
type Item struct {
	Seq   int64 // place in the queue
	Sale  checkout.Sale
	Part  Part
	State State

	// Open says that HQ may have it: a request was sent, or begun, and no
	// answer has told. Such an item is repeated byte for byte, alone, and
	// “already there” then means that it is ours.
	Open    bool
	Tries   int    // requests that may have arrived
	Unclear int    // of these, answered with neither yes nor no
	Body    []byte // what these requests had; nil where nothing is kept
	Hash    string // SHA-256 of what was last sent, or about to be, in hex; also after Body is gone

	Due       time.Time // not sent before this; zero: at once
	Status    int       // HQ's last status, 0 if it gave none
	Words     string    // what it said with it
	ChangedAt time.Time
}

// fresh items go together; what was tried before goes alone.
func (i Item) fresh() bool { return i.Tries == 0 && !i.Open }

// Attempt is what is about to be sent of an item.
type Attempt struct {
	Seq  int64
	Body []byte
}

// Outcome is what an item comes to by an answer.
type Outcome struct {
	Seq     int64
	State   State
	Open    bool
	Tries   int
	Unclear int
	Due     time.Time
	Status  int
	Words   string
}

// Store keeps the queue. Each method is one durable transaction; every error
// is a fault a person can act on.
type Store interface {
	// UploadFront lists the first items that wait and are due, in order, with
	// their sales whole.
	UploadFront(ctx context.Context, now time.Time, limit int) ([]Item, error)
	// BeginUpload records that these are about to be sent: they are open from
	// now on, with one try more. Their hashes are kept for good.
	BeginUpload(ctx context.Context, attempts []Attempt, at time.Time) error
	// SettleUpload records what became of items. One that is done never
	// changes again.
	SettleUpload(ctx context.Context, outcomes []Outcome, at time.Time) error
	// UploadsAdded is sent to when a sale has put items into the queue.
	UploadsAdded() <-chan struct{}
}

// HQ is the other side.
type HQ interface {
	// Encode writes one part of a bill as HQ takes it: a JSON array of so many
	// rows. Equal bills give equal bytes.
	Encode(part Part, b Bill) (body []byte, rows int, err error)
	// Send hands in rows, in one request.
	Send(ctx context.Context, part Part, body []byte) Answer
}

// Answer is what HQ said of one request.
type Answer struct {
	Err     error  // nil: stored
	Status  int    // HQ's own code, 0 where it gave none
	Words   string // HQ's own sentence, "" where it gave none
	Unheard bool   // no usable answer came at all
}

// Backlog is how the queue stands.
type Backlog struct {
	Waiting, Parked, Done int64
	Oldest                time.Time // when the oldest sale with a waiting item was complete; zero if none waits
}
