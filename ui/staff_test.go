package ui_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/scancode"
	"cashier/ui"
)

// crew is the real service of staff on books in memory, and who signed in.
type crew struct {
	*access.Service
	mu     sync.Mutex
	who    string
	acts   []access.Act
	uptime time.Duration
	alone  bool
	after  time.Duration
}

func (c *crew) Staff(context.Context) ([]access.Record, error) { return nil, nil }
func (c *crew) AddStaff(_ context.Context, _ access.Record, a access.Act) error {
	return c.row(a)
}
func (c *crew) SetStaff(_ context.Context, _ access.Record, a access.Act) error {
	return c.row(a)
}
func (c *crew) SetTries(_ context.Context, _ int64, _ access.Tries, a *access.Act) error {
	if a == nil {
		return nil
	}
	return c.row(*a)
}

func (c *crew) row(a access.Act) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acts = append(c.acts, a)
	return nil
}

func (c *crew) Pepper() []byte { return []byte("pepper") }
func (c *crew) Digest(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

func (c *crew) Staffed() bool { return c.SetUp() }
func (c *crew) People() []access.Person {
	return slices.DeleteFunc(c.List(), func(p access.Person) bool { return !p.Active })
}
func (c *crew) LockAfter() time.Duration { return c.after }

func (c *crew) Actor() access.Actor {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.SetUp() {
		return access.MachineOwner("pos", "cashier")
	}
	return c.Service.Actor(c.who)
}

func (c *crew) signed(a access.Actor, err error) (access.Actor, error) {
	if err == nil {
		c.mu.Lock()
		c.who = a.ID
		c.mu.Unlock()
	}
	return a, err
}

func (c *crew) SignIn(ctx context.Context, id, pin string) (access.Actor, error) {
	return c.signed(c.Service.SignIn(ctx, id, pin))
}

func (c *crew) SignInByBadge(ctx context.Context, code string) (access.Actor, error) {
	return c.signed(c.Service.SignInByBadge(ctx, code))
}

func (c *crew) SetOwnPIN(ctx context.Context, pin string) error {
	by := c.Actor()
	_, err := c.SetPIN(ctx, by, by.ID, pin)
	return err
}

func (c *crew) SignOut() { _, _ = c.signed(access.Actor{}, nil) }

// staffed is a till with an owner, a manager, a cashier and one who redeems.
func staffed(t *testing.T, goods ...change) (*rig, *crew) {
	t.Helper()
	c := newCrew(t)
	for _, p := range []access.NewPerson{
		{Name: "老板", Role: access.Owner, PIN: "2580"}, {Name: "王店长", Role: access.Manager, PIN: "3691", Badge: "STAFF-BOSS-22"},
		{Name: "小雨", Role: access.Cashier, PIN: "4826", Badge: "STAFF-7Q2M9X"}, {Name: "阿青", Role: access.Staff, PIN: "91370482"},
	} {
		_, err := c.Add(t.Context(), access.MachineOwner("pos", "cashier"), p)
		must(t, err)
	}
	return newRig(t, offers(), append([]change{c.works(t)}, goods...)...), c
}

// works puts the crew at the till.
func (c *crew) works(t *testing.T) change {
	return func(p *ui.Params, r *rig) {
		p.Staff, p.Actor = c, c.Actor
		var err error
		p.Codes, err = scancode.New(scancode.Params{Goods: lookup{r.catalog}, Badges: "STAFF-"})
		must(t, err)
	}
}

// newCrew is a till where nobody works yet.
func newCrew(t *testing.T) *crew {
	t.Helper()
	c := &crew{uptime: time.Hour, after: 10 * time.Minute}
	s, err := access.New(t.Context(), access.Params{
		Store: c, Keys: func() (access.Keys, error) { return c, nil }, Now: time.Now, Program: "cashier",
		Uptime: func() time.Duration { c.mu.Lock(); defer c.mu.Unlock(); return c.uptime }, BadgeAlone: func() bool { return c.alone },
	})
	must(t, err)
	c.Service = s
	return c
}

// signsIn chooses a name by its number and types the PIN.
func (r *rig) signsIn(no fyne.KeyName, pin string) {
	r.t.Helper()
	r.types(string(no))
	r.types(pin)
	r.key(fyne.KeyReturn)
	r.until(ui.EventStaff)
}

func TestTheTillAsksWhoIsThere(t *testing.T) {
	r, c := staffed(t)
	if !r.shell.Locked() || !r.shows("王店长") || r.shows("购物车") {
		t.Fatal("the till is open to nobody")
	}
	r.scan("6901")
	r.key(fyne.KeyF12)
	r.key(fyne.KeyF6)
	if len(r.shell.Cart().Lines) != 0 || r.shell.Screen() == ui.TrayScreen || !r.shows("还没有登录") {
		t.Error("something was done for nobody")
	}
	r.signsIn("3", "4827")
	if whose, says := r.shell.Guard(); whose != "小雨" || !strings.Contains(says, "再错 4 次") || !r.shell.Locked() {
		t.Errorf("%s: %s", whose, says)
	}
	r.types("4826")
	r.key(fyne.KeyReturn)
	r.until(ui.EventStaff)
	if r.shell.Locked() || c.Actor().Name != "小雨" || r.shell.Screen() != ui.SaleScreen || !r.shows("小雨") {
		t.Fatalf("%v is at the %v", c.Actor(), r.shell.Screen())
	}
	r.scan("6901")
	r.key(fyne.KeyEnd)
	if !r.shell.Locked() || c.Actor().Somebody() || !r.shows("1 行商品都还在") {
		t.Error("End does not lock, or hides that the cart is kept")
	}
	r.signsIn("2", "3691")
	if c.Actor().Name != "王店长" {
		t.Errorf("%v", c.Actor())
	}
	r.total("3.50")
}

// A PIN typed as fast as a hand can is no scan, one that a scanner types into
// the pad is taken out again, and nothing typed is ever shown.
func TestTypingAtTheLock(t *testing.T) {
	r, c := staffed(t)
	r.types("4") // 阿青
	for _, digit := range "134567890123450001" {
		r.typed(digit)
	}
	r.key(fyne.KeyReturn)
	if whose, _ := r.shell.Guard(); whose != "阿青" || !r.shell.Locked() {
		t.Fatal("a scan chose or entered something")
	}
	r.types("91370482")
	if r.shows("9137") {
		t.Error("the PIN is shown")
	}
	r.key(fyne.KeyReturn)
	r.until(ui.EventStaff)
	if c.Actor().Name != "阿青" {
		t.Errorf("%v", c.Actor())
	}
}

func TestLockOutCountsDown(t *testing.T) {
	r, c := staffed(t)
	r.types("1")
	for range 5 {
		r.types("1357")
		r.key(fyne.KeyReturn)
		r.until(ui.EventStaff)
	}
	if _, says := r.shell.Guard(); !strings.Contains(says, "0:30") {
		t.Errorf("it says %q", says)
	}
	pass := func(d time.Duration) string {
		c.mu.Lock()
		c.uptime += d
		c.mu.Unlock()
		r.shell.Tick()
		_, says := r.shell.Guard()
		return says
	}
	if says := pass(21 * time.Second); !strings.Contains(says, "0:09") {
		t.Errorf("it says %q", says)
	}
	if says := pass(9 * time.Second); says != "" {
		t.Errorf("it says %q", says)
	}
	r.types("2580")
	r.key(fyne.KeyReturn)
	r.until(ui.EventStaff)
	if r.shell.Locked() {
		t.Error("the right PIN is not taken after the wait")
	}
}

func TestBadgeOnAnyScreen(t *testing.T) {
	r, c := staffed(t)
	r.scan("STAFF-7Q2M9X")
	r.until(ui.EventStaff)
	if whose, _ := r.shell.Guard(); whose != "小雨" || !r.shell.Locked() {
		t.Fatal("the badge does not say whose it is, or needs no PIN")
	}
	r.types("4826")
	r.key(fyne.KeyReturn)
	r.until(ui.EventStaff)
	r.scan("6901")
	r.key(fyne.KeyEnd)
	c.alone = true
	for _, key := range []fyne.KeyName{"", fyne.KeyF4, fyne.KeyF6} {
		c.SignOut()
		r.shell.Tick()
		if !r.shell.Locked() {
			t.Fatal("nobody is there, and the till is open")
		}
		r.scan("STAFF-7Q2M9X")
		r.until(ui.EventStaff)
		if r.shell.Locked() || c.Actor().Name != "小雨" {
			t.Fatalf("after %q %v", key, c.Actor())
		}
		r.key(key)
	}
	r.scan("STAFF-NOBODY1")
	r.until(ui.EventStaff)
	if !strings.Contains(r.shell.Notice(), "不是本店员工的工牌") || r.shell.Locked() {
		t.Errorf("%q", r.shell.Notice())
	}
	if strings.Contains(r.shell.Notice(), "NOBODY1") {
		t.Error("a badge's code is shown")
	}
	r.total("3.50")
}

func TestAutomaticLock(t *testing.T) {
	r, c := staffed(t)
	r.signsIn("3", "4826")
	r.scan("6901")
	r.now = r.now.Add(9 * time.Minute)
	r.shell.Tick()
	r.key(fyne.KeyUp)
	r.now = r.now.Add(9 * time.Minute)
	r.shell.Tick()
	if r.shell.Locked() {
		t.Fatal("locked while somebody is there")
	}
	r.scan("134567890123450001") // a payment is on its way
	r.until(ui.EventPaying)
	r.now = r.now.Add(time.Hour)
	r.shell.Tick()
	r.key(fyne.KeyEnd)
	if r.shell.Locked() {
		t.Fatal("locked while money moves")
	}
	r.desk.mu.Lock()
	id := ""
	for id = range r.desk.sales {
		break // the only one
	}
	r.desk.mu.Unlock()
	r.desk.end(id, checkout.Paid, checkout.Complete, "")
	r.until(ui.EventComplete)
	r.now = r.now.Add(10 * time.Minute)
	r.shell.Tick()
	if !r.shell.Locked() || c.Actor().Somebody() {
		t.Error("not locked after ten minutes of nothing")
	}
	c.after = 0
	r.signsIn("3", "4826")
	r.now = r.now.Add(24 * time.Hour)
	r.shell.Tick()
	if r.shell.Locked() {
		t.Error("locked although the shop never does")
	}
}

// Who redeems cards sees nothing else, whatever is pressed or scanned.
func TestStaffOnlyRedeems(t *testing.T) {
	r, _ := staffed(t)
	r.signsIn("4", "91370482")
	for _, key := range []fyne.KeyName{fyne.KeyF2, fyne.KeyF6, fyne.KeyF12, fyne.KeyEscape, fyne.KeyHome, fyne.KeyF7, fyne.KeyReturn} {
		r.key(key)
		if r.shell.Screen() != ui.RedeemScreen {
			t.Errorf("%s leads to the %v screen", key, r.shell.Screen())
		}
	}
	for _, code := range []string{"6901", "134567890123450001", "7777", "999999"} {
		r.scan(code)
		if r.shell.Screen() != ui.RedeemScreen || len(r.shell.Cart().Lines) != 0 {
			t.Errorf("%s leads to the %v screen", code, r.shell.Screen())
		}
	}
	if r.shows("返回销售") {
		t.Error("a way back to the sale is offered")
	}
	r.scan("914095353294404024")
	r.until(ui.EventCard)
	r.key(fyne.KeyReturn)
	r.until(ui.EventRedeemed)
	r.key(fyne.KeyEnd)
	r.signsIn("3", "4826")
	if r.shell.Screen() != ui.SaleScreen {
		t.Errorf("a cashier comes to the %v screen", r.shell.Screen())
	}
}

// What a cashier may not do is done once somebody who may has approved it, for
// that payment alone.
func TestApprovalInTheTray(t *testing.T) {
	r, c := staffed(t)
	r.signsIn("3", "4826")
	l := checkout.Leg{Key: "k1", SaleID: "s1", Class: checkout.ClassCard, Method: "card", State: checkout.Manual, SentOnce: true, IntentAt: r.now, ChangedAt: r.now, Reason: checkout.Reason{Code: checkout.CodeCardUnknown}}
	r.desk.mu.Lock()
	r.desk.open = []checkout.Leg{l}
	r.desk.mu.Unlock()
	r.key(fyne.KeyF6)
	r.until(ui.EventTray)
	r.key(fyne.KeyF9)
	r.types("核对过")
	r.key(fyne.KeyReturn)
	if !strings.Contains(r.shell.Sheet(), "需要批准：人工处理收款") || !r.shows("王店长") || r.shows("阿青") {
		t.Fatalf("the sheet is %q, the notice %q", r.shell.Sheet(), r.shell.Notice())
	}
	r.scan("STAFF-7Q2M9X") // one's own
	if whose, _ := r.shell.Guard(); whose != "" || !strings.Contains(r.shell.Notice(), "小雨 不能批准") {
		t.Errorf("%q is asked, %q", whose, r.shell.Notice())
	}
	r.scan("STAFF-BOSS-22")
	if whose, _ := r.shell.Guard(); whose != "王店长" {
		t.Fatalf("%q is asked after the badge", whose)
	}
	r.types("1357")
	r.key(fyne.KeyReturn)
	r.until(ui.EventStaff)
	if whose, says := r.shell.Guard(); whose != "王店长" || says == "" {
		t.Errorf("%q %q", whose, says)
	}
	if len(r.desk.solved) != 0 {
		t.Fatal("settled without an approval")
	}
	r.types("3691")
	r.key(fyne.KeyReturn)
	r.until(ui.EventTray)
	r.desk.mu.Lock()
	defer r.desk.mu.Unlock()
	if len(r.desk.solved) != 1 || r.shell.Sheet() != "" {
		t.Fatalf("settled %q, the sheet is %q", r.desk.solved, r.shell.Sheet())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.acts, func(a access.Act) bool { return a.What == "access.approve" })
	if i < 0 || c.acts[i].Subject != "k1" || c.acts[i].Actor.Name != "王店长" || !strings.Contains(c.acts[i].Detail, "小雨") {
		t.Errorf("the trail says %+v", c.acts)
	}
}

// Every face of the lock fits, in sizes a till may have.
func TestTheLockFits(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 1366, Height: 768}, {Width: 1024, Height: 768}, {Width: 1920, Height: 1080}} {
		r, _ := staffed(t)
		r.window.Resize(size)
		r.touchable("names", size)
		r.types("2")
		r.touchable("pad", size)
		for _, b := range r.buttons() {
			if b.Visible() && (b.Size().Width < 44 || b.Size().Height < 44) {
				t.Errorf("%v: %q is %v", size, b.Label(), b.Size())
			}
		}
	}
}
