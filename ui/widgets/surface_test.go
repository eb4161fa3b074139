package widgets_test

import (
	"fmt"
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"

	"cashier/ui/widgets"
)

var (
	paper = color.NRGBA{R: 240, G: 242, B: 245, A: 255}
	chalk = color.NRGBA{R: 255, G: 255, B: 255, A: 255}
	ink   = color.NRGBA{R: 10, G: 120, B: 70, A: 255}
)

// drawn is what the toolkit paints of an object on paper.
func drawn(o fyne.CanvasObject, at fyne.Position, size fyne.Size) image.Image {
	c := software.NewCanvas()
	c.SetPadded(false)
	o.Resize(size)
	o.Move(at)
	c.SetContent(container.NewStack(canvas.NewRectangle(paper), container.NewWithoutLayout(o)))
	c.Resize(size.AddWidthHeight(2*at.X, 2*at.Y))
	return c.Capture()
}

// far is the largest difference between two colours' channels.
func far(a, b color.Color) int {
	p, q := rgb(a), rgb(b)
	most := 0
	for i := range p {
		most = max(most, p[i]-q[i], q[i]-p[i])
	}
	return most
}

func rgb(c color.Color) [3]int {
	r, g, b, _ := c.RGBA()
	return [3]int{int(r >> 8), int(g >> 8), int(b >> 8)}
}

// A surface looks as the toolkit's own rectangle does: the same everywhere but on
// the rims of its round corners, which two painters soften each in its own way.
func TestASurfaceLooksLikeARectangle(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 148, Height: 188}, {Width: 97, Height: 45}, {Width: 44, Height: 44}, {Width: 301, Height: 21}, {Width: 30, Height: 20}} {
		for _, radius := range []float32{8, 10, 12} {
			for _, stroke := range []float32{0, 1, 2} {
				t.Run(fmt.Sprintf("%vx%v r%v s%v", size.Width, size.Height, radius, stroke), func(t *testing.T) {
					surface := widgets.NewSurface(radius)
					surface.Paint(chalk, ink, stroke)
					at := fyne.NewPos(7, 5)
					compare(t, drawn(surface.View, at, size), drawn(rectangles(size, radius, stroke), at, size), at, size, int(radius))
				})
			}
		}
	}
}

// rectangles are one of the outline's colour and a smaller one upon it: the
// toolkit's two painters do not agree on where an outline lies.
func rectangles(size fyne.Size, radius, stroke float32) fyne.CanvasObject {
	r := min(radius, size.Height/2)
	outer, inner := canvas.NewRectangle(chalk), canvas.NewRectangle(chalk)
	if stroke > 0 {
		outer.FillColor = ink
	}
	outer.CornerRadius, inner.CornerRadius = r, r-stroke
	outer.Resize(size)
	inner.Move(fyne.NewSquareOffsetPos(stroke))
	inner.Resize(size.SubtractWidthHeight(2*stroke, 2*stroke))
	return container.NewWithoutLayout(outer, inner)
}

func compare(t *testing.T, got, want image.Image, at fyne.Position, size fyne.Size, radius int) {
	t.Helper()
	x0, y0 := int(at.X), int(at.Y)
	x1, y1 := x0+int(size.Width), y0+int(size.Height)
	wrong, rim := 0, 0
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			off := far(got.At(x, y), want.At(x, y))
			corner := (x < x0+radius+1 || x >= x1-radius-1) && (y < y0+radius+1 || y >= y1-radius-1)
			switch {
			case corner && off > 8:
				rim++
			case !corner && off > 2:
				if wrong++; wrong < 4 {
					t.Errorf("at %d,%d: %v, the toolkit paints %v", x-x0, y-y0, rgb(got.At(x, y)), rgb(want.At(x, y)))
				}
			}
		}
	}
	// A quarter of a circle crosses some 1.5 pixels for each of its radius; a hairline
	// has two rims.
	if most := 4 * 4 * radius; rim > most {
		t.Errorf("%d pixels of the corners differ, more than their rims have (%d)", rim, most)
	}
}

func TestASurfaceWithoutColourShowsNothing(t *testing.T) {
	s := widgets.NewSurface(10)
	s.Paint(ink, ink, 2)
	s.Paint(widgets.Clear, widgets.Clear, 2)
	got := drawn(s.View, fyne.NewPos(3, 3), fyne.NewSize(60, 40))
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			if far(got.At(x, y), paper) > 0 {
				t.Fatalf("something is at %d,%d: %v", x, y, got.At(x, y))
			}
		}
	}
}

// Corners are round: what is behind shows in the outermost pixels, and the
// outline goes through the middle of the sides.
func TestTheCornersOfASurface(t *testing.T) {
	s := widgets.NewSurface(12)
	s.Paint(chalk, ink, 1)
	got := drawn(s.View, fyne.Position{}, fyne.NewSize(100, 60))
	for _, p := range []struct {
		x, y int
		want color.Color
	}{
		{0, 0, paper}, {99, 0, paper}, {0, 59, paper}, {99, 59, paper},
		{50, 0, ink}, {50, 59, ink}, {0, 30, ink}, {99, 30, ink},
		{1, 30, chalk}, {98, 30, chalk}, {50, 1, chalk}, {50, 58, chalk}, {50, 30, chalk}, {12, 12, chalk}, {87, 47, chalk},
	} {
		if far(got.At(p.x, p.y), p.want) > 6 {
			t.Errorf("at %d,%d: %v, want %v", p.x, p.y, rgb(got.At(p.x, p.y)), rgb(p.want))
		}
	}
}
