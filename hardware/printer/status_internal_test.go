package printer

import (
	"testing"

	"cashier/services/fault"
)

// The bits as the SRP-350's manual (page 8) names them for n = 1 and 2, and
// Epson's reference for n = 4.
func TestStatus(t *testing.T) {
	for name, tt := range map[string]struct {
		answers [3]byte
		fault   string
		low     bool
		pin     bool
	}{
		"all is well":          {[3]byte{0x12, 0x12, 0x12}, "", false, false},
		"the drawer's switch":  {[3]byte{0x16, 0x12, 0x12}, "", false, true},
		"offline":              {[3]byte{0x1a, 0x12, 0x12}, "printer.offline", false, false},
		"the cover":            {[3]byte{0x1a, 0x16, 0x12}, "printer.cover_open", false, false},
		"stopped for paper":    {[3]byte{0x1a, 0x32, 0x12}, "printer.no_paper", false, false},
		"an error":             {[3]byte{0x1a, 0x52, 0x12}, "printer.broken", false, false},
		"paper is low":         {[3]byte{0x12, 0x12, 0x1e}, "", true, false},
		"the sensor sees none": {[3]byte{0x12, 0x12, 0x72}, "printer.no_paper", false, false},
	} {
		var st Status
		for i, n := range questions {
			if !st.take(n, tt.answers[i]) {
				t.Errorf("%s: %02x is an answer", name, tt.answers[i])
			}
		}
		if fault.CodeOf(st.Fault()) != tt.fault || st.PaperLow != tt.low || st.DrawerPin != tt.pin {
			t.Errorf("%s: %+v", name, st)
		}
	}
}

// Whatever byte comes, it is an answer to one kind of question at most, and one
// that is none changes nothing.
func FuzzStatus(f *testing.F) {
	f.Add(byte(1), byte(0x12))
	f.Add(byte(4), byte(0x00))
	f.Fuzz(func(t *testing.T, n, b byte) {
		var st Status
		taken := st.take(n, b)
		if taken == isProof(b) && taken || !taken && st != (Status{}) {
			t.Fatalf("%d, %02x: %+v", n, b, st)
		}
		_ = st.Fault()
	})
}
