// Package crashtest kills the real cashierctl, as a power cut would, at every
// durable write of a sale and at random moments, against a gateway that
// charges and loses its replies, and then compares the till's books with the
// gateway's own list. It holds tests only; `make crashtest` runs them in full.
package crashtest
