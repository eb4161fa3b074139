package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// Failure is the content of a window for a till that could not start: why, in
// one sentence, and a way to close it. It needs nothing of the till.
type Failure struct {
	Content fyne.CanvasObject
	Close   *widgets.Button

	sentence *widgets.Para
	detail   *widget.Label
}

// NewFailure says err in the language of t.
func NewFailure(t *text.Texts, err error, shut func()) *Failure {
	f := &Failure{
		sentence: widgets.NewPara(t.Fault(err), theme.Title, theme.Ink, 8),
		detail:   widget.NewLabel(text.Detail(err)),
		Close:    widgets.NewButton(widgets.ButtonParams{Label: t.T("window.close"), Key: "Enter", Look: widgets.Primary, Size: theme.Title, Height: 60, Do: shut}),
	}
	f.detail.Wrapping, f.detail.Selectable = fyne.TextWrapBreak, true
	head := widgets.Row(theme.S3, widgets.Icon("warning", 36, theme.Danger),
		widgets.Grow(widgets.Middle(widgets.Bold(t.T("window.failed"), theme.Heading, theme.Ink))))
	f.Content = container.NewStack(widgets.Ground(theme.Page), widgets.Pad(theme.S5, widgets.Col(theme.S4,
		head, f.sentence, widgets.Rule(), widgets.Text(t.T("notice.details"), theme.Small, theme.Quiet),
		widgets.Grow(container.NewVScroll(f.detail)), f.Close)))
	return f
}

// Sentence is what it says to the person in front of it.
func (f *Failure) Sentence() string { return f.sentence.Text() }

// Attach takes the keys of the window's canvas: Enter and Escape close it.
func (f *Failure) Attach(c fyne.Canvas) {
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch e.Name {
		case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyEscape:
			f.Close.Tapped(nil)
		}
	})
}
