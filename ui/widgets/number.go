package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
)

// Number is what someone types with digits: an amount, a weight or a count. It
// is text that is checked by whoever reads it, and it has no focus: the shell
// hands it keys.
type Number struct {
	Decimals int // places after the point; 0 allows no point
	Digits   int // before the point
	text     string
}

// Text is what was typed.
func (n *Number) Text() string { return n.text }

// Set replaces what was typed.
func (n *Number) Set(s string) { n.text = s }

// Empty reports whether nothing was typed.
func (n *Number) Empty() bool { return n.text == "" }

// Type takes one character and reports whether it belongs to a number. What
// would make the number too long is swallowed.
func (n *Number) Type(r rune) bool {
	switch {
	case r == '。' || r == '．' || r == ',':
		r = '.'
	case r >= '０' && r <= '９':
		r = '0' + (r - '０')
	}
	whole, part, point := strings.Cut(n.text, ".")
	switch {
	case r == '.' && n.Decimals > 0:
		if !point {
			if n.text == "" {
				n.text = "0"
			}
			n.text += "."
		}
		return true
	case r < '0' || r > '9':
		return false
	case point && len(part) >= n.Decimals, !point && len(whole) >= n.Digits:
		return true
	case n.text == "0":
		n.text = string(r)
	default:
		n.text += string(r)
	}
	return true
}

// Back takes the last character away.
func (n *Number) Back() {
	if n.text != "" {
		n.text = n.text[:len(n.text)-1]
	}
}

// Field shows a Number large, with what it is called and its unit.
type Field struct {
	*fyne.Container
	value *canvas.Text
	hint  string
}

// NewField makes a field. hint stands in it while nothing was typed.
func NewField(name, unit, hint string, size float32) *Field {
	f := &Field{value: Right(Bold("", size, theme.Ink)), hint: hint}
	row := Row(theme.S2, Text(name, theme.Body, theme.Quiet), Grow(f.value))
	if unit != "" {
		row.Add(Text(unit, theme.Body, theme.Quiet))
	}
	f.Container = container.NewStack(Filled(theme.Sunken, theme.Radius, false).View, Inset(theme.S1, theme.S4, theme.S1, theme.S4, row))
	f.Show("")
	return f
}

// Show shows what was typed.
func (f *Field) Show(s string) {
	if s == "" {
		Put(f.value, f.hint, theme.Faint)
		return
	}
	Put(f.value, s, theme.Ink)
}

// Keys of a numpad beside its digits.
const (
	PadBack  = '\b'
	PadClear = '\a'
)

// NewNumpad makes ten digits, a point where wanted, and a backspace.
func NewNumpad(point bool, press func(r rune)) *fyne.Container {
	key := func(label string, r rune) fyne.CanvasObject {
		return Grow(NewButton(ButtonParams{Label: label, Size: theme.Heading, Height: 56, Do: func() { press(r) }}))
	}
	last := key("C", PadClear)
	if point {
		last = key(".", '.')
	}
	rows := Col(theme.S2)
	for _, r := range []string{"789", "456", "123"} {
		row := Row(theme.S2)
		for _, d := range r {
			row.Add(key(string(d), d))
		}
		rows.Add(Grow(row))
	}
	rows.Add(Grow(Row(theme.S2, last, key("0", '0'), key("⌫", PadBack))))
	return rows
}

// Press hands a key of a numpad to a number.
func (n *Number) Press(r rune) {
	switch r {
	case PadBack:
		n.Back()
	case PadClear:
		n.Set("")
	default:
		n.Type(r)
	}
}
