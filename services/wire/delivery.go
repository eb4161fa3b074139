package wire

// Delivery says how far a call came, as far as the transport can prove it.
type Delivery uint8

// The deliveries. Only NotSent proves that nothing happened, so the zero value
// must not say it.
const (
	Silent   Delivery = iota // bytes left, no complete reply came
	NotSent                  // no byte left: the other side knows nothing of it
	Answered                 // a complete HTTP reply came, usable or not
)

func (d Delivery) String() string {
	return [...]string{"silent", "not sent", "answered"}[d]
}
