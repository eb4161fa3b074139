package window

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/app"
	"cashier/services/fault"
	"cashier/ui"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// This file opens the till anew under the window that stays: closing it and
// opening it again is what a restart does, and the same care (the lock, the
// recovery, the kept cart) makes both safe. So whatever is set holds at once.

// again is what that needs.
type again struct {
	app     fyne.App
	screen  func(func())    // runs a function on the screen's goroutine
	ctx     context.Context // the life of the window
	halt    context.CancelFunc
	running sync.WaitGroup
	log     atomic.Pointer[slog.Logger] // of the till that is open

	mu         sync.Mutex
	passphrase string // entered in the window
}

// openTill opens the till and takes up what an earlier run left open: nothing is
// sold before.
func (r *rig) openTill(ctx context.Context) (err error) {
	r.again.mu.Lock()
	if r.again.passphrase != "" {
		r.open.Passphrase = r.again.passphrase
	}
	r.again.mu.Unlock()
	t, err := app.Open(ctx, r.open)
	if err != nil {
		return err
	}
	r.till = t
	r.again.log.Store(t.Log)
	r.recovered, err = r.till.Desk.Recover(ctx)
	return err
}

func (r *rig) complain(err error) {
	if err != nil {
		fmt.Fprintln(r.p.Err, "cashier: "+err.Error())
	}
}

// closeTill ends the shell, the devices and the till, in this order.
func (r *rig) closeTill() {
	if r.shell != nil {
		r.shell.Close()
		r.shell = nil
	}
	for i := len(r.closers) - 1; i >= 0; i-- {
		r.complain(r.closers[i]())
	}
	r.closers = nil
	if r.till != nil {
		r.till.Close()
	}
}

// tick moves the clocks on the screen.
func (r *rig) tick() {
	if r.shell != nil {
		r.shell.Tick()
	}
}

// dress puts the till's colours on.
func (r *rig) dress() {
	r.again.app.Settings().SetTheme(theme.Named(r.till.Settings.Get("look.theme")))
}

// words are the texts in the language in force.
func (r *rig) words() (*text.Texts, error) {
	lang := r.p.Lang
	if lang == "" {
		lang = r.till.Settings.Get("look.lang")
	}
	return text.Load(lang)
}

// apply has what was saved under these keys hold; with none named the till is
// opened anew.
func (r *rig) apply(keys []string, at string) {
	looks, other := 0, 0
	for _, k := range r.fields() {
		switch {
		case !slices.Contains(keys, k.Key):
		case k.Section == "look":
			looks++
		case !k.AtOnce:
			other++
		}
	}
	switch {
	case other > 0 || len(keys) == 0 || keys[0] == "":
		said := "set.saved"
		if len(keys) == 0 {
			said = "set.vault.opened"
		}
		r.reopen(at, said, nil)
	case looks > 0:
		r.relook(at)
	default:
		r.shell.Say("set.saved")
	}
}

// relook draws the window anew in other colours, another language or size; the
// till and the cart stay.
func (r *rig) relook(at string) {
	cart := r.shell.Cart()
	old := r.shell
	r.again.running.Go(old.Close)
	words, err := r.words()
	if err == nil {
		err = r.rescale()
	}
	if err == nil {
		r.dress()
		err = r.buildShell(words, cart, nil, at, words.T("set.saved"))
	}
	if err != nil {
		r.fail(err)
		return
	}
	r.showShell()
}

// rescale draws larger or smaller in a window that stays as it is. The toolkit
// keeps a window's size in its own units, so it is given the new one before.
func (r *rig) rescale() error {
	was, _ := strconv.ParseFloat(os.Getenv(scaleEnv), 32)
	is, err := r.setScale()
	if err != nil || was == 0 || float32(was) == is {
		return err
	}
	size, share := r.window.Canvas().Size(), float32(was)/is
	r.window.Resize(fyne.NewSize(size.Width*share, size.Height*share))
	return nil
}

