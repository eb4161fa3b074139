package ui

import (
	"context"
	"errors"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/ui/pay"
	"cashier/ui/prices"
	"cashier/ui/receipt"
	redeemui "cashier/ui/redeem"
	"cashier/ui/sale"
	"cashier/ui/settings"
	"cashier/ui/start"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/tray"
	"cashier/ui/widgets"
)

// Screen is what the left of the window shows.
type Screen uint8

// The screens.
const (
	SaleScreen Screen = iota
	PayScreen
	RedeemScreen
	TrayScreen
	PricesScreen // the manager's desk: the whole window
	SettingsScreen
	GuideScreen
)

// Shell is the window's content. All of its methods but Close belong to the
// screen's goroutine.
type Shell struct {
	p    Params
	t    *text.Texts
	ctx  context.Context // the life of the window
	stop context.CancelFunc
	wg   sync.WaitGroup
	off  []func() // subscriptions to end

	canvas   fyne.Canvas
	root     *fyne.Container
	front    *fyne.Container // all but what lies over it
	left     *fyne.Container
	right    *fyne.Container
	aside    *fyne.Container // right with its margins; hidden where a page takes the whole width
	overlay  *fyne.Container
	sheets   []*widgets.Sheet
	pictures *widgets.Pictures
	wedge    *widgets.Wedge
	keys     keyboard

	model    *sale.Model
	shelf    *sale.Shelf
	basket   *sale.Basket
	pay      *pay.Panel
	card     *redeemui.Panel
	today    *redeemui.Today
	receipt  *receipt.View
	tray     *tray.Tray
	desk     *prices.Page    // nil where there is no HQ
	goesOn   map[string]bool // batches of prices of which it was said
	start    *start.Panel
	setup    *settings.Panel // nil where there is none
	guide    *start.Guide    // likewise
	bar      *statusBar
	notice   *noticeLine
	standing *standing

	screen    Screen
	showsSlip bool // the receipt stands in the basket's place
	payment   payment
	redeeming redeeming
	syncing   syncing
	used      []usedCode
	ability   ability
	open      []checkout.Leg // the tray, without the sale at the counter
	trayRead  time.Time
	dated     dated
	guard     guard
	refusedBy string // HQ's products that were not taken, as last told
}

