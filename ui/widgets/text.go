package widgets

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"cashier/ui/theme"
)

// Text is a line of text in the colour of a role.
func Text(s string, size float32, role theme.Role) *canvas.Text {
	t := canvas.NewText(s, theme.C(role))
	t.TextSize = size
	return t
}

// Bold is Text in the heavy weight.
func Bold(s string, size float32, role theme.Role) *canvas.Text {
	t := Text(s, size, role)
	t.TextStyle.Bold = true
	return t
}

// manySigns are more than an amount of a shop's everyday has.
const manySigns = len("¥9999.99")

// MoneySize is the size of an amount that is to be large and yet not to run
// into what stands beside it.
func MoneySize(amount string) float32 {
	if len(amount) > manySigns {
		return theme.Total
	}
	return theme.Money
}

// Right is t set flush right.
func Right(t *canvas.Text) *canvas.Text {
	t.Alignment = fyne.TextAlignTrailing
	return t
}

// Centred is t set in the middle.
func Centred(t *canvas.Text) *canvas.Text {
	t.Alignment = fyne.TextAlignCenter
	return t
}

// Put changes a text and its role, and repaints only where something changed.
func Put(t *canvas.Text, s string, role theme.Role) {
	c := theme.C(role)
	if t.Text == s && t.Color == c {
		return
	}
	t.Text, t.Color = s, c
	t.Refresh()
}

const ellipsis = "…"

// Lines breaks s into at most limit lines no wider than width. Chinese breaks
// between any two characters, other scripts between words; what does not fit
// ends in an ellipsis.
func Lines(s string, width, size float32, bold bool, limit int) []string {
	style := fyne.TextStyle{Bold: bold}
	fits := func(r []rune) bool { return fyne.MeasureText(string(r), size, style).Width <= width }
	rest := []rune(strings.TrimSpace(strings.ReplaceAll(s, "\n", " ")))
	var lines []string
	for len(rest) > 0 && len(lines) < limit {
		n := fitting(rest, fits)
		if n == len(rest) {
			return append(lines, string(rest))
		}
		if len(lines) == limit-1 {
			return append(lines, shortened(rest, n, fits))
		}
		n = wordEnd(rest, max(1, n))
		lines = append(lines, strings.TrimSpace(string(rest[:n])))
		rest = []rune(strings.TrimLeft(string(rest[n:]), " "))
	}
	return lines
}

// fitting is how many runes of r fit, by halving.
func fitting(r []rune, fits func([]rune) bool) int {
	if fits(r) {
		return len(r)
	}
	low, high := 0, len(r)
	for low+1 < high {
		if mid := (low + high) / 2; fits(r[:mid]) {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

func shortened(r []rune, n int, fits func([]rune) bool) string {
	for n > 0 && !fits(append(append([]rune{}, r[:n]...), []rune(ellipsis)...)) {
		n--
	}
	if n == 0 {
		return "" // a lone ellipsis tells nobody anything
	}
	return strings.TrimRight(string(r[:n]), " ") + ellipsis
}

// noStart may not begin a line, as Chinese typesetting has it.
const noStart = "，。、；：？！）】》”’%…"

// wordEnd moves a break at n back to where a word ends.
func wordEnd(r []rune, n int) int {
	for i := n; i > 0 && i > n-24; i-- {
		if i < len(r) && strings.ContainsRune(noStart, r[i]) {
			continue
		}
		if i >= len(r) || r[i] == ' ' || r[i-1] == ' ' || wide(r[i]) || wide(r[i-1]) {
			return i
		}
	}
	return n
}

func wide(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef
}

// Para is text that wraps to the width it is given, on a bounded number of lines.
type Para struct {
	widget.BaseWidget
	text  string
	size  float32
	role  theme.Role
	bold  bool
	align fyne.TextAlign
	limit int
	keep  bool // room for all lines even where fewer are used
	lines []*canvas.Text
	wrapW float32
	sized bool // a width was given, if only none
}

// NewPara makes a paragraph of at most limit lines. It asks for the height of
// the lines its text takes at the width it has.
func NewPara(s string, size float32, role theme.Role, limit int) *Para {
	p := &Para{text: s, size: size, role: role, limit: limit}
	p.ExtendBaseWidget(p)
	return p
}

// Strong sets the heavy weight.
func (p *Para) Strong() *Para { p.bold = true; return p }

// Middle centres the lines.
func (p *Para) Middle() *Para { p.align = fyne.TextAlignCenter; return p }

// End sets the lines flush right.
func (p *Para) End() *Para { p.align = fyne.TextAlignTrailing; return p }

// Fixed keeps room for every line, so that what is below does not jump.
func (p *Para) Fixed() *Para { p.keep = true; return p }

// Text is what is shown.
func (p *Para) Text() string { return p.text }

// Set changes the text and its role.
func (p *Para) Set(s string, role theme.Role) {
	if p.text == s && p.role == role {
		return
	}
	p.text, p.role, p.wrapW = s, role, -1
	p.Refresh()
}

// Resize wraps anew where the width changes.
func (p *Para) Resize(s fyne.Size) {
	p.BaseWidget.Resize(s)
	p.sized = true
	if p.wrapW != s.Width {
		p.Refresh()
	}
}

func (p *Para) lineHeight() float32 { return float32(int(p.size*1.42 + 0.5)) }

func (p *Para) wrap() {
	width := p.Size().Width
	p.wrapW = width
	lines := []string{p.text}
	if p.sized {
		lines = Lines(p.text, width, p.size, p.bold, p.limit)
	}
	p.lines = p.lines[:0]
	for _, s := range lines {
		t := Text(s, p.size, p.role)
		t.TextStyle.Bold, t.Alignment = p.bold, p.align
		p.lines = append(p.lines, t)
	}
}

// CreateRenderer draws the lines.
func (p *Para) CreateRenderer() fyne.WidgetRenderer {
	p.wrap()
	return &paraRenderer{p}
}

type paraRenderer struct{ p *Para }

func (r *paraRenderer) Destroy() {}

func (r *paraRenderer) Objects() []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, len(r.p.lines))
	for i, t := range r.p.lines {
		out[i] = t
	}
	return out
}

func (r *paraRenderer) MinSize() fyne.Size {
	n := len(r.p.lines)
	if r.p.keep {
		n = r.p.limit
	}
	return fyne.NewSize(0, r.p.lineHeight()*float32(max(1, n)))
}

func (r *paraRenderer) Layout(size fyne.Size) {
	h := r.p.lineHeight()
	for i, t := range r.p.lines {
		t.Move(fyne.NewPos(0, float32(i)*h))
		t.Resize(fyne.NewSize(size.Width, h))
	}
}

func (r *paraRenderer) Refresh() {
	r.p.wrap()
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}
