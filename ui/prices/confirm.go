package prices

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
	"github.com/shopspring/decimal"

	"cashier/services/pricing"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// confirming is the sheet on which a draft is looked at before it is sent.
type confirming struct {
	w     *Page
	sheet *widgets.Sheet
	draft pricing.Draft
	rules pricing.Rules

	lines []pricing.PreviewLine // what asks first
	grid  *widgets.Grid
	sums  *widgets.Para
	name  *widgets.Entry
	when  *widgets.Entry
	said  *widgets.Para
	allow *widgets.Button
	send  *widgets.Button
	due   time.Time
	bad   bool // what is typed for the time is none

	list    []pricing.Wanted // what is yet to be held against HQ; nil: it was
	held    *work            // that is being done
	changes int
	closed  bool
}

// confirm shows every line of a draft, what asks for a look on top.
func (w *Page) confirm(d pricing.Draft, rules pricing.Rules) *confirming {
	t := w.t
	c := &confirming{w: w, draft: d, rules: rules}
	c.grid = widgets.NewGrid(widgets.GridParams{
		Cell: fyne.NewSize(0, lineHeight),
		Make: func() fyne.CanvasObject { return newLine(w) },
		Bind: func(i int, o fyne.CanvasObject) {
			if l, ok := o.(*line); ok && i < len(c.lines) {
				l.show(c.lines[i])
			}
		},
	})
	c.sums = widgets.NewPara("", theme.Body, theme.Ink, 1)
	entry := func(hint string) *widgets.Entry {
		return widgets.NewEntry(widgets.EntryParams{Hint: hint, Wedge: w.p.Wedge, Keys: w.p.Host, OnScan: func(string) {}, OnEsc: c.shut})
	}
	c.name, c.when = entry(t.T("desk.batchName")), entry(t.T("desk.whenHint"))
	c.name.SetText(w.nameFor(d))
	c.when.OnChanged = c.timeTyped
	c.said = widgets.NewPara(t.T("desk.now"), theme.Small, theme.Quiet, 1)
	c.allow = widgets.NewButton(widgets.ButtonParams{Label: t.T("desk.allow"), Key: "F8", Look: widgets.Danger, Do: c.allowAll})
	c.send = widgets.NewButton(widgets.ButtonParams{Label: t.T("desk.sendN", "n", 0), Key: "F12", Look: widgets.Primary, Size: theme.Title, Height: 60, Do: c.goAhead})
	fields := widgets.Row(theme.S3,
		widgets.Share(3, widgets.Col(theme.S1, widgets.Text(t.T("desk.batchIs"), theme.Small, theme.Quiet), c.name, widgets.Gap(20))),
		widgets.Share(2, widgets.Col(theme.S1, widgets.Text(t.T("desk.when"), theme.Small, theme.Quiet), c.when, c.said)))
	body := widgets.Col(theme.S3, c.sums, widgets.Grow(sunken(c.grid)), fields,
		widgets.Row(theme.S3, c.allow, widgets.Grow(c.send)))
	c.sheet = &widgets.Sheet{Title: t.T("desk.confirm"), Width: 1000, Height: 660, Body: body, Text: c.name, OnKey: c.key, OnEsc: c.over}
	c.look()
	w.p.Host.Lift(c.sheet)
	return c
}

// compare holds what is shown against what HQ has now.
func (c *confirming) compare(list []pricing.Wanted) {
	w := c.w
	c.list = list
	var draft pricing.Draft
	w.runTo(w.t.T("desk.rehearsing"), func(x ctx, k *work) (err error) {
		draft, err = w.p.Desk.Rehearse(x, list, func(done, of int) {
			w.tell(k, done, of, 0)
			w.p.Host.Later(c.paintSend)
		})
		return err
	}, func(k *work, err error) {
		c.held = nil
		switch {
		case c.closed:
			return
		case err != nil:
			w.failed(k, err)
		default:
			c.list, c.draft = nil, draft
		}
		c.look()
	})
	c.held = w.work
	c.look()
}

// over ends what the sheet has under way.
func (c *confirming) over() {
	c.closed = true
	if c.held != nil {
		c.held.stop()
	}
}

// nameFor is what a batch is called unless somebody says otherwise.
func (w *Page) nameFor(d pricing.Draft) string {
	if len(d.Lines) == 1 {
		return w.nameOf(d.Lines[0])
	}
	return w.t.T("desk.nameMany", "time", w.p.Now().In(w.p.Zone).Format("01-02 15:04"), "n", len(d.Lines))
}

func (c *confirming) shut() {
	c.w.p.Host.Shut(c.sheet)
	c.over()
}

