package scale_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"cashier/hardware/scale"
	"cashier/hardware/scale/scalesim"
	"cashier/services/fault"
	"cashier/services/money"
)

// say is what a frame says, in one line.
func say(f scale.Frame) string {
	switch {
	case f.Ready:
		return "ready"
	case f.Err != nil:
		return fault.CodeOf(f.Err)
	}
	r := f.Reading
	out := fmt.Sprint(int64(r.Net), "g")
	for _, flag := range []struct {
		on   bool
		name string
	}{{r.Stable, "stable"}, {r.Over, "over"}, {r.Under, "under"}, {r.Zero, "zero"}, {r.Tared, "net"}} {
		if flag.on {
			out += " " + flag.name
		}
	}
	if r.Tare != 0 {
		out += fmt.Sprint(" tare ", int64(r.Tare), "g")
	}
	return out
}

func decode(t testing.TB, protocol, unit string, raw []byte) []string {
	t.Helper()
	p, err := scale.Find(protocol)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, f := range p.NewDecoder(unit).Feed(raw) {
		said = append(said, say(f))
	}
	return said
}

// vectors are frames as the makers print them, or put together by hand from
// their tables. "hand" marks the second kind: the check byte was computed on
// paper.
var vectors = []struct {
	protocol, unit, from string
	raw                  string
	want                 string
}{
	{"yaohua", "", "a user's table of the XK3190, +20.00", "\x02+00200021B\x03", "20000g stable"},
	{"yaohua", "g", "the same frame of an indicator in grams", "\x02+00200021B\x03", "20g stable"},
	{"yaohua", "g", "hand: parts of a gram", "\x02+00200121A\x03", "scale.fraction"},
	{"yaohua", "", "the same with one digit wrong", "\x02+00210021B\x03", ""},
	{"yaohua-eq", "", "XK3190-A26 manual, page 11", "=000.3000", "3000g stable"},
	{"yaohua-eq", "", "XK3190-A26 manual, page 11", "=00.1000-", "-1000g stable under"},
	{"yaohua-eq2", "", "XK3190-A26 manual, page 11", "=0003.000", "3000g stable"},
	{"yaohua-eq2", "", "XK3190-A26 manual, page 11", "=-0001.00", "-1000g stable under"},
	{"yaohua-a12", "", "XK3190-A12(E) manual, page 13", "WG004.139kg3D\r\n", "4139g stable"},
	{"yaohua-a12", "", "XK3190-A12(E) manual, page 13", "         OL23\r\n", "0g over"},
	{"yaohua-a12", "", "the first with another weight", "WG004.138kg3D\r\n", ""},
	{"text", "", "A&D GC series manual, 16.2", "ST,+0001.234 kg\r\n", "1234g stable"},
	{"text", "", "A&D EK-L manual, 9-2", "ST,+001234.5  g\r\n", "scale.fraction"},
	{"text", "", "A&D EK-L manual, 9-2", "QT,+00012345 PC\r\n", "scale.mode"},
	{"text", "", "A&D EK-L manual, 9-2", "OL,+999999.9  g\r\n", "0g over"},
	{"text", "", "Dini Argeo DGT4X manual, page 52", "01ST,GS,     0.0,kg\r\n", "0g stable zero"},
	{"text", "", "the same, under range", "01UL,GS,     0.0,kg\r\n", "0g over under"},
	{"text", "", "CAS CI-600D manual, page 75: 13.5 kg in eight bytes", "US,NT,1\xd0,000013.5 kg\r\n", "13500g net"},
	{"text", "", "KERN KXS manual, 14.1: a gross weight in ounces", "ST,GS,+01234567  oz\r\n", "scale.unit"},
	{"text", "", "KERN KXS manual, 14.1: unstable pounds", "US,GS,+01234.56  lb\r\n", "scale.unit"},
	{"text", "", "KERN KXS manual, 14.1: the tare alone", "ST,TR,+012.3456  kg\r\n", ""},
	{"text", "", "KERN KXS manual, 14.1: overload", "OL,GS,+            \r\n", "0g over"},
	{"text", "", "a weighing program's example", "ST,GS,     245 g\r\n", "245g stable"},
	{"toledo", "", "a Jaguar's stream, scales manual v1014, page 119", "\x0210  0   200      \r\x02", ""},
	{"toledo", "", "the same with its status words as they stand there: pounds", "\x021     200      \r\x02", "scale.unit"},
	{"toledo", "", "hand: WILDCAT tables, 1.234 kg, tare 0.056 kg, net", "\x02\x2d\x31\x20001234000056\r\x1e", "1234g stable net tare 56g"},
	{"toledo", "", "hand: the same without checksum", "\x02\x2d\x31\x20001234000056\r\x02", "1234g stable net tare 56g"},
	{"toledo", "", "hand: blanks for zeros, moving", "\x02\x2d\x38\x20  1234      \r\x02", "1234g"},
	{"toledo", "", "hand: negative", "\x02\x2d\x32\x20   100     0\r\x02", "-100g stable under"},
	{"toledo", "", "hand: out of range", "\x02\x2d\x34\x20      000000\r\x02", "0g over"},
	{"toledo", "", "hand: not zeroed since it was switched on", "\x02\x2d\x70\x20000000000000\r\x02", "0g over"},
	{"toledo", "", "hand: grams", "\x02\x2a\x20\x21001234000000\r\x02", "1234g stable"},
	{"toledo", "", "hand: pounds", "\x02\x2d\x20\x20001234000000\r\x02", "scale.unit"},
	{"toledo", "", "hand: enlarged display", "\x02\x2d\x30\x30001234000000\r\x02", "scale.mode"},
	{"toledo", "", "hand: a copy's status words, Liden LUW2001, page 16", "\x02\x55\x30\x30001234000000\r\x02", "1234g stable"},
	{"toledo", "", "hand: the same in pounds", "\x02\x55\x30\x31001234000000\r\x02", "scale.unit"},
	{"toledo", "", "hand: wrong checksum", "\x02\x2d\x31\x20001234000056\r\x5a", ""},
	{"toledo-8217", "", "Brecknell 67XXU manual, table 7.5: two, point, three", "\x0201.234\r", "1234g stable"},
	{"toledo-8217", "g", "the same, three and no point", "\x02 01234\r", "1234g stable"},
	{"toledo-8217", "", "DIVA manual, 6.1.4.3: net", "\x0201.234N\r", "1234g stable net"},
	{"toledo-8217", "", "DIVA manual, 6.1.4.3: moving", "\x02?\x41\r", "0g"},
	{"toledo-8217", "", "DIVA manual, 6.1.4.3: over capacity", "\x02?\x42\r", "0g over"},
	{"toledo-8217", "", "DIVA manual, 6.1.4.3: under zero", "\x02?\x44\r", "0g under"},
	{"toledo-8217", "", "DIVA manual, 6.1.4.3: centre of zero", "\x02?\x50\r", "0g stable zero"},
	{"toledo-8217", "", "digits lost", "\x021.23\r", ""},
	{"os2", "", "hand: CAS SW-II, page 16; check from behind STX", "\x01\x02S 01.234kg\x65\x03\x04", "1234g stable"},
	{"os2", "", "hand: the same, check from SOH", "\x01\x02S 01.234kg\x66\x03\x04", "1234g stable"},
	{"os2", "", "hand: one digit wrong", "\x01\x02S 01.235kg\x65\x03\x04", ""},
	{"os2", "", "hand: Gram ZFOC, page 30; abnormal", "\x01\x02F 01.234kg\x70\x03\x04", "0g over"},
	{"os2", "", "hand: moving and negative", "\x01\x02U-01.234kg\x6e\x03\x04", "-1234g under"},
	{"os2", "", "hand: Gram ZFOC, page 30; 斤", "\x01\x02S  2.000SJ\x66\x03\x04", "1000g stable"},
	{"os2", "", "hand: Gram ZFOC, page 30; Taiwan's catty", "\x01\x02S  2.000TJ\x61\x03\x04", "scale.unit"},
	{"os2", "", "hand: grams, one letter", "\x01\x02S  01234g\x00\x03\x04", "1234g stable"},
	{"cas", "", "AP-1 transmission protocol: it is ready", "\x06", "ready"},
	{"cas", "", "AP-1 transmission protocol: not now", "\x15", ""},
	{"cas", "", "hand: the answer to DC1", "\x01\x02S 01.234kg\x65\x03\x04", "1234g stable"},
	{"yousheng", "", "hand: JCS-B manual, page 6", "\xff\x43\x34\x12\x00\x00", "1234g stable"},
	{"yousheng", "", "hand: moving, negative", "\xff\x23\x34\x12\x00\x00", "-1234g under"},
	{"yousheng", "", "hand: overflow", "\xff\xc3\x34\x12\x00\x00", "0g over"},
	{"yousheng", "", "hand: counting", "\xff\x4b\x34\x12\x00\x00", "scale.mode"},
	{"yousheng", "", "hand: pounds", "\xff\x43\x34\x12\x00\x01", "scale.unit"},
	{"yousheng", "", "hand: no decimal digit", "\xff\x43\x3a\x12\x00\x00", ""},
	{"yousheng-1", "", "hand: places counted from 1: 4 shows three decimals", "\xff\x44\x34\x12\x00\x00", "1234g stable"},
	{"yousheng-1", "", "hand: 1 shows none", "\xff\x41\x12\x00\x00\x00", "12000g stable"},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.protocol+" "+v.from, func(t *testing.T) {
			got := strings.Join(decode(t, v.protocol, v.unit, []byte(v.raw)), ", ")
			if got != v.want {
				t.Errorf("%q: %q, want %q", v.raw, got, v.want)
			}
		})
	}
}

