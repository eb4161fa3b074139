package window

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	_ "modernc.org/sqlite" // the till's files, read by other means than the till's

	"cashier/app"
	"cashier/app/demo"
	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/pricing"
	"cashier/ui"
	"cashier/ui/prices"
	"cashier/ui/text"
)

// hand is a person at the keyboard of a whole till: its folder with real books,
// HQ's stand-in behind real HTTP, and the window's own shell without a screen.
// The screen's goroutine is the test's: what comes for it waits in a queue.
type hand struct {
	*rig
	t       *testing.T
	servers *demo.Servers
	queue   chan func()
	mu      sync.Mutex
	clock   time.Time
}

func (h *hand) at() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.clock
}

// later moves the clock on, as a hand is slower than a scanner.
func (h *hand) later(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = h.clock.Add(d)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newHand opens a till that has its prices, and its window. staff may add people
// before.
func newHand(t *testing.T, people ...access.NewPerson) *hand {
	t.Helper()
	servers, err := demo.Start(context.Background(), demo.Params{})
	must(t, err)
	t.Cleanup(func() { must(t, servers.Close()) })
	h := &hand{t: t, servers: servers, queue: make(chan func(), 4096), clock: time.Now()}
	updates := hub[checkout.Update]{keep: true}
	h.rig = &rig{p: Params{Lang: text.Chinese}, updates: &updates, now: h.at}
	h.again.app, h.again.screen = test.NewTempApp(t), func(f func()) { h.queue <- f }
	h.again.ctx = context.Background()
	h.open = h.folder()
	h.open.OnUpdate = updates.tell
	must(t, h.openTill(t.Context()))
	_, err = h.till.Catalog.Sync(t.Context(), true, nil)
	must(t, err)
	for _, p := range people {
		_, err := h.till.Staff.Add(t.Context(), app.MachineActor("cashier"), p)
		must(t, err)
	}
	h.dress()
	h.window = test.NewTempWindow(t, container.NewStack())
	h.window.SetPadded(false)
	h.window.Resize(fyne.NewSize(1366, 768))
	words, err := h.words()
	must(t, err)
	must(t, h.build(t.Context(), words, "", ""))
	h.showShell()
	t.Cleanup(h.close)
	return h
}

// folder is a till of the stand-in's shop in a folder of its own.
func (h *hand) folder() app.Params {
	e := h.servers.Endpoints()
	return app.Params{
		Dir: filepath.Join(h.t.TempDir(), "till"), Program: "cashier", Passphrase: "test", VaultCost: 4,
		Settings: map[string]string{"hq.url": e.HQ, "hq.tenant": e.Tenant, "hq.login": e.Login, "hq.shop_id": strconv.FormatInt(e.ShopID, 10)},
		Secrets:  map[string]string{"hq.password": e.Password},
	}
}

// key presses a key as the window's driver does.
func (h *hand) key(name fyne.KeyName) {
	h.later(time.Second)
	c := h.window.Canvas()
	if f := c.Focused(); f != nil {
		f.TypedKey(&fyne.KeyEvent{Name: name})
	} else {
		c.OnTypedKey()(&fyne.KeyEvent{Name: name})
	}
}

func (h *hand) types(s string) {
	for _, r := range s {
		h.later(time.Second)
		if f := h.window.Canvas().Focused(); f != nil {
			f.TypedRune(r)
		} else {
			h.window.Canvas().OnTypedRune()(r)
		}
	}
	h.later(time.Second)
	h.shell.Tick()
}

// opensDesk presses Ctrl+P.
func (h *hand) opensDesk() { h.shell.Key("Control+P") }

// until runs what comes for the screen until it is so.
func (h *hand) until(what string, is func() bool) {
	h.t.Helper()
	limit := time.After(time.Minute)
	for !is() {
		select {
		case f := <-h.queue:
			f()
		case <-limit:
			h.t.Fatalf("this never came: %s; the screen is %v, the sheet %q, the notice %q", what, h.shell.Screen(), h.shell.Sheet(), h.shell.Notice())
		}
	}
}

func (h *hand) says(part string) {
	h.t.Helper()
	h.until(part, func() bool { return strings.Contains(h.shell.Notice(), part) })
}

// signsIn chooses a name by its number and types the PIN.
func (h *hand) signsIn(no, pin, name string) {
	h.t.Helper()
	h.until("the lock", func() bool { return h.shell.Locked() })
	h.types(no)
	h.types(pin)
	h.key(fyne.KeyReturn)
	h.until(name+" is in", func() bool { return !h.shell.Locked() })
	if a := h.till.Actor(); a.Name != name {
		h.t.Fatalf("%v is at the till", a)
	}
}

// atHQ is what the stand-in itself has.
func (h *hand) atHQ(p catalog.Product) money.Fen {
	h.t.Helper()
	price, _, ok := h.servers.HQ.Price(h.servers.Endpoints().ShopID, p.ProductID)
	if !ok {
		h.t.Fatal("HQ has no such product")
	}
	return price
}

// here is what the till sells for.
func here(t *testing.T, till *app.Till, id int64) money.Fen {
	t.Helper()
	p, ok := till.Catalog.Index().ByProductID(id)
	if !ok {
		t.Fatal("no such product here")
	}
	return p.Price
}

// inFile is what catalog.db says, to whoever opens it beside the till.
func (h *hand) inFile(id int64) (price money.Fen) {
	h.t.Helper()
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(filepath.Join(h.till.Dir, "catalog.db"))+"?mode=ro")
	must(h.t, err)
	defer db.Close()
	must(h.t, db.QueryRowContext(h.t.Context(), `SELECT price FROM products WHERE product_id = ?`, id).Scan(&price))
	return price
}

