package scanner

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"cashier/hardware/serialport"
	"cashier/services/scancode"
)

// Scanner is a source of codes. Serial is one; a keyboard wedge can be another.
type Scanner interface {
	// Scans delivers each scan in the order it was read. It is closed when the
	// scanner has stopped.
	Scans() <-chan Scan
	// Status is how the device stands now.
	Status() serialport.Status
	// Close stops the scanner and returns when nothing of it runs any more.
	Close() error
}

// Scan is one code as it was read. Code and Raw may be a payment code:
// formatting or logging a Scan shows it masked.
type Scan struct {
	Code   string    // without suffix, STX and NUL around it; an AIM identifier is still in front; "" when Err is set
	At     time.Time // when its last byte was read
	Device string    // the name the device was given
	Raw    []byte    // the bytes as they came, without suffix; at most MaxFrame of them
	Err    error     // why the code cannot be used: "scanner.too_long", "scanner.damaged"; nil for a good scan
}

// Format writes device and masked code for every verb.
func (s Scan) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, s.Device+" "+s.shown())
}

// LogValue keeps the code out of logs.
func (s Scan) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("device", s.Device),
		slog.String("code", s.shown()),
		slog.Int("length", len(s.Raw)))
}

func (s Scan) shown() string {
	if s.Err != nil {
		return scancode.Masked(string(s.Raw)) + " (" + s.Err.Error() + ")"
	}
	return scancode.Masked(s.Code)
}
