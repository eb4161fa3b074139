package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"cashier/ui/theme"
)

// Look is how much a button asks for attention.
type Look uint8

// The looks of a button.
const (
	Plain   Look = iota // bordered, on a surface
	Primary             // the one thing to do next
	Soft                // tinted: chosen, or a choice beside the primary one
	Ghost               // no ground until touched
	Danger              // undoes or gives up something
	OnBar               // on the dark status bar
	Chosen              // one of several, and the one in force: framed besides tinted
)

// ButtonParams of a Button. Label or Icon is required.
type ButtonParams struct {
	Label  string
	Key    string // the key that does the same, shown on the button
	Icon   string
	Look   Look
	Size   float32 // of the text; 0 is theme.Body
	Height float32 // least height; 0 is theme.Target
	Left   bool    // label flush left instead of centred
	Do     func()
}

// Button is a touch target with its key on it. It never takes the focus.
type Button struct {
	widget.BaseWidget
	p        ButtonParams
	off      bool
	hovered  bool
	pressed  bool
	ground   *Surface
	label    *canvas.Text
	icon     *canvas.Image
	cap      *canvas.Rectangle
	capText  *canvas.Text
	iconName string
}

var (
	_ fyne.Tappable     = (*Button)(nil)
	_ desktop.Hoverable = (*Button)(nil)
	_ desktop.Mouseable = (*Button)(nil)
)

// NewButton makes a button.
func NewButton(p ButtonParams) *Button {
	if p.Size == 0 {
		p.Size = theme.Body
	}
	if p.Height == 0 {
		p.Height = theme.Target
	}
	b := &Button{p: p}
	b.ground = NewSurface(theme.Radius)
	b.label = Text(p.Label, p.Size, theme.Ink)
	b.label.TextStyle.Bold = p.Look == Primary
	if p.Icon != "" {
		b.icon = Icon(p.Icon, p.Size*1.25, theme.Ink)
	}
	if p.Key != "" {
		b.cap = canvas.NewRectangle(Clear)
		b.cap.CornerRadius, b.cap.StrokeWidth = 5, 1
		b.capText = Text(p.Key, theme.Small, theme.Quiet)
	}
	b.ExtendBaseWidget(b)
	return b
}

// Label is what the button says.
func (b *Button) Label() string { return b.p.Label }

// Key is the key shown on it.
func (b *Button) Key() string { return b.p.Key }

// SetLabel changes what the button says.
func (b *Button) SetLabel(s string) {
	if b.p.Label != s {
		b.p.Label = s
		b.Refresh()
	}
}

// SetLook changes how it looks.
func (b *Button) SetLook(l Look) {
	if b.p.Look != l {
		b.p.Look = l
		b.Refresh()
	}
}

// SetIcon changes the picture.
func (b *Button) SetIcon(name string) {
	if b.icon != nil && b.p.Icon != name {
		b.p.Icon = name
		b.Refresh()
	}
}

// Enable switches the button on or off.
func (b *Button) Enable(on bool) {
	if b.off == on {
		b.off = !on
		b.Refresh()
	}
}

// Enabled reports whether the button does anything.
func (b *Button) Enabled() bool { return !b.off }

// Tapped does what the button is for.
func (b *Button) Tapped(*fyne.PointEvent) {
	if !b.off && b.p.Do != nil {
		b.p.Do()
	}
}

// MouseIn lights the button under a mouse, as MouseMoved and MouseOut end it.
func (b *Button) MouseIn(*desktop.MouseEvent) { b.hovered = true; b.Refresh() }

// MouseMoved changes nothing.
func (b *Button) MouseMoved(*desktop.MouseEvent) {}

// MouseOut puts the light out.
func (b *Button) MouseOut() { b.hovered, b.pressed = false, false; b.Refresh() }

// MouseDown shows that the press was felt.
func (b *Button) MouseDown(*desktop.MouseEvent) { b.pressed = true; b.Refresh() }

// MouseUp lets go.
func (b *Button) MouseUp(*desktop.MouseEvent) { b.pressed = false; b.Refresh() }

