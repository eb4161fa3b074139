package window

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"cashier/app"
	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/ui"
	page "cashier/ui/settings"
	"cashier/ui/text"
)

// opened is a window on a new till whose goroutine is the test's.
func opened(t *testing.T) (r *rig, until func(what string, holds func() bool)) {
	t.Helper()
	queue := make(chan func(), 4096)
	ctx, stop := context.WithCancel(t.Context())
	r = &rig{p: Params{Dir: t.TempDir(), Err: io.Discard}, updates: &hub[checkout.Update]{keep: true}, now: time.Now}
	r.open = app.Params{Dir: r.p.Dir, Program: "cashier", Passphrase: "open sesame", VaultCost: 4, OnUpdate: r.updates.tell}
	r.again.app, r.again.ctx, r.again.screen = test.NewTempApp(t), ctx, func(f func()) { queue <- f }
	until = func(what string, holds func() bool) {
		t.Helper()
		limit := time.After(60 * time.Second)
		for !holds() {
			select {
			case f := <-queue:
				f()
			case <-limit:
				t.Fatalf("waited for %s", what)
			}
		}
	}
	t.Setenv(scaleEnv, "1.0")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(r.openTill(ctx))
	words, err := text.Load("zh")
	must(err)
	r.dress()
	must(r.build(ctx, words, "", ""))
	r.window = test.NewTempWindow(t, r.shell.Content())
	r.shell.Attach(r.window.Canvas())
	r.background(ctx)
	t.Cleanup(func() {
		stop()
		r.again.running.Wait()
		r.work.Wait()
		r.close()
	})
	return r, until
}

func owner() access.Actor { return access.Actor{ID: "1", Name: "周", Role: access.Owner} }

// keepCart puts a line into the open cart, as the sale screen does.
func keepCart(r *rig) checkout.Cart {
	cart := r.shell.Cart()
	cart.Lines = []checkout.Line{{Name: "牛奶", Unit: "盒", Pricing: catalog.ByCount, Price: 550, Qty: 2, Amount: 1100}}
	r.keeper.Save(cart)
	return cart
}

func TestTheTillIsOpenedAnewUnderTheWindow(t *testing.T) {
	r, until := opened(t)
	cart, before := keepCart(r), r.till
	d := setupDesk{r, r.till}
	if err := d.Save(t.Context(), owner(), page.Changes{Settings: map[string]string{"shop.name": "青禾鲜生", "look.lang": "en"}, Secrets: map[string]string{"hq.password": "x"}}); err != nil {
		t.Fatal(err)
	}
	r.apply([]string{"look.lang", "shop.name"}, "settings/shop")
	if r.shell != nil {
		t.Fatal("the old shell still takes keys")
	}
	until("the till", func() bool { return r.shell != nil })
	switch {
	case r.till == before:
		t.Error("it is the same till")
	case r.shell.Cart().ID != cart.ID || r.shell.Cart().Total() != cart.Total():
		t.Errorf("the cart became %+v", r.shell.Cart())
	case r.shell.Screen() != ui.SettingsScreen || r.shell.Text().Lang() != "en":
		t.Errorf("at %v in %s", r.shell.Screen(), r.shell.Text().Lang())
	case !strings.HasPrefix(r.window.Title(), "青禾鲜生"):
		t.Errorf("titled %q", r.window.Title())
	}
	if set, err := r.till.SecretsSet(); err != nil || !set["hq.password"] {
		t.Errorf("%v, %v", set, err)
	}
	if found, err := r.till.VerifyBooks(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
}

func TestOnlyTheShellIsDrawnAnewForTheLook(t *testing.T) {
	r, until := opened(t)
	before, shell := r.till, r.shell
	if err := (setupDesk{r, r.till}).Save(t.Context(), owner(), page.Changes{Settings: map[string]string{"look.lang": "en", "look.theme": "dark"}}); err != nil {
		t.Fatal(err)
	}
	r.apply([]string{"look.lang", "look.theme"}, "settings/look")
	if r.till != before || r.shell == shell || r.shell.Text().Lang() != "en" {
		t.Errorf("the till was opened anew, or nothing was drawn")
	}
	until("the page", r.shell.Settings().Loaded)
	if r.shell.Settings().Section() != page.Look {
		t.Errorf("at %s", r.shell.Settings().Section())
	}
}

// Where the till does not open again the window says so, and what went wrong
// costs nothing that was kept.
func TestATillThatDoesNotOpenAnewSaysSo(t *testing.T) {
	r, until := opened(t)
	var other *app.Till
	r.reopen("", "set.saved", func(ctx context.Context) (err error) {
		other, err = app.Open(ctx, app.Params{Dir: r.p.Dir, Program: "cashierctl", Passphrase: "open sesame", VaultCost: 4})
		return err
	})
	said := func() bool { return says(r.window.Content(), "cashierctl") }
	until("the failure", said)
	if r.shell != nil {
		t.Error("there is a shell all the same")
	}
	other.Close()
}

// A restore that fails leaves the till as it was, and says why.
func TestARestoreThatFailsLeavesTheTill(t *testing.T) {
	r, until := opened(t)
	cart := keepCart(r)
	r.restore("there-is-no-such-file.db")
	until("the till", func() bool { return r.shell != nil })
	if r.shell.Notice() == "" || r.shell.Cart().ID != cart.ID {
		t.Errorf("said %q, the cart is %s", r.shell.Notice(), r.shell.Cart().ID)
	}
}

func TestWhereAWindowBegins(t *testing.T) {
	r, _ := opened(t)
	for _, tt := range []struct{ step, url, want string }{
		{"", "", "guide/hq"}, {"", "https://hq.example", ""}, {"shop", "https://hq.example", "guide/shop"}, {"done", "", ""},
	} {
		for k, v := range map[string]string{"guide.step": tt.step, "hq.url": tt.url} {
			if err := r.till.Settings.Set(k, v); err != nil {
				t.Fatal(err)
			}
		}
		if got := r.firstPlace(); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}

// The passphrase entered in the window opens the vault of the next opening.
func TestTheVaultIsOpenedFromTheWindow(t *testing.T) {
	r, until := opened(t)
	if err := (setupDesk{r, r.till}).Unlock(t.Context(), "another one"); fault.CodeOf(err) != "vault.wrong" {
		t.Errorf("a wrong one: %v", err)
	}
	r.open.Passphrase = "" // as where none was given at the start
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	r.apply(nil, "")
	until("the till without a vault", func() bool { return r.shell != nil })
	if v := r.till.VaultState(); !v.NeedsPassphrase() || r.shell.Sheet() == "" {
		t.Fatalf("%+v, asked %q", v, r.shell.Sheet())
	}
	if err := (setupDesk{r, r.till}).Unlock(t.Context(), "open sesame"); err != nil {
		t.Fatal(err)
	}
	r.apply(nil, "")
	until("the till", func() bool { return r.shell != nil })
	if v := r.till.VaultState(); v.Err != nil || r.shell.Sheet() != "" {
		t.Errorf("%+v, asked %q", v, r.shell.Sheet())
	}
}
