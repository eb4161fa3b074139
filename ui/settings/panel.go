package settings

import (
	"context"
	"errors"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/access"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// Section is one part of the page.
type Section string

// The sections, in their order.
const (
	Gateways Section = "gateways"
	CardPage Section = "card"
	Shop     Section = "shop"
	Pay      Section = "pay"
	Devices  Section = "devices"
	People   Section = "people"
	Look     Section = "look"
	Backing  Section = "backup"
	Support  Section = "support"
	Credits  Section = "about"
)

var icons = map[Section]string{
	Gateways: "store", CardPage: "member", Shop: "tag", Pay: "cash", Devices: "scan", People: "user",
	Look: "sun", Backing: "drawer", Support: "warning", Credits: "info",
}

// ListWidth is how wide the list of sections is.
const ListWidth float32 = 264

// Params of a Panel. All are required.
type Params struct {
	Text       *text.Texts
	Services   Services
	Zone       *time.Location
	Actor      func() access.Actor
	Form       form.Params
	Background func(func(ctx context.Context)) // runs work that blocks
	Later      func(func())                    // runs a function on the screen's goroutine
	Fault      func(err error)
	Inform     func(words string)
	Read       func(title, body string)                 // shows a long text
	Ask        func(title, what, yes string, do func()) // asks before something that cannot be undone
	Saved      func(keys []string)                      // settings were kept; see to it that they hold
	Unlocked   func()                                   // the vault has another passphrase now
	Restore    func(file string)                        // bring the books back from a backup
	// AskPIN asks for a PIN, twice and unseen; whoever keeps it says how that went.
	AskPIN  func(whose string, keep func(pin string, done func(error)))
	Staffed func() // who works here, or what they may do, has changed
	Copy    func(s string)
	Back    func()
}

// Panel is the page.
type Panel struct {
	fyne.CanvasObject

	p        Params
	t        *text.Texts
	sections []Section
	at       int
	inside   bool // the keys are for the rows, not for the list of sections
	nav      []*navItem
	list     *container.Scroll
	title    *widgets.Para
	what     *widgets.Para
	slot     *fyne.Container
	form     *form.Form
	state    State
	loaded   bool
	changes  Changes
	rows     map[string]*form.Row // of the fields that are shown
	status   *widgets.Para
	save     *widgets.Button
	drop     *widgets.Button
	foot     *fyne.Container
	unfolded map[string]bool
	saving   bool

	card    cardPage
	devices devices
	backups backups
	support support
	people  people
}

// New makes the page; Open shows it.
func New(p Params) (*Panel, error) {
	if p.Text == nil || p.Services.Store == nil || p.Zone == nil || p.Actor == nil || p.Background == nil || p.Later == nil || p.Fault == nil ||
		p.Inform == nil || p.Read == nil || p.Ask == nil || p.Saved == nil || p.Unlocked == nil || p.Restore == nil || p.AskPIN == nil || p.Staffed == nil || p.Copy == nil || p.Back == nil {
		return nil, errors.New("ui/settings: all of Params are required")
	}
	w := &Panel{p: p, t: p.Text, rows: map[string]*form.Row{}, unfolded: map[string]bool{}}
	w.changes = Changes{Settings: map[string]string{}, Secrets: map[string]string{}}
	s := p.Services
	for _, c := range []struct {
		section Section
		shown   bool
	}{
		{Gateways, true}, {CardPage, s.Card != nil}, {Shop, true}, {Pay, true}, {Devices, true}, {People, s.Staff != nil}, {Look, true},
		{Backing, s.Backups != nil}, {Support, s.Doctor != nil}, {Credits, true},
	} {
		if c.shown {
			w.sections = append(w.sections, c.section)
		}
	}
	w.form = form.New(p.Form)
	w.build()
	w.paint()
	return w, nil
}

func (w *Panel) build() {
	t := w.t
	list := widgets.Col(theme.S1)
	for i, s := range w.sections {
		item := newNavItem(icons[s], t.T("set.section."+string(s)), func() { w.leaveRows(); w.choose(i) })
		w.nav = append(w.nav, item)
		list.Add(item)
	}
	w.list = container.NewVScroll(list)
	back := widgets.NewButton(widgets.ButtonParams{Label: t.T("set.back"), Key: "Esc", Icon: "back", Do: w.leave})
	left := widgets.Col(theme.S3,
		widgets.Row(theme.S2, widgets.Icon("settings", 28, theme.Ink), widgets.Grow(widgets.Middle(widgets.Bold(t.T("set.title"), theme.Heading, theme.Ink)))),
		widgets.Grow(w.list), back)
	w.title = widgets.NewPara("", theme.Heading, theme.Ink, 1).Strong()
	w.what = widgets.NewPara("", theme.Small, theme.Quiet, 2)
	w.status = widgets.NewPara("", theme.Body, theme.Quiet, 2)
	w.save = widgets.NewButton(widgets.ButtonParams{Label: t.T("set.save"), Key: "F12", Look: widgets.Primary, Height: 52, Do: w.keep})
	w.drop = widgets.NewButton(widgets.ButtonParams{Label: t.T("set.drop"), Key: "F9", Height: 52, Do: w.discard})
	w.foot = widgets.Inset(0, theme.S4, 0, 0, widgets.Row(theme.S3, widgets.Grow(widgets.Middle(w.status)), w.drop, w.save))
	w.slot = container.NewStack(w.form.CanvasObject)
	right := widgets.Col(theme.S3, form.Down(2, w.title, w.what), widgets.Grow(w.slot), w.foot)
	w.CanvasObject = widgets.Row(theme.S5, widgets.Least(ListWidth, 0, left), widgets.Grow(right))
}

// Open reads how things stand and shows a section, "" for the one there was.
func (w *Panel) Open(s Section) {
	if i := slices.Index(w.sections, s); i >= 0 {
		w.at = i
	}
	w.inside = false
	w.people.asked, w.people.says = false, nil
	w.reload()
}

// Resume goes on after something lay over the page.
func (w *Panel) Resume() { w.form.Resume() }

// Section is the one that is shown.
func (w *Panel) Section() Section { return w.sections[w.at] }

// Loaded reports whether the page knows how things stand.
func (w *Panel) Loaded() bool { return w.loaded }

// Rows are what can be set in the section that is shown.
func (w *Panel) Rows() []*form.Row { return w.form.Rows() }

// Row is the row of a key in the section that is shown, nil for none.
func (w *Panel) Row(key string) *form.Row { return w.rows[key] }

// Changes are what was changed and not saved.
func (w *Panel) Changes() Changes { return w.changes }

func (w *Panel) reload() {
	w.p.Background(func(ctx context.Context) {
		s := w.p.Services.Store.State(ctx)
		w.p.Later(func() {
			w.state, w.loaded = s, true
			w.show()
		})
	})
}

func (w *Panel) choose(i int) {
	if i < 0 || i >= len(w.sections) || i == w.at {
		return
	}
	w.at = i
	w.dropBadge()
	w.form.Choose(-1)
	w.form.Set()
	w.show()
}

// show builds the section that is chosen.
func (w *Panel) show() {
	w.paint()
	if !w.loaded {
		return
	}
	clear(w.rows)
	var groups []form.Group
	if len(w.state.Warnings) > 0 {
		groups = append(groups, w.warnings())
	}
	switch w.Section() {
	case Gateways:
		groups = append(groups, w.gateways()...)
	case CardPage:
		groups = append(groups, w.cardGroups()...)
	case Devices:
		groups = append(groups, w.deviceGroups()...)
	case People:
		groups = append(groups, w.peopleGroups()...)
	case Backing:
		groups = append(groups, w.backupGroups()...)
	case Support:
		groups = append(groups, w.supportGroups()...)
	case Credits:
		groups = append(groups, w.aboutGroups()...)
	case Shop, Pay, Look:
		groups = append(groups, w.fieldGroups(w.Section())...)
	}
	w.form.Set(groups...)
	if w.inside && w.form.Chosen() < 0 {
		w.form.Choose(0)
	}
	w.paint()
}

// warnings are what the start could not read of the settings file.
func (w *Panel) warnings() form.Group {
	col := form.Down(theme.S2)
	for _, err := range w.state.Warnings {
		col.Add(widgets.Row(theme.S3, container.NewVBox(widgets.Icon("warning", 24, theme.Warning)),
			widgets.Grow(widgets.NewPara(w.t.Fault(err), theme.Body, theme.Ink, 5))))
	}
	return form.Group{Over: col}
}

func (w *Panel) paint() {
	s := string(w.Section())
	w.title.Set(w.t.T("set.section."+s), theme.Ink)
	w.what.Set(w.t.T("set.section."+s+".what"), theme.Quiet)
	w.paintNav()
	w.paintFoot()
	w.Refresh()
}

func (w *Panel) paintFoot() {
	n := w.waiting()
	bad := len(w.invalid())
	words, role := w.t.T("set.nothingChanged"), theme.Quiet
	switch {
	case w.saving:
		words = w.t.T("set.saving")
	case bad > 0:
		words, role = w.t.T("set.invalid", "n", bad), theme.Danger
	case n > 0:
		words, role = w.t.T("set.changed", "n", n), theme.Ink
	}
	w.status.Set(words, role)
	w.save.Enable(n > 0 && bad == 0 && !w.saving)
	w.drop.Enable(n > 0 && !w.saving)
	w.foot.Refresh()
}

// waiting counts what waits to be saved.
func (w *Panel) waiting() int {
	return len(w.changes.Settings) + len(w.changes.Secrets) + w.card.changed() + w.people.changed()
}

// touched reports whether something of a section waits to be saved.
func (w *Panel) touched(s Section) bool {
	if s == CardPage {
		return w.card.changed() > 0
	}
	if s == People && w.people.changed() > 0 {
		return true
	}
	for _, f := range w.p.Services.Store.Fields() {
		_, set := w.changes.Settings[f.Key]
		_, secret := w.changes.Secrets[f.Key]
		if f.Section == s && (set || secret) {
			return true
		}
	}
	return false
}

// invalid are the changed settings whose values are no good, in the table's order.
func (w *Panel) invalid() (bad []Field) {
	for _, f := range w.p.Services.Store.Fields() {
		if v, changed := w.changes.Settings[f.Key]; changed && w.p.Services.Store.Check(f.Key, v) != nil {
			bad = append(bad, f)
		}
	}
	return bad
}

// keep saves what was changed.
func (w *Panel) keep() {
	if !w.save.Enabled() {
		return
	}
	if w.card.changed() > 0 {
		w.saveCard()
	}
	if w.people.changed() > 0 {
		w.savePerson()
	}
	if w.changes.Empty() {
		return
	}
	c, by := w.changes, w.p.Actor()
	w.saving = true
	w.paintFoot()
	w.p.Background(func(ctx context.Context) {
		err := w.p.Services.Store.Save(ctx, by, c)
		w.p.Later(func() { w.kept(c, err) })
	})
}

func (w *Panel) kept(c Changes, err error) {
	w.saving = false
	if err != nil {
		w.paintFoot()
		w.p.Fault(err)
		return
	}
	w.changes = Changes{Settings: map[string]string{}, Secrets: map[string]string{}}
	var keys []string
	for k := range c.Settings {
		keys = append(keys, k)
	}
	for k := range c.Secrets {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	w.reload()
	w.p.Saved(keys)
}

// discard forgets what was changed and not saved.
func (w *Panel) discard() {
	if !w.drop.Enabled() {
		return
	}
	w.changes = Changes{Settings: map[string]string{}, Secrets: map[string]string{}}
	w.card.forget()
	w.people.forget()
	w.show()
}

// leave goes back to the till; what is not saved is asked about.
func (w *Panel) leave() {
	w.dropBadge()
	if w.waiting() == 0 {
		w.people.who = ""
		w.p.Back()
		return
	}
	w.p.Ask(w.t.T("set.leave"), w.t.T("set.leave.what"), w.t.T("set.leave.yes"), func() {
		w.discard()
		w.p.Back()
	})
}

func (w *Panel) leaveRows() {
	w.inside = false
	w.form.Choose(-1)
	w.paint()
}

// Key takes a key.
func (w *Panel) Key(name fyne.KeyName) {
	switch name {
	case fyne.KeyF12:
		w.keep()
		return
	case fyne.KeyF9:
		w.discard()
		return
	case fyne.KeyEscape:
		switch {
		case w.WaitsForBadge():
			w.waitForBadge()
		case w.Section() == People && w.person() != nil:
			w.leavePerson()
		case w.chosen():
			w.leaveRows()
		default:
			w.leave()
		}
		return
	}
	if w.chosen() {
		w.form.Key(name)
		return
	}
	switch name {
	case fyne.KeyUp:
		w.choose(w.at - 1)
	case fyne.KeyDown:
		w.choose(w.at + 1)
	case fyne.KeyRight, fyne.KeyReturn, fyne.KeyEnter, fyne.KeyTab:
		if len(w.form.Rows()) > 0 {
			w.inside = true
			w.paint()
			w.form.Choose(0)
		}
	}
}

// chosen reports whether the keys are for a row, also one that was touched.
func (w *Panel) chosen() bool { return w.inside || w.form.Chosen() >= 0 }

// Rune takes a character that no box wanted.
func (w *Panel) Rune(r rune) { w.form.Rune(r) }
