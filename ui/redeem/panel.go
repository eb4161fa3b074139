package redeem

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/services/checkout"
	"cashier/services/redeem"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// Params of a Panel. All are required.
type Params struct {
	Text    *text.Texts
	Zone    *time.Location
	Confirm func(v redeem.View, count int64)
	Back    func()
}

// State is what the panel shows.
type State uint8

// The states.
const (
	Waiting State = iota // for a card
	Reading              // the provider is asked for the card
	Ready                // a card and a count, to be confirmed
	Working              // the one call is on its way
	Done                 // taken off, with what remains
)

// Panel is the left of the screen while cards are redeemed.
type Panel struct {
	fyne.CanvasObject
	p     Params
	body  *fyne.Container
	state State
	view  redeem.View
	count widgets.Number
	typed bool // the count was typed, not stepped

	field   *canvas.Text
	after   *canvas.Text
	seconds *canvas.Text
	confirm *widgets.Button
	back    *widgets.Button
}

// New makes a panel that waits for a card.
func New(p Params) (*Panel, error) {
	if p.Text == nil || p.Zone == nil || p.Confirm == nil || p.Back == nil {
		return nil, errors.New("ui/redeem: all of Params are required")
	}
	w := &Panel{p: p, body: container.NewStack(), count: widgets.Number{Digits: 3}}
	t := p.Text
	w.back = widgets.NewButton(widgets.ButtonParams{Label: t.T("redeem.back"), Key: "Esc", Icon: "back", Do: p.Back})
	head := widgets.Row(theme.S3, widgets.Icon("card", 28, theme.Ink),
		widgets.Grow(widgets.Bold(t.T("redeem.title"), theme.Heading, theme.Ink)), w.back)
	w.CanvasObject = widgets.Col(theme.S3, head, widgets.Grow(w.body))
	w.ShowWaiting()
	return w, nil
}

// Only shows no way back to the sale, for who has none.
func (w *Panel) Only(only bool) {
	if w.back.Hidden != only {
		w.back.Hidden = only
		w.Refresh()
	}
}

// State is what the panel shows now.
func (w *Panel) State() State { return w.state }