// Each protocol at least once; what a maker says of its frame must hold in a
// stream, behind noise, and however the stream is split.
func TestVectorsInAStream(t *testing.T) {
	covered := map[string]bool{}
	for _, v := range vectors {
		if v.want == "" || v.want == "ready" {
			continue
		}
		covered[v.protocol] = true
		stream := []byte("\x00\x7f#" + v.raw)
		if v.raw[len(v.raw)-1] != stx {
			stream = append(stream, v.raw...)
		} else {
			stream = append(stream, v.raw[1:]...)
		}
		want := []string{v.want, v.want}
		if got := decode(t, v.protocol, v.unit, stream); !slices.Equal(got, want) {
			t.Errorf("%s, %s: %q", v.protocol, v.from, got)
		}
		p, _ := scale.Find(v.protocol)
		d := p.NewDecoder(v.unit)
		var got []string
		for i := range stream {
			for _, f := range d.Feed(stream[i : i+1]) {
				got = append(got, say(f))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s, %s, byte by byte: %q", v.protocol, v.from, got)
		}
	}
	for _, p := range scale.Protocols() {
		if !covered[p.Name] {
			t.Errorf("no vector for %s", p.Name)
		}
	}
}

const stx = 0x02

func TestNoiseIsCounted(t *testing.T) {
	p, err := scale.Find("yaohua")
	if err != nil {
		t.Fatal(err)
	}
	d := p.NewDecoder("")
	const good = "\x02+00200021B\x03"
	frames := d.Feed([]byte(good + good + "xyz\x02+002" + good))
	d.Reset()
	frames = append(frames, d.Feed([]byte(good))...)
	var noise []int
	for _, f := range frames {
		noise = append(noise, f.Noise)
	}
	if want := []int{0, 0, 8, 1}; !slices.Equal(noise, want) {
		t.Errorf("noise %v, want %v", noise, want)
	}
}

func TestFind(t *testing.T) {
	if _, err := scale.Find("dahua"); fault.CodeOf(err) != "scale.protocol" {
		t.Errorf("a protocol nobody has seen the bytes of: %v", err)
	}
	for _, p := range scale.Protocols() {
		if got, err := scale.Find(p.Name); err != nil || got.Name != p.Name {
			t.Errorf("%s: %v", p.Name, err)
		}
		if scalesim.NewDevice(p.Name) == nil {
			t.Errorf("%s has no simulator", p.Name)
		}
	}
	if n := len(scalesim.Names()); n != len(scale.Protocols()) {
		t.Errorf("%d simulators", n)
	}
}

// Any weight that a scale can show comes through every protocol unchanged.
func TestEveryWeight(t *testing.T) {
	for _, p := range scale.Protocols() {
		t.Run(p.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				d := scalesim.NewDevice(p.Name)
				g := money.Grams(rapid.Int64Range(0, 99_999).Draw(t, "grams"))
				d.Put(g)
				frame := slices.Concat(wire(d, p), []byte{stx}) // what a checksum is told from
				frames := p.NewDecoder("").Feed(frame)
				if len(frames) != 1 || frames[0].Err != nil || frames[0].Reading.Net != g || frames[0].Noise != 0 {
					t.Fatalf("%d g as %q: %+v", g, frame, frames)
				}
			})
		})
	}
}

