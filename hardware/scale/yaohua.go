package scale

import (
	"slices"
	"strings"
)

// frameYaohua is STX sign digits(6) decimals checksum(2) ETX, continuous format
// 0 of the XK3190-A26 (page 10): the checksum is the exclusive or of bytes 2 to
// 9, as two hexadecimal digits.
func frameYaohua(unit string) form {
	return func(b []byte) (int, Frame) {
		const whole = 12
		for i, c := range b[:min(len(b), whole)] {
			ok := c >= '0' && c <= '9'
			switch i {
			case 0:
				ok = c == stx
			case 1:
				ok = c == '+' || c == '-'
			case 8:
				ok = c >= '0' && c <= '4'
			case 9, 10:
				ok = true
			case 11:
				ok = c == etx
			}
			if !ok {
				return -1, Frame{}
			}
		}
		if len(b) < whole {
			return 0, Frame{}
		}
		if hexXOR(b[1:9]) != string(b[9:11]) {
			return -1, Frame{}
		}
		a, _ := parseAmount(string(b[2:8]))
		a.decimals = int(b[8] - '0')
		return whole, weigh(Reading{Stable: true}, a, b[1] == '-', unit)
	}
}

func hexXOR(b []byte) string {
	const digits = "0123456789ABCDEF"
	var x byte
	for _, c := range b {
		x ^= c
	}
	return string([]byte{digits[x>>4], digits[x&0x0f]})
}

// frameEquals is = and eight characters, without checksum: seven of the weight
// with its point, and one sign, 0 or -. Continuous format 1 of the XK3190-A26
// (page 11) sends the lowest first and the sign last, format 2 the sign first
// and the highest next. The frame of one can be read as the other's: which of
// them a scale speaks, only its settings or a known weight tell.
func frameEquals(lowFirst bool) func(unit string) form {
	return func(unit string) form {
		return func(b []byte) (int, Frame) {
			const whole = 9
			if b[0] != '=' {
				return -1, Frame{}
			}
			for _, c := range b[1:min(len(b), whole)] {
				if strings.IndexByte("0123456789.-", c) < 0 {
					return -1, Frame{}
				}
			}
			if len(b) < whole {
				return 0, Frame{}
			}
			text := slices.Clone(b[1:whole])
			if lowFirst {
				slices.Reverse(text)
			}
			a, ok := parseAmount(string(text[1:]))
			if !ok || (text[0] != '0' && text[0] != '-') {
				return -1, Frame{}
			}
			return whole, weigh(Reading{Stable: true}, a, text[0] == '-', unit)
		}
	}
}

// frameA12 is W, G or N, the weight in seven characters, its unit in two, a
// checksum of two hexadecimal digits, CR LF (XK3190-A12(E), page 13). Outside
// the range nine blanks and OL or LO stand there.
func frameA12(b []byte) (int, Frame) {
	const whole, sum = 15, 11
	if b[0] != 'W' && b[0] != ' ' {
		return -1, Frame{}
	}
	if len(b) < whole {
		return 0, Frame{}
	}
	if b[13] != cr || b[14] != lf || hexXOR(b[:sum]) != string(b[sum:sum+2]) {
		return -1, Frame{}
	}
	switch body := string(b[:sum]); body {
	case "         OL":
		return whole, Frame{Reading: Reading{Over: true}}
	case "         LO", "         L0":
		return whole, Frame{Reading: Reading{Over: true, Under: true}}
	}
	if b[0] != 'W' || (b[1] != 'G' && b[1] != 'N') {
		return -1, Frame{}
	}
	f, ok := readWeight(Reading{Stable: true, Tared: b[1] == 'N'}, string(b[2:9]), string(b[9:11]))
	if !ok {
		return -1, Frame{}
	}
	return whole, f
}
