package window

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"github.com/google/uuid"

	"cashier/app"
	"cashier/app/vault"
	_ "cashier/app/window/ahead" // before the toolkit
	"cashier/assets"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/ui"
	"cashier/ui/text"
)

// Params of Run. The zero value opens the till of the machine's user.
type Params struct {
	Dir     string  // data folder; "" is the system's
	Demo    bool    // stand-in servers and a demo shop, in a folder of its own
	Scanner string  // serial port or pty that overrides the setting
	Lang    string  // zh or en; "" is the setting
	Scale   float64 // 1 to 2; 0 is the setting
	Screen  string  // size of the window, such as 1366x768, or "full"; "" is 1366x768
	Script  string  // folder for the pictures of one scripted sale; demo only
	Measure string  // what a benchmark looks at; "" for a till at work

	In       io.Reader // commands of a benchmark
	Out, Err io.Writer
}

// ID names the program to the system.
const ID = "cn.cashier.till"

// Run opens the window and returns the program's exit code once it is closed.
// It must be called on the main goroutine.
func Run(ctx context.Context, p Params) int {
	if p.In == nil {
		p.In = os.Stdin
	}
	if p.Out == nil {
		p.Out = os.Stdout
	}
	if p.Err == nil {
		p.Err = os.Stderr
	}
	log.SetOutput(app.StandardLog(p.Err))
	atStart()
	var st stage
	code, err := run(ctx, p, &st)
	if err != nil {
		lang := language(p)
		fmt.Fprintln(p.Err, "cashier: "+plain(lang, err))
		if showable(p, code, err) {
			st.showFailure(ctx, lang, err)
		}
		return max(code, 1)
	}
	return code
}

// plain is an error in the language asked for.
func plain(lang string, err error) string {
	t, bad := text.Load(lang)
	if bad != nil {
		return err.Error()
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	return t.Fault(err)
}

func run(ctx context.Context, p Params, st *stage) (code int, err error) {
	if p.Script != "" && !p.Demo {
		return 2, fault.New(fault.Invalid, "window.script_needs_demo", "--script plays a sale by itself and works only with --demo.")
	}
	if err := p.checkMeasure(); err != nil {
		return 2, err
	}
	if p.Measure == MeasureBare {
		return bare(ctx, p)
	}
	dir, err := folder(p)
	if err != nil {
		return 1, err
	}
	if raise(ctx, dir) {
		fmt.Fprintln(p.Out, plain(p.Lang, fault.New(fault.Busy, "window.raised", "The till is open already; its window was brought to the front.")))
		return 0, nil
	}
	l, err := p.lookOf(dir)
	if err != nil {
		return 2, err
	}
	open := app.Params{Dir: dir, Program: "cashier", Passphrase: os.Getenv(vault.PassphraseEnv)}
	updates := hub[checkout.Update]{keep: true} // what Recover tells is for the screen to come
	open.OnUpdate, open.StockLater = updates.tell, true
	rig := &rig{p: p, updates: &updates, now: time.Now}
	defer rig.close()
	watch := watchToolkit(p.Err, p.Lang, rig.note)
	defer func() {
		if watch.end(recover()) {
			st.broken, code = true, 1 // which was said already
		}
	}()
	if err := rig.start(ctx, open, st, l); err != nil {
		return 1, err
	}
	if watch.failed {
		return 1, nil
	}
	return rig.show(ctx, st)
}

// folder is where the till keeps its data; a demo never touches a real one.
func folder(p Params) (string, error) {
	if p.Dir != "" {
		return filepath.Abs(p.Dir)
	}
	dir, err := app.DefaultDir()
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "window.no_folder", "The system names no folder for data; choose one with --data.")
	}
	if p.Demo {
		dir += "-demo"
	}
	return dir, nil
}

