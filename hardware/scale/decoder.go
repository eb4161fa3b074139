package scale

import "bytes"

// Frame is one thing that a scale said. Exactly one of these holds: Err is set,
// Ready is set, or Reading is a reading.
type Frame struct {
	Reading Reading
	Err     error  // understood, and no weight: "scale.unit", "scale.fraction", "scale.range", "scale.mode"
	Ready   bool   // a polled scale may be asked for its weight now
	Raw     []byte // the bytes of the frame
	Noise   int    // bytes skipped before it because they were no frame

	separator bool // belongs to the protocol and says nothing
}

// form looks at the beginning of b: n > 0 is a frame of that length, 0 may
// become one with more bytes, below 0 is none. It keeps nothing of b.
type form func(b []byte) (n int, f Frame)

// maxFrame is longer than any frame of any protocol here.
const maxFrame = 64

// Decoder cuts a stream of bytes into frames. What it returns does not depend on
// where the stream was split. Not safe for concurrent use.
type Decoder struct {
	form  form
	buf   []byte
	noise int
}

// Feed takes bytes as they were read and returns the frames they complete.
func (d *Decoder) Feed(b []byte) []Frame {
	var frames []Frame
	d.buf = append(d.buf, b...)
	rest := d.buf
	for len(rest) > 0 {
		n, f := d.form(rest)
		switch {
		case n == 0 && len(rest) < maxFrame:
			d.keep(rest)
			return frames
		case n <= 0:
			d.noise++
			rest = rest[1:]
		default:
			if !f.separator {
				f.Raw, f.Noise, d.noise = bytes.Clone(rest[:n]), d.noise, 0
				frames = append(frames, f)
			}
			rest = rest[n:]
		}
	}
	d.keep(nil)
	return frames
}

// keep moves what is left to the front of the buffer.
func (d *Decoder) keep(rest []byte) { d.buf = d.buf[:copy(d.buf, rest)] }

// Reset forgets a frame begun on a connection that is gone. The frame that
// comes next counts as one behind noise.
func (d *Decoder) Reset() {
	d.noise += len(d.buf) + 1
	d.buf = d.buf[:0]
}

// weigh makes the frame of a reading that was understood but for its amount.
// Where the scale is outside its range the digits mean nothing.
func weigh(r Reading, a amount, negative bool, unit string) Frame {
	if r.Over {
		r.Stable = false
		return Frame{Reading: r}
	}
	g, err := a.grams(unit)
	if err != nil {
		return Frame{Err: err}
	}
	if negative && g != 0 {
		g, r.Under = -g, true
	}
	r.Net = g
	r.Zero = r.Zero || g == 0
	return Frame{Reading: r}
}