// everywhere checks one price at HQ, in this till's index and file, and at a till
// that syncs.
func (h *hand) everywhere(p catalog.Product, want money.Fen, other *app.Till) {
	h.t.Helper()
	if got := h.atHQ(p); got != want {
		h.t.Errorf("HQ has %s, want %s", got, want)
	}
	if got := here(h.t, h.till, p.ProductID); got != want {
		h.t.Errorf("this till has %s, want %s", got, want)
	}
	if got := h.inFile(p.ProductID); got != want {
		h.t.Errorf("catalog.db has %s, want %s", got, want)
	}
	report, err := other.Catalog.Sync(h.t.Context(), false, nil)
	if err != nil || report.Changed != 1 {
		h.t.Errorf("the other till has %d changes, %v", report.Changed, err)
	}
	if got := here(h.t, other, p.ProductID); got != want {
		h.t.Errorf("the other till has %s, want %s", got, want)
	}
}

// trail counts the entries of the audit trail about one thing by one person.
func (h *hand) trail(what, subject, who string) (n int) {
	h.t.Helper()
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(filepath.Join(h.till.Dir, "ledger.db"))+"?mode=ro")
	must(h.t, err)
	defer db.Close()
	must(h.t, db.QueryRowContext(h.t.Context(), `SELECT count(*) FROM audit WHERE what = ? AND subject LIKE ? AND actor_name = ?`, what, subject+"%", who).Scan(&n))
	return n
}

// crew are who works at a till with people.
var crew = []access.NewPerson{
	{Name: "老板", Role: access.Owner, PIN: "2580"}, {Name: "王店长", Role: access.Manager, PIN: "3691"}, {Name: "小雨", Role: access.Cashier, PIN: "4826"},
}