// Count is how many times are to be taken off.
func (w *Panel) Count() int64 {
	n, err := strconv.ParseInt(w.count.Text(), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// After is what the panel says remains afterwards.
func (w *Panel) After() string { return w.after.Text }

// View is the card on the screen.
func (w *Panel) View() redeem.View { return w.view }

// ShowWaiting waits for a card.
func (w *Panel) ShowWaiting() {
	t := w.p.Text
	w.put(Waiting, center(widgets.Badge("card", 128, theme.Accent, theme.AccentSoft),
		widgets.Centred(widgets.Bold(t.T("redeem.scan"), theme.Heading, theme.Ink)),
		widgets.NewPara(t.T("redeem.scanHint"), theme.Body, theme.Quiet, 2).Middle()))
}

// ShowReading says that a card is being read; shown is its code as it may be shown.
func (w *Panel) ShowReading(shown string) {
	t := w.p.Text
	w.put(Reading, center(widgets.Badge("clock", 128, theme.Info, theme.InfoSoft),
		widgets.Centred(widgets.Bold(t.T("redeem.reading"), theme.Heading, theme.Ink)),
		widgets.Centred(widgets.Text(shown, theme.Body, theme.Quiet))))
}

// ShowCard shows a card and asks for a count of one.
func (w *Panel) ShowCard(v redeem.View) {
	w.view, w.typed = v, false
	w.count.Set("1")
	t := w.p.Text
	w.field = widgets.Centred(widgets.Bold("", theme.Huge, theme.Ink))
	w.after = widgets.Centred(widgets.Text("", theme.Body, theme.Quiet))
	w.confirm = widgets.NewButton(widgets.ButtonParams{Label: t.T("redeem.confirm"), Key: "Enter", Icon: "check", Look: widgets.Primary, Size: theme.Heading, Height: 72, Do: w.enter})
	step := func(sign string, n int64) fyne.CanvasObject {
		return widgets.NewButton(widgets.ButtonParams{Icon: sign, Size: theme.Total, Height: 88, Do: func() { w.step(n) }})
	}
	counter := container.NewCenter(widgets.Least(440, 88, widgets.Row(theme.S3, step("minus", -1), widgets.Grow(widgets.Middle(w.field)), step("plus", 1))))
	w.put(Ready, widgets.Col(theme.S3,
		w.card(v),
		widgets.Grow(widgets.Card(widgets.Pad(theme.S4, widgets.Col(theme.S3,
			widgets.Centred(widgets.Text(t.T("redeem.count"), theme.Title, theme.Quiet)), widgets.Space(), counter, w.after, widgets.Space(), w.confirm))))))
	w.paint()
}

// card is the card as a card: its name, whose it is, what is left, until when.
func (w *Panel) card(v redeem.View) fyne.CanvasObject {
	t := w.p.Text
	name, left := v.Card.Name, t.T("redeem.times", "n", v.Card.Remaining)
	if !v.Readable {
		name, left = t.T("redeem.unread"), "—"
	}
	role, soft := theme.AccentDeep, theme.AccentSoft
	if v.Expired || v.Readable && v.Card.Remaining == 0 {
		role, soft = theme.Danger, theme.DangerSoft
	}
	lines := widgets.Col(theme.S1, widgets.NewPara(name, theme.Heading, theme.Ink, 1).Strong())
	if v.Readable {
		lines.Add(widgets.Text(strings.TrimSpace(v.Card.Holder+"  "+maskMobile(v.Card.Mobile)), theme.Body, theme.Ink))
		until := t.T("redeem.until", "date", day(v.Card.EndDate))
		if v.Expired {
			until = t.T("redeem.expired", "date", day(v.Card.EndDate))
		}
		lines.Add(widgets.Text(until, theme.Body, when(v.Expired, theme.Danger, theme.Quiet)))
	} else {
		note := v.Note
		if v.Why != nil {
			note = t.Fault(v.Why)
		}
		lines.Add(widgets.NewPara(t.T("redeem.unreadHint", "note", note), theme.Body, theme.Quiet, 2))
	}
	remain := widgets.Middle(widgets.Col(0, widgets.Right(widgets.Text(t.T("redeem.left"), theme.Body, role)), widgets.Right(widgets.Bold(left, theme.Money, role))))
	return widgets.Block(soft, theme.Radius+4, widgets.Pad(theme.S5, widgets.Row(theme.S4, widgets.Grow(lines), remain)))
}

// ShowWorking shows how long the one call has been on its way.
func (w *Panel) ShowWorking(seconds int) {
	t := w.p.Text
	if w.state != Working {
		w.seconds = widgets.Centred(widgets.Bold("", theme.Total, theme.Info))
		ring := canvas.NewCircle(theme.C(theme.InfoSoft))
		ring.StrokeColor, ring.StrokeWidth = theme.C(theme.Info), 4
		w.put(Working, center(container.NewCenter(widgets.Least(120, 120, container.NewStack(ring, w.seconds))),
			widgets.Centred(widgets.Bold(t.T("redeem.working"), theme.Heading, theme.Ink)),
			widgets.NewPara(t.T("redeem.workingWhat"), theme.Body, theme.Quiet, 2).Middle()))
	}
	widgets.Put(w.seconds, t.T("pay.seconds", "n", seconds), theme.Info)
}

// ShowDone shows a finished redemption. remaining is -1 where nobody could say.
func (w *Panel) ShowDone(s checkout.Sale, remaining int64) {
	t := w.p.Text
	var count int64
	name := ""
	for _, l := range s.Lines {
		count, name = count+l.Times, l.Name
	}
	left := t.T("redeem.leftUnknown")
	if remaining >= 0 {
		left = t.T("redeem.leftAfter", "n", remaining)
	}
	w.after = widgets.Centred(widgets.Bold(left, theme.Total, theme.Accent))
	w.put(Done, center(widgets.Tick(112),
		widgets.Centred(widgets.Bold(t.T("redeem.done", "n", count), theme.Heading, theme.Ink)),
		widgets.NewPara(strings.TrimSpace(name+"  "+w.view.Card.Holder), theme.Body, theme.Ink, 2).Middle(),
		w.after,
		w.slip(s),
		widgets.Centred(widgets.Text(t.T("redeem.next"), theme.Body, theme.Quiet))))
}

// slip is what proves a redemption afterwards, as a receipt proves a sale.
func (w *Panel) slip(s checkout.Sale) fyne.CanvasObject {
	t := w.p.Text
	col := widgets.Col(theme.S1)
	if s.ReceiptNo != "" {
		col.Add(widgets.Pair(t.T("receipt.no"), s.ReceiptNo))
	}
	if !s.ClosedAt.IsZero() {
		col.Add(widgets.Pair(t.T("receipt.time"), s.ClosedAt.In(w.p.Zone).Format(time.DateTime)))
	}
	for _, l := range s.Legs {
		if l.CardLast4 != "" {
			col.Add(widgets.Pair(t.T("redeem.card"), "…"+l.CardLast4))
		}
		if l.ProviderNo != "" {
			col.Add(widgets.Pair(t.T("receipt.providerNo"), l.ProviderNo))
		}
		col.Add(widgets.Pair(t.T("receipt.key"), l.Key))
	}
	return col
}

func center(objects ...fyne.CanvasObject) fyne.CanvasObject {
	return widgets.Card(container.NewCenter(widgets.Least(560, 0, widgets.Col(theme.S4, objects...))))
}

func (w *Panel) put(s State, o fyne.CanvasObject) {
	w.state = s
	w.body.Objects = []fyne.CanvasObject{o}
	w.body.Refresh()
}

func (w *Panel) paint() {
	t := w.p.Text
	n := w.Count()
	shown := w.count.Text()
	if shown == "" {
		shown = "0"
	}
	widgets.Put(w.field, shown, theme.Ink)
	good := n > 0
	switch {
	case !w.view.Readable:
		widgets.Put(w.after, "", theme.Quiet)
	case w.view.Expired:
		good = false
		widgets.Put(w.after, t.T("redeem.expired", "date", day(w.view.Card.EndDate)), theme.Danger)
	case n > w.view.Card.Remaining:
		good = false
		widgets.Put(w.after, t.T("redeem.tooFew", "n", w.view.Card.Remaining), theme.Danger)
	default:
		widgets.Put(w.after, t.T("redeem.leftAfter", "n", w.view.Card.Remaining-n), theme.Quiet)
	}
	w.confirm.Enable(good)
}

func (w *Panel) step(n int64) {
	w.count.Set(strconv.FormatInt(min(max(1, w.Count()+n), 999), 10))
	w.paint()
}

func (w *Panel) enter() {
	if w.state == Ready && w.confirm.Enabled() {
		w.p.Confirm(w.view, w.Count())
	}
}

// Rune takes a typed character: + and − step, digits replace the count.
func (w *Panel) Rune(r rune) {
	if w.state != Ready {
		return
	}
	switch r {
	case '+', '=':
		w.step(1)
	case '-':
		w.step(-1)
	default:
		if !w.typed {
			w.count.Set("")
			w.typed = true
		}
		w.count.Type(r)
		w.paint()
	}
}

// Key takes a key.
func (w *Panel) Key(name fyne.KeyName) {
	switch {
	case name == fyne.KeyEscape && w.state != Working:
		w.p.Back()
	case w.state == Done && (name == fyne.KeyReturn || name == fyne.KeyEnter):
		w.ShowWaiting()
	case w.state != Ready:
	case name == fyne.KeyReturn, name == fyne.KeyEnter:
		w.enter()
	case name == fyne.KeyUp:
		w.step(1)
	case name == fyne.KeyDown:
		w.step(-1)
	case name == fyne.KeyBackspace:
		w.typed = true
		w.count.Back()
		w.paint()
	}
}

func day(s string) string {
	if len(s) >= 10 {
		return s[:10]
	}
	return s
}

func when(yes bool, a, b theme.Role) theme.Role {
	if yes {
		return a
	}
	return b
}

// maskMobile shows of a member's number what it takes to ask "is this you?".
func maskMobile(m string) string {
	if len(m) < 7 {
		return ""
	}
	return m[:3] + "****" + m[len(m)-4:]
}
