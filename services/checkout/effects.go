package checkout

// This file holds the words in which the law of core.go is told what happened, and
// says what is to be done.

// Op is a call to a provider.
type Op uint8

// The calls.
const (
	OpPay         Op = iota + 1 // the one pay of the key
	OpPrecreate                 // a QR code for the customer to pay by
	OpTake                      // the one consume of a card or an account
	OpQuery                     // pay/query by our key
	OpReverse                   // cancel by our key
	OpEvidence                  // read the card or account again, after silence
	OpRefund                    // give back under our refund number; the same number again is the same refund
	OpRefundQuery               // refund/query by our refund number
)

// InputKind is what happened.
type InputKind uint8

// The inputs.
const (
	Begin       InputKind = iota + 1 // a fresh leg, its INTENT durable
	Undo                             // a paid leg, to be taken back: its sale is given up
	Resume                           // this process found it at its start
	Recorded                         // what was to be written is durable
	Replied                          // the call asked for returned Answer
	Due                              // the wait is over
	CancelAsked                      // the cashier pressed 取消收款
	Unwritten                        // the disk did not take the SENT; nothing has left
	Hurry                            // somebody wants the provider asked now
)

// Input is one thing that happened.
type Input struct {
	Kind      InputKind
	Op        Op     // with Replied
	Answer    Answer // with Replied
	ReceiptNo string // with Recorded, of a COMPLETE
	Cancel    bool   // CancelAsked came while something else was going on
	Closing   bool   // the till is being closed: nothing is begun any more
}

// EffectKind is what is to be done.
type EffectKind uint8

// The effects. Exactly one follows each input.
const (
	Done   EffectKind = iota // nothing is left that can be done automatically
	Record                   // make it durable, then feed Recorded
	Call                     // call Op for the leg under way, then feed Replied; at Until feed Due
	Await                    // the call is still out: as with Call, without calling
	Wait                     // until Until, then feed Due; CancelAsked may come first
)

// Effect is the one thing to do now.
type Effect struct {
	Kind  EffectKind
	Event LegEvent // of a machine's Record
	Write *Write   // of a course's Record
	Op    Op       // with Call
	Until Instant
	Idle  bool   // with Wait: it is left to a person; nobody should wait for this
	Alarm bool   // a person should know
	Why   string // with Alarm: mismatch, credentials, or held, of a payment left to a person
}

// Write is one transaction of the store.
type Write struct {
	Kind    WriteKind
	Sale    Sale // as it is once this is durable
	Events  []LegEvent
	Entries []Entry
	Act     Act
}

// WriteKind names the store's method.
type WriteKind uint8

// The transactions by which a sale moves on.
const (
	Advance   WriteKind = iota + 1 // one event of one leg
	Finish                         // COMPLETE, perhaps with its last leg's event
	EndOrPark                      // VOIDED, UNSETTLED or COMPENSATING
)
