package prices

import (
	"strings"

	"fyne.io/fyne/v2"

	"cashier/services/catalog"
	"cashier/services/money"
	"cashier/services/pricing"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// adjusting is the sheet that changes many prices alike.
type adjusting struct {
	w      *Page
	sheet  *widgets.Sheet
	number widgets.Number
	lower  bool // the sign
	inYuan bool // an amount, not a percentage
	adjust pricing.Adjustment

	field     *widgets.Field
	sign      *widgets.Button
	unit      *widgets.Button
	ending    *widgets.Button
	direction *widgets.Button
	member    *widgets.Button
	samples   *fyne.Container
	problem   *widgets.Para
	ok        *widgets.Button
}

// samplesShown are products whose new price is shown beside the old one.
const samplesShown = 4

func (w *Page) askAdjust() {
	w.keepTyped()
	chosen := w.model.Chosen()
	if len(chosen) == 0 {
		w.p.Host.Warn(w.t.T("desk.noneChosen"))
		return
	}
	t := w.t
	a := &adjusting{w: w, number: widgets.Number{Decimals: 2, Digits: 4}, lower: true, adjust: pricing.Adjustment{Direction: pricing.Nearest, Member: true}}
	a.field = widgets.NewField(t.T("desk.by"), "", "0", theme.Money)
	b := func(key string, do func()) *widgets.Button {
		return widgets.NewButton(widgets.ButtonParams{Label: " ", Key: key, Left: true, Size: theme.Small, Do: func() { do(); a.paint() }})
	}
	a.sign = b("+ −", func() { a.lower = !a.lower })
	a.unit = b("F9", func() { a.inYuan = !a.inYuan })
	a.ending = b("F10", func() { a.adjust.Ending = after(endings, a.adjust.Ending) })
	a.direction = b("F11", func() { a.adjust.Direction = after(directions, a.adjust.Direction) })
	a.member = b("F8", func() { a.adjust.Member = !a.adjust.Member })
	a.samples, a.problem = widgets.Col(theme.S1), widgets.NewPara("", theme.Small, theme.Danger, 2)
	a.ok = widgets.NewButton(widgets.ButtonParams{Label: t.T("desk.adjustDo", "n", len(chosen)), Key: "Enter", Look: widgets.Primary, Size: theme.Title, Height: 60, Do: a.do})
	choices := widgets.Col(theme.S2, a.sign, a.unit, a.ending, a.direction, a.member)
	body := widgets.Col(theme.S3,
		widgets.NewPara(w.ofWhat(len(chosen)), theme.Body, theme.Quiet, 2),
		widgets.Least(0, 84, a.field.Container),
		widgets.Split(0.46, theme.S4, choices, widgets.NewNumpad(true, func(r rune) { a.number.Press(r); a.paint() })),
		widgets.Least(0, 116, a.samples), a.problem, a.ok)
	a.sheet = &widgets.Sheet{Title: t.T("desk.adjust"), Width: 760, Body: body, Number: &a.number, Paint: a.paint, OnKey: a.key, OnRune: a.rune}
	a.paint()
	w.p.Host.Lift(a.sheet)
}

var (
	endings    = []pricing.Ending{pricing.AsItIs, pricing.To0, pricing.To5, pricing.To9}
	directions = []pricing.Direction{pricing.Nearest, pricing.Up, pricing.Down}
)

// after is what follows x in a round.
func after[T comparable](round []T, x T) T {
	for i, y := range round {
		if y == x {
			return round[(i+1)%len(round)]
		}
	}
	return round[0]
}

// ofWhat says which products are meant.
func (w *Page) ofWhat(n int) string {
	switch {
	case w.model.Ticks() > 0:
		return w.t.T("desk.ofTicked", "n", n)
	case w.model.query != "":
		return w.t.T("desk.ofFound", "n", n, "query", w.model.query)
	case w.model.class != "":
		return w.t.T("desk.ofClass", "n", n, "class", w.model.class)
	}
	return w.t.T("desk.ofAll", "n", n)
}

func (a *adjusting) key(k fyne.KeyName) {
	switch k {
	case fyne.KeyReturn, fyne.KeyEnter:
		a.ok.Tapped(nil)
	case fyne.KeyBackspace:
		a.number.Back()
	case fyne.KeyDelete:
		a.number.Set("")
	case fyne.KeyF8:
		a.member.Tapped(nil)
	case fyne.KeyF9:
		a.unit.Tapped(nil)
	case fyne.KeyF10:
		a.ending.Tapped(nil)
	case fyne.KeyF11:
		a.direction.Tapped(nil)
	}
	a.paint()
}

func (a *adjusting) rune(r rune) {
	switch r {
	case '+', '-', '−':
		a.lower = r != '+'
	default:
		a.number.Type(r)
	}
	a.paint()
}

// read is what the sheet says.
func (a *adjusting) read() pricing.Adjustment {
	x := a.adjust
	f, _ := money.ParseFen(strings.TrimSuffix("0"+a.number.Text(), "."))
	if a.lower {
		f = -f
	}
	if a.inYuan {
		x.Add = f
	} else {
		x.Percent = int64(f)
	}
	return x
}

func (a *adjusting) paint() {
	t, x := a.w.t, a.read()
	sign, unit := "+", "%"
	if a.lower {
		sign = "−"
	}
	if a.inYuan {
		unit = t.T("desk.yuan")
	}
	shown := ""
	if !a.number.Empty() {
		shown = sign + a.number.Text() + unit
	}
	a.field.Show(shown)
	a.sign.SetLabel(t.T(map[bool]string{true: "desk.lower", false: "desk.higher"}[a.lower]))
	a.unit.SetLabel(t.T(map[bool]string{true: "desk.inYuan", false: "desk.inPercent"}[a.inYuan]))
	a.ending.SetLabel(t.T("desk.ending", "ending", t.T("desk.ending."+strings.TrimPrefix(string(x.Ending), "."))))
	a.direction.SetLabel(t.T("desk.direction." + string(x.Direction)))
	a.direction.Enable(x.Ending != pricing.AsItIs)
	a.member.SetLabel(t.T(map[bool]string{true: "desk.memberToo", false: "desk.memberNot"}[x.Member]))
	nothing := x.Percent == 0 && x.Add == 0 && x.Ending == pricing.AsItIs
	a.ok.Enable(!nothing)
	a.samples.Objects = nil
	problem := ""
	for i, p := range a.w.model.Chosen() {
		if i == samplesShown {
			break
		}
		to, err := x.Apply(p.Price)
		if err != nil {
			problem = t.Fault(err)
			break
		}
		a.samples.Add(sample(p, to))
	}
	a.samples.Refresh()
	a.problem.Set(problem, theme.Danger)
}

func sample(p catalog.Product, to money.Fen) fyne.CanvasObject {
	role := theme.Ink
	if to > p.Price {
		role = theme.Danger
	} else if to < p.Price {
		role = theme.Accent
	}
	return widgets.Row(theme.S3, widgets.Grow(widgets.NewPara(p.Name, theme.Body, theme.Quiet, 1)),
		widgets.Right(widgets.Bold(p.Price.String()+" → "+to.String(), theme.Body, role)))
}

func (a *adjusting) do() {
	n, err := a.w.model.Adjust(a.read())
	if err != nil {
		a.w.p.Host.Fault(err)
		return
	}
	a.w.p.Host.Shut(a.sheet)
	a.w.model.Only(true)
	a.w.fill()
	a.w.p.Host.Inform(a.w.t.T("desk.adjusted", "n", n))
}
