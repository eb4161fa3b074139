package scanner_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cashier/hardware/scanner"
	"cashier/services/scancode"
)

var t0 = time.Date(2026, 11, 22, 10, 32, 0, 0, time.UTC)

// digest is a frame as the tables below write it.
func digest(frames []scanner.Frame) []string {
	var got []string
	for _, f := range frames {
		switch f.Defect {
		case scanner.Whole:
			got = append(got, f.Payload)
		case scanner.TooLong:
			got = append(got, fmt.Sprintf("<too long %d>", len(f.Raw)))
		case scanner.Damaged:
			got = append(got, fmt.Sprintf("<damaged %q>", f.Raw))
		}
	}
	return got
}

var streams = []struct {
	name, bytes string
	want        []string
}{
	{"CR", "6901\r6902\r", []string{"6901", "6902"}},
	{"LF", "6901\n6902\n", []string{"6901", "6902"}},
	{"CRLF", "6901\r\n6902\r\n", []string{"6901", "6902"}},
	{"tab", "6901\t6902\t", []string{"6901", "6902"}},
	{"STX and ETX", "\x026901\x03\x026902\x03", []string{"6901", "6902"}},
	{"STX, ETX and CRLF", "\x026901\x03\r\n\x026902\x03\r\n", []string{"6901", "6902"}},
	{"bare suffixes", "\r\n\r\n\t\x03\x02\r", nil},
	{"GS stays", "0106901234567892\x1d10AB\r", []string{"0106901234567892\x1d10AB"}},
	{"AIM id stays", "]E06901234567892\r", []string{"]E06901234567892"}},
	{"case and spaces stay", " aB 1\r", []string{" aB 1"}},
	{"high bytes stay", "\xc5\xa3\xff\r", []string{"\xc5\xa3\xff"}},
	{"noise before a code", "\x00\x00\x00\x026901\r", []string{"6901"}},
	{"end of a C string", "6901\x00\r", []string{"6901"}},
	{"filled with NUL", "134567890123456789\x00\x00\r6901\r", []string{`<damaged "134567890123456789\x00\x00">`, "6901"}},
	{"nothing but NUL", "\x00\x00\x00\r6901\r", []string{`<damaged "\x00\x00\x00">`, "6901"}},
	{"NUL inside", "69\x0001\r", []string{`<damaged "69\x0001">`}},
	{"STX inside", "69\x026901\r", []string{`<damaged "69\x026901">`}},
	{"longest", strings.Repeat("7", 512) + "\r", []string{strings.Repeat("7", 512)}},
	{"too long by one", strings.Repeat("7", 513) + "\r6901\r", []string{"<too long 512>", "6901"}},
	{"too long by far", strings.Repeat("7", 5000) + "\r6901\r", []string{"<too long 512>", "6901"}},
	{"two too long", strings.Repeat("7", 600) + "\r" + strings.Repeat("8", 600) + "\r", []string{"<too long 512>", "<too long 512>"}},
	{"no suffix yet", "6901", nil},
}

func TestFramer(t *testing.T) {
	for _, tt := range streams {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 7, 64, 1 << 20} {
				var f scanner.Framer
				var got []scanner.Frame
				for rest := []byte(tt.bytes); len(rest) > 0; {
					n := min(size, len(rest))
					got = append(got, f.Feed(rest[:n], t0)...)
					rest = rest[n:]
				}
				if diff := cmp.Diff(tt.want, digest(got)); diff != "" {
					t.Errorf("in pieces of %d: %s", size, diff)
				}
			}
		})
	}
}

func TestFramerSplitAtEveryByte(t *testing.T) {
	for _, tt := range streams {
		for i := range min(len(tt.bytes), 600) {
			var f scanner.Framer
			got := append(f.Feed([]byte(tt.bytes[:i]), t0), f.Feed([]byte(tt.bytes[i:]), t0.Add(time.Hour))...)
			if diff := cmp.Diff(tt.want, digest(got)); diff != "" {
				t.Fatalf("%s split at %d: %s", tt.name, i, diff)
			}
		}
	}
}

