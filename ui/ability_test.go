package ui_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"cashier/services/fault"
	"cashier/ui"
	"cashier/ui/text"
	"cashier/ui/theme"
)

var errOtherVault = fault.New(fault.Credentials, "vault.other", "This till's books belong to another vault.")

// shows reports whether a line of text with part in it is on the screen. Lines
// that wrap are found by what fits one of them.
func shows(o fyne.CanvasObject, part string) bool {
	found := false
	walk(o, func(x fyne.CanvasObject) {
		if t, ok := x.(*canvas.Text); ok && strings.Contains(t.Text, part) {
			found = true
		}
	})
	return found
}

// A code the till cannot take begins no sale, and may be shown again once the
// till can.
func TestCodeThatCannotBeTaken(t *testing.T) {
	r := newRig(t, offers())
	r.ability.becomes(errOtherVault)
	r.scan("6901")
	r.scan(code1)
	e := r.until(ui.EventNotice)
	if !strings.Contains(e.Text, "不属于这台收银机的账本") {
		t.Errorf("it says %q", e.Text)
	}
	if n := len(r.desk.started()); n != 0 || r.shell.Screen() != ui.SaleScreen {
		t.Errorf("%d sales begun, screen %v", n, r.shell.Screen())
	}
	r.scan("6902")
	r.total("6.70") // the cart is not frozen
	r.ability.becomes(nil)
	r.scan(code1)
	r.until(ui.EventPaying)
	r.begun("sale1")
	if n := len(r.desk.started()); n != 1 || r.shell.CodesOff() != "" {
		t.Errorf("%d sales begun, codes off: %q", n, r.shell.CodesOff())
	}
}

// Cash typed beside a code that cannot be taken is not recorded either, and
// cash alone works.
func TestCashWorksWithoutCodes(t *testing.T) {
	r := newRig(t, offers())
	r.ability.becomes(errOtherVault)
	r.scan("6901")
	r.key(fyne.KeyReturn)
	r.types("1")
	r.scan(code1)
	r.until(ui.EventNotice)
	if n := len(r.desk.started()); n != 0 || r.shell.Screen() != ui.PayScreen {
		t.Fatalf("%d sales begun, screen %v", n, r.shell.Screen())
	}
	r.key(fyne.KeyReturn)
	if e := r.until(ui.EventComplete); e.Sale.Paid() != 350 {
		t.Errorf("paid %s", e.Sale.Paid())
	}
}

func TestCardThatCannotBeTaken(t *testing.T) {
	r := newRig(t, offers())
	r.ability.becomes(errOtherVault)
	r.scan(card1)
	r.until(ui.EventNotice)
	if r.shell.CodesOff() == "" {
		t.Fatal("the card was read")
	}
	r.ability.becomes(nil)
	r.scan(card1)
	r.until(ui.EventCard)
	r.ability.becomes(errOtherVault) // between the look and the confirm
	r.key(fyne.KeyReturn)
	r.until(ui.EventNotice)
	if r.cards.calls != 0 || !strings.Contains(r.shell.Notice(), "不属于这台收银机的账本") {
		t.Errorf("%d calls, notice %q", r.cards.calls, r.shell.Notice())
	}
}

// The status bar says by itself, from the start and every minute, that codes
// cannot be taken, and why when it is tapped.
func TestStatusBarSaysThatCodesAreOff(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		lang change
		bar  string
		role theme.Role
	}{
		"not set up":    {fault.New(fault.Invalid, "liantuofu.not_set_up", "Liantuofu is not set up."), nil, "扫码停用", theme.Warning},
		"wrong vault":   {errOtherVault, nil, "扫码停用", theme.Danger},
		"wrong, in en.": {errOtherVault, inEnglish, "Cash only", theme.Danger},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, offers(), func(p *ui.Params, r *rig) {
				if tt.lang != nil {
					tt.lang(p, r)
				}
				r.ability.err = tt.err
			})
			lit := func(role theme.Role) (n int) {
				walk(r.window.Content(), func(o fyne.CanvasObject) {
					if c, ok := o.(*canvas.Circle); ok && c.FillColor == theme.Light(role) {
						n++
					}
				})
				return n
			}
			if !shows(r.window.Content(), tt.bar) || r.shell.CodesOff() == "" || lit(tt.role) == 0 {
				t.Errorf("the bar does not say %q, codes off: %q, %d lights", tt.bar, r.shell.CodesOff(), lit(tt.role))
			}
			before := lit(tt.role)
			r.ability.becomes(nil)
			r.seconds(61)
			r.until(ui.EventAbility)
			if shows(r.window.Content(), tt.bar) || r.shell.CodesOff() != "" || lit(tt.role) != before-1 {
				t.Error("the bar still says that codes are off")
			}
		})
	}
}

// More cash than anybody hands over is refused before anything is recorded.
func TestCashSlip(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6901")
	r.key(fyne.KeyReturn)
	r.types("10003.51") // one fen too much
	r.key(fyne.KeyReturn)
	if e := r.until(ui.EventNotice); !strings.Contains(e.Text, "可能输错了") || !strings.Contains(e.Text, "10,003.51") && !strings.Contains(e.Text, "10003.51") {
		t.Errorf("it says %q", e.Text)
	}
	r.scan(code1) // nor beside a code
	r.until(ui.EventNotice)
	if n := len(r.desk.started()); n != 0 || r.shell.Screen() != ui.PayScreen {
		t.Errorf("%d sales begun, screen %v", n, r.shell.Screen())
	}
	r.key(fyne.KeyBackspace)
	r.types("0") // exactly 10,000 above
	r.key(fyne.KeyReturn)
	if e := r.until(ui.EventComplete); e.Sale.Change() != 10_000_00 {
		t.Errorf("change %s", e.Sale.Change())
	}
}

func TestFailure(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(theme.Theme{})
	held := fault.New(fault.Busy, "lock.held", "{program} (process {pid}) is already using the data folder {dir}. Close it first, or use its window.", "program", "cashierctl", "pid", "42", "dir", "/till")
	for lang, want := range map[string]string{text.Chinese: "cashierctl（进程 42）正在使用", text.English: "cashierctl (process 42) is already using"} {
		words, err := text.Load(lang)
		must(t, err)
		shut := 0
		f := ui.NewFailure(words, held, func() { shut++ })
		w := test.NewTempWindow(t, f.Content)
		w.Resize(fyne.NewSize(720, 420))
		f.Attach(w.Canvas())
		if !strings.Contains(f.Sentence(), want) {
			t.Errorf("%s: %q", lang, f.Sentence())
		}
		f.Close.Tapped(nil)
		w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn})
		if shut != 2 {
			t.Errorf("%s: closed %d times", lang, shut)
		}
	}
}
