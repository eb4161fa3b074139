package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// flex lays objects out in a row or a column with a gap between them. What is
// left over goes to those that grow, by their weight; across, all are
// stretched.
type flex struct {
	down bool
	gap  float32
}

// grow marks a container whose content takes a share of what is left over.
type grow struct{ weight float32 }

func (grow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
		o.Move(fyne.Position{})
	}
}

func (grow) MinSize(objects []fyne.CanvasObject) fyne.Size { return largest(objects) }

func largest(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		if o.Visible() {
			m = m.Max(o.MinSize())
		}
	}
	return m
}

// Row puts objects side by side.
func Row(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(flex{gap: gap}, objects...)
}

// Col puts objects below each other.
func Col(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(flex{down: true, gap: gap}, objects...)
}

// Grow gives o what a Row or Col has left over.
func Grow(o fyne.CanvasObject) *fyne.Container { return Share(1, o) }

// Share is Grow with a weight against others that grow.
func Share(weight float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(grow{weight}, o)
}

// Space takes what is left over and shows nothing.
func Space() *fyne.Container { return container.New(grow{1}) }

func (f flex) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	total, cross := size.Width, size.Height
	if f.down {
		total, cross = cross, total
	}
	used, weights, shown := float32(0), float32(0), 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		shown++
		if w := weightOf(o); w > 0 {
			weights += w
			continue
		}
		used += f.along(o.MinSize())
	}
	rest := total - used - f.gap*float32(max(0, shown-1))
	at := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		length := f.along(o.MinSize())
		if w := weightOf(o); w > 0 {
			length = max(0, rest*w/weights)
		}
		if f.down {
			o.Move(fyne.NewPos(0, at))
			o.Resize(fyne.NewSize(cross, length))
		} else {
			o.Move(fyne.NewPos(at, 0))
			o.Resize(fyne.NewSize(length, cross))
		}
		at += length + f.gap
	}
}

func (f flex) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var along, across float32
	shown := 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		shown++
		m := o.MinSize()
		if f.down {
			m = fyne.NewSize(m.Height, m.Width)
		}
		along += m.Width
		across = max(across, m.Height)
	}
	along += f.gap * float32(max(0, shown-1))
	if f.down {
		return fyne.NewSize(across, along)
	}
	return fyne.NewSize(along, across)
}

func (f flex) along(s fyne.Size) float32 {
	if f.down {
		return s.Height
	}
	return s.Width
}

func weightOf(o fyne.CanvasObject) float32 {
	if c, ok := o.(*fyne.Container); ok {
		if g, ok := c.Layout.(grow); ok {
			return g.weight
		}
	}
	return 0
}

// inset leaves room around its content.
type inset struct{ top, right, bottom, left float32 }

func (i inset) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(i.left, i.top))
		o.Resize(fyne.NewSize(max(0, size.Width-i.left-i.right), max(0, size.Height-i.top-i.bottom)))
	}
}

func (i inset) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return largest(objects).AddWidthHeight(i.left+i.right, i.top+i.bottom)
}

// Pad leaves the same room on all sides.
func Pad(room float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(inset{room, room, room, room}, o)
}

// Inset leaves room by side: above, right, below, left.
func Inset(top, right, bottom, left float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(inset{top, right, bottom, left}, o)
}

// least gives its content at least a size.
type least struct{ size fyne.Size }

func (l least) Layout(objects []fyne.CanvasObject, size fyne.Size) { grow{}.Layout(objects, size) }

func (l least) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return largest(objects).Max(l.size)
}

// Least gives o at least this width and height.
func Least(width, height float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(least{fyne.NewSize(width, height)}, o)
}

// free takes whatever size it is given: its content's least size does not
// widen the window.
type free struct{}

func (free) Layout(objects []fyne.CanvasObject, size fyne.Size) { grow{}.Layout(objects, size) }
func (free) MinSize([]fyne.CanvasObject) fyne.Size              { return fyne.Size{} }

// Free lets o be squeezed below its least size rather than push others out.
func Free(o fyne.CanvasObject) *fyne.Container { return container.New(free{}, o) }

// Middle puts o half-way down the height it is given.
func Middle(o fyne.CanvasObject) *fyne.Container { return Col(0, Space(), o, Space()) }

// Gap is an empty square of a size.
func Gap(size float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(size, size))
	return r
}

// split divides its width between two objects by a fixed share.
type split struct {
	share float32
	gap   float32
}

// Split puts two objects side by side; the first has share of the width, or all
// of it while the second is hidden.
func Split(share, gap float32, left, right fyne.CanvasObject) *fyne.Container {
	return container.New(split{share, gap}, left, right)
}

func (s split) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	left := float32(int(size.Width*s.share - s.gap/2))
	if !objects[1].Visible() {
		left = size.Width
	}
	objects[0].Move(fyne.Position{})
	objects[0].Resize(fyne.NewSize(left, size.Height))
	objects[1].Move(fyne.NewPos(left+s.gap, 0))
	objects[1].Resize(fyne.NewSize(size.Width-left-s.gap, size.Height))
}

func (s split) MinSize(objects []fyne.CanvasObject) fyne.Size {
	l, r := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(l.Width+s.gap+r.Width, max(l.Height, r.Height))
}

// fitted says what room there is before its content is laid out in it.
type fitted struct{ fit func(room fyne.Size) }

func (f fitted) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	f.fit(size)
	grow{}.Layout(objects, size)
}

func (fitted) MinSize(objects []fyne.CanvasObject) fyne.Size { return largest(objects) }

// Fitted calls fit with the room for o whenever o is laid out, so that a small
// screen can do without what is not needed. fit must not refresh o's parents.
func Fitted(fit func(room fyne.Size), o fyne.CanvasObject) *fyne.Container {
	return container.New(fitted{fit}, o)
}
