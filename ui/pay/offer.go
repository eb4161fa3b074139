package pay

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"cashier/services/money"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// Offer is what the panel shows while the customer scans a code of ours.
type Offer struct {
	Code   *widgets.Code
	Amount money.Fen     // what the code pays
	Total  money.Fen     // of the sale
	Paid   money.Fen     // proven so far
	Left   time.Duration // until the sale is set aside
	Front  time.Duration // what there was of it
	Wallet string        // whose app scans it, as Params.Wallet of the shell; "" for any
	Asking bool          // the provider has yet to say what has become of it
	Said   string        // why a scan was not used; "" for none
}

// hurry is when the time that is left is set in the colour of a warning.
const hurry = 15 * time.Second

// offerView is the panel while the customer scans.
type offerView struct {
	all        *fyne.Container
	qr         *widgets.QR
	amount     *canvas.Text
	parts      *widgets.Para
	how, what  *widgets.Para
	says, side *fyne.Container
	left       *canvas.Text
	meter      *widgets.Meter
}

// sideRoom is the least width of what stands beside the code: an amount in four
// figures and the button that cancels.
const sideRoom float32 = 224

func (w *Panel) buildOffer() *fyne.Container {
	t, v := w.p.Text, &w.offering
	v.amount = widgets.Bold("", theme.Huge, theme.Ink)
	v.parts = widgets.NewPara("", theme.Body, theme.Quiet, 2)
	v.qr = widgets.NewQR()
	v.how = widgets.NewPara("", theme.Title, theme.Ink, 4).Strong()
	v.what = widgets.NewPara("", theme.Body, theme.Quiet, 7)
	v.left = widgets.Bold("", theme.Title, theme.Ink)
	v.meter = widgets.NewMeter(0, 8)
	cancel := widgets.NewButton(widgets.ButtonParams{Label: t.T("pay.cancel"), Key: "Esc", Look: widgets.Danger, Height: 64, Do: w.p.Cancel})
	v.says = widgets.Col(theme.S3, v.how, v.what)
	v.side = widgets.Col(theme.S2, v.amount, v.parts, widgets.Gap(theme.S2), widgets.Grow(v.says),
		v.left, v.meter.Container, widgets.Gap(theme.S2), cancel)
	v.all = widgets.Card(widgets.Pad(theme.S4, widgets.Beside(theme.S4, sideRoom, v.qr.CanvasObject, v.side)))
	return v.all
}

// ShowOffer shows a code of ours with what is to be done and how long there is.
func (w *Panel) ShowOffer(o Offer) {
	t, v := w.p.Text, &w.offering
	v.amount.TextSize = theme.Heading
	for _, size := range []float32{theme.Huge, theme.Money, theme.Total} {
		if fyne.MeasureText(o.Amount.String(), size, v.amount.TextStyle).Width <= sideRoom {
			v.amount.TextSize = size
			break
		}
	}
	widgets.Put(v.amount, o.Amount.String(), theme.Ink)
	v.parts.Hidden = o.Paid == 0
	v.parts.Set(t.T("pay.parts", "total", o.Total.String(), "paid", o.Paid.String()), theme.Quiet)
	was := v.how.Text() + v.what.Text()
	how := "pay.qrScan"
	if own := how + "." + o.Wallet; t.Has(own) {
		how = own
	}
	v.how.Set(t.T(how), theme.Ink)
	v.how.Hidden = o.Said != ""
	switch {
	case o.Said != "": // which says it all, and needs the room
		v.what.Set(o.Said, theme.Warning)
	case o.Asking:
		v.what.Set(t.T("pay.qrAsking"), theme.Warning)
	default:
		v.what.Set(t.T("pay.qrWhat"), theme.Quiet)
	}
	seconds := max(0, int((o.Left+time.Second-1)/time.Second))
	role, bar := theme.Ink, theme.Accent
	if o.Left <= hurry {
		role, bar = theme.Warning, theme.Warning
	}
	widgets.Put(v.left, t.T("pay.qrLeft", "n", seconds), role)
	v.meter.Set(float32(o.Left)/float32(max(1, o.Front)), bar)
	if v.qr.Show(o.Code) || w.shown != offers {
		v.all.Refresh()
	} else if v.how.Text()+v.what.Text() != was {
		v.says.Refresh() // and not the code, which would be painted anew each time
	}
	w.show(offers)
}

// Code is the code of ours that is shown, nil while none is.
func (w *Panel) Code() *widgets.Code {
	if w.shown != offers {
		return nil
	}
	return w.offering.qr.Code()
}

// Says is what stands beside the code.
func (w *Panel) Says() string { return w.offering.what.Text() }