// showShell puts the shell into the window.
func (r *rig) showShell() {
	words := r.shell.Text()
	r.window.SetTitle(title(words, r.till.Settings.Get("shop.name")))
	r.window.SetContent(r.gauge.under(r.shell.Content()))
	r.shell.Attach(r.window.Canvas())
}

// reopen closes the till and opens it again, with something done in between and
// the text of a key said afterwards. It is called on the screen's goroutine and returns at once.
func (r *rig) reopen(at, say string, between func(ctx context.Context) error) {
	words := r.shell.Text()
	old, halt := r.shell, r.again.halt
	r.shell = nil
	r.window.Canvas().SetOnTypedKey(nil)
	r.window.Canvas().SetOnTypedRune(nil)
	r.window.SetContent(curtain(words.T("set.reopening")))
	ctx := r.again.ctx
	r.again.running.Go(func() {
		old.Close()
		halt()
		r.work.Wait()
		r.closeTill()
		var failed error
		if between != nil {
			failed = between(ctx)
		}
		err := r.openTill(ctx)
		r.again.screen(func() { r.reopened(at, say, failed, err) })
	})
}

// reopened shows the till that was opened anew, or why it was not.
func (r *rig) reopened(at, say string, failed, err error) {
	if err != nil {
		r.fail(fault.Wrap(err, fault.Internal, "setup.reopen", "The till could not be opened again: {why}. Close the window and start it once more.", "why", plain(r.p.Lang, err)))
		return
	}
	words, err := r.words()
	if err == nil {
		err = r.rescale()
	}
	if err == nil {
		r.dress()
		said := words.T(say)
		if failed != nil || strings.HasPrefix(at, "guide/") {
			said = ""
		}
		err = r.build(r.again.ctx, words, at, said)
	}
	if err != nil {
		r.fail(err)
		return
	}
	r.showShell()
	if failed != nil {
		r.shell.Fault(failed)
	}
	r.background(r.again.ctx)
}

// fail says in the window why the till cannot go on.
func (r *rig) fail(err error) {
	words, bad := text.Load(r.p.Lang)
	if bad != nil {
		return
	}
	f := ui.NewFailure(words, err, r.again.app.Quit)
	r.window.SetContent(f.Content)
	f.Attach(r.window.Canvas())
	r.window.SetCloseIntercept(r.again.app.Quit)
}

// curtain is what the window shows meanwhile.
func curtain(words string) fyne.CanvasObject {
	return container.NewCenter(widgets.Col(theme.S4, widgets.Badge("settings", 112, theme.Accent, theme.AccentSoft),
		widgets.Centred(widgets.Bold(words, theme.Title, theme.Ink))))
}

// restore brings the books back from a backup while the till is closed.
func (r *rig) restore(file string) {
	by := r.till.Actor()
	r.reopen("settings/backup", "set.backup.restored", func(ctx context.Context) error {
		_, err := app.Restore(ctx, r.open, app.RestoreParams{File: file, By: by})
		return err
	})
}

// half reports whether the guide has not come to the shop yet: there is nothing
// to be read from HQ.
func (r *rig) half() bool {
	_, err := r.till.HQ()
	return err != nil && r.firstPlace() != ""
}

// scaleEnv is where the toolkit looks for the size to draw in.
const scaleEnv = "FYNE_SCALE"

// setScale tells the toolkit how large to draw, before it starts or is dressed.
func (r *rig) setScale() (float32, error) {
	scale := r.p.Scale
	if scale == 0 {
		scale, _ = strconv.ParseFloat(r.till.Settings.Get("look.scale"), 64)
	}
	if scale == 0 {
		scale = 1
	}
	if scale < 1 || scale > 2 {
		return 0, fault.New(fault.Invalid, "window.bad_scale", "--scale is between 1.0 and 2.0.")
	}
	return float32(scale), os.Setenv(scaleEnv, strconv.FormatFloat(scale, 'f', 2, 64))
}