func (c *confirming) key(k fyne.KeyName) {
	switch k {
	case fyne.KeyF12, fyne.KeyReturn, fyne.KeyEnter:
		c.send.Tapped(nil)
	case fyne.KeyF8:
		if c.allow.Visible() {
			c.allow.Tapped(nil)
		}
	case fyne.KeyF9:
		c.other()
	case fyne.KeyPageDown:
		c.grid.Page(1)
	case fyne.KeyPageUp:
		c.grid.Page(-1)
	}
}

// other gives the caret to the other of the two boxes.
func (c *confirming) other() {
	canvas := fyne.CurrentApp().Driver().CanvasForObject(c.name)
	if canvas == nil {
		return
	}
	if canvas.Focused() == fyne.Focusable(c.name) {
		canvas.Focus(c.when)
		return
	}
	canvas.Focus(c.name)
}

// look holds the draft against the rules and shows what comes of it.
func (c *confirming) look() {
	t := c.w.t
	p := c.draft.Preview(c.rules)
	c.lines = slices.Clone(p.Lines)
	slices.SortStableFunc(c.lines, func(a, b pricing.PreviewLine) int { return c.rank(a) - c.rank(b) })
	c.grid.SetCount(len(c.lines))
	words := []string{t.T("desk.sumChanges", "n", p.Changes)}
	for key, n := range map[string]int{"desk.sumWarned": p.Warned, "desk.sumBlocked": p.Blocked, "desk.sumSame": p.Same} {
		if n > 0 {
			words = append(words, t.T(key, "n", n))
		}
	}
	slices.Sort(words[1:])
	c.sums.Set(strings.Join(words, "  ·  "), theme.Ink)
	slips := slices.ContainsFunc(p.Lines, func(l pricing.PreviewLine) bool {
		return l.Blocked() && slices.Contains(pricing.Overridable(), l.Why().Code)
	})
	c.allow.Hidden = !slips
	c.changes = p.Changes
	c.paintSend()
}

// paintSend says what the button does: it sends what was held against HQ, and
// where HQ did not answer it asks again.
func (c *confirming) paintSend() {
	t := c.w.t
	switch {
	case c.list == nil:
		c.send.SetLabel(t.T("desk.sendN", "n", c.changes))
		c.send.Enable(c.changes > 0 && !c.bad)
	case c.w.busy():
		c.send.SetLabel(t.T("desk.comparing", "done", c.w.work.done, "of", len(c.list)))
		c.send.Enable(false)
	default:
		c.send.SetLabel(t.T("desk.compareAgain"))
		c.send.Enable(true)
	}
}

// rank puts what asks for a look first.
func (c *confirming) rank(l pricing.PreviewLine) int {
	switch {
	case l.Blocked():
		return 0
	case len(l.Findings) > 0:
		return 1
	case c.w.moved(l.Line):
		return 2
	case l.Same():
		return 4
	}
	return 3
}

// allowAll lets through what only looked like a slip of the fingers.
func (c *confirming) allowAll() {
	c.rules.Allow = pricing.Overridable()
	c.look()
}

func (c *confirming) timeTyped(s string) {
	due, err := dueAt(s, c.w.p.Now().In(c.w.p.Zone))
	c.due, c.bad = due, err
	switch {
	case err:
		c.said.Set(c.w.t.T("desk.badTime"), theme.Danger)
	case due.IsZero():
		c.said.Set(c.w.t.T("desk.now"), theme.Quiet)
	default:
		c.said.Set(c.w.t.T("desk.at", "time", due.Format("2006-01-02 15:04")), theme.Accent)
	}
	c.look()
}

// dueAt reads a time to come: "22:00", the next one there is, "11-23 06:00" or
// "2026-11-23 06:00". Nothing is now.
func dueAt(s string, now time.Time) (due time.Time, bad bool) {
	s = strings.Join(strings.Fields(strings.ReplaceAll(s, "：", ":")), " ")
	if s == "" {
		return time.Time{}, false
	}
	for _, layout := range []string{"15:04", "1-2 15:04", "2006-1-2 15:04"} {
		at, err := time.ParseInLocation(layout, s, now.Location())
		if err != nil {
			continue
		}
		switch layout {
		case "15:04":
			at = time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, now.Location())
			if !at.After(now) {
				at = at.AddDate(0, 0, 1)
			}
		case "1-2 15:04":
			at = time.Date(now.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, now.Location())
			if !at.After(now) {
				at = at.AddDate(1, 0, 0)
			}
		}
		return at, !at.After(now)
	}
	return time.Time{}, true
}

func (c *confirming) goAhead() {
	if c.list != nil {
		c.compare(c.list)
		return
	}
	c.shut()
	c.w.send(Plan{Name: strings.TrimSpace(c.name.Text), Due: c.due, Draft: c.draft, Rules: c.rules})
}

const lineHeight float32 = 62

