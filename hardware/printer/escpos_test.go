package printer_test

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cashier/hardware/printer"
	"cashier/hardware/printer/printersim"
	"cashier/services/receipt"
)

// The commands as Epson's reference writes them, byte for byte.
func TestBytes(t *testing.T) {
	const begin, end = "\x1b@\x1c&", "\x1c."
	for name, tt := range map[string]struct {
		doc  receipt.Doc
		want string
	}{
		"text":      {receipt.Doc{receipt.Text{Text: "12.30"}}, "12.30\n"},
		"GBK":       {receipt.Doc{receipt.Text{Text: "合计"}}, "\xba\xcf\xbc\xc6\n"},
		"bold, big": {receipt.Doc{receipt.Text{Text: "A", Bold: true, Big: true}}, "\x1bE\x01\x1d!\x11A\n\x1d!\x00\x1bE\x00"},
		"QR": {receipt.Doc{receipt.QR{Data: "AB"}}, "\x1ba\x01\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x06\x1d(k\x03\x001E1" +
			"\x1d(k\x05\x001P0AB\x1d(k\x03\x001Q0\x1ba\x00"},
		"barcode":        {receipt.Doc{receipt.Barcode{Data: "A{1"}}, "\x1ba\x01\x1dh\x3c\x1dw\x02\x1dH\x02\x1dk\x49\x06{BA{{1\x1ba\x00"},
		"a bad barcode":  {receipt.Doc{receipt.Barcode{Data: "鲜"}}, "\xcf\xca\n"},
		"a long QR code": {receipt.Doc{receipt.QR{Data: strings.Repeat("7", 301)}}, strings.Repeat(strings.Repeat("7", 32)+"\n", 9) + strings.Repeat("7", 13) + "\n"},
		"feed, cut":      {receipt.Doc{receipt.Feed{Rows: 3}, receipt.Cut{}}, "\x1bd\x03\x1dVB\x00"},
		"kick":           {receipt.Doc{receipt.Kick{}}, "\x1bp\x00\x19\x19\x1bp\x01\x19\x19"},
		"no commands":    {receipt.Doc{receipt.Text{Text: "a\x1bp\x00b\x10\x04"}}, "a p b\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(printer.Render(tt.doc, printer.Paper{})); got != begin+tt.want+end {
				t.Errorf("got  %q\nwant %q", got, begin+tt.want+end)
			}
		})
	}
}

