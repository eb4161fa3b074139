package assets

import (
	"image"
	"image/color"
	"io/fs"
	"os"
	"strings"
	"testing"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/encoding/simplifiedchinese"

	"cashier/assets/demoshop"
)

// marks is what screens and receipts write beside hanzi and Latin.
const marks = "¥￥€℃№°±×÷≈≤≥‰µ…—–·•※★☆●○■□▲△▼▽◆◇←→↑↓↔✓✗✔✘〇" +
	"「」『』【】《》〈〉（）“”‘’、。，；：？！～＋－＝％＆＃＠／" +
	"─│┌┐└┘├┤┬┴┼━┃╭╮╰╯①②③④⑤⑥⑦⑧⑨⑩㎡㎏"

func faces(t *testing.T) map[string]*sfnt.Font {
	t.Helper()
	out := map[string]*sfnt.Font{}
	for name, b := range map[string][]byte{"regular": FontRegular, "bold": FontBold} {
		f, err := sfnt.Parse(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = f
	}
	return out
}

func TestFontsCover(t *testing.T) {
	standard, err := os.ReadFile("fonts/generate/tongyong.txt")
	if err != nil {
		t.Fatal(err)
	}
	if n := len([]rune(strings.ReplaceAll(string(standard), "\n", ""))); n != 8105 {
		t.Fatalf("通用规范汉字表 has 8,105 characters, not %d", n)
	}
	shop, err := fs.ReadFile(demoshop.FS(), "shop.json")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{
		"marks": marks, "通用规范汉字表": string(standard), "GB 2312 hanzi": gb2312Hanzi(t), "demo shop": string(shop),
	}
	for _, lang := range []string{"zh", "en"} {
		for _, text := range translation(t, lang) {
			texts[lang] += text
		}
	}
	for r := rune(0x20); r < 0x100; r++ {
		if unicode.IsGraphic(r) {
			texts["Latin-1"] += string(r)
		}
	}
	for name, f := range faces(t) {
		for where, text := range texts {
			if missing := uncovered(t, f, text); missing != "" {
				t.Errorf("%s lacks of %s: %s", name, where, missing)
			}
		}
	}
}

func uncovered(t *testing.T, f *sfnt.Font, text string) string {
	t.Helper()
	var buf sfnt.Buffer
	var missing []rune
	for _, r := range text {
		if r == '\n' {
			continue
		}
		g, err := f.GlyphIndex(&buf, r)
		if err != nil {
			t.Fatal(err)
		}
		if g == 0 {
			missing = append(missing, r)
		}
	}
	return string(missing)
}

// gb2312Hanzi are the two levels of the standard, rows 16 to 87.
func gb2312Hanzi(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for row := 0xB0; row <= 0xF7; row++ {
		for cell := 0xA1; cell <= 0xFE; cell++ {
			if row == 0xD7 && cell >= 0xFA {
				continue // the five empty cells of the first level
			}
			s, err := simplifiedchinese.GBK.NewDecoder().String(string([]byte{byte(row), byte(cell)}))
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(s)
		}
	}
	if n := len([]rune(b.String())); n != 6763 {
		t.Fatalf("GB 2312 has 6,763 hanzi, not %d", n)
	}
	return b.String()
}

// A column of amounts stands straight only if all figures are equally wide.
func TestFiguresAreTabular(t *testing.T) {
	for name, f := range faces(t) {
		widths := map[fixed.Int26_6]string{}
		var buf sfnt.Buffer
		for _, r := range "0123456789" {
			g, err := f.GlyphIndex(&buf, r)
			if err != nil {
				t.Fatal(err)
			}
			w, err := f.GlyphAdvance(&buf, g, fixed.I(1000), font.HintingNone)
			if err != nil {
				t.Fatal(err)
			}
			widths[w] += string(r)
		}
		if len(widths) != 1 {
			t.Errorf("%s: %v", name, widths)
		}
	}
}

func TestFontsStaySmall(t *testing.T) {
	const most = 2_500_000
	if len(FontRegular) > most || len(FontBold) > most {
		t.Errorf("regular %d, bold %d bytes", len(FontRegular), len(FontBold))
	}
}

type withFonts struct{ fyne.Theme }

func (withFonts) Font(style fyne.TextStyle) fyne.Resource {
	if style.Bold {
		return fyne.NewStaticResource("bold.otf", FontBold)
	}
	return fyne.NewStaticResource("regular.otf", FontRegular)
}

// The toolkit's own shaper must read the CFF outlines: each character paints
// and none looks like another. The aliases prove that it was our font that
// painted and no fallback of the machine, where ✗ and × are two drawings.
func TestFontsPaintInFyne(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(withFonts{theme.DefaultTheme()})
	for _, bold := range []bool{false, true} {
		seen := map[string]string{}
		for _, text := range []string{"苹", "果", "斤", "¥", "8", "×"} {
			img := paintText(text, bold)
			if n := inked(img); n < 40 {
				t.Errorf("%q bold=%v: %d pixels of ink", text, bold, n)
			}
			if other, ok := seen[pixels(img)]; ok {
				t.Errorf("%q bold=%v looks like %q", text, bold, other)
			}
			seen[pixels(img)] = text
		}
		for _, text := range []string{"✗", "✘"} {
			if seen[pixels(paintText(text, bold))] != "×" {
				t.Errorf("%q bold=%v was not painted from our font", text, bold)
			}
		}
		if pixels(paintText("✔", bold)) != pixels(paintText("✓", bold)) {
			t.Errorf("✔ bold=%v was not painted from our font", bold)
		}
	}
	if plain, bold := inked(paintText("五常大米", false)), inked(paintText("五常大米", true)); bold*10 < plain*11 {
		t.Errorf("bold has %d pixels of ink, regular %d", bold, plain)
	}
}

func paintText(text string, bold bool) image.Image {
	o := canvas.NewText(text, color.Black)
	o.TextSize, o.TextStyle = 40, fyne.TextStyle{Bold: bold}
	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	back := canvas.NewRectangle(color.White)
	c.SetContent(&fyne.Container{Objects: []fyne.CanvasObject{back, o}})
	c.Resize(fyne.NewSize(180, 70))
	back.Resize(fyne.NewSize(180, 70))
	o.Resize(o.MinSize())
	return c.Capture()
}

func inked(img image.Image) int {
	n := 0
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
				n++
			}
		}
	}
	return n
}

func pixels(img image.Image) string {
	var s strings.Builder
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, _, _, _ := img.At(x, y).RGBA()
			s.WriteByte(byte(r >> 8))
		}
	}
	return s.String()
}
