package form

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// down puts objects below each other at the width it is given. Paragraphs know
// their height only once they know their width, so each is given the width
// first and asked afterwards.
type down struct{ gap float32 }

// Down is a column of objects whose heights follow from the width.
func Down(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(down{gap}, objects...)
}

func (d down) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Move(fyne.NewPos(0, y))
		y += settle(o, size.Width) + d.gap
	}
}

// settle gives an object a width, twice where its height changes by that, and
// returns the height.
func settle(o fyne.CanvasObject, width float32) float32 {
	for range 3 {
		h := o.MinSize().Height
		if o.Size() == fyne.NewSize(width, h) {
			break
		}
		o.Resize(fyne.NewSize(width, h))
	}
	return o.MinSize().Height
}

func (d down) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	n := 0
	for _, o := range objects {
		if o.Visible() {
			least := o.MinSize()
			m.Width, m.Height = max(m.Width, least.Width), m.Height+least.Height
			n++
		}
	}
	m.Height += d.gap * float32(max(0, n-1))
	return m
}

// beside puts what a row is called on the left and what is set on the right.
type beside struct{ share, gap float32 }

func (b beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	left := float32(int(size.Width * b.share))
	for i, o := range objects {
		x, w := float32(0), left
		if i > 0 {
			x, w = left+b.gap, size.Width-left-b.gap
		}
		o.Move(fyne.NewPos(x, 0))
		settle(o, w)
	}
}

func (beside) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		m = fyne.NewSize(m.Width+o.MinSize().Width, max(m.Height, o.MinSize().Height))
	}
	return m
}

// wrapped puts objects side by side and goes on below where there is no room.
type wrapped struct {
	gap   float32
	width *float32 // the last one it was laid out in
}

// Wrapped is a row that breaks.
func Wrapped(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(wrapped{gap, new(float32)}, objects...)
}

func (w wrapped) place(objects []fyne.CanvasObject, width float32, put func(o fyne.CanvasObject, at fyne.Position, size fyne.Size)) float32 {
	x, y, line := float32(0), float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		least := o.MinSize()
		if x > 0 && x+least.Width > width {
			x, y, line = 0, y+line+w.gap, 0
		}
		put(o, fyne.NewPos(x, y), least)
		x, line = x+least.Width+w.gap, max(line, least.Height)
	}
	return y + line
}

func (w wrapped) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	*w.width = size.Width
	w.place(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position, least fyne.Size) {
		o.Move(at)
		o.Resize(least)
	})
}

func (w wrapped) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var least fyne.Size
	height := w.place(objects, *w.width, func(_ fyne.CanvasObject, _ fyne.Position, size fyne.Size) { least = least.Max(size) })
	return fyne.NewSize(least.Width, height)
}

// scrolled lays its scroll out once more where the content's height followed
// from the width of the first time.
type scrolled struct{}

func (scrolled) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
		o.Refresh()
		o.Refresh()
	}
}

func (scrolled) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(320, 120) }