// wire is one frame of a scale, asked for where it wants to be.
func wire(d *scalesim.Device, p scale.Protocol) []byte {
	switch p.Name {
	case "cas":
		return d.Answer([]byte{0x11})
	case "toledo-8217":
		return d.Answer([]byte("W"))
	}
	return d.Frame()
}

// Random bytes, and frames with one byte wrong: whatever comes out is within
// bounds and does not depend on how the stream was split.
func FuzzDecoders(f *testing.F) {
	names := scale.Protocols()
	for _, v := range vectors {
		i := slices.IndexFunc(names, func(p scale.Protocol) bool { return p.Name == v.protocol })
		f.Add(byte(i), []byte(v.raw+v.raw), uint16(3))
	}
	f.Fuzz(func(t *testing.T, which byte, raw []byte, split uint16) {
		p := names[int(which)%len(names)]
		whole := p.NewDecoder("").Feed(raw)
		length := 0
		for _, fr := range whole {
			r := fr.Reading
			if r.Net < -money.MaxGrams || r.Net > money.MaxGrams || r.Tare < 0 || r.Tare > money.MaxGrams {
				t.Fatalf("%+v", r)
			}
			if r.Over && (r.Stable || r.Net != 0) || fr.Err != nil && r != (scale.Reading{}) {
				t.Fatalf("%+v", fr)
			}
			length += len(fr.Raw) + fr.Noise
		}
		if length > len(raw) {
			t.Fatalf("%d bytes of %d", length, len(raw))
		}
		d := p.NewDecoder("")
		at := int(split) % (len(raw) + 1)
		parts := append(d.Feed(raw[:at]), d.Feed(raw[at:])...)
		if diff := cmp.Diff(whole, parts, cmpopts.EquateErrors(), cmpopts.IgnoreUnexported(scale.Frame{}), cmpopts.IgnoreFields(scale.Frame{}, "Err")); diff != "" {
			t.Fatal(diff)
		}
	})
}
