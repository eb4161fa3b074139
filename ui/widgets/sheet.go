package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cashier/ui/theme"
)

// Sheet is a question or a page laid over the screen. It is no toolkit dialog:
// those take the focus and the keys, and a scan would be lost in them.
type Sheet struct {
	Title  string
	Body   fyne.CanvasObject
	Width  float32
	Height float32 // 0: as tall as its content

	OnKey  func(name fyne.KeyName) // keys while it is on top, Escape excepted
	OnRune func(r rune)
	OnEsc  func() // after it was closed by Escape, the cross or a tap beside it

	// Holds says that the sale is not complete while this is open (a weight is
	// missing), so that a payment code must not be charged.
	Holds bool
	// Text is a box in it that takes the focus.
	Text fyne.Focusable
	// Number is what is typed into it and Paint shows it, so that a scan that
	// was typed can be taken out again.
	Number *Number
	Paint  func()
	// Snapshot is that of a sheet that takes characters at once without a Number:
	// what it gives back takes out what was typed since.
	Snapshot func() (restore func())
}

// veil dims what is behind a sheet and keeps taps from reaching it.
type veil struct {
	widget.BaseWidget
	tap func()
}

func newVeil(tap func()) *veil {
	v := &veil{tap: tap}
	v.ExtendBaseWidget(v)
	return v
}

func (v *veil) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(theme.C(theme.Scrim)))
}

// Tapped closes what lies over the veil.
func (v *veil) Tapped(*fyne.PointEvent) { v.tap() }

// guard keeps taps on a sheet's empty places from reaching the veil.
type guard struct {
	widget.BaseWidget
	content fyne.CanvasObject
}

func newGuard(content fyne.CanvasObject) *guard {
	g := &guard{content: content}
	g.ExtendBaseWidget(g)
	return g
}

func (g *guard) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(g.content) }

// Tapped does nothing.
func (g *guard) Tapped(*fyne.PointEvent) {}

// View is the sheet on its veil, to be stacked over everything else.
func (s *Sheet) View(shut func()) fyne.CanvasObject {
	head := Row(theme.S3, Grow(Bold(s.Title, theme.Title, theme.Ink)),
		NewButton(ButtonParams{Icon: "close", Key: "Esc", Look: Ghost, Do: shut}))
	content := Pad(theme.S5, Col(theme.S4, head, Grow(s.Body)))
	return container.NewStack(newVeil(shut), container.NewCenter(newGuard(Raised(Least(s.Width, s.Height, content)))))
}
