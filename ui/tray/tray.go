package tray

import (
	"errors"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cashier/services/checkout"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// Params of a Tray. All are required.
type Params struct {
	Text    *text.Texts
	Zone    *time.Location
	Now     func() time.Time
	Query   func(key string)
	Resolve func(l checkout.Leg, as checkout.State) // asks for the reason first
	InCash  func(l checkout.Leg)                    // late money, squared in cash; likewise
	Rest    func(l checkout.Leg, cash bool)         // of the refund that is partly given; likewise
	GoOn    func(l checkout.Leg)                    // with the sale that is partly paid
	GiveUp  func(l checkout.Leg)                    // that sale: its money is given back
	Back    func()
}

// Tray is the list and, in the basket's place, the leg that is selected.
type Tray struct {
	List   fyne.CanvasObject
	Detail fyne.CanvasObject

	p      Params
	legs   []checkout.Leg
	chosen int
	list   *fyne.Container
	detail *fyne.Container
	asking string // key being asked about
}

// New makes an empty tray.
func New(p Params) (*Tray, error) {
	if p.Text == nil || p.Zone == nil || p.Now == nil || p.Query == nil || p.Resolve == nil || p.InCash == nil || p.Rest == nil || p.Back == nil {
		return nil, errors.New("ui/tray: all of Params are required")
	}
	w := &Tray{p: p, list: container.NewStack(), detail: container.NewStack()}
	t := p.Text
	head := widgets.Row(theme.S3, widgets.Icon("tray", 28, theme.Ink),
		widgets.Grow(widgets.Bold(t.T("tray.title"), theme.Heading, theme.Ink)),
		widgets.NewButton(widgets.ButtonParams{Label: t.T("tray.back"), Key: "Esc", Icon: "back", Do: p.Back}))
	w.List = widgets.Col(theme.S3, head, widgets.NewPara(t.T("tray.what"), theme.Body, theme.Quiet, 2), widgets.Grow(w.list))
	w.Detail = widgets.Card(widgets.Pad(theme.S4, w.detail))
	w.Show(nil)
	return w, nil
}

// Legs are the legs listed.
func (w *Tray) Legs() []checkout.Leg { return w.legs }

// Show lists the legs, oldest first, and keeps the selection where it can.
func (w *Tray) Show(legs []checkout.Leg) {
	key := ""
	if l, ok := w.selected(); ok {
		key = l.Key
	}
	w.legs, w.chosen = legs, 0
	for i, l := range legs {
		if l.Key == key {
			w.chosen = i
		}
	}
	w.paint()
}

// Asking marks the leg that is being asked about; "" for none.
func (w *Tray) Asking(key string) {
	w.asking = key
	w.paint()
}

func (w *Tray) selected() (checkout.Leg, bool) {
	if w.chosen < 0 || w.chosen >= len(w.legs) {
		return checkout.Leg{}, false
	}
	return w.legs[w.chosen], true
}

func (w *Tray) pick(i int) {
	w.chosen = i
	w.paint()
}

func (w *Tray) paint() {
	t := w.p.Text
	var o fyne.CanvasObject
	if len(w.legs) == 0 {
		o = widgets.Card(container.NewCenter(widgets.Col(theme.S4, widgets.Badge("check", 112, theme.Accent, theme.AccentSoft),
			widgets.Centred(widgets.Bold(t.T("tray.none"), theme.Title, theme.Ink)))))
	} else {
		col := widgets.Col(theme.S2)
		for i, l := range w.legs {
			col.Add(newItem(w, i, l))
		}
		o = container.NewVScroll(col)
	}
	w.list.Objects = []fyne.CanvasObject{o}
	w.list.Refresh()
	w.paintDetail()
}

func (w *Tray) paintDetail() {
	t := w.p.Text
	l, ok := w.selected()
	if !ok {
		w.detail.Objects = nil
		w.detail.Refresh()
		return
	}
	state, meaning := Words(t, l)
	col := widgets.Col(theme.S2,
		widgets.Text(t.T("method."+l.Method), theme.Body, theme.Quiet),
		widgets.Bold(What(t, l), theme.Money, theme.Ink),
		widgets.NewPara(state, theme.Title, role(l), 2).Strong(),
		widgets.NewPara(meaning, theme.Body, theme.Quiet, 4),
		widgets.Rule(),
		widgets.Pair(t.T("tray.since"), l.IntentAt.In(w.p.Zone).Format(time.DateTime)),
		widgets.Pair(t.T("tray.changed"), l.ChangedAt.In(w.p.Zone).Format(time.DateTime)),
		widgets.Pair(t.T("tray.tries"), strconv.Itoa(l.Attempts)+" / "+strconv.Itoa(l.Reversals)),
	)
	if l.ProviderNo != "" {
		col.Add(widgets.Pair(t.T("receipt.providerNo"), l.ProviderNo))
	}
	col.Add(widgets.Text(t.T("receipt.key"), theme.Small, theme.Quiet))
	col.Add(widgets.NewPara(l.Key, theme.Small, theme.Ink, 2))
	if why := reason(t, l); why != "" && !l.Late() {
		col.Add(widgets.Text(t.T("tray.reason"), theme.Small, theme.Quiet))
		col.Add(widgets.NewPara(why, theme.Small, theme.Ink, 5))
	}
	w.detail.Objects = []fyne.CanvasObject{widgets.Col(theme.S3, widgets.Grow(container.NewVScroll(col)), w.actions(l))}
	w.detail.Refresh()
}

func (w *Tray) actions(l checkout.Leg) fyne.CanvasObject {
	t := w.p.Text
	label := t.T("tray.query")
	if w.asking == l.Key {
		label = t.T("tray.asking")
	}
	ask := widgets.NewButton(widgets.ButtonParams{Label: label, Key: "Enter", Icon: "sync", Look: widgets.Primary, Height: 60, Size: theme.Title, Do: func() { w.p.Query(l.Key) }})
	ask.Enable(w.asking == "")
	if PartlyPaid(l) {
		return widgets.Col(theme.S2,
			widgets.NewButton(widgets.ButtonParams{Label: t.T("tray.goOn"), Key: "Enter", Look: widgets.Primary, Height: 60, Size: theme.Title, Do: func() { w.p.GoOn(l) }}),
			widgets.NewButton(widgets.ButtonParams{Label: t.T("tray.giveUp"), Key: "F9", Look: widgets.Danger, Height: 52, Do: func() { w.p.GiveUp(l) }}))
	}
	if PartlyGiven(l) {
		return widgets.Col(theme.S2,
			widgets.NewButton(widgets.ButtonParams{Label: t.T("tray.rest"), Key: "Enter", Look: widgets.Primary, Height: 60, Size: theme.Title, Do: func() { w.p.Rest(l, false) }}),
			widgets.NewButton(widgets.ButtonParams{Label: t.T("tray.restCash"), Key: "F9", Look: widgets.Danger, Height: 52, Do: func() { w.p.Rest(l, true) }}))
	}
	by := func(key string, look widgets.Look, as string, do func()) *widgets.Button {
		return widgets.NewButton(widgets.ButtonParams{Label: t.T(As(t, l, as)), Key: key, Look: look, Height: 52, Do: do})
	}
	resolve := func(as checkout.State) func() { return func() { w.p.Resolve(l, as) } }
	if l.LeftOver() {
		return widgets.Col(theme.S2,
			widgets.NewPara(t.T("tray.byHand"), theme.Small, theme.Quiet, 2),
			by("F9", widgets.Soft, string(checkout.Reversed), resolve(checkout.Reversed)),
			by("F10", widgets.Soft, Cash, func() { w.p.InCash(l) }),
			by("F11", widgets.Danger, string(checkout.Paid), resolve(checkout.Paid)))
	}
	col := widgets.Col(theme.S2, ask)
	if l.State == checkout.Manual {
		col.Add(widgets.NewPara(t.T("tray.byHand"), theme.Small, theme.Quiet, 2))
		col.Add(widgets.Row(theme.S2,
			widgets.Grow(by("F9", widgets.Soft, string(checkout.Paid), resolve(checkout.Paid))),
			widgets.Grow(by("F10", widgets.Danger, string(checkout.Rejected), resolve(checkout.Rejected)))))
	}
	return col
}

// reason says why a leg is where it is: in our words where we know the reason,
// with the provider's behind them.
func reason(t *text.Texts, l checkout.Leg) string {
	r := l.Reason
	s := r.Message
	if key := of(t, l, "why.", r.Code); t.Has(key) {
		before, now := "？", "？"
		if l.Before >= 0 {
			before = strconv.FormatInt(l.Before, 10)
		}
		if r.Message != "" {
			now = r.Message
		}
		s = t.T(key, "before", before, "now", now, "count", l.Count, "tries", l.Reversals, "message", r.Message)
	}
	if r.RawCode != "" {
		s += " [" + r.RawCode + "]"
	} else if s == "" {
		s = r.Code
	}
	return s
}

// What is what a leg moves: its amount, the times of a card, or the points of
// an account.
func What(t *text.Texts, l checkout.Leg) string {
	switch {
	case l.Class == checkout.ClassCard:
		return t.T("redeem.times", "n", l.Count)
	case l.Class == checkout.ClassMember && l.Amount == 0 && l.Count > 0:
		return t.T("tray.points", "n", l.Count)
	}
	return l.Amount.String()
}

// PartlyPaid reports whether a leg is money of a sale that is not paid in full.
func PartlyPaid(l checkout.Leg) bool { return l.Reason.Code == checkout.CodePartlyPaid }

// PartlyGiven reports whether a leg is money of a refund that is not given in full.
func PartlyGiven(l checkout.Leg) bool { return l.Reason.Code == checkout.CodePartlyRefunded }

// Late reports whether a leg is money that arrived after it was given up, and
// that the till is giving back.
func Late(l checkout.Leg) bool { return l.Late() && !l.LeftOver() }

// Cash is how late money ends that a person has squared in cash; for As.
const Cash = "CASH"

// As is the key of the text by which a leg is settled by hand: as a state, or in
// Cash.
func As(t *text.Texts, l checkout.Leg, as string) string {
	switch {
	case l.LeftOver() && l.Class == checkout.ClassRefund:
		return "tray.given.as." + as
	case l.LeftOver():
		return "tray.late.as." + as
	}
	return of(t, l, "tray.", "as."+as)
}

// of is the key of a text, of a refund the one for refunds where there is one.
func of(t *text.Texts, l checkout.Leg, group, name string) string {
	if key := group + "refund." + name; l.Class == checkout.ClassRefund && t.Has(key) {
		return key
	}
	return group + name
}

// Words are what the state of a leg is called and what it means.
func Words(t *text.Texts, l checkout.Leg) (state, meaning string) {
	switch {
	case Late(l):
		return t.T("tray.late"), t.T("tray.lateWhat")
	case l.LeftOver() && l.Class == checkout.ClassRefund:
		return t.T("tray.givenLate"), t.T("tray.givenLateWhat")
	case l.LeftOver():
		return t.T("tray.held"), t.T("tray.heldWhat")
	case PartlyPaid(l):
		return t.T("tray.partly"), t.T("tray.partlyWhat")
	case PartlyGiven(l):
		return t.T("tray.partlyGiven"), t.T("tray.partlyGivenWhat")
	}
	key := of(t, l, "leg.", string(l.State))
	return t.T(key), t.T(key + ".what")
}

func role(l checkout.Leg) theme.Role {
	if l.State == checkout.Manual || l.LeftOver() {
		return theme.Danger
	}
	return theme.Warning
}

// Key takes a key.
func (w *Tray) Key(name fyne.KeyName) {
	l, ok := w.selected()
	switch {
	case name == fyne.KeyEscape:
		w.p.Back()
	case !ok:
	case name == fyne.KeyUp && w.chosen > 0:
		w.pick(w.chosen - 1)
	case name == fyne.KeyDown && w.chosen < len(w.legs)-1:
		w.pick(w.chosen + 1)
	case (name == fyne.KeyReturn || name == fyne.KeyEnter) && PartlyPaid(l):
		w.p.GoOn(l)
	case name == fyne.KeyF9 && PartlyPaid(l):
		w.p.GiveUp(l)
	case (name == fyne.KeyReturn || name == fyne.KeyEnter) && PartlyGiven(l):
		w.p.Rest(l, false)
	case name == fyne.KeyF9 && PartlyGiven(l):
		w.p.Rest(l, true)
	case l.LeftOver():
		w.settleKey(name, l)
	case (name == fyne.KeyReturn || name == fyne.KeyEnter) && w.asking == "":
		w.p.Query(l.Key)
	case name == fyne.KeyF9 && l.State == checkout.Manual:
		w.p.Resolve(l, checkout.Paid)
	case name == fyne.KeyF10 && l.State == checkout.Manual:
		w.p.Resolve(l, checkout.Rejected)
	}
}

// settleKey takes a key for late money that is left to a person.
func (w *Tray) settleKey(name fyne.KeyName, l checkout.Leg) {
	switch name {
	case fyne.KeyF9:
		w.p.Resolve(l, checkout.Reversed)
	case fyne.KeyF10:
		w.p.InCash(l)
	case fyne.KeyF11:
		w.p.Resolve(l, checkout.Paid)
	}
}

// item is one leg in the list.
type item struct {
	widget.BaseWidget
	content fyne.CanvasObject
	tap     func()
}

func newItem(w *Tray, i int, l checkout.Leg) *item {
	t := w.p.Text
	state, _ := Words(t, l)
	age := w.p.Now().Sub(l.IntentAt).Truncate(time.Second)
	ground := widgets.Filled(theme.Surface, theme.Radius, true)
	if i == w.chosen {
		ground.Paint(theme.C(theme.Surface), theme.C(theme.Accent), 2)
	}
	row := widgets.Row(theme.S4,
		container.NewCenter(widgets.Icon("clock", 28, role(l))),
		widgets.Grow(widgets.Col(0,
			widgets.NewPara(state, theme.Body, theme.Ink, 1).Strong(),
			widgets.Text(t.T("method."+l.Method)+" · "+t.T("tray.ago", "time", l.IntentAt.In(w.p.Zone).Format("15:04:05"), "age", age), theme.Small, theme.Quiet))),
		widgets.Bold(What(t, l), theme.Title, theme.Ink))
	it := &item{content: container.NewStack(ground.View, widgets.Pad(theme.S4, row)), tap: func() { w.pick(i) }}
	it.ExtendBaseWidget(it)
	return it
}

func (it *item) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(it.content) }

// Tapped selects the leg.
func (it *item) Tapped(*fyne.PointEvent) { it.tap() }