// The whole way of one price, by keys alone: at HQ, in the cache, in the history
// and in the audit trail, and at a second till; and back.
func TestAPriceChangedInTheWindow(t *testing.T) {
	h := newHand(t, crew...)
	product := h.till.Catalog.Index().All()[7]
	was, to := product.Price, product.Price+30
	other, err := app.Open(t.Context(), h.folder())
	must(t, err)
	t.Cleanup(other.Close)
	_, err = other.Catalog.Sync(t.Context(), true, nil)
	must(t, err)

	h.signsIn("2", "3691", "王店长")
	h.opensDesk()
	h.types(product.Code)
	h.key(fyne.KeyReturn)
	h.types(to.Yuan())
	h.key(fyne.KeyReturn)
	h.says("已在总部生效")

	h.everywhere(product, to, other)
	entries, err := h.till.Ledger.PricesOf(t.Context(), product.ProductID, 0)
	must(t, err)
	if e := entries[0]; e.By != "王店长" || !strings.Contains(e.Why, product.Name) || e.Was.Price != was || e.Now.Price != to {
		t.Errorf("the history says %+v", e)
	}
	subject := product.Code + " "
	if n, m := h.trail("hq.price", subject, "王店长"), h.trail("hq.price.result", subject, "王店长"); n != 1 || m != 1 {
		t.Errorf("%d and %d entries in the audit trail", n, m)
	}

	h.key(fyne.KeyF6)
	h.until("the batch is listed", func() bool { return h.shell.Sheet() != "" && h.listed() })
	h.key(fyne.KeyF7)
	h.until("it is undone", func() bool {
		return h.atHQ(product) == was && strings.Contains(h.shell.Notice(), "已在总部生效")
	})
	h.everywhere(product, was, other)
	if entries, err = h.till.Ledger.PricesOf(t.Context(), product.ProductID, 0); err != nil || entries[0].Now.Price != was || entries[0].By != "王店长" {
		t.Errorf("%+v, %v", entries, err)
	}
	if n := h.trail("hq.price.result", subject, "王店长"); n != 2 {
		t.Errorf("%d entries in the audit trail", n)
	}
	if found, err := h.till.Ledger.Verify(t.Context()); err != nil || len(found) > 0 {
		t.Error(found, err)
	}
}

// listed reports whether the sheet of batches has read its list, and offers to
// undo what is marked.
func (h *hand) listed() bool {
	found := false
	walk(h.window.Content(), func(o fyne.CanvasObject) {
		t, ok := o.(*canvas.Text)
		found = found || ok && t.Text == h.shell.Text().T("desk.undo")
	})
	return found
}

// walk visits all that is visible.
func walk(o fyne.CanvasObject, f func(fyne.CanvasObject)) {
	if !o.Visible() {
		return
	}
	f(o)
	var children []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		children = o.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(o).Objects()
	}
	for _, c := range children {
		walk(c, f)
	}
}

// A cashier does not come to the desk; nothing of it is asked of HQ.
func TestTheDeskIsTheManagers(t *testing.T) {
	h := newHand(t, crew...)
	h.signsIn("3", "4826", "小雨")
	h.opensDesk()
	if h.shell.Screen() != ui.SaleScreen {
		t.Fatalf("a cashier sees %v", h.shell.Screen())
	}
	h.says("没有这项权限")
	if _, err := (desk{h.till}).Plan(t.Context(), prices.Plan{}); fault.CodeOf(err) != "access.denied" {
		t.Errorf("behind the window: %v", err)
	}
	h.key(fyne.KeyEnd)
	h.signsIn("2", "3691", "王店长")
	h.opensDesk()
	if h.shell.Screen() != ui.PricesScreen {
		t.Fatalf("a manager sees %v", h.shell.Screen())
	}
}

// dearer plans ten fen more for the first products, written down by who is in.
func (h *hand) dearer(n int, due time.Time) pricing.Batch {
	h.t.Helper()
	var list []pricing.Wanted
	for _, p := range h.till.Catalog.Index().All()[:n] {
		list = append(list, pricing.Wanted{ProductID: p.ProductID})
	}
	draft, err := h.till.DraftHere(list).Adjust(nil, pricing.Adjustment{Add: 10})
	must(h.t, err)
	b, err := (desk{h.till}).Plan(h.t.Context(), prices.Plan{Name: "国庆特价", Due: due, Draft: draft})
	must(h.t, err)
	return b
}

