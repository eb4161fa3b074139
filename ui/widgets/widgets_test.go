package widgets_test

import (
	"image/color"
	"strings"
	"testing"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"pgregory.net/rapid"

	"cashier/services/money"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

func setup(t *testing.T) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.Theme{})
}

// Lines lose nothing but blanks while there is room, and never run over.
func TestLines(t *testing.T) {
	setup(t)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("苹果红富士abc XYZ012（）。，  ")), 0, 40, -1).Draw(t, "s")
		width := float32(rapid.IntRange(40, 400).Draw(t, "width"))
		lines := widgets.Lines(s, width, theme.Small, false, 1000)
		if got, want := blankless(strings.Join(lines, "")), blankless(s); got != want {
			t.Fatalf("%q became %q", want, got)
		}
		for _, l := range widgets.Lines(s, width, theme.Small, false, 2) {
			if w := fyne.MeasureText(l, theme.Small, fyne.TextStyle{}).Width; w > width {
				t.Fatalf("%q is %.0f wide, %.0f allowed", l, w, width)
			}
		}
	})
}

func blankless(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func TestLinesBreakBetweenWords(t *testing.T) {
	setup(t)
	got := widgets.Lines("Extra virgin olive oil", 100, theme.Small, false, 9)
	for _, l := range got {
		if strings.TrimSpace(l) != l || l == "" {
			t.Errorf("line %q of %q", l, got)
		}
	}
	if len(got) < 2 || strings.Join(got, " ") != "Extra virgin olive oil" {
		t.Errorf("%q", got)
	}
}

// Whatever is typed, a number is one that can be read, or one digit short.
func TestNumberIsAlwaysReadable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := widgets.Number{Decimals: 2, Digits: 7}
		for _, r := range rapid.SliceOf(rapid.RuneFrom([]rune("0123456789.,。９x-+\b\a"))).Draw(t, "keys") {
			n.Press(r)
			if n.Empty() {
				continue
			}
			f, err := money.ParseFen(strings.TrimSuffix(n.Text(), "."))
			if err != nil || f < 0 || f > money.MaxFen {
				t.Fatalf("%q: %v", n.Text(), err)
			}
		}
	})
}

func TestNumber(t *testing.T) {
	tests := []struct{ keys, want string }{
		{"12", "12"}, {"012", "12"}, {".5", "0.5"}, {"1.239", "1.23"}, {"1..2", "1.2"}, {"１２。５", "12.5"}, {"12\b", "1"}, {"12\a", ""}, {"12345678", "1234567"},
	}
	for _, tt := range tests {
		n := widgets.Number{Decimals: 2, Digits: 7}
		for _, r := range tt.keys {
			n.Press(r)
		}
		if n.Text() != tt.want {
			t.Errorf("%q gives %q, want %q", tt.keys, n.Text(), tt.want)
		}
	}
}

func TestWedge(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name string
		text string
		gap  time.Duration
		key  fyne.KeyName
		want string
	}{
		{"a scanner", "6901234567892", 5 * ms, fyne.KeyReturn, "6901234567892"},
		{"ended by a tab", "6901234567892", 5 * ms, fyne.KeyTab, "6901234567892"},
		{"an input method makes it full width", "６９０１２３４", 5 * ms, fyne.KeyReturn, "6901234"},
		{"letters keep their case", "aBcDeF12", 5 * ms, fyne.KeyReturn, "aBcDeF12"},
		{"a hand", "690123", 120 * ms, fyne.KeyReturn, ""},
		{"too short", "69012", 5 * ms, fyne.KeyReturn, ""},
		{"no end", "6901234567892", 5 * ms, fyne.KeyDown, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := time.Unix(0, 0)
			w := &widgets.Wedge{Now: func() time.Time { return now }}
			for _, r := range tt.text {
				now = now.Add(tt.gap)
				w.Rune(r)
			}
			now = now.Add(tt.gap)
			if got, ok := w.Key(tt.key); got != tt.want || ok != (tt.want != "") {
				t.Errorf("got %q %v, want %q", got, ok, tt.want)
			}
			if got, ok := w.Key(tt.key); ok {
				t.Errorf("the same burst again: %q", got)
			}
		})
	}
}

func TestFlexSharesWhatIsLeft(t *testing.T) {
	setup(t)
	a, b, c := canvas.NewRectangle(color.Black), canvas.NewRectangle(color.Black), canvas.NewRectangle(color.Black)
	a.SetMinSize(fyne.NewSize(30, 10))
	row := widgets.Row(10, a, widgets.Grow(b), widgets.Share(2, c))
	row.Resize(fyne.NewSize(350, 50))
	if a.Size().Width != 30 || b.Size().Width != 100 || c.Size().Width != 200 || c.Size().Height != 50 {
		t.Errorf("%v %v %v", a.Size(), b.Size(), c.Size())
	}
}

func TestGridMakesOnlyWhatIsSeen(t *testing.T) {
	setup(t)
	made, bound := 0, map[int]bool{}
	g := widgets.NewGrid(widgets.GridParams{
		Cell: fyne.NewSize(100, 100), Gap: 10,
		Make: func() fyne.CanvasObject { made++; return canvas.NewRectangle(color.Black) },
		Bind: func(i int, _ fyne.CanvasObject) { bound[i] = true },
	})
	w := test.NewTempWindow(t, g)
	w.Resize(fyne.NewSize(440, 330))
	g.SetCount(100_000)
	for range 300 {
		g.Page(1)
	}
	g.ShowCell(99_999)
	if made > 40 {
		t.Errorf("%d cells were made", made)
	}
	if !bound[99_999] || !bound[0] {
		t.Error("the first or the last cell was never bound")
	}
	seen := 0
	g.Each(func(i int, _ fyne.CanvasObject) {
		if i < 99_900 {
			t.Errorf("cell %d stays though the end is shown", i)
		}
		seen++
	})
	if seen == 0 {
		t.Error("nothing is shown")
	}
}

func TestButton(t *testing.T) {
	setup(t)
	n := 0
	b := widgets.NewButton(widgets.ButtonParams{Label: "收款", Key: "Enter", Do: func() { n++ }})
	b.Tapped(nil)
	b.Enable(false)
	b.Tapped(nil)
	if n != 1 {
		t.Errorf("done %d times", n)
	}
	if m := b.MinSize(); m.Height < theme.Target || m.Width < theme.Target {
		t.Errorf("%v is too small a target", m)
	}
}