func TestFramerPause(t *testing.T) {
	const ms = time.Millisecond
	t.Run("ends a frame after the gap, not before", func(t *testing.T) {
		var f scanner.Framer
		f.Feed([]byte("69"), t0)
		f.Feed([]byte("01"), t0.Add(80*ms))
		f.Feed(nil, t0.Add(170*ms)) // no bytes, no news
		if got := f.Idle(t0.Add(179 * ms)); got != nil {
			t.Errorf("early: %v", digest(got))
		}
		if wait, ok := f.Wait(t0.Add(179 * ms)); !ok || wait != ms {
			t.Errorf("wait %v, %v", wait, ok)
		}
		if diff := cmp.Diff([]string{"6901"}, digest(f.Idle(t0.Add(180*ms)))); diff != "" {
			t.Error(diff)
		}
		if got := f.Idle(t0.Add(time.Hour)); got != nil {
			t.Errorf("twice: %v", digest(got))
		}
		if _, ok := f.Wait(t0); ok {
			t.Error("waits for nothing")
		}
	})
	t.Run("has a setting", func(t *testing.T) {
		f := scanner.Framer{Gap: 30 * ms}
		f.Feed([]byte("6901"), t0)
		if got := digest(f.Idle(t0.Add(30 * ms))); len(got) != 1 {
			t.Errorf("%v", got)
		}
	})
	t.Run("ends the skipping of a frame too long", func(t *testing.T) {
		var f scanner.Framer
		f.Feed(bytes.Repeat([]byte("7"), 600), t0)
		if got := f.Idle(t0.Add(time.Second)); got != nil {
			t.Errorf("%v", digest(got))
		}
		if diff := cmp.Diff([]string{"6901"}, digest(f.Feed([]byte("6901\r"), t0.Add(time.Second)))); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("makes no scan of line noise", func(t *testing.T) {
		var f scanner.Framer
		f.Feed([]byte{0, 0, 0}, t0)
		if got := f.Idle(t0.Add(time.Second)); got != nil {
			t.Errorf("%v", digest(got))
		}
	})
	t.Run("is forgotten by Reset", func(t *testing.T) {
		var f scanner.Framer
		f.Feed([]byte("6901"), t0)
		if !f.Reset() || f.Reset() {
			t.Error("Reset does not tell whether a frame was begun")
		}
		if diff := cmp.Diff([]string{"6902"}, digest(f.Feed([]byte("6902\r"), t0))); diff != "" {
			t.Error(diff)
		}
	})
}

// law is the form of a payment code as the vendors' documents put it.
var law = regexp.MustCompile(`^(1[0-5][0-9]{16}|(2[5-9]|30)[0-9]{14,22}|62[0-9]{17})$`)

type noGoods struct{}

func (noGoods) ByCode(string) int { return 0 }

// checkStream holds what must be true of any bytes in any pieces.
func checkStream(t interface{ Fatalf(string, ...any) }, codes *scancode.Reader, stream []byte, cuts []byte) {
	var whole, pieces scanner.Framer
	want := whole.Feed(stream, t0)
	var got []scanner.Frame
	for rest, i := stream, 0; len(rest) > 0; i++ {
		n := len(rest)
		if len(cuts) > 0 {
			n = min(n, 1+int(cuts[i%len(cuts)]))
		}
		got = append(got, pieces.Feed(rest[:n], t0)...)
		rest = rest[n:]
	}
	want = append(want, whole.Idle(t0.Add(time.Second))...)
	got = append(got, pieces.Idle(t0.Add(time.Second))...)
	if !slices.EqualFunc(want, got, sameFrame) { // cmp.Diff alone is too slow to fuzz with
		t.Fatalf("pieces differ: %s", cmp.Diff(want, got))
	}
	for _, f := range got {
		if len(f.Raw) > scanner.MaxFrame || !bytes.Contains(stream, f.Raw) || !bytes.Contains(f.Raw, []byte(f.Payload)) {
			t.Fatalf("frame %+v is not in the stream", f)
		}
		if strings.ContainsAny(f.Payload, "\r\n\t\x00\x02\x03") || (f.Defect == scanner.Whole) == (f.Payload == "") {
			t.Fatalf("frame %+v", f)
		}
		if r := codes.Read(f.Payload); r.Kind == scancode.Payment && !law.MatchString(r.Code) {
			t.Fatalf("%q read as a payment", f.Payload)
		}
	}
}

func sameFrame(a, b scanner.Frame) bool {
	return a.Payload == b.Payload && a.Defect == b.Defect && bytes.Equal(a.Raw, b.Raw)
}

func TestFramerProperties(t *testing.T) {
	codes, err := scancode.New(scancode.Params{Goods: noGoods{}})
	if err != nil {
		t.Fatal(err)
	}
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"\r", "\n", "\r\n", "\t", "\x02", "\x03", "\x00", "\x1d", "]Q1", "134567890123456789", "6901234567892"}),
		rapid.StringMatching(`[0-9]{1,24}`),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 40), func(b []byte) string { return string(b) }),
		rapid.Map(rapid.IntRange(500, 530), func(n int) string { return strings.Repeat("7", n) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		stream := strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(t, "stream"), "")
		cuts := rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "cuts")
		checkStream(t, codes, []byte(stream), cuts)
	})
}

func FuzzFramer(f *testing.F) {
	codes, err := scancode.New(scancode.Params{Goods: noGoods{}})
	if err != nil {
		f.Fatal(err)
	}
	for _, tt := range streams {
		f.Add([]byte(tt.bytes), []byte{0, 2, 30})
	}
	f.Fuzz(func(t *testing.T, stream, cuts []byte) { checkStream(t, codes, stream, cuts) })
}

func BenchmarkFramer(b *testing.B) {
	var f scanner.Framer
	scan := []byte("6901234567892\r")
	b.ReportAllocs()
	for b.Loop() {
		f.Feed(scan, t0)
	}
}
