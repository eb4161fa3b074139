package staff

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/access"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// Params of a Panel. All but Label and Renew are required.
type Params struct {
	Text   *text.Texts
	People func() []access.Person // whom one may choose from
	Enter  func(who access.Person, pin string)
	Label  string // of the button that enters; "": to sign in
	// Renew is Enter for who wants another PIN afterwards; nil: that is not offered.
	Renew func(who access.Person, pin string)
}

// RenewKey asks for another PIN.
const RenewKey = fyne.KeyF2

// columns of names, and how many of them have a key.
const (
	columns  = 3
	withKeys = 9
)

// Panel asks who somebody is.
type Panel struct {
	fyne.CanvasObject
	p      Params
	body   *fyne.Container
	people []access.Person
	mark   int // the name that Enter chooses

	chosen  *access.Person
	pin     string
	asking  bool // the PIN is being checked
	failed  string
	names   []*widgets.Button
	dots    *dots
	says    *widgets.Para
	enter   *widgets.Button
	renew   *widgets.Button // nil where it is not offered
	renews  bool            // another PIN is wanted
	waiting time.Duration   // as shown
}

// New makes a panel that shows the names.
func New(p Params) (*Panel, error) {
	if p.Text == nil || p.People == nil || p.Enter == nil {
		return nil, errors.New("ui/staff: Text, People and Enter are required")
	}
	if p.Label == "" {
		p.Label = p.Text.T("staff.enter")
	}
	w := &Panel{p: p, body: container.NewStack()}
	w.CanvasObject = w.body
	w.Ask()
	return w, nil
}

// Ask shows the names; whatever was typed is forgotten.
func (w *Panel) Ask() {
	w.people, w.chosen, w.pin, w.failed, w.asking = w.p.People(), nil, "", "", false
	if len(w.people) == 1 { // nobody to choose among
		w.Choose(w.people[0])
		return
	}
	w.mark = min(w.mark, max(0, len(w.people)-1))
	w.names = nil
	grid := container.NewGridWithColumns(columns)
	for i, who := range w.people {
		key := ""
		if i < withKeys {
			key = strconv.Itoa(i + 1)
		}
		b := widgets.NewButton(widgets.ButtonParams{Label: who.Name, Key: key, Icon: "user", Size: theme.Title, Height: 84, Left: true, Do: func() { w.Choose(who) }})
		w.names = append(w.names, b)
		grid.Add(widgets.Pad(theme.S1, b))
	}
	w.paintMark()
	w.put(widgets.Col(theme.S3,
		widgets.NewPara(w.p.Text.T("staff.choose"), theme.Body, theme.Quiet, 2),
		widgets.Grow(container.NewVScroll(widgets.Col(0, grid)))))
}

func (w *Panel) paintMark() {
	for i, b := range w.names {
		look := widgets.Plain
		if i == w.mark {
			look = widgets.Soft
		}
		b.SetLook(look)
	}
}

// Choose asks for the PIN of a person.
func (w *Panel) Choose(who access.Person) {
	t := w.p.Text
	w.chosen, w.pin, w.failed, w.asking, w.waiting = &who, "", "", false, -1
	w.dots, w.renews, w.renew = newDots(), false, nil
	w.says = widgets.NewPara("", theme.Body, theme.Danger, 2).Middle()
	w.enter = widgets.NewButton(widgets.ButtonParams{Label: w.p.Label, Key: "Enter", Look: widgets.Primary, Size: theme.Title, Height: 56, Do: w.submit})
	head := widgets.Row(theme.S3, widgets.Middle(widgets.Icon("user", 32, theme.Accent)),
		widgets.Grow(widgets.Middle(widgets.Col(0, widgets.NewPara(who.Name, theme.Heading, theme.Ink, 1).Strong(),
			widgets.Text(t.T("role."+string(who.Role)), theme.Small, theme.Quiet)))))
	if len(w.people) > 1 {
		head.Add(widgets.Middle(widgets.NewButton(widgets.ButtonParams{Label: t.T("staff.other"), Key: "←", Icon: "back", Do: w.Ask})))
	}
	foot := widgets.Row(theme.S2, widgets.Grow(w.enter))
	if w.p.Renew != nil {
		w.renew = widgets.NewButton(widgets.ButtonParams{Label: t.T("staff.renew"), Key: string(RenewKey), Icon: "lock", Height: 56, Do: w.wantRenew})
		foot.Add(w.renew)
	}
	w.put(container.NewCenter(widgets.Least(440, 0, widgets.Col(theme.S2, head, w.dots.view, widgets.Least(0, 48, w.says), widgets.NewNumpad(false, w.press), foot))))
	w.paint()
}

// Offer asks for the PIN of a person if that is one of those who are shown.
func (w *Panel) Offer(id string) bool {
	people := w.p.People()
	i := slices.IndexFunc(people, func(p access.Person) bool { return p.ID == id })
	if i >= 0 {
		w.Choose(people[i])
	}
	return i >= 0
}

func (w *Panel) put(o fyne.CanvasObject) {
	w.body.Objects = []fyne.CanvasObject{o}
	w.body.Refresh()
}