// rig is everything that runs while the window is open.
type rig struct {
	p         Params
	till      *app.Till
	updates   *hub[checkout.Update]
	recovered checkout.Recovered
	scanners  *scanners
	keeper    *keeper
	shell     *ui.Shell
	window    fyne.Window
	events    chan ui.Event
	now       func() time.Time // the screen's clock
	open      app.Params       // how the till was opened
	again     again
	demo      *demoShop
	gauge     *gauge         // nil but in a benchmark
	closers   []func() error // of what is made anew with the till
	door      func() error   // of what lives as long as the window; nil for nothing
	notes     struct {
		sync.Mutex
		early []string
		open  bool
	}
	work sync.WaitGroup // what ends with the window, and before the books are closed
}

func (r *rig) onClose(f func() error) { r.closers = append(r.closers, f) }

func (r *rig) close() {
	if r.door != nil {
		r.complain(r.door())
	}
	r.closeTill()
	if r.demo != nil {
		r.demo.close()
	}
}

func (r *rig) show(ctx context.Context, st *stage) (code int, err error) {
	lang := r.p.Lang
	if lang == "" {
		lang = r.till.Settings.Get("look.lang")
	}
	words, err := text.Load(lang)
	if err != nil {
		return 2, err
	}
	r.window = st.window // a second start may raise it from now on
	r.again.app, r.again.screen = st.app, fyne.Do
	r.dress()
	if err := r.build(ctx, words, r.firstPlace(), ""); err != nil {
		return 1, err
	}
	if err := r.listen(); err != nil {
		return 1, err
	}
	r.window.SetTitle(title(words, r.till.Settings.Get("shop.name")))
	r.window.SetContent(r.gauge.under(r.shell.Content()))
	r.shell.Attach(r.window.Canvas())
	return r.loop(ctx, st.app)
}

func icon() fyne.Resource { return fyne.NewStaticResource("app.png", assets.AppIcon) }

func title(t *text.Texts, shop string) string {
	if shop == "" {
		return t.T("window.title")
	}
	return shop + " — " + t.T("window.title")
}

// loop runs the window until it is closed or ctx ends.
func (r *rig) loop(ctx context.Context, a fyne.App) (int, error) {
	ctx, stop := context.WithCancel(ctx)
	defer r.work.Wait()
	defer r.again.running.Wait()
	defer stop()
	r.again.ctx = ctx
	opened := false
	code := 0
	a.Lifecycle().SetOnStarted(func() {
		opened = true
		r.window.RequestFocus()
		go every(ctx, 200*time.Millisecond, func() { fyne.Do(r.tick) })
		r.background(ctx)
		if r.gauge != nil {
			r.gauge.tell(Sample{What: "started"})
			go r.gauge.obey(r.p.In, r.shell, a.Quit)
		}
		if r.p.Script != "" {
			go func() {
				code = r.play(ctx)
				fyne.Do(a.Quit)
			}()
		}
	})
	warned := false
	r.window.SetCloseIntercept(func() {
		if r.shell == nil {
			return // the till is opened anew; it takes a moment
		}
		if r.shell.Busy() && !warned {
			warned = true
			r.shell.Say("window.busy")
			return
		}
		a.Quit()
	})
	go func() {
		<-ctx.Done()
		fyne.Do(a.Quit)
	}()
	a.Run()
	if !opened {
		return 1, errNoScreen()
	}
	return code, nil
}

// background starts what goes on beside the screen until ctx ends or the till is
// opened anew.
func (r *rig) background(ctx context.Context) {
	ctx, r.again.halt = context.WithCancel(ctx)
	r.work.Go(func() { r.till.RunSold(ctx) })
	r.work.Go(func() { r.prepare(ctx) })
	stock := make(chan struct{})
	r.work.Go(func() {
		defer close(stock)
		if err := r.till.Catalog.ReadStock(ctx); err != nil && ctx.Err() == nil {
			r.till.Log.Warn("the stock is not known", "err", err)
		}
	})
	if r.till.Settings.Get("hq.url") == "" || r.half() {
		return
	}
	r.work.Go(func() { r.till.RunUploads(ctx) })
	r.work.Go(func() { r.runPrices(ctx) })
	r.work.Go(func() { r.till.RunPictures(ctx) })
	if r.till.Catalog.Index().Len() == 0 {
		r.shell.Sync()
	}
	r.work.Go(func() {
		<-stock // which says when it is due again
		r.till.RunSync(ctx, func(report catalog.Report) {
			fyne.Do(func() {
				if r.shell != nil {
					r.shell.Synced(report)
				}
			})
		})
	})
}

