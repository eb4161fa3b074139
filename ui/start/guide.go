package start

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/access"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// GuideParams of a Guide. All but Staff are required.
type GuideParams struct {
	Text       *text.Texts
	Setup      Setup
	Staff      Staff // nil: the step is left out
	Zone       *time.Location
	Actor      func() access.Actor
	Form       form.Params
	Background func(func(ctx context.Context))
	Later      func(func())
	Fault      func(err error)
	Apply      func(at Step) // what was kept is to hold; the guide goes on at a step
	Sync       func()        // read the prices
	Leave      func()        // the guide was left, or is over
}

// Guide leads a new till through what it cannot work without.
type Guide struct {
	fyne.CanvasObject

	p     GuideParams
	t     *text.Texts
	steps []Step
	at    int
	ready bool // the step is drawn
	busy  bool

	head   *fyne.Container
	title  *widgets.Para
	what   *widgets.Para
	form   *form.Form
	status *widgets.Para
	sign   *fyne.Container
	next   *widgets.Button
	before *widgets.Button
	foot   *fyne.Container

	standing Standing
	hq       HQ
	pass     [2]string
	shops    []Shop
	asked    bool // for the shops
	shop     string
	name     string
	typed    map[string]*form.Row
	syncs    Progress
	products int // the till has
	ports    []Port
	port     string
	scan     string
	cable    string
	person   NewPerson
	again    string
	people   []Person
	listed   bool // people is who works here
}

// NewGuide makes the guide; Open shows it.
func NewGuide(p GuideParams) (*Guide, error) {
	if p.Text == nil || p.Setup == nil || p.Zone == nil || p.Actor == nil || p.Background == nil || p.Later == nil || p.Fault == nil || p.Apply == nil || p.Sync == nil || p.Leave == nil {
		return nil, errors.New("ui/start: all of GuideParams but Staff are required")
	}
	g := &Guide{p: p, t: p.Text, steps: []Step{AtHQ, AtShop, AtDevices}, typed: map[string]*form.Row{}}
	if p.Staff != nil {
		g.steps = append(g.steps, AtStaff)
	}
	g.form = form.New(p.Form)
	g.head = container.NewStack()
	g.title = widgets.NewPara("", theme.Heading, theme.Ink, 1).Strong()
	g.what = widgets.NewPara("", theme.Body, theme.Quiet, 2)
	g.status = widgets.NewPara("", theme.Body, theme.Quiet, 3)
	g.sign = container.NewStack()
	t := g.t
	later := widgets.NewButton(widgets.ButtonParams{Label: t.T("guide.later"), Key: "Esc", Look: widgets.Ghost, Height: 56, Do: g.leave})
	g.before = widgets.NewButton(widgets.ButtonParams{Label: t.T("guide.before"), Key: "F9", Height: 56, Do: g.back})
	g.next = widgets.NewButton(widgets.ButtonParams{Label: t.T("guide.next"), Key: "F12", Look: widgets.Primary, Size: theme.Title, Height: 56, Do: g.goOn})
	g.foot = widgets.Row(theme.S3, later, widgets.Grow(widgets.Middle(widgets.Row(theme.S2, widgets.Middle(g.sign), widgets.Grow(g.status)))), g.before, g.next)
	col := widgets.Col(theme.S4, g.head, form.Down(2, g.title, g.what), widgets.Grow(g.form.CanvasObject), g.foot)
	g.CanvasObject = widgets.Row(0, widgets.Space(), widgets.Share(8, col), widgets.Space())
	return g, nil
}

// Open reads what is set up already and shows a step.
func (g *Guide) Open(s Step) {
	g.at = max(0, slices.Index(g.steps, s))
	g.ready = false
	g.paint()
	g.p.Background(func(ctx context.Context) {
		standing := g.p.Setup.Standing(ctx)
		g.p.Later(func() {
			g.standing, g.ready = standing, true
			g.hq, g.shop, g.name, g.port = standing.HQ, "", standing.ShopName, standing.Scanner
			if standing.ShopID > 0 {
				g.shop = strconv.FormatInt(standing.ShopID, 10)
			}
			g.show()
		})
	})
}

// Resume goes on after something lay over the page.
func (g *Guide) Resume() { g.form.Resume() }

// Step is the one that is shown.
func (g *Guide) Step() Step { return g.steps[g.at] }

// Ready reports whether the step is drawn and nothing is on its way.
func (g *Guide) Ready() bool { return g.ready && !g.busy }

// Rows are what can be set in the step that is shown.
func (g *Guide) Rows() []*form.Row { return g.form.Rows() }

// Said is what the guide says beside its buttons.
func (g *Guide) Said() string { return g.status.Text() }

// say puts a sentence beside the buttons.
func (g *Guide) say(tone form.Tone, words string) {
	icon, role := "", theme.Quiet
	switch tone {
	case form.Good:
		icon, role = "check", theme.Accent
	case form.Warns:
		icon, role = "warning", theme.Warning
	case form.Invalid:
		icon, role = "warning", theme.Danger
	case form.Plain:
	}
	g.sign.Objects = nil
	if icon != "" && words != "" {
		g.sign.Objects = []fyne.CanvasObject{widgets.Icon(icon, 28, role)}
	}
	if tone == form.Good {
		role = theme.AccentDeep
	}
	g.status.Set(words, role)
	g.foot.Refresh()
	g.foot.Refresh()
}