// Chosen is whose PIN is asked for, "" while the names are shown.
func (w *Panel) Chosen() string {
	if w.chosen == nil {
		return ""
	}
	return w.chosen.Name
}

// Says is what the panel says about the PIN, "" for nothing.
func (w *Panel) Says() string {
	if w.says == nil || w.chosen == nil {
		return ""
	}
	return w.says.Text()
}

// Fail shows why somebody was not let in, and asks for the PIN again.
func (w *Panel) Fail(why string) {
	w.asking, w.pin, w.failed = false, "", why
	w.paint()
}

// Snapshot gives back a function that takes out what is typed from now on: a
// scanner may type as well.
func (w *Panel) Snapshot() (restore func()) {
	chosen, before := w.chosen, w.pin
	return func() {
		if w.chosen != nil && chosen == nil {
			w.Ask()
			return
		}
		w.pin = before
		w.paint()
	}
}

// left is how long no PIN of the chosen one is taken yet.
func (w *Panel) left() time.Duration {
	if w.chosen == nil {
		return 0
	}
	i := slices.IndexFunc(w.p.People(), func(p access.Person) bool { return p.ID == w.chosen.ID })
	if i < 0 {
		return 0
	}
	return w.p.People()[i].Locked
}

// Tick counts down.
func (w *Panel) Tick() {
	if w.chosen == nil {
		return
	}
	if left := whole(w.left()); left != w.waiting {
		if left == 0 && w.waiting > 0 {
			w.failed = ""
		}
		w.paint()
	}
}

func whole(d time.Duration) time.Duration {
	return time.Duration(math.Ceil(d.Seconds())) * time.Second
}

func (w *Panel) paint() {
	if w.chosen == nil {
		return
	}
	t := w.p.Text
	w.waiting = whole(w.left())
	says := w.failed
	if w.waiting > 0 {
		says = t.T("staff.wait", "time", clock(w.waiting))
	}
	if w.asking {
		says = t.T("staff.checking")
	}
	w.says.Set(says, theme.Danger)
	hint := t.T("staff.pin")
	if w.renews {
		hint = t.T("staff.oldPIN")
	}
	w.dots.show(w.pin, hint)
	w.enter.Enable(len(w.pin) >= access.MinPIN && !w.asking && w.waiting == 0)
	w.body.Refresh()
}

// clock is a time to wait, as minutes and seconds.
func clock(d time.Duration) string {
	s := int(d / time.Second)
	return strconv.Itoa(s/60) + ":" + string(rune('0'+s%60/10)) + string(rune('0'+s%10))
}

func (w *Panel) press(r rune) {
	switch {
	case w.chosen == nil || w.asking:
		return
	case r < '0' || r > '9':
		w.pin = pressed(w.pin, r)
	case w.left() == 0:
		w.pin, w.failed = pressed(w.pin, r), ""
	}
	w.paint()
}

func (w *Panel) submit() {
	if w.chosen == nil || !w.enter.Enabled() {
		return
	}
	pin := w.pin
	w.pin, w.asking, w.failed = "", true, ""
	w.paint()
	if w.renews {
		w.p.Renew(*w.chosen, pin)
		return
	}
	w.p.Enter(*w.chosen, pin)
}

// wantRenew asks for the present PIN to be followed by another, or takes that
// back.
func (w *Panel) wantRenew() {
	if w.asking {
		return
	}
	w.renews = !w.renews
	label, other := w.p.Label, w.p.Text.T("staff.renew")
	if w.renews {
		label, other = w.p.Text.T("staff.renewEnter"), w.p.Text.T("staff.renewNot")
	}
	w.enter.SetLabel(label)
	w.renew.SetLabel(other)
	w.failed = ""
	w.paint()
}

// Key takes a key.
func (w *Panel) Key(name fyne.KeyName) {
	if w.chosen == nil {
		w.chooseKey(name)
		return
	}
	switch name {
	case fyne.KeyReturn, fyne.KeyEnter:
		w.submit()
	case fyne.KeyBackspace:
		w.press(widgets.PadBack)
	case fyne.KeyDelete:
		w.press(widgets.PadClear)
	case fyne.KeyLeft, fyne.KeyEscape:
		w.Ask()
	case RenewKey:
		if w.renew != nil {
			w.wantRenew()
		}
	}
}

func (w *Panel) chooseKey(name fyne.KeyName) {
	step := map[fyne.KeyName]int{fyne.KeyLeft: -1, fyne.KeyRight: 1, fyne.KeyUp: -columns, fyne.KeyDown: columns}[name]
	switch {
	case len(w.people) == 0:
	case name == fyne.KeyReturn, name == fyne.KeyEnter:
		w.Choose(w.people[w.mark])
	case step != 0 && w.mark+step >= 0 && w.mark+step < len(w.people):
		w.mark += step
		w.paintMark()
	}
}

// Rune takes a character: a digit of the PIN, or the number of a name.
func (w *Panel) Rune(r rune) {
	r = narrow(r)
	if w.chosen != nil {
		w.press(r)
		return
	}
	if i := int(r - '1'); i >= 0 && i < min(withKeys, len(w.people)) {
		w.Choose(w.people[i])
	}
}
