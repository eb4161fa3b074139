package printer

import "cashier/services/fault"

// Status is what a printer says of itself.
type Status struct {
	Offline   bool
	CoverOpen bool
	PaperOut  bool
	PaperLow  bool
	Broken    bool // knife, head or mechanics
	DrawerPin bool // the drawer's switch; open or shut, depending on how it is wired
}

// ask is a real-time question, which a printer answers whatever else it does.
func ask(n byte) []byte { return []byte{0x10, 0x04, n} }

// questions are what is asked, in this order: the answers carry no number.
var questions = [...]byte{1, 2, 4}

// isStatus tells an answer to ask by its fixed bits.
func isStatus(b byte) bool { return b&0x93 == 0x12 }

// isProof tells the answer to GS r.
func isProof(b byte) bool { return b&0x90 == 0 }

// take reads the answer to question n; false where it is none.
func (s *Status) take(n, b byte) bool {
	if !isStatus(b) {
		return false
	}
	switch n {
	case 1:
		s.Offline, s.DrawerPin = b&0x08 != 0, b&0x04 != 0
	case 2:
		s.CoverOpen, s.PaperOut, s.Broken = b&0x04 != 0, s.PaperOut || b&0x20 != 0, b&0x40 != 0
	case 4:
		s.PaperLow, s.PaperOut = b&0x0c != 0, s.PaperOut || b&0x60 != 0
	}
	return true
}

// Fault is why it cannot print now, nil where it can.
func (s Status) Fault() error {
	switch {
	case s.CoverOpen:
		return fault.New(fault.Busy, "printer.cover_open", "The printer's cover is open. Close it; what waits is printed then.")
	case s.PaperOut:
		return fault.New(fault.Busy, "printer.no_paper", "The printer is out of paper. Put a new roll in; what waits is printed then.")
	case s.Broken:
		return fault.New(fault.Busy, "printer.broken", "The printer reports a fault of its knife or its mechanics. Open it, take out jammed paper, and switch it off and on.")
	case s.Offline:
		return fault.New(fault.Busy, "printer.offline", "The printer is offline. Press its paper button, or switch it off and on.")
	}
	return nil
}

func silentFault(target string) error {
	return fault.New(fault.Unreachable, "printer.silent",
		"The printer at {target} does not answer. Check that it is on, its cable and speed; if it never answers, set printer.status to off.", "target", target)
}

func goneFault(target string, cause error) error {
	return fault.Wrap(cause, fault.Unknown, "printer.gone",
		"The printer at {target} was lost while it printed. Look at the paper, and reprint if it is not whole.", "target", target)
}

func unprovenFault(target string) error {
	return fault.New(fault.Unknown, "printer.unproven",
		"The printer at {target} took the receipt but did not say that it is printed. Look at the paper, and reprint if it is not whole.", "target", target)
}
