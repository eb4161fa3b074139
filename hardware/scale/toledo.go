package scale

import (
	"bytes"
	"strings"

	"cashier/services/fault"
)

// frameToledo is STX SWA SWB SWC weight(6) tare(6) CR, with or without a
// checksum behind it (METTLER TOLEDO WILDCAT technical manual, tables 6-8 to
// 6-11; KERN FTC manual, page 42). Whether there is one shows in the byte behind
// CR: the checksum, or the STX of the next frame.
func frameToledo(b []byte) (int, Frame) {
	const bare = 17
	if b[0] != stx {
		return -1, Frame{}
	}
	// Always set: in SWA bit 5, of some copies bit 6; in SWB and SWC bit 5.
	for i, bits := range [...]byte{0, 0x60, 0x20, 0x20} {
		if i < len(b) && i > 0 && (b[i]&bits == 0 || b[i] >= 0x80) {
			return -1, Frame{}
		}
	}
	if len(b) <= bare {
		return 0, Frame{}
	}
	if b[bare-1] != cr {
		return -1, Frame{}
	}
	n := bare
	switch b[bare] {
	case checkToledo(b[:bare]):
		n = bare + 1
		if b[bare] == stx { // a checksum, or the next frame?
			if len(b) <= n {
				return 0, Frame{}
			}
			if b[n] != stx {
				n = bare
			}
		}
	case stx:
	default:
		return -1, Frame{}
	}
	f, ok := readToledo(b[:bare])
	if !ok {
		return -1, Frame{}
	}
	return n, f
}

// checkToledo is the two's complement of the sum of the seven low bits of all
// characters, STX and CR among them.
func checkToledo(b []byte) byte {
	var sum byte
	for _, c := range b {
		sum += c & 0x7f
	}
	return -sum & 0x7f
}

func readToledo(b []byte) (Frame, bool) {
	swa, swb, swc := b[1], b[2], b[3]
	weight, ok := parseAmount(string(b[4:10]))
	tare, tareOK := parseAmount(string(b[10:16]))
	if string(b[10:16]) == "      " {
		tare, tareOK = amount{}, true // zeros that mean nothing are sent as blanks
	}
	over := swb&0x04 != 0 || swb&0x40 != 0 // bit 6: not zeroed since switched on
	if (!ok || !tareOK) && !over {
		return Frame{}, false
	}
	unit := toledoUnit(swa, swb, swc)
	place(&weight, swa)
	place(&tare, swa)
	r := Reading{Stable: swb&0x08 == 0, Over: over, Tared: swb&0x01 != 0, HasTare: true}
	if over {
		return weigh(Reading{Over: true}, amount{}, false, unit), true
	}
	if swa&0x20 != 0 && swc&0x10 != 0 {
		return Frame{Err: fault.New(fault.Invalid, "scale.mode",
			"The scale shows an enlarged weight (×10). Switch it back to its usual display.")}, true
	}
	var err error
	if r.Tare, err = tare.grams(unit); err != nil {
		return Frame{Err: err}, true
	}
	return weigh(r, weight, swb&0x02 != 0, unit), true
}

// place sets the decimal point by bits 0 to 2 of SWA: 2 is none, 5 three places;
// below 2 stand for zeros that are not sent.
func place(a *amount, swa byte) {
	switch at := int(swa & 0x07); at {
	case 0, 1:
		a.digits *= powersOf10[2-at]
	default:
		a.decimals = at - 2
	}
}

// toledoUnit reads the unit of the maker's own scales, and of the copies that
// have bit 6 of SWA set instead of bit 5, whose SWC says kg or lb (Liden
// LUW2001, page 16).
func toledoUnit(swa, swb, swc byte) string {
	kind := swc & 0x07
	switch {
	case swa&0x20 == 0 && kind == 0:
		return "kg"
	case swa&0x20 == 0:
		return "lb"
	case kind == 1:
		return "g"
	case kind != 0:
		return "another unit"
	case swb&0x10 != 0:
		return "kg"
	}
	return "lb"
}

// frame8217 is the answer to W: STX weight, N for a net weight, CR; or STX ?
// status CR where there is no weight at rest (METTLER TOLEDO DIVA service
// manual, 6.1.4.3; Brecknell 67XXU, table 7.6). There is no checksum but the
// parity of the line.
func frame8217(unit string) form {
	return func(b []byte) (int, Frame) {
		const longest = 11
		switch {
		case b[0] != stx:
			return -1, Frame{}
		case len(b) == 1:
			return 0, Frame{}
		case b[1] == '?':
			return status8217(b)
		}
		end := bytes.IndexByte(b[:min(len(b), longest)], cr)
		body := b[1:min(len(b), longest)]
		if end >= 0 {
			body = b[1:end]
		}
		for _, c := range body {
			if strings.IndexByte(" 0123456789.N", c) < 0 {
				return -1, Frame{}
			}
		}
		if end < 0 {
			if len(b) >= longest {
				return -1, Frame{}
			}
			return 0, Frame{}
		}
		text, net := strings.CutSuffix(string(body), "N")
		a, ok := parseAmount(text)
		if !ok || len(text) < 5 {
			return -1, Frame{} // shorter than any: characters were lost
		}
		return end + 1, weigh(Reading{Stable: true, Tared: net}, a, false, unit)
	}
}

func status8217(b []byte) (int, Frame) {
	const whole = 4
	if len(b) < whole {
		return 0, Frame{}
	}
	s := b[2]
	if b[3] != cr {
		return -1, Frame{}
	}
	const moving, over, under, outside, centre = 0x01, 0x02, 0x04, 0x08, 0x10
	r := Reading{Over: s&(over|outside) != 0, Under: s&under != 0}
	if s&centre != 0 && s&(moving|over|under|outside) == 0 {
		r.Stable, r.Zero = true, true
	}
	return whole, Frame{Reading: r}
}