// afterStart is when the first frame has been painted also on a slow machine.
const afterStart = time.Second

// prepare has the search ready for its first letter, once the first sale has had
// the machine for itself.
func (r *rig) prepare(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(afterStart):
		r.till.Catalog.Index().Prepare()
		atWork()
	}
}

func every(ctx context.Context, d time.Duration, f func()) {
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			f()
		}
	}
}

// build makes the devices and the shell, beginning at a place with something to
// say.
func (r *rig) build(ctx context.Context, words *text.Texts, at, said string) error {
	cart, err := r.till.Ledger.LoadCart(ctx)
	if err != nil {
		return err
	}
	port := r.p.Scanner
	if port == "" {
		port = r.till.Settings.Get("scanner.port")
	}
	if r.demo != nil && r.demo.sim != nil && r.p.Scanner == "" {
		port = r.demo.sim.Path()
	}
	if r.scanners, err = startScanner(ctx, port, int(r.till.Settings.Int("scanner.baud"))); err != nil {
		return err
	}
	r.onClose(r.scanners.Close)
	r.keeper = newKeeper(r.till.Ledger.SaveCart, func(err error) { r.till.Log.Error("the open cart was not kept", "err", err) })
	r.onClose(r.keeper.Close)
	notices := r.till.Warnings
	if r.recovered.Open > 0 {
		notices = append(notices, fault.New(fault.Unknown, "window.recovered", "{n} payments of an earlier run are not confirmed yet; they are in the tray (F6).", "n", strconv.Itoa(r.recovered.Open)))
	}
	if r.p.Script != "" {
		r.events = make(chan ui.Event, 4096)
	}
	if r.p.Measure != "" {
		r.gauge = newGauge(r.p.Out)
	}
	return r.buildShell(words, cart, notices, at, said)
}

// buildShell makes the shell and what it is given.
func (r *rig) buildShell(words *text.Texts, cart checkout.Cart, notices []error, at, said string) (err error) {
	r.shell, err = ui.New(ui.Params{
		Text: words, Catalog: r.till.Catalog, Desk: r.till.Counter(), Payments: r.till, Redeem: r.till.Redeem, Codes: r.till.Codes,
		Pictures: r.till.Pictures, Scans: &r.scanners.scans, Scanner: &r.scanners.status, Saver: r.keeper, Updates: r.updates,
		History: r.till.Ledger, Prices: r.desk(), Actor: r.till.Actor, Rules: r.till.Rules, NewID: uuid.NewString, Now: r.now,
		Zone: r.till.Zone, Dispatch: r.again.screen, Copy: r.again.app.Clipboard().SetContent,
		Shop: r.till.Settings.Get("shop.name"), Wallet: r.till.Settings.Get("liantuofu.qr_channel"), Demo: r.p.Demo, Plain: r.p.Measure == MeasurePlain, Staff: r.till, Cart: cart, Notices: notices, OnEvent: r.happened,
		Setup: r.setup(), At: at, Said: said,
	})
	return err
}

// happened hands what happens to the script.
func (r *rig) happened(e ui.Event) {
	r.gauge.happened(e)
	if r.events != nil {
		select {
		case r.events <- e:
		default:
		}
	}
}

func size(s string) (width, height float32, full bool, err error) {
	switch s {
	case "":
		return 1366, 768, false, nil
	case "full":
		return 1366, 768, true, nil
	}
	w, h, ok := strings.Cut(s, "x")
	x, errX := strconv.Atoi(w)
	y, errY := strconv.Atoi(h)
	if !ok || errX != nil || errY != nil || x < 800 || y < 600 || x > 10_000 || y > 10_000 {
		return 0, 0, false, fault.New(fault.Invalid, "window.bad_screen", "--screen is a size such as 1366x768, at least 800x600, or full; not {value}.", "value", s)
	}
	return float32(x), float32(y), false, nil
}
