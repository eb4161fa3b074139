package ui_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"cashier/services/access"
	"cashier/ui"
	"cashier/ui/settings"
	guide "cashier/ui/start"
	"cashier/ui/text"
	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// team shows a crew to the settings page.
type team struct{ c *crew }

func (m team) List(context.Context) (list []settings.Person, _ error) {
	for _, p := range m.c.People() {
		list = append(list, settings.Person{ID: p.ID, Name: p.Name, Role: p.Role, HasPIN: p.HasPIN, HasBadge: p.HasBadge, Own: m.c.Actor().Is(p.ID), Since: p.Since, Wrong: p.Wrong})
	}
	return list, nil
}

func (m team) Add(ctx context.Context, by access.Actor, p settings.NewPerson) error {
	_, err := m.c.Add(ctx, by, access.NewPerson{Name: p.Name, Role: p.Role, PIN: p.PIN})
	return err
}

func (m team) Set(ctx context.Context, by access.Actor, id string, name *string, role *access.Role) error {
	_, err := m.c.Set(ctx, by, id, name, role)
	return err
}

func (m team) SetPIN(ctx context.Context, by access.Actor, id, pin string) error {
	_, err := m.c.SetPIN(ctx, by, id, pin)
	return err
}

func (m team) SetBadge(ctx context.Context, by access.Actor, id, code string) error {
	_, err := m.c.SetBadge(ctx, by, id, code)
	return err
}

func (m team) Unlock(ctx context.Context, by access.Actor, id string) error {
	_, err := m.c.Unlock(ctx, by, id)
	return err
}

func (m team) Remove(ctx context.Context, by access.Actor, id string) error {
	_, err := m.c.Remove(ctx, by, id)
	return err
}

func (m team) LockedFor(id string) time.Duration { return m.c.LockedFor(id) }

// guideTeam shows it to the guide.
type guideTeam struct{ team }

func (g guideTeam) List(ctx context.Context) (out []guide.Person, err error) {
	list, err := g.team.List(ctx)
	for _, p := range list {
		out = append(out, guide.Person{ID: p.ID, Name: p.Name, Role: p.Role})
	}
	return out, err
}

func (g guideTeam) Add(ctx context.Context, by access.Actor, p guide.NewPerson) error {
	return g.team.Add(ctx, by, settings.NewPerson(p))
}

// employs has the pages show the crew.
func employs(c *crew, at string) change {
	return func(p *ui.Params, r *rig) {
		settable(newTill(), at)(p, r)
		p.Setup.Services.Staff, p.Setup.Staff = team{c}, guideTeam{team{c}}
	}
}

// managed is a till with its four people, one of them signed in and at the list.
func managed(t *testing.T, no fyne.KeyName, pin string) (*rig, *crew, *settings.Panel) {
	t.Helper()
	var c *crew
	r, c := staffed(t, func(p *ui.Params, r *rig) { employs(p.Staff.(*crew), "")(p, r) })
	r.signsIn(no, pin)
	p := r.section(settings.People)
	r.wait("the list", func() bool { return p.Row("people.3") != nil })
	return r, c, p
}

// person opens one of the list, by keys alone.
func (r *rig) person(p *settings.Panel, id string) {
	r.t.Helper()
	r.key(fyne.KeyReturn)
	r.to(p.Row("people."+id), p.Rows)
	r.key(fyne.KeyReturn)
	r.wait("the person", func() bool { return p.Row("people.remove") != nil })
}

// at goes to a row of the person, by keys alone.
func (r *rig) at(p *settings.Panel, id string) *form.Row {
	r.t.Helper()
	for range p.Rows() {
		r.key(fyne.KeyUp)
	}
	r.to(p.Row("people."+id), p.Rows)
	return p.Row("people." + id)
}

func (c *crew) of(id string) access.Person {
	for _, p := range c.List() {
		if p.ID == id {
			return p
		}
	}
	return access.Person{}
}

func (r *rig) said(p *settings.Panel, id, part string) {
	r.t.Helper()
	r.wait(id+" says "+part, func() bool {
		row := p.Row("people." + id)
		if row == nil {
			return false
		}
		_, words := row.Said()
		return strings.Contains(words, part)
	})
}

