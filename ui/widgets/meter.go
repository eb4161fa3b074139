package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
)

// Meter is a bar that is filled by a share.
type Meter struct {
	*fyne.Container
	share float32
	fill  *canvas.Rectangle
}

// NewMeter makes an empty one of a least width and a height.
func NewMeter(width, height float32) *Meter {
	m := &Meter{fill: Ground(theme.Accent)}
	track := Ground(theme.Sunken)
	track.CornerRadius, m.fill.CornerRadius = height/2, height/2
	m.Container = container.New(meterLayout{m, fyne.NewSize(width, height)}, track, m.fill)
	return m
}

// Set fills a share from 0 to 1, in the colour of a role.
func (m *Meter) Set(share float32, role theme.Role) {
	m.share, m.fill.FillColor = min(max(share, 0), 1), theme.C(role)
	m.Refresh()
}

type meterLayout struct {
	m     *Meter
	least fyne.Size
}

func (l meterLayout) MinSize([]fyne.CanvasObject) fyne.Size { return l.least }

func (l meterLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(size)
	objects[1].Resize(fyne.NewSize(size.Width*l.m.share, size.Height))
}
