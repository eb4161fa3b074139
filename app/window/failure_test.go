package window

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"cashier/app"
	"cashier/app/settings"
	"cashier/services/fault"
	"cashier/ui/text"
)

// says reports whether a line on the screen holds part.
func says(o fyne.CanvasObject, part string) bool {
	var children []fyne.CanvasObject
	switch x := o.(type) {
	case *canvas.Text:
		return strings.Contains(x.Text, part)
	case *fyne.Container:
		children = x.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(x).Objects()
	}
	return slices.ContainsFunc(children, func(c fyne.CanvasObject) bool { return says(c, part) })
}

// faults are folders in which no till can start, made for real.
func faults(t *testing.T) map[string]string {
	t.Helper()
	broken, held, file := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "file")
	for _, f := range []string{filepath.Join(broken, "ledger.db"), file} {
		if err := os.WriteFile(f, []byte(strings.Repeat("this is no ledger ", 400)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other, err := app.Open(t.Context(), app.Params{Dir: held, Program: "cashierctl", Passphrase: "x", VaultCost: 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	return map[string]string{"an unreadable ledger": broken, "a lock held by cashierctl": held, "a folder that is none": filepath.Join(file, "till")}
}

// A till that cannot start says why, in the language of the till, on the
// terminal and in a window.
func TestFailureIsSaidInAWindow(t *testing.T) {
	a := test.NewTempApp(t)
	for name, dir := range faults(t) {
		for _, lang := range []string{text.Chinese, text.English} {
			t.Run(name+" "+lang, func(t *testing.T) {
				code, err := run(t.Context(), Params{Dir: dir, Lang: lang}, nil)
				if fault.CodeOf(err) == "" || !showable(Params{}, code, err) {
					t.Fatalf("exit %d, %v", code, err)
				}
				words, bad := text.Load(lang)
				if bad != nil {
					t.Fatal(bad)
				}
				w := a.NewWindow("")
				fail(a, w, words, err)
				defer w.Close()
				start := []rune(words.Fault(err))[:6]
				if !says(w.Content(), string(start)) || !says(w.Content(), words.T("window.close")) {
					t.Errorf("the window does not say %q", words.Fault(err))
				}
			})
		}
	}
}

func TestShowable(t *testing.T) {
	err := errors.New("x")
	for name, tt := range map[string]struct {
		p    Params
		code int
		err  error
		want bool
	}{
		"a failure":    {Params{}, 1, err, true},
		"no failure":   {Params{}, 0, nil, false},
		"a wrong flag": {Params{}, 2, err, false},
		"a script":     {Params{Script: "x"}, 1, err, false},
		"no screen":    {Params{}, 1, errNoScreen(), false},
	} {
		if got := showable(tt.p, tt.code, tt.err); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestLanguageOfAFailure(t *testing.T) {
	dir := t.TempDir()
	if got := language(Params{Dir: dir}); got != "zh" && got != "" {
		t.Errorf("without settings %q", got)
	}
	if err := settings.WriteFile(filepath.Join(dir, settings.FileName), []byte("[look]\nlang = \"en\"\n")); err != nil {
		t.Fatal(err)
	}
	if got := language(Params{Dir: dir}); got != "en" {
		t.Errorf("the till is set to English, the failure is %q", got)
	}
	if got := language(Params{Dir: dir, Lang: "zh"}); got != "zh" {
		t.Errorf("asked for Chinese, got %q", got)
	}
}

// What Recover tells before there is a screen is for the screen.
func TestHubKeepsForTheFirstListener(t *testing.T) {
	h := hub[int]{keep: true}
	h.tell(1)
	h.tell(2)
	var a, b []int
	h.Subscribe(func(n int) { a = append(a, n) })
	h.Subscribe(func(n int) { b = append(b, n) })
	h.tell(3)
	if !slices.Equal(a, []int{1, 2, 3}) || !slices.Equal(b, []int{3}) {
		t.Errorf("heard %v and %v", a, b)
	}
}
