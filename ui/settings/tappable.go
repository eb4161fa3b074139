package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// tappable is content that can be touched.
type tappable struct {
	widget.BaseWidget
	content fyne.CanvasObject
	tap     func()
}

func (t *tappable) init(content fyne.CanvasObject, tap func()) {
	t.content, t.tap = content, tap
	t.ExtendBaseWidget(t)
}

// CreateRenderer shows the content.
func (t *tappable) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.content) }

// Tapped does what it is for.
func (t *tappable) Tapped(*fyne.PointEvent) { t.tap() }