// colours of a look: ground, text, and the stroke around.
func (b *Button) colours() (ground, ink, stroke theme.Role) {
	switch b.p.Look {
	case Primary:
		ground, ink = theme.Accent, theme.OnAccent
	case Soft:
		ground, ink = theme.AccentSoft, theme.AccentDeep
	case Chosen:
		ground, ink, stroke = theme.AccentSoft, theme.AccentDeep, theme.Accent
	case Danger:
		ground, ink, stroke = theme.Surface, theme.Danger, theme.Line
	case Ghost:
		ink = theme.Ink
	case OnBar:
		ink = theme.OnBar
	case Plain:
		ground, ink, stroke = theme.Surface, theme.Ink, theme.Line
	}
	switch {
	case b.off && b.p.Look == Primary:
		ground, ink = theme.Sunken, theme.Faint
	case b.off:
		ink = theme.Faint
	case b.p.Look == Primary && (b.pressed || b.hovered):
		ground = theme.AccentDeep
	case b.p.Look == OnBar && (b.pressed || b.hovered):
		ground, ink = theme.Surface, theme.Ink
	case b.pressed:
		ground = theme.Sunken
	case b.hovered && b.p.Look != Soft && b.p.Look != Chosen:
		ground = theme.Hover
	}
	return ground, ink, stroke
}

func (b *Button) paint() {
	ground, ink, stroke := b.colours()
	fill, edge := Clear, Clear
	if ground != "" {
		fill = theme.C(ground)
	}
	if stroke != "" {
		edge = theme.C(stroke)
	}
	width := float32(1)
	if b.p.Look == Chosen {
		width = 2
	}
	b.ground.Paint(fill, edge, width)
	b.label.Text, b.label.Color = b.p.Label, theme.C(ink)
	if name := b.p.Icon + string(ink); b.icon != nil && b.iconName != name {
		b.iconName = name
		b.icon.Resource = theme.Icon(b.p.Icon, ink)
		b.icon.Refresh()
	}
	if b.cap != nil {
		quiet := theme.Quiet
		if b.p.Look == Primary || b.p.Look == Soft || b.p.Look == OnBar || b.off {
			quiet = ink
		}
		b.capText.Color = theme.C(quiet)
		b.cap.StrokeColor = faded(theme.C(quiet))
	}
}

// CreateRenderer draws the button.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	b.paint()
	return &buttonRenderer{b}
}

type buttonRenderer struct{ b *Button }

func (r *buttonRenderer) Destroy() {}

func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.b.ground.View, r.b.label}
	if r.b.icon != nil {
		out = append(out, r.b.icon)
	}
	if r.b.cap != nil {
		out = append(out, r.b.cap, r.b.capText)
	}
	return out
}

// parts are the widths of icon, label and key cap.
func (r *buttonRenderer) parts() (icon, label, keycap float32) {
	if r.b.icon != nil {
		icon = r.b.p.Size * 1.25
	}
	if r.b.p.Label != "" {
		label = r.b.label.MinSize().Width
	}
	if r.b.cap != nil {
		keycap = max(24, r.b.capText.MinSize().Width+10)
	}
	return icon, label, keycap
}

func (r *buttonRenderer) width() float32 {
	total, n := float32(0), 0
	icon, label, keycap := r.parts()
	for _, w := range []float32{icon, label, keycap} {
		if w > 0 {
			total += w
			n++
		}
	}
	return total + theme.S2*float32(max(0, n-1))
}

func (r *buttonRenderer) MinSize() fyne.Size {
	side := theme.S4
	switch {
	case r.b.p.Look == OnBar:
		side = theme.S2 + 2
	case r.b.p.Label == "":
		side = theme.S1
	}
	return fyne.NewSize(max(r.b.p.Height, r.width()+2*side), r.b.p.Height)
}

func (r *buttonRenderer) Layout(size fyne.Size) {
	r.b.ground.View.Resize(size)
	icon, label, keycap := r.parts()
	x := (size.Width - r.width()) / 2
	if r.b.p.Left {
		x = theme.S4
	}
	if icon > 0 {
		r.b.icon.Move(fyne.NewPos(x, (size.Height-icon)/2))
		r.b.icon.Resize(fyne.NewSquareSize(icon))
		x += icon + theme.S2
	}
	if label > 0 {
		r.b.label.Move(fyne.NewPos(x, 0))
		r.b.label.Resize(fyne.NewSize(label, size.Height))
		x += label + theme.S2
	}
	if keycap > 0 {
		if r.b.p.Left {
			x = size.Width - theme.S3 - keycap
		}
		h := float32(24)
		r.b.cap.Move(fyne.NewPos(x, (size.Height-h)/2))
		r.b.cap.Resize(fyne.NewSize(keycap, h))
		r.b.capText.Alignment = fyne.TextAlignCenter
		r.b.capText.Move(fyne.NewPos(x, (size.Height-h)/2))
		r.b.capText.Resize(fyne.NewSize(keycap, h))
	}
}

func (r *buttonRenderer) Refresh() {
	r.b.paint()
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}
