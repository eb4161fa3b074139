package form

import (
	"slices"

	"fyne.io/fyne/v2"

	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// still is a row that is only looked at.
type still struct{ o fyne.CanvasObject }

func (s still) view() fyne.CanvasObject { return s.o }
func (still) box() fyne.Focusable       { return nil }
func (still) enter() bool               { return true }
func (still) step(int)                  {}
func (still) paint()                    {}

// Fact is a row that only says something.
func (f *Form) Fact(p RowParams, value string) *Row {
	para := widgets.NewPara(value, theme.Body, theme.Ink, 6)
	return f.row(p, still{widgets.Inset(theme.S2, 0, 0, 0, para)})
}

// Show is a row with a picture or a table of its own.
func (f *Form) Show(p RowParams, o fyne.CanvasObject) *Row { return f.row(p, still{o}) }

// TextParams of a row with a text box.
type TextParams struct {
	RowParams
	Value    string
	Hint     string
	Masked   bool
	Lines    int // above 1: a box for a paragraph
	Suggest  []string
	OnChange func(s string)
	OnEnter  func() // Enter in the box; nil goes to the next row
}

type textBox struct {
	entry *widgets.Entry
	all   fyne.CanvasObject
	done  func()
}

// Text is a row with a text box. The second value sets the text without telling
// OnChange.
func (f *Form) Text(p TextParams) (*Row, func(string)) {
	var r *Row
	c := &textBox{done: p.OnEnter}
	c.entry = widgets.NewEntry(widgets.EntryParams{
		Hint: p.Hint, Masked: p.Masked, Lines: p.Lines, Wedge: f.p.Wedge, Keys: f.p.Keys, OnScan: f.p.OnScan,
		OnEsc: func() { f.p.Keys.Key(fyne.KeyEscape) }, OnFocus: func() { f.tapped(r) },
	})
	c.entry.SetText(p.Value)
	c.entry.OnChanged = p.OnChange
	set := func(s string) {
		c.entry.OnChanged = nil
		c.entry.SetText(s)
		c.entry.OnChanged = p.OnChange
	}
	c.all = widgets.Least(0, theme.Target, c.entry)
	if len(p.Suggest) > 0 {
		offers := Wrapped(theme.S1)
		for _, s := range p.Suggest {
			offers.Add(widgets.NewButton(widgets.ButtonParams{Label: s, Size: theme.Small, Height: 36, Look: widgets.Plain, Do: func() { c.entry.SetText(s) }}))
		}
		c.all = Down(theme.S2, c.all, offers)
	}
	r = f.row(p.RowParams, c)
	return r, set
}

func (c *textBox) view() fyne.CanvasObject { return c.all }
func (c *textBox) box() fyne.Focusable     { return c.entry }
func (c *textBox) step(int)                {}
func (c *textBox) paint()                  {}

func (c *textBox) enter() bool {
	if c.done != nil {
		c.done()
		return false
	}
	return true
}

// Option is one of the values of a choice.
type Option struct{ Value, Label string }

// ChoiceParams of a row with a few values.
type ChoiceParams struct {
	RowParams
	Options  []Option
	Value    string
	OnChange func(value string)
}

type choice struct {
	p       ChoiceParams
	buttons []*widgets.Button
	all     fyne.CanvasObject
	value   string
}

// Choice is a row whose value is one of a few; arrows to the side change it.
func (f *Form) Choice(p ChoiceParams) (*Row, func(value string)) {
	var r *Row
	c := &choice{p: p, value: p.Value}
	row := Wrapped(theme.S1)
	for _, o := range p.Options {
		b := widgets.NewButton(widgets.ButtonParams{Label: o.Label, Height: theme.Target, Do: func() {
			f.tapped(r)
			c.take(o.Value)
		}})
		c.buttons = append(c.buttons, b)
		row.Add(b)
	}
	c.all = row
	c.paint()
	r = f.row(p.RowParams, c)
	return r, func(value string) { c.value = value; c.paint() }
}

func (c *choice) take(value string) {
	if c.value != value {
		c.value = value
		c.paint()
		c.p.OnChange(value)
	}
}

func (c *choice) place() int {
	return slices.IndexFunc(c.p.Options, func(o Option) bool { return o.Value == c.value })
}

func (c *choice) view() fyne.CanvasObject { return c.all }
func (c *choice) box() fyne.Focusable     { return nil }

func (c *choice) step(n int) {
	if to := c.place() + n; to >= 0 && to < len(c.p.Options) {
		c.take(c.p.Options[to].Value)
	}
}

// enter goes round.
func (c *choice) enter() bool {
	c.take(c.p.Options[(c.place()+1)%len(c.p.Options)].Value)
	return false
}

func (c *choice) paint() {
	at := c.place()
	for i, b := range c.buttons {
		look := widgets.Plain
		if i == at {
			look = widgets.Chosen
		}
		b.SetLook(look)
	}
}

// ButtonParams of a row with something to do.
type ButtonParams struct {
	RowParams
	Button string
	Icon   string
	Look   widgets.Look
	Do     func()
}

type doing struct {
	button *widgets.Button
	do     func()
}

// Button is a row with something to do. The second value switches it on or off.
func (f *Form) Button(p ButtonParams) (*Row, *widgets.Button) {
	var r *Row
	do := func() {
		f.tapped(r)
		p.Do()
	}
	b := widgets.NewButton(widgets.ButtonParams{Label: p.Button, Icon: p.Icon, Look: p.Look, Height: theme.Target, Do: do})
	r = f.row(p.RowParams, &doing{b, do})
	return r, b
}

func (d *doing) view() fyne.CanvasObject { return Wrapped(0, d.button) }
func (d *doing) box() fyne.Focusable     { return nil }
func (d *doing) step(int)                {}
func (d *doing) paint()                  {}

func (d *doing) enter() bool {
	d.button.Tapped(nil)
	return false
}
