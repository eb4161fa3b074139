package staff

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/services/access"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// dots is a PIN as it may be shown.
type dots struct {
	view fyne.CanvasObject
	text *canvas.Text
}

func newDots() *dots {
	ground := canvas.NewRectangle(theme.C(theme.Sunken))
	ground.CornerRadius = theme.Radius
	d := &dots{text: widgets.Centred(widgets.Bold("", theme.Money, theme.Ink))}
	d.view = widgets.Least(0, 60, container.NewStack(ground, d.text))
	return d
}

// show says how long the PIN is, or what to do while there is none.
func (d *dots) show(pin, hint string) {
	if pin == "" {
		d.text.TextSize = theme.Title
		widgets.Put(d.text, hint, theme.Quiet)
		return
	}
	d.text.TextSize = theme.Total
	widgets.Put(d.text, strings.Repeat("●", len(pin)), theme.Ink)
}

// pressed is a PIN after a digit or one of the pad's signs.
func pressed(pin string, r rune) string {
	switch {
	case r == widgets.PadBack && pin != "":
		return pin[:len(pin)-1]
	case r == widgets.PadClear:
		return ""
	case r >= '0' && r <= '9' && len(pin) < access.MaxPIN:
		return pin + string(r)
	}
	return pin
}

// narrow is a digit as a keyboard for Chinese may have typed it.
func narrow(r rune) rune {
	if r >= '０' && r <= '９' {
		return '0' + (r - '０')
	}
	return r
}
