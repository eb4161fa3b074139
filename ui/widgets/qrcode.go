package widgets

import (
	"image"
	"image/color"
	"image/draw"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"github.com/skip2/go-qrcode"

	"cashier/ui/theme"
)

// Code is a QR code as its modules, with the quiet zone of four modules that
// ISO/IEC 18004 asks for around them.
type Code struct{ modules [][]bool }

// NewCode makes the code of a text of at most 2,331 bytes. It computes for some
// milliseconds; call it beside the screen.
func NewCode(text string) (*Code, error) {
	q, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, err
	}
	return &Code{q.Bitmap()}, nil
}

// Side is how many modules the code has across, its quiet zone included.
func (c *Code) Side() int { return len(c.modules) }

// Paint draws the code in the middle of width × height device pixels. Every
// module is the same whole number of them, so that no edge is ever blurred.
func (c *Code) Paint(width, height int) image.Image {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(picture, picture.Rect, image.White, image.Point{}, draw.Src)
	n := c.Side()
	module := min(width, height) / max(1, n)
	if module < 1 {
		return picture // none is better than one that phones read as another
	}
	left, top := (width-n*module)/2, (height-n*module)/2
	for y, row := range c.modules {
		for x, dark := range row {
			if dark {
				at := image.Rect(0, 0, module, module).Add(image.Pt(left+x*module, top+y*module))
				draw.Draw(picture, at, image.Black, image.Point{}, draw.Src)
			}
		}
	}
	return picture
}

// QR shows a code as large as a square of its place allows, on white whatever
// the theme: phones want it dark on light.
type QR struct {
	fyne.CanvasObject
	code   *Code
	raster *canvas.Raster
}

// NewQR makes an empty one.
func NewQR() *QR {
	q := &QR{}
	q.raster = canvas.NewRaster(func(w, h int) image.Image {
		if q.code == nil {
			return image.NewUniform(color.White)
		}
		return q.code.Paint(w, h)
	})
	q.raster.ScaleMode = canvas.ImageScalePixels
	ground := canvas.NewRectangle(color.White)
	ground.CornerRadius = theme.Radius
	q.CanvasObject = container.New(square{}, container.NewStack(ground, Pad(theme.S1, q.raster)))
	return q
}

// Show shows a code, nil for none, and reports whether that is another one.
func (q *QR) Show(c *Code) bool {
	if q.code == c {
		return false
	}
	q.code = c
	q.raster.Refresh()
	return true
}

// Code is the code shown, nil for none.
func (q *QR) Code() *Code { return q.code }

// Beside puts a square on the left, as large as the height and the width allow
// while what is on the right keeps a least width.
func Beside(gap, least float32, left, right fyne.CanvasObject) *fyne.Container {
	return container.New(beside{gap, least}, left, right)
}

type beside struct{ gap, least float32 }

func (b beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	side := max(0, min(size.Height, size.Width-b.gap-b.least))
	objects[0].Move(fyne.Position{})
	objects[0].Resize(fyne.NewSize(side, size.Height))
	objects[1].Move(fyne.NewPos(side+b.gap, 0))
	objects[1].Resize(fyne.NewSize(size.Width-side-b.gap, size.Height))
}

func (b beside) MinSize(objects []fyne.CanvasObject) fyne.Size {
	l, r := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(l.Width+b.gap+max(b.least, r.Width), max(l.Height, r.Height))
}

// square gives its content the largest square there is room for.
type square struct{}

func (square) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	side := float32(int(min(size.Width, size.Height)))
	for _, o := range objects {
		o.Resize(fyne.NewSquareSize(side))
		o.Move(fyne.NewPos(float32(int((size.Width-side)/2)), float32(int((size.Height-side)/2))))
	}
}

func (square) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := largest(objects)
	return fyne.NewSquareSize(max(m.Width, m.Height))
}