func TestAPersonIsRenamedAndPromotedByKeys(t *testing.T) {
	r, c, p := managed(t, "1", "2580")
	r.person(p, "3")
	r.types("2")
	r.key(fyne.KeyDown)
	r.key(fyne.KeyRight)
	if got := c.of("3"); got.Name != "小雨" || got.Role != access.Cashier {
		t.Fatalf("kept before it was saved: %+v", got)
	}
	r.key(fyne.KeyF12)
	r.said(p, "name", "已保存")
	if got := c.of("3"); got.Name != "小雨2" || got.Role != access.Manager {
		t.Errorf("%+v", got)
	}
	// A name that somebody else has is refused below its row, and F9 takes it back.
	r.at(p, "name")
	for range 3 {
		r.key(fyne.KeyBackspace)
	}
	r.types("老板")
	r.key(fyne.KeyF12)
	r.said(p, "name", "已经有人叫 老板")
	r.key(fyne.KeyEscape)
	if r.shell.Sheet() == "" {
		t.Fatal("left without a question")
	}
	r.types("2")
	r.key(fyne.KeyF9)
	r.key(fyne.KeyEscape)
	if p.Row("people.remove") != nil || p.Row("people.3") == nil || r.shell.Screen() != ui.SettingsScreen {
		t.Error("Escape does not lead back to the list")
	}
}

func TestANewPINIsTypedTwiceAndUnseen(t *testing.T) {
	r, c, p := managed(t, "2", "3691")
	r.person(p, "3")
	r.at(p, "pin")
	r.key(fyne.KeyReturn)
	if !strings.Contains(r.shell.Sheet(), "小雨") {
		t.Fatalf("the sheet is %q", r.shell.Sheet())
	}
	enter := func(pin, says string) {
		t.Helper()
		r.types(pin)
		if r.shows(pin) {
			t.Errorf("%s is shown", pin)
		}
		r.key(fyne.KeyReturn)
		if says != "" && !r.shows(says) {
			t.Errorf("after %s it does not say %q", pin, says)
		}
	}
	enter("5555", "太容易")
	enter("7413", "再输一次")
	enter("7414", "不一样")
	enter("7413", "再输一次")
	r.types("7413")
	r.key(fyne.KeyReturn)
	r.until(ui.EventStaff)
	r.said(p, "pin", "已更换")
	if r.shell.Sheet() != "" {
		t.Error("the sheet stays")
	}
	if _, err := c.Service.SignIn(t.Context(), "3", "7413"); err != nil {
		t.Errorf("the new PIN: %v", err)
	}
	if _, err := c.Service.SignIn(t.Context(), "3", "4826"); err == nil {
		t.Error("the old PIN is still good")
	}
}

func TestABadgeIsScannedWhereItIsWaitedFor(t *testing.T) {
	r, c, p := managed(t, "1", "2580")
	r.person(p, "1")
	r.scan("STAFF-NEWNEW1")
	if c.of("1").HasBadge {
		t.Fatal("a badge was taken that nobody waited for")
	}
	r.at(p, "badge")
	r.key(fyne.KeyReturn)
	r.scan("6901")
	r.noted(p.Row("people.badge"), form.Invalid, "不是员工工牌")
	for _, digit := range "6901234567892" { // from a scanner that types
		r.typed(digit)
	}
	r.key(fyne.KeyReturn)
	if !p.WaitsForBadge() {
		t.Fatal("what ends a scan ended the waiting")
	}
	r.scan("STAFF-7Q2M9X")
	r.said(p, "badge", "已经是别人的")
	r.key(fyne.KeyReturn)
	r.scan("STAFF-NEWNEW1")
	r.said(p, "badge", "已登记给 老板")
	if who, err := c.Badge("STAFF-NEWNEW1"); err != nil || who.ID != "1" || c.Actor().ID != "staff:1" {
		t.Errorf("%v, %v, at the till %v", who, err, c.Actor())
	}
	r.wait("the way to take it away", func() bool { return p.Row("people.away") != nil })
	r.at(p, "away")
	r.key(fyne.KeyReturn)
	r.said(p, "badge", "已收回")
	if c.of("1").HasBadge {
		t.Error("it is still there")
	}
	// Escape ends the waiting and nothing else.
	r.at(p, "badge")
	r.key(fyne.KeyReturn)
	r.key(fyne.KeyEscape)
	if p.WaitsForBadge() || p.Row("people.badge") == nil {
		t.Error("Escape does not end the waiting alone")
	}
}

