package scale

import "strings"

// Control bytes.
const (
	soh = 0x01
	stx = 0x02
	etx = 0x03
	eot = 0x04
	enq = 0x05
	ack = 0x06
	lf  = 0x0a
	cr  = 0x0d
	dc1 = 0x11
	nak = 0x15
)

// frameOS2 is SOH STX state sign weight unit BCC ETX EOT, as the manuals of
// ACLaS OS2CX (page 19), Gram ZFOC (page 30) and CAS SW-II (page 15) have it. State is S at
// rest, U moving, F outside the range or not zeroed. The weight is 5 to 7
// characters, the unit 1 or 2.
func frameOS2(b []byte) (int, Frame) {
	const shortest, longest = 13, 17
	for i, want := range [...]string{"\x01", "\x02", "SUF", " -+"} {
		if i >= len(b) {
			return 0, Frame{}
		}
		if strings.IndexByte(want, b[i]) < 0 {
			return -1, Frame{}
		}
	}
	for n := shortest; n <= longest; n++ {
		if len(b) < n {
			return 0, Frame{}
		}
		if b[n-2] != etx || b[n-1] != eot || !checkOS2(b[:n-2]) {
			continue
		}
		if f, ok := readOS2(b[2 : n-3]); ok {
			return n, f
		}
	}
	return -1, Frame{}
}

// checkOS2 checks the last byte, the exclusive or of those before it. The
// manuals differ on where it begins, at SOH (OS2CX) or behind STX (ZFOC): both
// are accepted, they differ by SOH ^ STX.
func checkOS2(b []byte) bool {
	var x byte
	for _, c := range b {
		x ^= c
	}
	return x == 0 || x == soh^stx
}

// readOS2 reads state, sign, weight and unit.
func readOS2(b []byte) (Frame, bool) {
	at := len(b)
	for at > 2 && isUnit(b[at-1]) {
		at--
	}
	weight, unit := string(b[2:at]), string(b[at:])
	if len(unit) < 1 || len(unit) > 2 || len(weight) < 5 || len(weight) > 7 {
		return Frame{}, false
	}
	r := Reading{Stable: b[0] == 'S', Over: b[0] == 'F'}
	a, ok := parseAmount(strings.TrimRight(weight, " "))
	switch {
	case r.Over:
		return weigh(r, a, false, unit), true
	case !ok && b[0] == 'U' && strings.TrimSpace(weight) == "":
		// Dibal DPOS400 (page 45): a moving weight is sent as blanks.
		return Frame{Reading: Reading{}}, true
	case !ok:
		return Frame{}, false
	}
	return weigh(r, a, b[1] == '-', unit), true
}

func isUnit(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 }

// frameCAS is the polled dialog around the same frame: ENQ is answered by ACK,
// or NAK for not now, and DC1 by the frame (CAS SW-II; the transmission
// protocol of AP-1).
func frameCAS(b []byte) (int, Frame) {
	switch b[0] {
	case ack:
		return 1, Frame{Ready: true}
	case nak:
		return 1, Frame{separator: true}
	}
	return frameOS2(b)
}