// show draws the step.
func (g *Guide) show() {
	g.say(form.Plain, "")
	g.draw()
}

// draw is show that leaves what was said.
func (g *Guide) draw() {
	clear(g.typed)
	switch g.Step() {
	case AtHQ:
		g.form.Set(g.hqGroups()...)
	case AtShop:
		g.form.Set(g.shopGroups()...)
	case AtDevices:
		g.form.Set(g.deviceGroups()...)
	case AtStaff:
		g.form.Set(g.staffGroups()...)
	case Done:
	}
	if g.form.Chosen() < 0 {
		g.form.Choose(g.first())
	}
	g.paint()
}

// first is the row a step begins at: behind the way into the demo.
func (g *Guide) first() int {
	if g.Step() == AtHQ && !g.standing.Passphrase && len(g.form.Rows()) > 1 {
		return 1
	}
	return 0
}

func (g *Guide) paint() {
	t := g.t
	dots := widgets.Row(theme.S3)
	for i, s := range g.steps {
		dots.Add(widgets.Grow(g.dot(i, t.T("guide.step."+string(s)))))
	}
	g.head.Objects = []fyne.CanvasObject{dots}
	key := "guide." + string(g.Step())
	g.title.Set(t.T(key), theme.Ink)
	g.what.Set(t.T(key+".what"), theme.Quiet)
	label := t.T("guide.next")
	switch {
	case g.Step() == AtHQ && g.standing.Passphrase:
		label = t.T("guide.unlock")
	case g.Step() == AtHQ:
		label = t.T("guide.login")
	case g.at == len(g.steps)-1:
		label = t.T("guide.finish")
	}
	g.next.SetLabel(label)
	g.next.Enable(g.ready && !g.busy && !g.syncs.Running)
	g.before.Hidden = g.at == 0
	g.Refresh()
}

// dot is one step on the way: done, here, or yet to come; by its sign, not by
// its colour alone.
func (g *Guide) dot(i int, label string) fyne.CanvasObject {
	number := func(ink, ground theme.Role) fyne.CanvasObject {
		return widgets.Least(32, 32, widgets.Block(ground, 16, container.NewCenter(widgets.Bold(strconv.Itoa(i+1), theme.Body, ink))))
	}
	sign, ink, line := number(theme.Quiet, theme.Sunken), theme.Quiet, theme.Line
	switch {
	case i < g.at:
		sign, ink, line = widgets.Tick(32), theme.Ink, theme.Accent
	case i == g.at:
		sign, ink, line = number(theme.OnAccent, theme.Accent), theme.Ink, theme.Accent
	}
	words := widgets.Text(label, theme.Body, ink)
	words.TextStyle.Bold = i == g.at
	bar := widgets.Least(0, 4, widgets.Block(line, 2, container.NewStack()))
	return widgets.Col(theme.S2, bar, widgets.Row(theme.S2, container.NewCenter(sign), widgets.Grow(words)))
}

// leave goes to the till; the guide is there again next time.
func (g *Guide) leave() { g.p.Leave() }

func (g *Guide) back() {
	if g.at > 0 && !g.busy {
		g.form.Choose(-1)
		g.goTo(g.steps[g.at-1])
	}
}

// goTo keeps that a step was reached and shows it.
func (g *Guide) goTo(s Step) {
	g.p.Background(func(ctx context.Context) {
		err := g.p.Setup.Reached(ctx, s)
		g.p.Later(func() {
			if err != nil {
				g.p.Fault(err)
			}
			if s == Done {
				g.p.Leave()
				return
			}
			g.form.Set()
			g.Open(s)
		})
	})
}

// following is the step behind the one that is shown.
func (g *Guide) following() Step {
	if g.at+1 < len(g.steps) {
		return g.steps[g.at+1]
	}
	return Done
}

// goOn does what the step is for and goes on where that went well.
func (g *Guide) goOn() {
	if !g.next.Enabled() {
		return
	}
	switch g.Step() {
	case AtHQ:
		if g.standing.Passphrase {
			g.unlock()
			return
		}
		g.login()
	case AtShop:
		g.keepShop()
	case AtDevices:
		g.keepScanner()
	case AtStaff:
		g.finishStaff()
	case Done:
	}
}

// work does something that blocks while nothing else can be begun.
func (g *Guide) work(saying string, do func(ctx context.Context) error, then func()) {
	g.busy = true
	g.say(form.Plain, saying)
	g.paint()
	g.p.Background(func(ctx context.Context) {
		err := do(ctx)
		g.p.Later(func() {
			g.busy = false
			g.say(form.Plain, "")
			if err != nil {
				g.say(form.Invalid, g.t.Fault(err))
			} else {
				then()
			}
			g.paint()
		})
	})
}

// Key takes a key.
func (g *Guide) Key(name fyne.KeyName) {
	switch name {
	case fyne.KeyEscape:
		g.leave()
	case fyne.KeyF12:
		g.goOn()
	case fyne.KeyF9:
		g.back()
	case fyne.KeyReturn, fyne.KeyEnter:
		if g.form.Chosen() < 0 {
			g.goOn()
			return
		}
		g.form.Key(name)
	default:
		if !g.form.Key(name) && (name == fyne.KeyUp || name == fyne.KeyDown || name == fyne.KeyTab) && len(g.form.Rows()) > 0 {
			g.form.Choose(0)
		}
	}
}

// Rune takes a character that no box wanted.
func (g *Guide) Rune(r rune) { g.form.Rune(r) }
