package form

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// SecretParams of a row for something that is entered and never shown.
type SecretParams struct {
	RowParams
	Set                  bool   // there is one
	IsSet, NotSet        string // how that is said
	Enter, Replace, Hint string // the button's label where there is none and where there is one; what stands in the box
	OnChange             func(s string)
}

type secret struct {
	f      *Form
	r      *Row
	p      SecretParams
	slot   *fyne.Container
	closed fyne.CanvasObject
	entry  *widgets.Entry
	open   bool
}

// Secret is a row for a secret: it says whether there is one, and takes a new
// one in a masked box. The second value closes the box and forgets what was
// typed.
func (f *Form) Secret(p SecretParams) (*Row, func()) {
	c := &secret{f: f, p: p}
	state, label, icon, role := p.NotSet, p.Enter, "warning", theme.Warning
	if p.Set {
		state, label, icon, role = p.IsSet, p.Replace, "lock", theme.Quiet
	}
	c.closed = widgets.Row(theme.S3,
		widgets.Middle(widgets.Icon(icon, 22, role)), widgets.Grow(widgets.Middle(widgets.NewPara(state, theme.Body, theme.Ink, 1))),
		widgets.NewButton(widgets.ButtonParams{Label: label, Height: theme.Target, Do: func() { f.tapped(c.r); c.enter() }}))
	c.entry = widgets.NewEntry(widgets.EntryParams{
		Hint: p.Hint, Masked: true, Wedge: f.p.Wedge, Keys: f.p.Keys, OnScan: f.p.OnScan,
		OnEsc: func() { c.shut(); f.Choose(c.r.at) }, OnFocus: func() { f.tapped(c.r) },
	})
	c.entry.OnChanged = p.OnChange
	c.slot = container.NewStack(c.closed)
	c.r = f.row(p.RowParams, c)
	return c.r, c.shut
}

func (c *secret) view() fyne.CanvasObject { return c.slot }

func (c *secret) box() fyne.Focusable {
	if c.open {
		return c.entry
	}
	return nil
}

func (c *secret) step(int) {}
func (c *secret) paint()   {}

// enter opens the box; in it, it goes on.
func (c *secret) enter() bool {
	if c.open {
		return true
	}
	c.open = true
	c.slot.Objects = []fyne.CanvasObject{widgets.Least(0, theme.Target, c.entry)}
	c.f.settle()
	c.f.Choose(c.r.at)
	return false
}

func (c *secret) shut() {
	if !c.open {
		return
	}
	c.open = false
	c.entry.SetText("")
	c.slot.Objects = []fyne.CanvasObject{c.closed}
	c.f.settle()
}
