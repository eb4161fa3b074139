package widgets

import (
	"image"
	"image/color"
	"math"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"cashier/ui/theme"
)

// Surface is a large area with round corners, with or without a hairline around.
// It looks like the toolkit's rectangle and costs a ninth of it where there is
// no graphics card: that rectangle measures, for each of its pixels, how far off
// the corners are. Here the middle is one thick line, which is the toolkit's
// cheapest way to fill, and only the strips that hold the corners are pictures.
type Surface struct {
	View *fyne.Container

	fill, stroke color.Color
	width        float32 // of the hairline; 0: none
	radius       float32

	middle      *canvas.Line
	strips      [2]*canvas.Raster // top and bottom
	left, right *canvas.Rectangle
}

// NewSurface makes an area that is clear until Paint.
func NewSurface(radius float32) *Surface {
	s := &Surface{radius: radius, fill: Clear, stroke: Clear, middle: &canvas.Line{}, left: canvas.NewRectangle(Clear), right: canvas.NewRectangle(Clear)}
	for i := range s.strips {
		s.strips[i] = &canvas.Raster{ScaleMode: canvas.ImageScalePixels, Generator: func(w, h int) image.Image { return s.strip(w, h, i == 1) }}
	}
	s.View = &fyne.Container{Layout: surfaceLayout{s}, Objects: []fyne.CanvasObject{s.middle, s.strips[0], s.strips[1], s.left, s.right}}
	s.show()
	return s
}

// Filled is a surface in the colour of a role, with the hairline of cards where
// edged.
func Filled(role theme.Role, radius float32, edged bool) *Surface {
	s := NewSurface(radius)
	if edged {
		s.Paint(theme.C(role), theme.C(theme.Line), 1)
	} else {
		s.Paint(theme.C(role), Clear, 0)
	}
	return s
}

// Paint gives it its colours, and repaints only what changes.
func (s *Surface) Paint(fill, stroke color.Color, width float32) {
	if stroke == Clear {
		width = 0
	}
	if s.fill == fill && s.stroke == stroke && s.width == width {
		return
	}
	s.fill, s.stroke, s.width = fill, stroke, width
	s.show()
	s.lay(s.View.Size())
	for _, o := range s.View.Objects {
		o.Refresh()
	}
}

// show hides what has no colour.
func (s *Surface) show() {
	s.middle.StrokeColor = s.fill
	s.left.FillColor, s.right.FillColor = s.stroke, s.stroke
	edged := s.width > 0
	s.middle.Hidden = s.fill == Clear
	s.left.Hidden, s.right.Hidden = !edged, !edged
	for _, strip := range s.strips {
		strip.Hidden = s.fill == Clear && !edged
	}
}

// beneath is how far the middle reaches under the strips, so that no rounding to
// pixels leaves a seam.
const beneath = 1

// round is the radius on an area of a size, at least one pixel.
func (s *Surface) round(size fyne.Size) float32 {
	return max(1, min(s.radius, float32(math.Floor(float64(size.Height/2)))))
}

func (s *Surface) lay(size fyne.Size) {
	high := s.round(size)
	inner := size.Height - 2*high
	s.strips[0].Move(fyne.NewPos(0, 0))
	s.strips[0].Resize(fyne.NewSize(size.Width, high))
	s.strips[1].Move(fyne.NewPos(0, size.Height-high))
	s.strips[1].Resize(fyne.NewSize(size.Width, high))
	s.left.Move(fyne.NewPos(0, high))
	s.left.Resize(fyne.NewSize(s.width, inner))
	s.right.Move(fyne.NewPos(size.Width-s.width, high))
	s.right.Resize(fyne.NewSize(s.width, inner))
	// A line of an even width in the middle of a pixel grid has sharp sides.
	s.middle.StrokeWidth = 2 * float32(math.Ceil(float64(inner/2+beneath)))
	s.middle.Position1 = fyne.NewPos(0, float32(math.Round(float64(size.Height/2))))
	s.middle.Position2 = fyne.NewPos(size.Width, s.middle.Position1.Y)
}

// surfaceLayout has no least size: what stands on a surface says how large it is.
type surfaceLayout struct{ s *Surface }

func (l surfaceLayout) MinSize([]fyne.CanvasObject) fyne.Size        { return fyne.Size{} }
func (l surfaceLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) { l.s.lay(size) }

// stripKey is all that a strip's pixels depend on.
type stripKey struct {
	w, h         int
	fill, stroke color.NRGBA
	width        float32
	bottom       bool
}

// strips are those drawn last: the tiles of a shelf all have the same two.
var strips = struct {
	mu   sync.Mutex
	made map[stripKey]*image.RGBA
}{made: map[stripKey]*image.RGBA{}}

// mostStrips bounds them; a window shows some dozen.
const mostStrips = 256

// strip is w×h pixels of the top or the bottom, of which h is the radius.
func (s *Surface) strip(w, h int, bottom bool) image.Image {
	k := stripKey{w: w, h: h, fill: plainColour(s.fill), stroke: plainColour(s.stroke), bottom: bottom}
	k.width = float32(math.Round(float64(s.width * float32(h) / s.round(s.View.Size())))) // in pixels
	strips.mu.Lock()
	defer strips.mu.Unlock()
	if m, ok := strips.made[k]; ok {
		return m
	}
	if len(strips.made) >= mostStrips {
		clear(strips.made)
	}
	m := k.draw()
	strips.made[k] = m
	return m
}

func plainColour(c color.Color) color.NRGBA {
	n, _ := color.NRGBAModel.Convert(c).(color.NRGBA)
	return n
}

// draw works out one row after another; of a row, only the ends differ.
func (k stripKey) draw() *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, k.w, k.h))
	for y := range k.h {
		out := y
		if k.bottom {
			out = k.h - 1 - y
		}
		row := m.Pix[out*m.Stride : out*m.Stride+4*k.w]
		flat := k.at(float64(k.h), float64(y))
		for x := range k.w {
			c := flat
			if end := min(x, k.w-1-x); end < k.h {
				c = k.at(float64(end), float64(y))
			}
			copy(row[4*x:], c[:])
		}
	}
	return m
}

// at is the pixel x from the nearer side and y from the edge. A pixel less than
// half of its width inside an outline is partly on it.
func (k stripKey) at(x, y float64) (rgba [4]byte) {
	r, half := float64(k.h), float64(k.width)/2
	// How far the pixel's middle is outside the line that runs along the middle of
	// the hairline.
	dx, dy := max(r-x-0.5, 0), max(r-y-0.5, 0)
	d := math.Hypot(dx, dy) - (r - half)
	if dx == 0 || dy == 0 { // along a straight side
		d = half - min(x, y) - 0.5
	}
	cover := 1 - smooth(half-0.5, half+0.5, d)
	edge := 0.0
	if k.width > 0 {
		edge = smooth(-half-0.5, -half+0.5, d)
	}
	mix := func(a, b uint8) float64 { return float64(a)*(1-edge) + float64(b)*edge }
	alpha := mix(k.fill.A, k.stroke.A) / 255 * cover
	for i, v := range [3]float64{mix(k.fill.R, k.stroke.R), mix(k.fill.G, k.stroke.G), mix(k.fill.B, k.stroke.B)} {
		rgba[i] = byte(math.Round(v * alpha))
	}
	rgba[3] = byte(math.Round(255 * alpha))
	return rgba
}

// smooth goes from 0 at a to 1 at b, gently at both ends.
func smooth(a, b, x float64) float64 {
	t := min(max((x-a)/(b-a), 0), 1)
	return t * t * (3 - 2*t)
}