// New makes the content of a window and shows the sale screen. Attach must
// follow once there is a canvas.
func New(p Params) (*Shell, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if p.OnEvent == nil {
		p.OnEvent = func(Event) {}
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Shell{p: p, t: p.Text, ctx: ctx, stop: stop, goesOn: map[string]bool{}}
	s.wedge = &widgets.Wedge{Now: p.Now}
	s.pictures = widgets.NewPictures(p.Pictures, p.Dispatch)
	if p.Cart.ID == "" {
		p.Cart.ID = p.NewID()
	}
	s.model = sale.NewModel(p.Cart, s.edited)
	if err := s.build(); err != nil {
		s.Close()
		return nil, err
	}
	s.lay()
	s.paintCart()
	s.paintPrices()
	s.guard.only = s.p.Staff != nil && !s.p.Actor().May(access.Sell)
	s.goTo(SaleScreen)
	s.begin()
	s.subscribe()
	s.readTray()
	s.askAbility()
	for _, err := range p.Notices {
		s.fault(err)
	}
	if s.p.Staff != nil && !s.p.Actor().Somebody() {
		s.lock()
	}
	return s, nil
}

func (s *Shell) build() error {
	var errs [6]error
	s.shelf, errs[0] = sale.NewShelf(sale.ShelfParams{
		Text: s.t, Index: s.p.Catalog.Index, Stock: s.p.Catalog.Stock, Pictures: s.pictures, Wedge: s.wedge, Keys: s,
		OnScan: s.scanned, OnPick: s.pick, Redeem: s.openRedeem, Search: s.focusSearch, Unfocus: s.unfocus, Plain: s.p.Plain,
	})
	s.basket, errs[1] = sale.NewBasket(sale.BasketParams{
		Text: s.t, Pay: s.openPay, Member: s.toggleMember, Undo: s.undo, Redo: s.redo, Clear: s.clearCart,
		Plus: func() { s.stepLine(1) }, Minus: func() { s.stepLine(-1) }, Quantity: s.askQuantity, Remove: s.removeLine,
		Apply: s.applyPrices, Keep: s.keepPrices,
		Select: s.selectLine,
	})
	s.pay, errs[2] = pay.New(pay.Params{Text: s.t, Cash: s.payCash, QR: s.payQR, Back: s.leavePay, Keep: s.keepWaiting, Cancel: s.cancelPayment})
	s.card, errs[3] = redeemui.New(redeemui.Params{Text: s.t, Zone: s.p.Zone, Confirm: s.redeem, Back: s.home})
	s.receipt, errs[4] = receipt.New(receipt.Params{Text: s.t, Shop: s.p.Shop, Zone: s.p.Zone, Done: s.home,
		Measure: func(l checkout.Line) string { return sale.Measure(s.t, l) }})
	s.tray, errs[5] = tray.New(tray.Params{Text: s.t, Zone: s.p.Zone, Now: s.p.Now, Query: s.queryLeg, Resolve: s.askResolve, InCash: s.askInCash, Rest: s.askRest, GoOn: s.goOn, GiveUp: s.giveUp, Back: s.home})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	s.today = redeemui.NewToday(s.t, s.p.Zone)
	var err error
	s.start, err = start.New(start.Params{Text: s.t, Sync: s.Sync, Cancel: s.cancelSync, Guide: s.openGuide})
	if err == nil {
		err = s.buildSetup()
	}
	s.bar = newStatusBar(s)
	s.standing = newStanding(s)
	s.notice = newNoticeLine(s)
	return errors.Join(err, s.buildGuard(), s.buildDesk())
}

// lay puts the parts where they stay: what one does on the left, what is
// bought on the right, what one should know at the bottom.
func (s *Shell) lay() {
	s.left, s.right, s.overlay = container.NewStack(), container.NewStack(), container.NewStack()
	s.aside = widgets.Free(widgets.Inset(theme.S4, theme.S4, theme.S3, theme.S2, s.right))
	main := widgets.Split(0.62, 0,
		container.NewStack(widgets.Free(widgets.Inset(theme.S4, theme.S2, theme.S3, theme.S4, s.left)), s.notice.view),
		s.aside)
	// No ground of its own: the toolkit clears each frame to the page's colour, and
	// painting a whole screen once more is a third of a frame drawn in software.
	s.front = widgets.Col(0, widgets.Grow(main), s.standing.view, s.bar.view)
	s.root = container.NewStack(s.front, s.overlay, s.guard.view)
}

// Content is what goes into the window.
func (s *Shell) Content() fyne.CanvasObject { return s.root }

// Attach takes the keyboard of the canvas the content was put on.
func (s *Shell) Attach(c fyne.Canvas) {
	s.canvas = c
	s.attachKeys(c)
	if sheet := s.sheet(); sheet != nil && sheet.Text != nil {
		c.Focus(sheet.Text)
	}
}

func (s *Shell) subscribe() {
	s.off = append(s.off,
		s.p.Scans.Subscribe(func(scan Scan) { s.later(func() { s.arrived(scan) }) }),
		s.p.Scanner.Watch(func(st ScannerStatus) { s.later(func() { s.scannerIs(st) }) }),
		s.p.Updates.Subscribe(func(u checkout.Update) { s.later(func() { s.updated(u) }) }),
	)
	s.p.Catalog.OnChange(func() { s.later(s.pricesChanged) })
}

// later runs f on the screen's goroutine unless the window is gone by then.
func (s *Shell) later(f func()) {
	s.p.Dispatch(func() {
		if s.ctx.Err() == nil {
			f()
		}
	})
}

// background runs work that blocks beside the screen.
func (s *Shell) background(f func(ctx context.Context)) {
	s.wg.Go(func() { f(s.ctx) })
}

// Close ends what the shell runs. A payment on its way is not touched: the
// desk follows it to its end.
func (s *Shell) Close() {
	s.stop()
	for _, off := range s.off {
		off()
	}
	s.pictures.Close()
	s.wg.Wait()
}

// Tick is called a few times a second: it moves the clocks on the screen.
func (s *Shell) Tick() {
	s.tickAnswer()
	s.tickCaret()
	s.tickPayment()
	s.tickRedeem()
	s.notice.tick()
	s.tickWatch()
	s.tickGuard()
	if s.screen == SettingsScreen {
		s.setup.Tick()
	}
	s.bar.tick()
}

// Wheel turns the mouse's wheel over the shelf; less than 0 is towards the end.
func (s *Shell) Wheel(dy float32) { s.shelf.Wheel(dy) }

// Find types into the search box.
func (s *Shell) Find(q string) { s.shelf.Search(q) }

// Screen is what is shown now.
func (s *Shell) Screen() Screen { return s.screen }

// Cart is the open cart.
func (s *Shell) Cart() checkout.Cart { return s.model.Cart() }

// ShowsReceipt reports whether the receipt of the last sale still stands.
func (s *Shell) ShowsReceipt() bool { return s.showsSlip }

// Basket are the goods that stand in the basket.
func (s *Shell) Basket() []checkout.Line { return s.basket.Lines() }

// Notice is what the notice line says, "" for nothing.
func (s *Shell) Notice() string { return s.notice.said() }

// Busy reports whether a payment or a redemption is on its way.
func (s *Shell) Busy() bool { return s.payment.busy || s.redeeming.busy }

func (s *Shell) tell(k EventKind, sale checkout.Sale, words string) {
	s.p.OnEvent(Event{Kind: k, Sale: sale, Text: words})
}

// goTo shows a screen and what belongs beside it.
func (s *Shell) goTo(to Screen) {
	s.awake()
	if s.guard.only {
		to = RedeemScreen
	}
	s.screen = to
	s.unfocus()
	left, right := s.shelf.CanvasObject, s.basket.CanvasObject
	switch to {
	case SaleScreen:
		if s.p.Catalog.Index().Len() == 0 {
			left = s.start.CanvasObject
		}
		if s.showsSlip {
			right = s.receipt.CanvasObject
		}
	case PayScreen:
		left = s.pay.CanvasObject
	case RedeemScreen:
		left, right = s.card.CanvasObject, s.today.CanvasObject
	case TrayScreen:
		left, right = s.tray.List, s.tray.Detail
	case PricesScreen:
		left = s.desk.CanvasObject
	case SettingsScreen:
		left = s.setup.CanvasObject
	case GuideScreen:
		left = s.guide.CanvasObject
	}
	if whole := s.settingUp() || to == PricesScreen; s.aside.Hidden != whole {
		s.wholeWidth(whole)
	}
	s.basket.Lock(to == PayScreen)
	swap(s.left, left)
	swap(s.right, right)
	s.tell(EventScreen, checkout.Sale{}, to.String())
}

func swap(c *fyne.Container, o fyne.CanvasObject) {
	if len(c.Objects) == 1 && c.Objects[0] == o {
		return
	}
	c.Objects = []fyne.CanvasObject{o}
	c.Refresh()
}

// String names the screen, as events do.
func (to Screen) String() string {
	return [...]string{"sale", "pay", "redeem", "tray", "prices", "settings", "guide"}[to]
}

// home shows the sale screen, ready for the next customer.
func (s *Shell) home() {
	s.showsSlip = false
	s.goTo(SaleScreen)
}

func (s *Shell) unfocus() {
	if s.canvas != nil {
		s.canvas.Unfocus()
	}
}

// edited follows every change of the cart: keep it, paint it.
func (s *Shell) edited(c checkout.Cart) {
	s.awake()
	s.p.Saver.Save(c)
	s.paintCart()
}

func (s *Shell) paintCart() {
	if s.basket == nil {
		return
	}
	s.offerPrices()
	s.basketHead()
	if s.payment.resumed {
		s.basket.Show(s.bought(), -1, false, false)
		return
	}
	s.basket.Show(s.model.Cart(), s.model.Selected(), s.model.CanUndo(), s.model.CanRedo())
	s.shelf.InCart(s.model.Amounts())
	if s.screen == PayScreen && !s.payment.busy {
		s.askTender("")
	}
}

func (s *Shell) pricesChanged() {
	if s.shelf.Reload() {
		s.pictures.Forget()
	}
	if s.desk != nil {
		s.desk.Reload()
	}
	s.paintPrices()
	if empty := s.p.Catalog.Index().Len() == 0; s.screen == SaleScreen && empty != s.showsStart() {
		s.goTo(SaleScreen)
	}
}

func (s *Shell) showsStart() bool {
	return len(s.left.Objects) == 1 && s.left.Objects[0] == s.start.CanvasObject
}

func (s *Shell) paintPrices() {
	s.offerPrices()
	s.basketHead()
	s.bar.tick()
}

// basketHead says whose goods stand in the basket, and from when their prices
// are: those of a sale were fixed when it was opened.
func (s *Shell) basketHead() {
	if s.payment.resumed {
		s.basket.Head(s.t.T("pay.resumed"), s.t.T("pay.openedAt", "time", s.clock(s.payment.sale.OpenedAt)))
		return
	}
	s.basket.Head(s.t.T("sale.basket"), s.cartFreshness())
}

// cartFreshness says from when the cart's prices are, which may be older than
// those on the shelf.
func (s *Shell) cartFreshness() string {
	switch {
	case !s.dated.older:
		return s.freshness()
	case s.dated.at.IsZero():
		return s.t.T("sale.pricesBefore", "time", s.clock(s.p.Catalog.SyncedAt()))
	}
	return s.t.T("bar.syncedAt", "time", s.clock(s.dated.at))
}

// freshness says from when the prices are.
func (s *Shell) freshness() string {
	at := s.p.Catalog.SyncedAt()
	if at.IsZero() {
		return s.t.T("bar.neverSynced")
	}
	return s.t.T("bar.syncedAt", "time", s.clock(at))
}

// clock is a time of day in the shop, with the date where it is not today's.
func (s *Shell) clock(at time.Time) string {
	at = at.In(s.p.Zone)
	if now := s.p.Now().In(s.p.Zone); at.Format(time.DateOnly) != now.Format(time.DateOnly) {
		return at.Format("01-02 15:04")
	}
	return at.Format("15:04")
}

// pick puts a product of the shelf into the cart.
func (s *Shell) pick(p catalog.Product) {
	s.showsSlip = false
	s.goTo(SaleScreen)
	s.add(p)
	if s.shelf.Searching() {
		s.shelf.ClearSearch()
	}
}
