package scale

import (
	"context"
	"time"

	"cashier/services/fault"
)

// Scale is a source of weights. Serial is one.
type Scale interface {
	// Latest is how the scale stands now.
	Latest() News
	// Tare takes what lies on the platform off every weight that follows, Zero
	// makes the empty platform weigh nothing. That the scale did so shows in
	// what it sends next. They fail with "scale.no_command" where its protocol
	// has none, "scale.away" and the faults of a serial port.
	Tare(ctx context.Context) error
	Zero(ctx context.Context) error
	// Close stops it and returns when nothing of it runs any more.
	Close() error
}

// Link is how the connection to a scale stands.
type Link uint8

// The states of a link. Only Online has a weight.
const (
	Off       Link = iota // none is set up
	Searching             // its port was not found since the start
	Silent                // the port opened, and nothing that is its protocol came
	Online
	Lost // was online
)

// String names the state, as events and the command line do.
func (l Link) String() string {
	switch l {
	case Off:
		return "off"
	case Searching:
		return "searching"
	case Silent:
		return "silent"
	case Online:
		return "online"
	case Lost:
		return "lost"
	}
	return "unknown"
}

// News is how a scale stands. A weight may be sold by only where Settled is
// true; it is never true in another state than Online.
type News struct {
	Link    Link
	Since   time.Time // when Link began
	Err     error     // why there is no weight: set in every state but Off and Online; Online: the scale sends what cannot be sold by
	Reading Reading   // zero in every state but Online
	Settled bool      // at rest, repeated, above zero and within the range
	Ready   bool      // the platform was empty since the last load: what settles next is another one
	Load    uint64    // counts what was put on an empty platform and settled; two lines of one number are one thing sold twice
}

// same reports whether two pieces of news say the same to a person.
func (n News) same(o News) bool {
	errs := fault.CodeOf(n.Err) == fault.CodeOf(o.Err)
	n.Err, o.Err = nil, nil
	return errs && n == o
}

// Counters are what the doctor shows of a scale since its start.
type Counters struct {
	Frames uint64 // understood
	Noise  uint64 // bytes that were no part of a frame
	Losses uint64 // times it was lost
}

const codeSilent = "scale.silent"

func silentFault(port, protocol string) error {
	return fault.New(fault.Unreachable, codeSilent,
		"The port {port} is open, but nothing that a {protocol} scale sends comes from it. Check that the scale is on, its cable, speed and protocol.", "port", port, "protocol", protocol)
}

func quietFault() error {
	return fault.New(fault.Unreachable, "scale.quiet",
		"The scale has stopped sending. Check that it is on, and its cable; it is found again by itself.")
}

func awayFault() error {
	return fault.New(fault.Unreachable, "scale.away", "The scale is not connected. Check that it is on, and its cable.")
}

func commandFault(what string) error {
	return fault.New(fault.Invalid, "scale.no_command",
		"This scale cannot be told to {what} by the till. Press the key on the scale.", "what", what)
}