// starts closes the till and opens it again, some time later, with what runs
// beside the screen.
func (h *hand) starts(later time.Duration) {
	h.t.Helper()
	h.closeTill()
	h.later(later)
	h.open.Now = h.at
	must(h.t, h.openTill(h.t.Context()))
	words, err := h.words()
	must(h.t, err)
	must(h.t, h.build(h.t.Context(), words, "", ""))
	h.showShell()
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { h.runPrices(ctx) })
	h.onClose(func() error { stop(); work.Wait(); return nil })
}

// received is how many prices HQ has ever taken.
func (h *hand) received() int {
	h.t.Helper()
	raw, err := h.servers.HQ.State()
	must(h.t, err)
	var state struct{ LogSeq int }
	must(h.t, json.Unmarshal(raw, &state))
	return state.LogSeq
}

// A batch that was cut off goes on by itself at the next start, no price goes
// twice, and the window says so.
func TestPricesGoOnAtTheNextStart(t *testing.T) {
	h := newHand(t)
	const n = 250
	b := h.dearer(n, time.Time{})
	ctx, cut := context.WithCancel(t.Context())
	got, err := (desk{h.till}).Send(ctx, b.ID, func(pricing.Progress) { cut() })
	if fault.CodeOf(err) != "price.batch_paused" || got.Count[pricing.RowChanged] == 0 || got.Count[pricing.RowPlanned] == 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	h.starts(time.Minute)
	h.says("现在自动继续")
	h.until("it says that it went on", func() bool { return strings.Contains(h.shell.Standing(), "现已自动发完：250 个价格") })
	if got := h.received(); got != n {
		t.Errorf("HQ took %d prices, want %d", got, n)
	}
}

// One that was due while the till was off is sent late, and the window says so;
// one over which HQ's price has moved asks.
func TestLatePricesAreSaid(t *testing.T) {
	h := newHand(t)
	h.dearer(3, h.at().Add(time.Hour))
	first := h.till.Catalog.Index().All()[0]
	if !h.servers.HQ.SetPrice(h.servers.Endpoints().ShopID, first.ProductID, first.Price+777, 0) {
		t.Fatal("HQ has no such product")
	}
	before := h.received() // with what somebody else did there
	h.starts(2 * time.Hour)
	h.until("it says that it was late", func() bool { return strings.Contains(h.shell.Standing(), "60") })
	h.key(fyne.KeyInsert)
	h.until("it asks", func() bool { return strings.Contains(h.shell.Standing(), "1 个要店长决定") })
	if got := h.atHQ(first); got != first.Price+777 || h.received()-before != 2 {
		t.Errorf("HQ has %s, want %s, and took %d prices", got, first.Price+777, h.received()-before)
	}
}

// What a person stops does not go on at the next start.
func TestStoppedPricesStayStopped(t *testing.T) {
	h := newHand(t)
	b := h.dearer(250, time.Time{})
	ctx, stop := context.WithCancelCause(t.Context())
	_, err := (desk{h.till}).Send(ctx, b.ID, func(pricing.Progress) { stop(pricing.ErrStopped) })
	if fault.CodeOf(err) != "price.batch_paused" {
		t.Fatal(err)
	}
	sent := h.received()
	later := h.dearer(3, h.at().Add(time.Minute)) // conflicts with the first, or is the same
	h.starts(time.Hour)
	h.until("the round is over", func() bool {
		got, err := h.till.Ledger.Batch(t.Context(), later.ID)
		must(t, err)
		return !got.Begun.IsZero() && h.shell.Standing() != ""
	})
	if got, err := h.till.Ledger.Batch(t.Context(), b.ID); err != nil || !got.Stopped() || h.received() > sent+3 {
		t.Errorf("%+v, %v; HQ took %d prices, %d before", got, err, h.received(), sent)
	}
}