func TestWrongPINsAreShownAndForgotten(t *testing.T) {
	r, c, p := managed(t, "2", "3691")
	for range 5 {
		if _, err := c.Service.SignIn(t.Context(), "3", "1357"); err == nil {
			t.Fatal("a wrong PIN was taken")
		}
	}
	r.key(fyne.KeyUp)
	r.key(fyne.KeyDown)
	p.Open(settings.People)
	r.said(p, "3", "0:30")
	c.mu.Lock()
	c.uptime += 11 * time.Second
	c.mu.Unlock()
	r.shell.Tick()
	r.said(p, "3", "0:19")
	r.person(p, "3")
	r.noted(r.at(p, "unlock"), form.Warns, "0:19")
	r.key(fyne.KeyReturn)
	r.said(p, "pin", "可以登录了")
	if c.LockedFor("3") != 0 || c.of("3").Wrong != 0 || p.Row("people.unlock") != nil {
		t.Errorf("%+v", c.of("3"))
	}
}

func TestSomebodyIsRemovedOnlyWhenAsked(t *testing.T) {
	r, c, p := managed(t, "1", "2580")
	r.person(p, "3")
	r.at(p, "remove")
	r.key(fyne.KeyReturn)
	if !strings.Contains(r.shell.Sheet(), "小雨") {
		t.Fatal("not asked")
	}
	r.types("2")
	if !c.of("3").Active {
		t.Fatal("removed against the answer")
	}
	r.key(fyne.KeyReturn)
	r.types("1")
	r.wait("the list", func() bool {
		return p.Row("people.remove") == nil && p.Row("people.3") == nil && p.Row("people.2") != nil
	})
	if c.of("3").Active {
		t.Error("still there")
	}
	// The last owner stays, and is told why.
	r.key(fyne.KeyEscape)
	r.person(p, "1")
	r.at(p, "remove")
	r.key(fyne.KeyReturn)
	r.types("1")
	r.said(p, "remove", "没有店主")
	if !c.of("1").Active || r.shell.Locked() {
		t.Error("the last owner is gone")
	}
}

func TestAManagerDecidesAboutNobodyAbove(t *testing.T) {
	r, c, p := managed(t, "2", "3691")
	if p.Row("people.1") != nil || !r.shows("只有老板能改") {
		t.Error("a manager can open the owner")
	}
	r.person(p, "3")
	r.at(p, "role")
	for range 4 {
		r.key(fyne.KeyRight)
	}
	r.key(fyne.KeyF12)
	r.settle()
	if got := c.of("3").Role; got == access.Manager || got == access.Owner {
		t.Errorf("a manager made a %s", got)
	}
	// Of their own they change PIN and badge.
	r.key(fyne.KeyF9)
	r.key(fyne.KeyEscape)
	r.key(fyne.KeyEscape)
	r.person(p, "2")
	if !r.shows("这就是你") {
		t.Error("it does not say who that is")
	}
}