// line is one price of a draft: what it was, what it is to be, and what the
// guards say.
type line struct {
	widget.BaseWidget
	w      *Page
	name   *canvas.Text
	says   *canvas.Text
	prices *canvas.Text
	member *canvas.Text
	gain   *canvas.Text
	rule   fyne.CanvasObject
	icon   *fyne.Container
}

func newLine(w *Page) *line {
	l := &line{w: w, rule: widgets.Rule(), icon: container.NewStack()}
	l.name, l.says = widgets.Text("", theme.Body, theme.Ink), widgets.Text("", theme.Small, theme.Quiet)
	l.prices, l.member = widgets.Right(widgets.Bold("", theme.Body, theme.Ink)), widgets.Right(widgets.Text("", theme.Small, theme.Quiet))
	l.gain = widgets.Right(widgets.Text("", theme.Small, theme.Quiet))
	l.ExtendBaseWidget(l)
	return l
}

func (l *line) show(p pricing.PreviewLine) {
	t := l.w.t
	room := max(200, l.Size().Width-460)
	l.name.Text = one(p.Code+"  "+p.Name, room, theme.Body)
	icon, role, says := "check", theme.Accent, p.Class
	switch {
	case p.Blocked():
		icon, role, says = "close", theme.Danger, t.Fault(p.Why())
	case len(p.Findings) > 0:
		icon, role, says = "warning", theme.Warning, t.Fault(p.Why())
	case p.Same():
		icon, role, says = "minus", theme.Quiet, t.T("desk.same")
	case l.w.moved(p.Line):
		icon, role, says = "sync", theme.Info, t.T("desk.moved", "price", pricing.Yuan(p.Was))
	}
	l.icon.Objects = []fyne.CanvasObject{widgets.Icon(icon, 22, role)}
	l.icon.Refresh()
	words := theme.Quiet
	if icon != "check" {
		words = role
	}
	colour := theme.Ink
	switch p.Price.Decimal.Cmp(p.Was.Decimal) {
	case 1:
		colour = theme.Danger
	case -1:
		colour = theme.Accent
	}
	l.prices.Text, l.prices.Color = "¥"+pricing.Yuan(p.Price), theme.C(colour)
	if colour != theme.Ink {
		l.prices.Text = "¥" + pricing.Yuan(p.Was) + " → " + l.prices.Text
	}
	l.member.Text = ""
	if !p.Member.Decimal.Equal(p.WasMember.Decimal) {
		l.member.Text = t.T("changes.member", "old", l.w.memberPrice(p.WasMember), "new", l.w.memberPrice(p.Member))
	}
	room = l.Size().Width - 46 - 16
	if l.member.Text != "" { // stands beside it
		room -= 250
	}
	l.says.Text, l.says.Color = one(says, room, theme.Small), theme.C(words)
	l.gain.Text = ""
	if bp, ok := p.Margin(); ok {
		l.gain.Text = t.T("desk.marginIs", "percent", percent((bp+5)/10))
	}
	l.Refresh()
}

// memberPrice is a member price as a person reads it: 0 is none.
func (w *Page) memberPrice(d decimal.NullDecimal) string {
	if d.Decimal.IsZero() {
		return w.t.T("desk.noMember")
	}
	return "¥" + pricing.Yuan(d)
}

// CreateRenderer draws the line.
func (l *line) CreateRenderer() fyne.WidgetRenderer { return &lineRenderer{l} }

type lineRenderer struct{ l *line }

func (r *lineRenderer) Destroy()           {}
func (r *lineRenderer) MinSize() fyne.Size { return fyne.NewSize(400, lineHeight) }

func (r *lineRenderer) Objects() []fyne.CanvasObject {
	l := r.l
	return []fyne.CanvasObject{l.rule, l.icon, l.name, l.says, l.prices, l.member, l.gain}
}

func (r *lineRenderer) Layout(size fyne.Size) {
	l := r.l
	l.icon.Move(fyne.NewPos(10, (size.Height-22)/2))
	l.icon.Resize(fyne.NewSquareSize(22))
	l.name.Move(fyne.NewPos(46, 6))
	l.says.Move(fyne.NewPos(46, 34))
	l.gain.Move(fyne.NewPos(size.Width-410, 8))
	l.gain.Resize(fyne.NewSize(140, 24))
	l.prices.Move(fyne.NewPos(size.Width-260, 6))
	l.prices.Resize(fyne.NewSize(250, 26))
	l.member.Move(fyne.NewPos(size.Width-260, 34))
	l.member.Resize(fyne.NewSize(250, 20))
	l.rule.Move(fyne.NewPos(8, size.Height-1))
	l.rule.Resize(fyne.NewSize(size.Width-16, 1))
}

func (r *lineRenderer) Refresh() {
	r.Layout(r.l.Size())
	canvas.Refresh(r.l)
}
