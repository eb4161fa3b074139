package printer

import (
	"golang.org/x/text/encoding/simplifiedchinese"
)

// instead is what stands on the paper for a character without a sign in GBK: as
// wide as what it stands for, so that columns stay in line, and seen by whoever
// reads it.
const instead = "\xa3\xbf" // ？

// mapped are characters that GBK lacks and that have a near one in it.
var mapped = map[rune]string{
	'¥': "\xa3\xa4", // ￥, which is another character
	'•': "\xa1\xa4", // ·
	'–': "\xa1\xaa", // —
	'−': "\xa3\xad", // －
}

// gbk encodes a text: ASCII in one byte, everything else in two, so that bytes
// are columns. What is no text (receipt.Clean takes it out) becomes a blank.
func gbk(s string) []byte {
	out := make([]byte, 0, len(s))
	encoder := simplifiedchinese.GBK.NewEncoder()
	for _, r := range s {
		switch near, ok := mapped[r]; {
		case r < ' ' || r == 0x7f:
			out = append(out, ' ')
		case r < 0x7f:
			out = append(out, byte(r))
		case ok:
			out = append(out, near...)
		default:
			pair, err := encoder.String(string(r))
			// One byte is no character of GBK: code page 936 has the euro as 80, and
			// printers have nothing there. A byte below 0x40 behind the first would be a digit or a command on a
			// printer that knows GBK only.
			if err != nil || len(pair) != 2 || pair[0] < 0x81 || pair[1] < 0x40 {
				pair = instead
			}
			out = append(out, pair...)
		}
	}
	return out
}
