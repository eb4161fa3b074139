package serialport

import "time"

// State is where a device stands.
type State uint8

// The states. A device that was online once is Lost, not Searching, until it is
// online again: the first is a cable that came out, the second one never put in.
const (
	Disabled  State = iota // no port is set
	Searching              // not found since the start
	Online
	Lost // was online, and is looked for
)

func (s State) String() string {
	switch s {
	case Disabled:
		return "disabled"
	case Searching:
		return "searching"
	case Online:
		return "online"
	case Lost:
		return "lost"
	}
	return "unknown"
}

// Status is what the status bar and the doctor show of a device.
type Status struct {
	State State
	Since time.Time // when this state began
	Err   error     // Searching, Lost: the fault that stands in the way, nil before the first try
	Tries int       // Searching, Lost: attempts to open since the state began
}