// The first owner is told what follows, and is asked to sign in at once.
func TestTheFirstOwnerSignsInAtOnce(t *testing.T) {
	c := newCrew(t)
	r := newRig(t, offers(), c.works(t), employs(c, "guide/staff"))
	g := r.shell.Guide()
	r.wait("the guide", func() bool { return g.Ready() && len(g.Rows()) == 4 })
	if !r.shows("以后每个人都要登录") || r.shell.Locked() {
		t.Fatal("not said before")
	}
	r.types("周老板")
	r.key(fyne.KeyReturn)
	r.types("4711")
	r.key(fyne.KeyReturn)
	r.types("4711")
	r.key(fyne.KeyReturn)
	r.key(fyne.KeyReturn)
	r.wait("the owner", func() bool { return c.SetUp() && g.Ready() })
	r.shell.Tick()
	if whose, _ := r.shell.Guard(); !r.shell.Locked() || whose != "周老板" || !r.shows("请输入刚才设的 PIN") {
		t.Fatalf("locked %v, asked for %q", r.shell.Locked(), whose)
	}
	r.types("4711")
	r.key(fyne.KeyReturn)
	r.until(ui.EventStaff)
	if c.Actor().Role != access.Owner || r.shell.Screen() != ui.GuideScreen {
		t.Fatalf("%v at %v", c.Actor(), r.shell.Screen())
	}
	// The others follow, with the keyboard where it was.
	r.wait("the rows", func() bool { return len(g.Rows()) == 5 })
	for range 5 {
		r.key(fyne.KeyUp)
	}
	r.types("小雨")
	r.key(fyne.KeyReturn)
	r.key(fyne.KeyDown)
	r.types("4826")
	r.key(fyne.KeyReturn)
	r.types("4826")
	r.key(fyne.KeyReturn)
	r.key(fyne.KeyReturn)
	r.wait("the cashier", func() bool { return len(c.List()) == 2 && g.Ready() })
	if c.of("2").Role != access.Cashier || r.shell.Locked() {
		t.Errorf("%+v", c.of("2"))
	}
}

func TestTheFirstOwnerOfTheSettings(t *testing.T) {
	c := newCrew(t)
	r := newRig(t, offers(), c.works(t), employs(c, ""))
	p := r.section(settings.People)
	r.wait("the form", func() bool { return p.Row("people.new.add") != nil })
	r.key(fyne.KeyReturn)
	r.types("周老板")
	r.key(fyne.KeyReturn)
	r.types("1111")
	r.noted(p.Row("people.new.pin"), form.Invalid, "太容易")
	for range 4 {
		r.key(fyne.KeyBackspace)
	}
	r.types("4711")
	r.key(fyne.KeyReturn)
	r.types("4711")
	r.key(fyne.KeyReturn)
	r.key(fyne.KeyReturn)
	r.wait("the lock", r.shell.Locked)
	if whose, _ := r.shell.Guard(); whose != "周老板" {
		t.Errorf("asked for %q", whose)
	}
	r.types("4711")
	r.key(fyne.KeyReturn)
	r.until(ui.EventStaff)
	if r.shell.Screen() != ui.SettingsScreen || c.Actor().Name != "周老板" {
		t.Errorf("%v at %v", c.Actor(), r.shell.Screen())
	}
}

// Anybody changes their own PIN, also who may nothing else.
func TestAnybodyChangesTheirOwnPIN(t *testing.T) {
	r, c := staffed(t)
	r.types("4") // 阿青, who only redeems
	r.key(fyne.KeyF2)
	if !r.shows("先输入现在的 PIN") {
		t.Fatal("it does not say which PIN it wants")
	}
	r.types("13572468")
	r.key(fyne.KeyReturn)
	r.until(ui.EventStaff)
	if _, says := r.shell.Guard(); !r.shell.Locked() || !strings.Contains(says, "不对") {
		t.Fatalf("%q", says)
	}
	r.types("91370482")
	r.key(fyne.KeyReturn)
	r.until(ui.EventStaff)
	if r.shell.Locked() || !strings.Contains(r.shell.Sheet(), "阿青") {
		t.Fatalf("locked %v, the sheet is %q", r.shell.Locked(), r.shell.Sheet())
	}
	for range 2 {
		r.types("5029")
		r.key(fyne.KeyReturn)
	}
	r.until(ui.EventStaff)
	if r.shell.Sheet() != "" || !strings.Contains(r.shell.Notice(), "已更换") {
		t.Errorf("sheet %q, notice %q", r.shell.Sheet(), r.shell.Notice())
	}
	last := c.acts[len(c.acts)-1]
	if last.What != "staff.pin" || last.Actor.Name != "阿青" || last.Subject != "staff:4" {
		t.Errorf("the audit trail says %+v", last)
	}
	if _, err := c.Service.SignIn(t.Context(), "4", "5029"); err != nil {
		t.Error(err)
	}
}

