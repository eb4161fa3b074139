package scalesim

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"cashier/services/money"
)

// Device is the scale itself, without a cable: what lies on it, and what it
// sends. Its methods are safe for concurrent use.
type Device struct {
	protocol string

	mu     sync.Mutex
	load   money.Grams
	tare   money.Grams
	moving bool
	over   bool
	quiet  bool
	pounds bool
	jitter money.Grams
}

// NewDevice makes a scale that speaks a protocol of package scale, by its name;
// one that it does not know is nil.
func NewDevice(protocol string) *Device {
	if encoders[protocol] == nil {
		return nil
	}
	return &Device{protocol: protocol}
}

// Put replaces what lies on the platform.
func (d *Device) Put(g money.Grams) { d.set(func() { d.load = g }) }

// Move makes the platform tremble, or come to rest.
func (d *Device) Move(moving bool) { d.set(func() { d.moving = moving }) }

// Overload puts more on it than it can weigh, or takes that off again.
func (d *Device) Overload(over bool) { d.set(func() { d.over = over }) }

// Mute makes it send nothing, as one that was switched off.
func (d *Device) Mute(quiet bool) { d.set(func() { d.quiet = quiet }) }

// Pounds makes it show pounds, as far as its protocol can say so.
func (d *Device) Pounds(on bool) { d.set(func() { d.pounds = on }) }

func (d *Device) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

// Frame is what a scale that speaks unasked sends now; nil for one that is
// asked, or is mute.
func (d *Device) Frame() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quiet || d.protocol == "cas" || d.protocol == "toledo-8217" {
		return nil
	}
	return d.frame()
}

// Answer is what it sends back for what the till has sent; commands are carried
// out.
func (d *Device) Answer(in []byte) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quiet {
		return nil
	}
	text := string(in)
	switch d.protocol {
	case "os2":
		d.obey(strings.Contains(text, "<TK>\t"), strings.Contains(text, "<ZK>\t"))
	case "toledo":
		d.obey(strings.Contains(text, "T"), strings.Contains(text, "Z"))
	case "toledo-8217":
		d.obey(strings.Contains(text, "T"), strings.Contains(text, "Z"))
		if strings.Contains(text, "W") {
			return d.frame()
		}
	case "cas":
		switch {
		case strings.Contains(text, "\x11"):
			return d.frame()
		case strings.Contains(text, "\x05"):
			return []byte{0x06}
		}
	}
	return nil
}

func (d *Device) obey(tare, zero bool) {
	if tare {
		d.tare = d.load
	}
	if zero {
		d.load, d.tare = 0, 0
	}
}

// shown is what stands on the display.
type shown struct {
	net, tare money.Grams
	moving    bool
	over      bool
	pounds    bool
}

func (d *Device) frame() []byte {
	s := shown{d.load - d.tare, d.tare, d.moving, d.over, d.pounds}
	if d.moving {
		d.jitter = (d.jitter + 7) % 50
		s.net += d.jitter
	}
	return encoders[d.protocol](s)
}

// Names are the protocols it knows.
func Names() []string {
	names := make([]string, 0, len(encoders))
	for name := range encoders {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var encoders = map[string]func(shown) []byte{
	"os2": os2, "cas": os2, "toledo": continuous, "toledo-8217": ariva, "text": and,
	"yousheng": func(s shown) []byte { return yousheng(s, 3) }, "yousheng-1": func(s shown) []byte { return yousheng(s, 4) },
	"yaohua": yaohua, "yaohua-eq": func(s shown) []byte { return equals(s, true) }, "yaohua-eq2": func(s shown) []byte { return equals(s, false) },
	"yaohua-a12": a12,
}

func (s shown) sign(plus string) string {
	if s.net < 0 {
		return "-"
	}
	return plus
}

func (s shown) size() int64 { return int64(max(s.net, -s.net)) }

// kilos is the size with three decimals and w characters in all.
func (s shown) kilos(w int) string {
	return fmt.Sprintf("%0*d.%03d", w-4, s.size()/1000, s.size()%1000)
}

func (s shown) unit() string {
	if s.pounds {
		return "lb"
	}
	return "kg"
}

func os2(s shown) []byte {
	state := "S"
	if s.moving {
		state = "U"
	}
	if s.over {
		state = "F"
	}
	body := state + s.sign(" ") + s.kilos(6) + s.unit()
	bcc := byte(0)
	for i := range len(body) {
		bcc ^= body[i]
	}
	return []byte("\x01\x02" + body + string([]byte{bcc, 0x03, 0x04}))
}

func continuous(s shown) []byte {
	swb := byte(0x30)
	for bit, on := range map[byte]bool{0x01: s.tare != 0, 0x02: s.net < 0, 0x04: s.over, 0x08: s.moving} {
		if on {
			swb |= bit
		}
	}
	if s.pounds {
		swb &^= 0x10
	}
	frame := append([]byte{0x02, 0x2d, swb, 0x20}, fmt.Sprintf("%06d%06d\r", s.size(), int64(s.tare))...)
	sum := 0
	for _, c := range frame {
		sum += int(c)
	}
	return append(frame, byte(-sum)&0x7f)
}

// ariva speaks 8217: a weight only at rest and above zero, a status otherwise.
func ariva(s shown) []byte {
	status := byte(0x40)
	switch {
	case s.over:
		status |= 0x02
	case s.moving:
		status |= 0x01
	case s.net < 0:
		status |= 0x04
	case s.net == 0:
		status |= 0x10
	default:
		net := ""
		if s.tare != 0 {
			net = "N"
		}
		return []byte("\x02" + s.kilos(6) + net + "\r")
	}
	return []byte{0x02, '?', status, '\r'}
}

func and(s shown) []byte {
	state, kind := "ST", "GS"
	if s.moving {
		state = "US"
	}
	if s.over {
		state = "OL"
	}
	if s.tare != 0 {
		kind = "NT"
	}
	return []byte(state + "," + kind + "," + s.sign("+") + s.kilos(8) + s.unit() + "\r\n")
}

func yousheng(s shown, point byte) []byte {
	flags, unit := point, byte(0)
	if s.net < 0 {
		flags |= 1 << 5
	}
	if !s.moving {
		flags |= 1 << 6
	}
	if s.over {
		flags |= 1 << 7
	}
	if s.pounds {
		unit = 1
	}
	frame := []byte{0xff, flags}
	for n := s.size(); len(frame) < 5; n /= 100 {
		frame = append(frame, byte(n%100/10<<4|n%10))
	}
	return append(frame, unit)
}

func yaohua(s shown) []byte {
	body := s.sign("+") + fmt.Sprintf("%06d", s.size()) + "3"
	x := byte(0)
	for i := range len(body) {
		x ^= body[i]
	}
	return fmt.Appendf(nil, "\x02%s%02X\x03", body, x)
}

func equals(s shown, lowFirst bool) []byte {
	text := []byte(s.sign("0") + s.kilos(7))
	if lowFirst {
		slices.Reverse(text)
	}
	return append([]byte("="), text...)
}

func a12(s shown) []byte {
	body := "WG" + s.sign("0") + s.kilos(6) + s.unit()
	if s.tare != 0 {
		body = "WN" + body[2:]
	}
	if s.over {
		body = "         OL"
	}
	x := byte(0)
	for i := range len(body) {
		x ^= body[i]
	}
	return fmt.Appendf(nil, "%s%02X\r\n", body, x)
}
