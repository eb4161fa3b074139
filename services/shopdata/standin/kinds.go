package standin

import "time"

// Kind names one way to misbehave, as written in a fault text.
type Kind string

// Kinds that every action knows. Done and undone say whether the action was
// carried out before its reply went wrong.
const (
	Slow        Kind = "slow"         // done, the reply comes late (slow:2s)
	LostReply   Kind = "lost-reply"   // done, then the connection closes
	Hang        Kind = "hang"         // done, then silence until the caller gives up
	RequestLost Kind = "request-lost" // undone, the connection closes
	Error500    Kind = "500"          // undone (500:done for the other), HTTP 500 with a JSON text
	HTML        Kind = "html"         // undone (html:done), HTTP 502 with an error page
	Garbage     Kind = "garbage"      // done, 200 with a body that is no JSON
	Truncated   Kind = "truncated"    // done, the body ends early (truncated:17 bytes; half if not said)
	Empty       Kind = "empty"        // done, 200 without a body
	BOM         Kind = "bom"          // done, a byte order mark leads the body
	Gzip        Kind = "gzip"         // done, the body is compressed, asked for or not
	Huge        Kind = "huge"         // done, blanks follow the body up to 11 MiB (huge:BYTES)
)

// Kinds of a payment gateway.
const (
	Refused        Kind = "refused"          // undone, a plain refusal
	ExpiredCode    Kind = "expired-code"     // undone, the scanned code is too old
	PayingThenPaid Kind = "paying-then-paid" // the customer confirms after N queries (paying-then-paid:2)
	PayingForever  Kind = "paying-forever"   // the customer never confirms
	WrongAmount    Kind = "wrong-amount"     // done, the reply states one fen more
	WrongKey       Kind = "wrong-key"        // done, the reply is about another order
	Unsigned       Kind = "unsigned"         // done, the reply carries no sign
	BadSignature   Kind = "bad-signature"    // done, the reply's sign is wrong
	Duplicate      Kind = "duplicate"        // done, answered as if it had arrived twice
	LateMoney      Kind = "late-money"       // connection closes, charged after a while even if cancelled (late-money:5s)
	Lies           Kind = "lies"             // undone, answered with success
	Refunding      Kind = "refunding"        // a refund stays in progress for N queries (refunding:2)
)

// Kinds of the member gateway.
const (
	SystemError Kind = "system-error" // undone (system-error:done), outer status false
	InnerFailed Kind = "inner-failed" // undone, outer success around an inner failure
	SignError   Kind = "sign-error"   // undone, 110004
	Replayed    Kind = "replayed"     // undone, 110007

	SampleSuccess     Kind = "sample-success"      // done, answered with the vendor page's sample: every value empty
	SampleException   Kind = "sample-exception"    // undone (sample-exception:done), the page's sample: a code that is no number
	SampleSystemError Kind = "sample-system-error" // undone (sample-system-error:done), the same with outer status false
)

// Kinds of HQ.
const (
	NegativePrice  Kind = "negative-price" // the first product costs less than nothing
	FinePrice      Kind = "fine-price"     // the first product's price has half a fen
	OddPricingType Kind = "odd-pricing"    // the first product's pricing type is 9
	SessionExpiry  Kind = "session-expiry" // the session ends before this call
	PageShift      Kind = "page-shift"     // the list lost its first row since the page before
	EmptyList      Kind = "empty-list"     // the list has nothing in it
	Status         Kind = "status"         // undone (status:703:done), answered with that status code of HQ
)

// WireKinds are the kinds that need nothing from a protocol.
var WireKinds = []Kind{Slow, LostReply, Hang, RequestLost, Error500, HTML, Garbage, Truncated, Empty, BOM, Gzip, Huge}

// Fault is a kind with its argument.
type Fault struct {
	Kind Kind
	N    int           // queries, bytes or a status; -1 when the text does not say
	For  time.Duration // slow, late-money
	Done bool          // carried out before the reply broke
}

// None is the absence of a fault.
var None = Fault{}

// argument says what may follow the colon.
type argument int

const (
	noArgument argument = iota
	aDuration
	aCount
	doneOrNot
	aStatus
)

// traits is the grammar of one kind and the fault it means when nothing
// follows the colon.
type traits struct {
	arg argument
	def Fault
}

var grammar = map[Kind]traits{
	Slow:           {aDuration, Fault{For: 2 * time.Second, Done: true}},
	LostReply:      {noArgument, Fault{Done: true}},
	Hang:           {noArgument, Fault{Done: true}},
	RequestLost:    {noArgument, Fault{}},
	Error500:       {doneOrNot, Fault{}},
	HTML:           {doneOrNot, Fault{}},
	Garbage:        {doneOrNot, Fault{Done: true}},
	Truncated:      {aCount, Fault{N: -1, Done: true}},
	Empty:          {doneOrNot, Fault{Done: true}},
	BOM:            {noArgument, Fault{Done: true}},
	Gzip:           {noArgument, Fault{Done: true}},
	Huge:           {aCount, Fault{N: 11 << 20, Done: true}},
	Refused:        {noArgument, Fault{}},
	ExpiredCode:    {noArgument, Fault{}},
	PayingThenPaid: {aCount, Fault{N: 2}},
	PayingForever:  {noArgument, Fault{}},
	WrongAmount:    {noArgument, Fault{Done: true}},
	WrongKey:       {noArgument, Fault{Done: true}},
	Unsigned:       {noArgument, Fault{Done: true}},
	BadSignature:   {noArgument, Fault{Done: true}},
	Duplicate:      {noArgument, Fault{Done: true}},
	LateMoney:      {aDuration, Fault{For: 5 * time.Second}},
	Lies:           {noArgument, Fault{}},
	Refunding:      {aCount, Fault{N: 2, Done: true}},
	SystemError:    {doneOrNot, Fault{}},
	InnerFailed:    {noArgument, Fault{}},
	SignError:      {noArgument, Fault{}},
	Replayed:       {noArgument, Fault{}},

	SampleSuccess:     {noArgument, Fault{Done: true}},
	SampleException:   {doneOrNot, Fault{}},
	SampleSystemError: {doneOrNot, Fault{}},

	NegativePrice:  {noArgument, Fault{Done: true}},
	FinePrice:      {noArgument, Fault{Done: true}},
	OddPricingType: {noArgument, Fault{Done: true}},
	SessionExpiry:  {noArgument, Fault{}},
	PageShift:      {noArgument, Fault{Done: true}},
	EmptyList:      {noArgument, Fault{Done: true}},
	Status:         {aStatus, Fault{}},
}
