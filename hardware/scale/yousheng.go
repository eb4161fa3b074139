package scale

import "cashier/services/fault"

// frameYousheng is FF, a byte of flags, three bytes of packed decimal with the
// lowest first, and the unit: 0 kg, 1 lb. Bits 0 to 2 of the flags are the
// decimal point, 3 and 4 the mode (0 weighs), 5 negative, 6 at rest, 7 outside
// the range. The manual of the JCS-B (page 6) counts the decimals from 0, a
// description of the same frame by its users counts the places from 1: by which
// of them a scale goes, only a known weight tells.
func frameYousheng(from int) form {
	return func(b []byte) (int, Frame) {
		const whole, head = 6, 0xff
		if b[0] != head {
			return -1, Frame{}
		}
		var a amount
		for i := 1; i < min(len(b), whole); i++ {
			switch c := b[i]; i {
			case 1:
				a.decimals = int(c&0x07) - from
				if a.decimals < 0 || a.decimals > 5 {
					return -1, Frame{}
				}
			case 5:
				if c > 1 {
					return -1, Frame{}
				}
			default:
				if c>>4 > 9 || c&0x0f > 9 {
					return -1, Frame{}
				}
				a.digits += (int64(c>>4)*10 + int64(c&0x0f)) * powersOf10[2*(i-2)]
			}
		}
		if len(b) < whole {
			return 0, Frame{}
		}
		flags := b[1]
		if flags&0x18 != 0 {
			return whole, Frame{Err: fault.New(fault.Invalid, "scale.mode", "The scale counts pieces or percent. Switch it to weighing.")}
		}
		unit := "kg"
		if b[5] == 1 {
			unit = "lb"
		}
		return whole, weigh(Reading{Stable: flags&0x40 != 0, Over: flags&0x80 != 0}, a, flags&0x20 != 0, unit)
	}
}
