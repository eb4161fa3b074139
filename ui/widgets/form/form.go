package form

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// Params of a Form. All are required.
type Params struct {
	Wedge   *widgets.Wedge
	Keys    widgets.Keys
	OnScan  func(code string) // typed by a scanner into a box of the form
	Focus   func(fyne.Focusable)
	Unfocus func()
}

// Form is groups of rows below each other.
type Form struct {
	fyne.CanvasObject

	p      Params
	column *fyne.Container
	scroll *container.Scroll
	rows   []*Row // those that can be chosen
	at     int    // the chosen one; -1 for none
	still  bool   // while it is being filled
}

// New makes an empty form.
func New(p Params) *Form {
	f := &Form{p: p, at: -1}
	f.column = Down(theme.S4)
	f.scroll = container.NewVScroll(widgets.Inset(0, theme.S4, theme.S4, 0, f.column))
	f.CanvasObject = container.New(scrolled{}, f.scroll)
	return f
}

// Group is rows on one card.
type Group struct {
	Title string // "" for none
	What  string // one sentence below it; "" for none
	Rows  []*Row
	Over  fyne.CanvasObject // shown above the rows; nil for none
}

// Set replaces everything in the form. The chosen row stays chosen where there
// is one at its place.
func (f *Form) Set(groups ...Group) {
	was := f.at
	f.still = true
	f.rows, f.at, f.column.Objects = nil, -1, nil
	for _, g := range groups {
		card := Down(0)
		if g.Title != "" {
			head := Down(2, widgets.NewPara(g.Title, theme.Title, theme.Ink, 1).Strong())
			if g.What != "" {
				head.Add(widgets.NewPara(g.What, theme.Small, theme.Quiet, 4))
			}
			card.Add(widgets.Inset(theme.S3, theme.S4, theme.S2, theme.S4, head))
		}
		if g.Over != nil {
			card.Add(widgets.Inset(theme.S2, theme.S4, theme.S2, theme.S4, g.Over))
		}
		for i, r := range g.Rows {
			if i > 0 || g.Title != "" || g.Over != nil {
				card.Add(widgets.Inset(0, theme.S4, 0, theme.S4, widgets.Rule()))
			}
			card.Add(widgets.Inset(2, 2, 2, 2, r.Container))
			r.placed = true
			if _, idle := r.control.(still); !idle {
				r.at = len(f.rows)
				f.rows = append(f.rows, r)
			}
		}
		f.column.Add(widgets.Card(widgets.Inset(theme.S1, theme.S1, theme.S1, theme.S1, card)))
	}
	f.still = false
	f.settle()
	if was >= 0 && len(f.rows) > 0 {
		f.Choose(min(was, len(f.rows)-1))
	}
}

// settle lays the form out anew where a height may have changed.
func (f *Form) settle() {
	if f.still || f.column == nil {
		return
	}
	f.column.Refresh()
	f.Refresh()
	f.Resize(f.Size())
	f.scroll.Refresh()
	f.scroll.Refresh()
}

// Rows are those that can be chosen.
func (f *Form) Rows() []*Row { return f.rows }

// Chosen is the place of the row the keys are for, -1 for none.
func (f *Form) Chosen() int { return f.at }

// Choose gives the keys to a row, -1 to none.
func (f *Form) Choose(i int) {
	if i >= len(f.rows) {
		return
	}
	if f.at >= 0 && f.at < len(f.rows) && f.at != i {
		f.rows[f.at].choose(false)
	}
	f.at = i
	if i < 0 {
		f.p.Unfocus()
		return
	}
	f.rows[i].choose(true)
	f.reveal(f.rows[i])
	if box := f.rows[i].control.box(); box != nil {
		f.p.Focus(box)
		if e, ok := box.(*widgets.Entry); ok && !e.MultiLine {
			e.ToEnd()
		}
	} else {
		f.p.Unfocus()
	}
}

// Resume gives the keyboard back to the chosen row.
func (f *Form) Resume() {
	if f.at >= 0 && f.at < len(f.rows) {
		f.Choose(f.at)
	}
}

// tapped chooses a row that was touched, without taking a focus it has just got.
func (f *Form) tapped(r *Row) {
	if r == nil || r.at < 0 || f.at == r.at {
		return
	}
	if f.at >= 0 && f.at < len(f.rows) {
		f.rows[f.at].choose(false)
	}
	f.at = r.at
	r.choose(true)
}

// reveal scrolls until a row can be seen whole.
func (f *Form) reveal(r *Row) {
	top, _ := within(f.scroll.Content, r.Container)
	view, to := f.scroll.Size().Height, f.scroll.Offset.Y
	switch {
	case r.at == 0:
		to = 0
	case top < to:
		to = top - theme.S4
	case top+r.Size().Height > to+view:
		to = top + r.Size().Height - view + theme.S4
	}
	to = max(0, min(to, f.scroll.Content.Size().Height-view))
	if to != f.scroll.Offset.Y {
		f.scroll.Offset.Y = to
		f.scroll.Refresh()
	}
}

// within is how far below the top of a container something in it stands. The
// driver could tell only of what was painted once.
func within(o fyne.CanvasObject, part *fyne.Container) (top float32, found bool) {
	c, ok := o.(*fyne.Container)
	if !ok {
		return 0, false
	}
	if c == part {
		return 0, true
	}
	for _, x := range c.Objects {
		if top, found := within(x, part); found {
			return top + x.Position().Y, true
		}
	}
	return 0, false
}

// Key takes a key and reports whether it was one of the form's.
func (f *Form) Key(name fyne.KeyName) bool {
	if f.at < 0 || f.at >= len(f.rows) {
		return false
	}
	c := f.rows[f.at].control
	switch name {
	case fyne.KeyUp:
		f.Choose(max(0, f.at-1))
	case fyne.KeyDown, fyne.KeyTab:
		f.Choose(min(len(f.rows)-1, f.at+1))
	case fyne.KeyPageUp:
		f.Choose(max(0, f.at-5))
	case fyne.KeyPageDown:
		f.Choose(min(len(f.rows)-1, f.at+5))
	case fyne.KeyLeft:
		c.step(-1)
	case fyne.KeyRight:
		c.step(1)
	case fyne.KeyReturn, fyne.KeyEnter:
		if c.enter() && f.at < len(f.rows)-1 {
			f.Choose(f.at + 1)
		}
	default:
		return false
	}
	return true
}

// Rune takes a character that no box wanted: a blank is Enter where there is
// something to do.
func (f *Form) Rune(r rune) {
	if r == ' ' && f.at >= 0 && f.at < len(f.rows) && f.rows[f.at].control.box() == nil {
		f.rows[f.at].control.enter()
	}
}
