package widgets_test

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cashier/ui/widgets"
)

func darkAt(m image.Image, x, y int) bool {
	r, g, b, _ := m.At(x, y).RGBA()
	return r+g+b == 0
}

// Whatever the text and the size, a module is a square of whole pixels in black
// or white, four of them around the code are white, and its three corners are
// the finder patterns of ISO/IEC 18004.
func TestACodeIsSharp(t *testing.T) {
	finder := []string{"1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`(https|weixin)://[a-zA-Z0-9./?=&-]{4,120}`).Draw(t, "text")
		c, err := widgets.NewCode(text)
		if err != nil {
			t.Fatal(err)
		}
		n := c.Side()
		w, h := rapid.IntRange(n, 900).Draw(t, "w"), rapid.IntRange(n, 900).Draw(t, "h")
		m := c.Paint(w, h)
		if m.Bounds() != image.Rect(0, 0, w, h) {
			t.Fatalf("%v of %d × %d", m.Bounds(), w, h)
		}
		px := min(w, h) / n
		left, top := (w-px*n)/2, (h-px*n)/2
		module := func(x, y int) bool { return darkAt(m, left+x*px, top+y*px) }
		for y := range h {
			for x := range w {
				mx, my := (x-left)/px, (y-top)/px
				in := x >= left && y >= top && mx >= 4 && my >= 4 && mx < n-4 && my < n-4
				if c := m.At(x, y); c != (color.RGBA{0, 0, 0, 255}) && c != (color.RGBA{255, 255, 255, 255}) {
					t.Fatalf("%v at %d,%d", c, x, y)
				}
				if dark := darkAt(m, x, y); !in && dark || in && dark != module(mx, my) {
					t.Fatalf("pixel %d,%d of module %d,%d is wrong", x, y, mx, my)
				}
			}
		}
		for _, corner := range []image.Point{{4, 4}, {n - 11, 4}, {4, n - 11}} {
			for y, row := range finder {
				for x, want := range row {
					if module(corner.X+x, corner.Y+y) != (want == '1') {
						t.Fatalf("the finder at %v is wrong", corner)
					}
				}
			}
		}
	})
}

// A code that there is no room for is left white rather than drawn wrong, and a
// text that no code holds is refused.
func TestACodeWithoutRoom(t *testing.T) {
	c, err := widgets.NewCode("https://pay.example/1")
	if err != nil {
		t.Fatal(err)
	}
	m := c.Paint(c.Side()-1, 400)
	for y := range 400 {
		for x := range c.Side() - 1 {
			if darkAt(m, x, y) {
				t.Fatalf("dark at %d,%d", x, y)
			}
		}
	}
	if _, err := widgets.NewCode(strings.Repeat("x", 2332)); err == nil {
		t.Error("a text of 2332 bytes makes a code")
	}
}

func BenchmarkCode(b *testing.B) {
	for b.Loop() {
		c, err := widgets.NewCode("https://qr.alipay.com/bax08861example0000000000")
		if err != nil {
			b.Fatal(err)
		}
		c.Paint(540, 540)
	}
}
