package ui_test

import (
	"strconv"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/money"
	"cashier/services/scancode"
	"cashier/ui"
	"cashier/ui/text"
	"cashier/ui/theme"
)

// rig is a shell on a window without a screen. Its goroutine is the test's:
// what goroutines of the shell dispatch is run by settle.
type rig struct {
	t       *testing.T
	shell   *ui.Shell
	window  fyne.Window
	shop    *shop
	catalog *catalog.Catalog
	desk    *desk
	ability *ability
	cards   *cards
	scans   *feed[ui.Scan]
	scanner *feed[ui.ScannerStatus]
	updates *feed[checkout.Update]
	saver   *saver
	now     time.Time
	queue   chan func()
	events  []ui.Event
	rules   checkout.Rules
	copied  string
}

type change func(*ui.Params, *rig)

func newRig(t *testing.T, goods []catalog.Offer, changes ...change) *rig {
	t.Helper()
	r := &rig{
		t: t, shop: &shop{offers: goods}, desk: newDesk(), ability: &ability{}, cards: &cards{left: 10, state: checkout.Complete},
		scans: &feed[ui.Scan]{}, scanner: &feed[ui.ScannerStatus]{}, updates: &feed[checkout.Update]{}, saver: &saver{},
		now: time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC), queue: make(chan func(), 4096),
	}
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.Theme{})
	var err error
	r.catalog, err = catalog.Open(t.Context(), catalog.Params{Store: r.shop, Source: r.shop, PageSize: 500, Now: func() time.Time { return r.now }})
	must(t, err)
	if len(goods) > 0 {
		_, err = r.catalog.Sync(t.Context(), false, nil)
		must(t, err)
	}
	codes, err := scancode.New(scancode.Params{Goods: lookup{r.catalog}})
	must(t, err)
	words, err := text.Load(text.Chinese)
	must(t, err)
	ids := 0
	p := ui.Params{
		Text: words, Catalog: r.catalog, Desk: r.desk, Payments: r.ability, Redeem: r.cards, Codes: codes, Pictures: noPictures{},
		Scans: r.scans, Scanner: r.scanner, Saver: r.saver, Updates: r.updates, History: r.desk,
		Actor: func() access.Actor { return access.Actor{ID: "1", Name: "林小雨", Role: access.Owner} },
		Rules: func() checkout.Rules { return r.rules },
		NewID: func() string { ids++; return "cart" + strconv.Itoa(ids) },
		Now:   func() time.Time { return r.now }, Zone: time.UTC, Dispatch: func(f func()) { r.queue <- f },
		Copy: func(s string) { r.copied = s }, NoStaff: true, Shop: "青禾鲜生",
		OnEvent: func(e ui.Event) { r.events = append(r.events, e) },
	}
	for _, c := range changes {
		c(&p, r)
	}
	r.shell, err = ui.New(p)
	must(t, err)
	r.window = test.NewTempWindow(t, r.shell.Content())
	r.window.SetPadded(false)
	r.window.Resize(fyne.NewSize(1366, 768))
	r.shell.Attach(r.window.Canvas())
	t.Cleanup(r.shell.Close)
	r.started()
	return r
}

// started waits until the shell has heard what it asks for at its start.
func (r *rig) started() {
	r.t.Helper()
	tray, codes := false, false
	limit := time.After(20 * time.Second)
	for !tray || !codes {
		select {
		case f := <-r.queue:
			f()
		case <-limit:
			r.t.Fatal("the shell heard nothing")
		}
		for _, e := range r.events {
			tray, codes = tray || e.Kind == ui.EventTray, codes || e.Kind == ui.EventAbility
		}
	}
	r.settle()
	r.events = nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// settle runs what is waiting for the screen.
func (r *rig) settle() {
	for {
		select {
		case f := <-r.queue:
			f()
		default:
			return
		}
	}
}

// until runs what comes for the screen until an event of the kind was told
// since the last call.
func (r *rig) until(kind ui.EventKind) ui.Event {
	r.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		for i, e := range r.events {
			if e.Kind == kind {
				r.events = r.events[i+1:]
				r.settle()
				return e
			}
		}
		r.events = nil
		select {
		case f := <-r.queue:
			f()
		case <-limit:
			r.t.Fatalf("no event %q; the screen is %v, the notice %q", kind, r.shell.Screen(), r.shell.Notice())
		}
	}
}

func (r *rig) scan(code string) {
	r.scans.f(ui.Scan{Code: code})
	r.settle()
}

// key presses a key the way the window's driver does: to whatever has the
// focus, or else to the canvas.
func (r *rig) key(name fyne.KeyName) {
	e := &fyne.KeyEvent{Name: name}
	if f := r.window.Canvas().Focused(); f != nil {
		f.TypedKey(e)
	} else if to := r.window.Canvas().OnTypedKey(); to != nil {
		to(e)
	}
	r.settle()
}

// types is someone typing with pauses no scanner makes.
func (r *rig) types(s string) {
	for _, c := range s {
		r.now = r.now.Add(200 * time.Millisecond)
		r.typed(c)
	}
	r.now = r.now.Add(200 * time.Millisecond)
	r.shell.Tick()
	r.settle()
}

func (r *rig) typed(c rune) {
	if f := r.window.Canvas().Focused(); f != nil {
		f.TypedRune(c)
	} else if to := r.window.Canvas().OnTypedRune(); to != nil {
		to(c)
	}
}

func (r *rig) total(want string) {
	r.t.Helper()
	f, err := money.ParseFen(want)
	must(r.t, err)
	if got := r.shell.Cart().Total(); got != f {
		r.t.Errorf("the cart comes to %s, want %s", got, f)
	}
}