// What was open for one person is not there for the next.
func TestTheLockClosesWhatWasSomebodysOwn(t *testing.T) {
	r, c, p := managed(t, "1", "2580")
	r.person(p, "1")
	r.at(p, "pin")
	r.key(fyne.KeyReturn)
	r.now = r.now.Add(11 * time.Minute)
	r.shell.Tick()
	if !r.shell.Locked() {
		t.Fatal("not locked")
	}
	r.signsIn("3", "4826")
	if r.shell.Sheet() != "" || r.shell.Screen() != ui.SaleScreen {
		t.Errorf("a cashier sees %q at %v", r.shell.Sheet(), r.shell.Screen())
	}
	if c.Actor().Name != "小雨" {
		t.Errorf("%v", c.Actor())
	}
}

// What the keys are for is in sight, also after the page was drawn anew.
func TestTheChosenRowStaysInSight(t *testing.T) {
	words, err := text.Load(text.English)
	must(t, err)
	r, c := staffed(t, func(p *ui.Params, r *rig) { p.Text = words; employs(p.Staff.(*crew), "")(p, r) })
	for range 5 {
		_, _ = c.Service.SignIn(t.Context(), "3", "1357")
	}
	r.signsIn("1", "2580")
	p := r.section(settings.People)
	r.wait("the list", func() bool { return p.Row("people.3") != nil })
	r.person(p, "3")
	for _, id := range []string{"name", "role", "pin", "badge", "badge", "badge", "unlock", "remove"} {
		if row := r.at(p, id); !r.inSight(row) {
			t.Errorf("%s cannot be seen whole", id)
		}
		if id != "badge" {
			continue
		}
		r.key(fyne.KeyReturn)
		if !r.inSight(p.Row("people.badge")) {
			t.Errorf("%s cannot be seen whole after Enter", id)
		}
	}
}

// inSight reports whether a row stands between the page's head and its foot.
func (r *rig) inSight(row *form.Row) bool {
	top := fyne.CurrentApp().Driver().AbsolutePositionForObject(row.Container).Y
	return top >= 80 && top+row.Size().Height <= 650
}

// keysFit checks that the buttons with these keys at the foot of what lies on top
// stand in the window and are as wide as their words.
func (r *rig) keysFit(what string, size fyne.Size, keys ...string) {
	r.t.Helper()
	seen := map[string]bool{}
	places(r.shell.Content(), fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
		b, is := o.(*widgets.Button)
		if !is || !slices.Contains(keys, b.Key()) || at.Y < size.Height/2 {
			return
		}
		seen[b.Key()] = true
		if least := b.MinSize(); at.Y+b.Size().Height > size.Height || b.Size().Width < least.Width {
			r.t.Errorf("%s %v: %s stands at %v in %v and wants %v", what, size, b.Label(), at, b.Size(), least)
		}
	})
	if len(seen) != len(keys) {
		r.t.Errorf("%s %v: only %v are there", what, size, seen)
	}
}

// Everything about a person fits, in both languages, and the pad for a PIN does.
func TestAPersonFits(t *testing.T) {
	for _, lang := range []string{text.Chinese, text.English} {
		words, err := text.Load(lang)
		must(t, err)
		for _, size := range []fyne.Size{{Width: 1366, Height: 768}, {Width: 1024, Height: 600}} {
			r, c := staffed(t, func(p *ui.Params, r *rig) { p.Text = words; employs(p.Staff.(*crew), "")(p, r) })
			r.window.Resize(size)
			for range 5 {
				_, _ = c.Service.SignIn(t.Context(), "3", "1357")
			}
			r.types("1")
			r.key(fyne.KeyF2)
			r.keysFit(lang+" lock", size, "F2", "Enter")
			r.key(fyne.KeyF2)
			r.types("2580")
			r.key(fyne.KeyReturn)
			r.until(ui.EventStaff)
			p := r.section(settings.People)
			r.wait("the list", func() bool { return p.Row("people.3") != nil })
			r.clear(lang+" people", size)
			r.person(p, "3")
			r.clear(lang+" person", size)
			r.at(p, "pin")
			r.key(fyne.KeyReturn)
			r.keysFit(lang+" new PIN", size, "Enter")
		}
	}
}
