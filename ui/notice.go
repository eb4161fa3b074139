package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// tone is how serious a notice is.
type tone uint8

const (
	informs tone = iota
	warns
	fails
)

// noteFor is how long something that asks for nothing stays.
const noteFor = 6 * time.Second

// noticeLine says one thing in one sentence: what happened, what it means for
// the money, what to do. Its details are one tap away.
type noticeLine struct {
	s     *Shell
	view  *fyne.Container // keeps the slot at the bottom or top of what it lies over
	slot  *fyne.Container
	words string
	until time.Time // zero: until the next scan or the cross
}

func newNoticeLine(s *Shell) *noticeLine {
	n := &noticeLine{s: s, slot: container.NewStack()}
	n.view = widgets.Col(0)
	n.place(false, 0)
	return n
}

// place puts the line at the bottom of what it lies over, or at the top and so
// far from the left: it must not cover the buttons of a page.
func (n *noticeLine) place(top bool, left float32) {
	n.view.Objects = []fyne.CanvasObject{widgets.Space(), widgets.Pad(theme.S3, n.slot)}
	if top {
		n.view.Objects = []fyne.CanvasObject{widgets.Inset(theme.S3, theme.S3, theme.S3, left, n.slot), widgets.Space()}
	}
	n.view.Refresh()
}

func (n *noticeLine) said() string { return n.words }

// stays reports whether something is said that no time takes away.
func (n *noticeLine) stays() bool { return n.words != "" && n.until.IsZero() }

func (n *noticeLine) clear() {
	if n.words != "" {
		n.words = ""
		n.slot.Objects = nil
		n.view.Refresh()
	}
}

func (n *noticeLine) tick() {
	if n.words != "" && !n.until.IsZero() && n.s.p.Now().After(n.until) {
		n.clear()
	}
}

// choice is what a notice offers to do at once.
type choice struct {
	label string
	key   string
	do    func()
}

func (n *noticeLine) say(how tone, words, detail string, offers ...choice) {
	n.words, n.until = words, time.Time{}
	icon, role, soft := "warning", theme.Danger, theme.DangerSoft
	switch how {
	case informs:
		icon, role, soft = "info", theme.Info, theme.InfoSoft
		n.until = n.s.p.Now().Add(noteFor)
	case warns:
		role, soft = theme.Warning, theme.WarningSoft
	case fails:
	}
	row := widgets.Row(theme.S3, container.NewCenter(widgets.Icon(icon, 28, role)),
		widgets.Grow(widgets.Middle(widgets.NewPara(words, theme.Body, theme.Ink, 3))))
	for _, o := range offers {
		row.Add(container.NewCenter(widgets.NewButton(widgets.ButtonParams{Label: o.label, Key: o.key, Look: widgets.Plain, Do: o.do})))
	}
	if detail != "" {
		row.Add(container.NewCenter(widgets.NewButton(widgets.ButtonParams{Label: n.s.t.T("notice.details"), Look: widgets.Ghost, Do: func() { n.s.details(words, detail) }})))
	}
	row.Add(container.NewCenter(widgets.NewButton(widgets.ButtonParams{Icon: "close", Look: widgets.Ghost, Do: n.clear})))
	edge := canvas.NewRectangle(theme.C(role))
	edge.SetMinSize(fyne.NewSize(5, 5))
	edge.CornerRadius = 2
	ground := canvas.NewRectangle(theme.C(soft))
	ground.CornerRadius = theme.Radius + 2
	ground.StrokeColor, ground.StrokeWidth = theme.C(role), 1
	ground.Shadow = canvas.Shadow{Color: theme.C(theme.Shade), BlurRadius: 14, Spread: 1, Offset: fyne.NewPos(0, 4)}
	n.slot.Objects = []fyne.CanvasObject{container.NewStack(ground, widgets.Pad(theme.S3, widgets.Row(theme.S3, edge, widgets.Grow(row))))}
	// The sentence wraps to the width the first pass gives it; the second gives
	// it the height it then takes.
	n.view.Refresh()
	n.view.Refresh()
	n.s.tell(EventNotice, checkout.Sale{}, words)
}

func (s *Shell) inform(words string, offers ...choice) { s.notice.say(informs, words, "", offers...) }
func (s *Shell) warn(words string, offers ...choice)   { s.notice.say(warns, words, "", offers...) }

// fault says an error in the language of the screen.
func (s *Shell) fault(err error, offers ...choice) {
	how := fails
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Refused, fault.Busy, fault.Unreachable:
		how = warns
	default:
	}
	s.notice.say(how, s.t.Fault(err), text.Detail(err), offers...)
}

// details shows what support staff want to read, to be selected and copied.
func (s *Shell) details(words, detail string) {
	box := widget.NewLabel(detail)
	box.Wrapping = fyne.TextWrapBreak
	box.Selectable = true
	s.lift(&widgets.Sheet{
		Title: s.t.T("notice.details"), Width: 720,
		Body: widgets.Col(theme.S3, widgets.NewPara(words, theme.Body, theme.Ink, 4), widgets.Rule(),
			widgets.Least(0, 240, container.NewVScroll(box)),
			widgets.NewButton(widgets.ButtonParams{Label: s.t.T("notice.copy"), Key: "Enter", Do: func() { s.p.Copy(detail) }})),
		OnKey: func(k fyne.KeyName) {
			if k == fyne.KeyReturn || k == fyne.KeyEnter {
				s.p.Copy(detail)
			}
		},
	})
}

// Say puts one of the texts on the notice line.
func (s *Shell) Say(key string) { s.warn(s.t.T(key)) }
