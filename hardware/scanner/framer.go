package scanner

import (
	"bytes"
	"time"
)

// Bytes that mean something between scanner and till.
const (
	nul = 0x00 // what a line break or a wrong speed looks like
	stx = 0x02
	etx = 0x03
	tab = '\t'
	lf  = '\n'
	cr  = '\r'
)

// MaxFrame is the longest frame kept, in bytes.
const MaxFrame = 512

// DefaultIdleGap ends a frame of a scanner that sends no suffix. 50 ms was seen
// to split a code on a busy machine; 100 ms was not.
const DefaultIdleGap = 100 * time.Millisecond

// Defect is why a frame is no code.
type Defect uint8

// The defects.
const (
	Whole   Defect = iota
	TooLong        // more than MaxFrame bytes before any suffix
	Damaged        // NUL or STX within the code, several NUL behind it, or nothing else: characters were lost
)

// Frame is what stood between two suffixes or pauses. Payload is "" unless the
// frame is Whole.
type Frame struct {
	Payload string
	Raw     []byte
	Defect  Defect
}

// Framer cuts a stream of bytes into frames. CR, LF, tab and ETX end a frame,
// and so does a pause. GS stays: it separates the fields of a GS1 code. It
// keeps no clock: time comes in with the bytes.
//
// Not safe for concurrent use. The zero value is ready and uses DefaultIdleGap.
type Framer struct {
	Gap time.Duration // how long a pause ends a frame; 0 is DefaultIdleGap

	buf      []byte
	last     time.Time // when the newest byte of buf came
	skipping bool      // the frame was too long and has been reported
}

// Feed takes bytes read at now and returns the frames they complete.
//
// A gap before b is not looked at: bytes that came in time may have waited
// unread while the machine was busy. Only a read that found nothing proves a
// pause, and that is Idle's business.
func (f *Framer) Feed(b []byte, now time.Time) []Frame {
	var frames []Frame
	for _, c := range b {
		switch {
		case c == cr || c == lf || c == tab || c == etx:
			frames = f.end(frames, true)
		case f.skipping:
		case len(f.buf) == MaxFrame:
			frames = append(frames, Frame{Raw: bytes.Clone(f.buf), Defect: TooLong})
			f.buf, f.skipping = f.buf[:0], true
		default:
			f.buf = append(f.buf, c)
		}
	}
	if len(b) > 0 {
		f.last = now
	}
	return frames
}

// Idle is told that a read found nothing until now; it returns the frame that
// the pause completes, if it was long enough.
func (f *Framer) Idle(now time.Time) []Frame {
	if !f.busy() || now.Sub(f.last) < f.gap() {
		return nil
	}
	return f.end(nil, false)
}

// Wait is how long after now a read must find nothing for Idle to act; ok is
// false when there is nothing to wait for.
func (f *Framer) Wait(now time.Time) (d time.Duration, ok bool) {
	if !f.busy() {
		return 0, false
	}
	return max(f.gap()-now.Sub(f.last), 0), true
}

// Reset forgets a frame begun on a connection that is gone, and tells whether
// there was one.
func (f *Framer) Reset() bool {
	begun := f.busy()
	f.buf, f.skipping = f.buf[:0], false
	return begun
}

func (f *Framer) busy() bool { return len(f.buf) > 0 || f.skipping }

func (f *Framer) gap() time.Duration {
	if f.Gap == 0 {
		return DefaultIdleGap
	}
	return f.Gap
}

// end closes the frame in buf and appends it to frames. LF after CR ends
// nothing and gives no frame.
func (f *Framer) end(frames []Frame, suffix bool) []Frame {
	raw := bytes.Clone(f.buf)
	f.buf, f.skipping = f.buf[:0], false
	payload := strip(raw)
	switch {
	case len(raw) == 0 || bytes.Equal(raw, []byte{stx}):
		return frames
	case len(payload) == 0 && !suffix:
		return frames // a device being plugged in, not a scan
	case len(payload) == 0 || bytes.IndexByte(payload, nul) >= 0 || bytes.IndexByte(payload, stx) >= 0:
		return append(frames, Frame{Raw: raw, Defect: Damaged})
	}
	return append(frames, Frame{Payload: string(payload), Raw: raw})
}

// strip takes off what may stand around a code: noise of the line and STX
// before it, the end of a C string behind it. More than one NUL behind it is a
// buffer sent as it lay in memory, and nobody vouches for its content.
func strip(raw []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimLeft(raw, "\x00\x02"), []byte{nul})
}
