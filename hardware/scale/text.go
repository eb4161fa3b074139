package scale

import (
	"strings"

	"cashier/services/fault"
)

// frameText is a line of fields with commas: state, kind of weight, weight with
// its unit. A&D (GC series, 16.2) leaves the kind out, Dini Argeo (DGT4X, page
// 52) parts weight and unit and may put an address before the state, CAS (22
// bytes, NT-200 page 48) has a device number and a byte of lamps between.
func frameText(b []byte) (int, Frame) {
	const longest = 40
	if b[0] == cr || b[0] == lf {
		return 1, Frame{separator: true}
	}
	if strings.IndexByte("SUOQ0123456789", b[0]) < 0 {
		return -1, Frame{}
	}
	end := strings.IndexAny(string(b), "\r\n")
	switch {
	case end < 0 && len(b) < longest:
		return 0, Frame{}
	case end < 0 || end > longest:
		return -1, Frame{}
	}
	f, ok := readText(string(b[:end]))
	if !ok {
		return -1, Frame{}
	}
	return end + 1, f
}

func readText(line string) (Frame, bool) {
	fields := strings.Split(line, ",")
	state := strings.TrimLeft(fields[0], "0123456789")
	if len(fields) < 2 || len(fields[0])-len(state) > 2 {
		return Frame{}, false
	}
	var r Reading
	switch state {
	case "ST":
		r.Stable = true
	case "US":
	case "OL":
		return Frame{Reading: Reading{Over: true}}, true
	case "UL":
		return Frame{Reading: Reading{Over: true, Under: true}}, true
	case "QT":
		return Frame{Err: fault.New(fault.Invalid, "scale.mode", "The scale counts pieces. Switch it to weighing.")}, true
	default:
		return Frame{}, false
	}
	rest := fields[1:]
	switch rest[0] {
	case "GS":
		rest = rest[1:]
	case "NT":
		r.Tared, rest = true, rest[1:]
	case "TR": // the tare by itself: not what lies on the platform
		return Frame{separator: true}, true
	}
	if len(rest) == 0 {
		return Frame{}, false
	}
	weight, unit := splitUnit(rest[len(rest)-1])
	if weight == "" && len(rest) > 1 {
		weight = rest[len(rest)-2]
	}
	return readWeight(r, weight, unit)
}

// splitUnit parts "+0001.234 kg".
func splitUnit(s string) (weight, unit string) {
	at := strings.LastIndexAny(s, "0123456789.") + 1
	return s[:at], strings.TrimSpace(s[at:])
}

func readWeight(r Reading, weight, unit string) (Frame, bool) {
	weight = strings.Trim(weight, " ")
	digits, negative := strings.CutPrefix(weight, "-")
	digits = strings.TrimPrefix(digits, "+")
	a, ok := parseAmount(digits)
	if !ok || unit == "" {
		return Frame{}, false
	}
	return weigh(r, a, negative, unit), true
}
