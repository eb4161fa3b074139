package form

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// Tone is what a note below a row is about.
type Tone uint8

// The tones of a note.
const (
	Plain   Tone = iota // something to know
	Good                // it works
	Warns               // it works, but look
	Invalid             // it cannot be saved like this
)

// control is the right side of a row.
type control interface {
	view() fyne.CanvasObject
	box() fyne.Focusable // the text box that wants the keys while the row is chosen; nil for none
	enter() (next bool)  // Enter was pressed; next goes on to the row below
	step(n int)          // an arrow to either side was pressed
	paint()              // after the row was chosen or left
}

// Row is one thing to set, to do or to know.
type Row struct {
	*fyne.Container

	form    *Form
	at      int  // in the form; -1 where it cannot be chosen
	placed  bool // stands in the form
	label   string
	control control
	ground  *canvas.Rectangle
	sign    *canvas.Image
	note    *widgets.Para
	noteRow *fyne.Container
	tag     *fyne.Container
	tone    Tone
	said    string
}

// RowParams are what every row has.
type RowParams struct {
	Label string
	What  string // one sentence below it; "" for none
	Tag   string // a small mark beside the label, such as "set"; "" for none
}

const labelShare = 0.40

func (f *Form) row(p RowParams, c control) *Row {
	r := &Row{form: f, at: -1, label: p.Label, control: c}
	r.ground = canvas.NewRectangle(widgets.Clear)
	r.ground.CornerRadius = theme.Radius
	r.sign = widgets.Icon("info", 20, theme.Quiet)
	r.note = widgets.NewPara("", theme.Small, theme.Quiet, 4)
	r.noteRow = widgets.Row(theme.S2, container.NewVBox(r.sign), widgets.Grow(r.note))
	r.noteRow.Hide()
	r.tag = container.NewStack()
	head := widgets.Row(theme.S2, widgets.Grow(widgets.NewPara(p.Label, theme.Body, theme.Ink, 2)), widgets.Middle(r.tag))
	left := Down(2, head)
	if p.What != "" {
		left.Add(widgets.NewPara(p.What, theme.Small, theme.Quiet, 4))
	}
	r.Mark(p.Tag, theme.Info, theme.InfoSoft)
	right := Down(theme.S2, c.view(), r.noteRow)
	body := container.New(beside{labelShare, theme.S5}, widgets.Inset(theme.S2, 0, 0, 0, left), right)
	r.Container = container.NewStack(r.ground, widgets.Inset(theme.S2, theme.S4, theme.S2, theme.S4, body))
	return r
}

// Mark puts a small mark beside the label, "" for none.
func (r *Row) Mark(s string, role, soft theme.Role) {
	r.tag.Objects = nil
	if s != "" {
		r.tag.Objects = []fyne.CanvasObject{widgets.Tag(s, role, soft)}
	}
	r.settle()
}

// Say puts a note below what is set, "" for none.
func (r *Row) Say(tone Tone, words string) {
	if r.said == words && r.tone == tone {
		return
	}
	r.tone, r.said = tone, words
	icon, role := "info", theme.Quiet
	switch tone {
	case Good:
		icon, role = "check", theme.Accent
	case Warns:
		icon, role = "warning", theme.Warning
	case Invalid:
		icon, role = "warning", theme.Danger
	case Plain:
	}
	r.sign.Resource = theme.Icon(icon, role)
	r.sign.Refresh()
	if role == theme.Accent {
		role = theme.AccentDeep
	}
	r.note.Set(words, role)
	r.noteRow.Hidden = words == ""
	r.settle()
}

// settle lays the form out anew, once the row stands in it.
func (r *Row) settle() {
	if !r.placed {
		return
	}
	r.form.settle()
	if r.at >= 0 && r.form.at == r.at { // it may have grown out of sight
		r.form.reveal(r)
	}
}

// Said is the note below the row.
func (r *Row) Said() (Tone, string) { return r.tone, r.said }

// Label is what the row is called.
func (r *Row) Label() string { return r.label }

// choose marks the row as the one the keys are for, or no more.
func (r *Row) choose(on bool) {
	r.ground.FillColor, r.ground.StrokeColor, r.ground.StrokeWidth = widgets.Clear, widgets.Clear, 0
	if on {
		r.ground.FillColor, r.ground.StrokeColor, r.ground.StrokeWidth = theme.C(theme.Hover), theme.C(theme.Accent), 2
	}
	r.ground.Refresh()
	r.control.paint()
}