// Signs that GBK lacks are replaced by one of the same width, and none by a
// single byte above ASCII: code page 936 has the euro as 80, a printer nothing.
func TestCharactersWithoutASign(t *testing.T) {
	for in, want := range map[string]string{
		"¥5": "\xa3\xa45", "€5": "\xa3\xbf5", "•": "\xa1\xa4", "a–b": "a\xa1\xaab", "🍎": "\xa3\xbf", "ñ": "\xa3\xbf", "é": "\xa8\xa6", "€€": "\xa3\xbf\xa3\xbf", "Ａ": "\xa3\xc1", "㐀": "\xa3\xbf",
	} {
		got := string(printer.Render(receipt.Doc{receipt.Text{Text: in}}, printer.Paper{}))
		if !strings.Contains(got, "&"+want+"\n") {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestPicture(t *testing.T) {
	img := image.NewGray(image.Rect(5, 5, 105, 605)) // 600 rows take three slices
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	for x := 5; x < 105; x++ {
		img.Set(x, 5, color.Black)
		img.Set(x, 604, color.Black)
	}
	m := printersim.NewMachine()
	m.Feed(printer.Render(receipt.Doc{
		receipt.Picture{Image: img},
		receipt.Picture{Image: image.NewNRGBA(image.Rect(0, 0, 2000, 10))}, // transparent and too wide
		receipt.Picture{},
	}, printer.Paper{Columns: receipt.Wide}))
	want := []printersim.Event{
		{What: "init"},
		{What: "raster", N: 255, Width: 576, Dark: 100}, {What: "raster", N: 255, Width: 576}, {What: "raster", N: 90, Width: 576, Dark: 100},
		{What: "raster", N: 2, Width: 576},
	}
	if diff := cmp.Diff(want, m.Events()); diff != "" {
		t.Error(diff)
	}
}

func TestPictureInsteadOfQR(t *testing.T) {
	m := printersim.NewMachine()
	m.Feed(printer.Render(receipt.Doc{receipt.QR{Data: "K7M2QX-1-000123"}}, printer.Paper{PictureQR: true}))
	e := m.Events()
	if len(e) != 2 || e[1].What != "raster" || e[1].Width != 384 || e[1].Dark < 1000 {
		t.Errorf("%+v", e)
	}
}

// What a printer reads is what the document says, whatever the texts.
func roundTrip(t interface{ Fatalf(string, ...any) }, text, right, code string, columns int) {
	doc := receipt.Doc{
		receipt.Text{Text: text, Align: receipt.Centre, Bold: true},
		receipt.Pair{Left: text, Right: right, Big: true},
		receipt.QR{Data: code},
		receipt.Cut{},
	}
	m := printersim.NewMachine()
	if answer := m.Feed(printer.Render(doc, printer.Paper{Columns: columns})); len(answer) > 0 {
		t.Fatalf("the printer was asked something: %x", answer)
	}
	var lines []printersim.Event
	codes, cuts := 0, 0
	for _, e := range m.Events() {
		switch e.What {
		case "line":
			lines = append(lines, e)
		case "qr":
			codes++
			if e.Text != code {
				t.Fatalf("code %q", e.Text)
			}
		case "cut":
			cuts++
		case "init":
		default:
			t.Fatalf("%+v", e)
		}
	}
	want := 0
	for _, row := range doc.Rows(columns) {
		if row.Item != nil {
			continue
		}
		if want >= len(lines) {
			t.Fatalf("%d lines came out", len(lines))
		}
		got := lines[want]
		if got.Bold != row.Bold || got.Big != row.Big || receipt.Cells(got.Text) != receipt.Cells(strings.TrimRight(row.Text, " ")) {
			t.Fatalf("%+v for %+v", got, row)
		}
		if ascii(row.Text) && got.Text != strings.TrimRight(row.Text, " ") {
			t.Fatalf("%q for %q", got.Text, row.Text)
		}
		want++
	}
	// A code too long to be read is printed as text, in lines of its own.
	if cuts != 1 || codes > 1 || codes == 1 && len(lines) != want {
		t.Fatalf("%d cuts, %d codes, %d lines for %d", cuts, codes, len(lines), want)
	}
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e })
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roundTrip(t, rapid.String().Draw(t, "text"), rapid.String().Draw(t, "right"), rapid.StringN(0, 100, 300).Draw(t, "code"),
			rapid.SampledFrom([]int{receipt.Narrow, receipt.Wide}).Draw(t, "columns"))
	})
}

func FuzzRender(f *testing.F) {
	f.Add("鲜果园", "￥12.30", "K7M2QX-1-000123", true)
	f.Add("a\x1bp\x00", "€\x80\xff", "", false)
	f.Fuzz(func(t *testing.T, text, right, code string, wide bool) {
		columns := receipt.Narrow
		if wide {
			columns = receipt.Wide
		}
		roundTrip(t, text, right, code, columns)
	})
}

// A printer that is sent anything at all goes on printing, and what it is sent
// in pieces comes out as what it is sent at once.
func FuzzMachine(f *testing.F) {
	f.Add([]byte("\x1b@\x1c&\xba\xcf\n\x1d(k\x05\x001P0AB\x1d(k\x03\x001Q0\x10\x04\x01\x1dr\x01"), uint16(7))
	f.Add([]byte("\x1dv0\x00\xff\xff\xff\xff"), uint16(1))
	f.Fuzz(func(t *testing.T, raw []byte, split uint16) {
		whole, parts := printersim.NewMachine(), printersim.NewMachine()
		answers := string(whole.Feed(raw))
		at := int(split) % (len(raw) + 1)
		in := string(parts.Feed(raw[:at])) + string(parts.Feed(raw[at:]))
		if diff := cmp.Diff(whole.Events(), parts.Events()); diff != "" || in != answers {
			t.Fatalf("%s\n%x, %x", diff, answers, in)
		}
	})
}
