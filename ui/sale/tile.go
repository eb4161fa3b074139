package sale

import (
	"image"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"cashier/services/catalog"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// The size of a tile; its width stretches to fill the row.
const (
	tileWidth  float32 = 148
	tileHeight float32 = 188
	tilePic    float32 = 80
	tileSide   float32 = 10
)

// shots is where tiles get their pictures.
type shots interface {
	Get(by any, ref string, done func(image.Image)) (image.Image, bool)
}

// tile is one product on the shelf. It is tapped as often as one likes and
// takes no focus.
type tile struct {
	widget.BaseWidget
	t      *text.Texts
	shots  shots
	onPick func(catalog.Product)

	product catalog.Product
	shown   string // reference of the picture that is up or asked for
	marks   marks
	shownAt float32 // the width for which the name was broken; 0: nothing was shown yet

	ground *widgets.Surface
	tint   *widgets.Surface
	letter *canvas.Text
	pic    *canvas.Image
	name   [2]*canvas.Text
	price  *canvas.Text
	unit   *canvas.Text
	member *canvas.Text
	badge  *fyne.Container
	count  *canvas.Text
	disc   *canvas.Rectangle
	stock  *canvas.Text
	shade  *canvas.Rectangle // behind stock
	hover  bool
	press  bool
}

var (
	_ fyne.Tappable     = (*tile)(nil)
	_ desktop.Hoverable = (*tile)(nil)
	_ desktop.Mouseable = (*tile)(nil)
)

func newTile(t *text.Texts, s shots, onPick func(catalog.Product)) *tile {
	w := &tile{t: t, shots: s, onPick: onPick}
	w.ground = widgets.NewSurface(theme.Radius + 2)
	w.tint = widgets.NewSurface(theme.Radius)
	w.letter = widgets.Centred(widgets.Bold("", theme.Total, theme.Quiet))
	w.pic = &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest, CornerRadius: theme.Radius}
	for i := range w.name {
		w.name[i] = widgets.Text("", theme.Small, theme.Ink)
	}
	w.price = widgets.Bold("", theme.Title, theme.Ink)
	w.unit = widgets.Text("", theme.Small, theme.Quiet)
	w.member = widgets.Bold("", theme.Small, theme.Accent)
	w.badge = widgets.Tag(t.T("sale.weighed"), theme.Info, theme.InfoSoft)
	w.disc = canvas.NewRectangle(theme.C(theme.Accent))
	w.disc.CornerRadius = 13
	w.count = widgets.Centred(widgets.Bold("", theme.Small, theme.OnAccent))
	w.stock = widgets.Centred(widgets.Bold("", theme.Small, theme.Warning))
	w.shade = canvas.NewRectangle(widgets.Clear)
	w.shade.CornerRadius = 6
	w.ExtendBaseWidget(w)
	return w
}

// marks are what a tile says of its product beside what HQ lists.
type marks struct {
	inCart string // how much of it; "" for none
	stock  string // that it is sold out, or how little is left; "" says nothing
	out    bool   // stock says that it is sold out
	marked bool   // the keyboard stands on it
}

// show binds a product. The picture is asked for, and put up when it arrives
// only if this tile still shows the same product.
func (w *tile) show(p catalog.Product, m marks) {
	if w.shownAt == w.Size().Width && w.marks == m && w.product.Equal(p) {
		if w.pic.Image == nil {
			if w.picture(p); w.pic.Image != nil { // it has come meanwhile
				w.Refresh()
			}
		}
		return
	}
	same := w.product.ProductID == p.ProductID && w.shown == pictureOf(p) && w.pic.Image != nil
	w.product, w.marks, w.shownAt = p, m, w.Size().Width
	lines := widgets.Lines(p.Name, w.inner(), theme.Small, false, 2)
	for i := range w.name {
		w.name[i].Text = ""
		if i < len(lines) {
			w.name[i].Text = lines[i]
		}
	}
	w.price.Text, w.unit.Text, w.member.Text = p.Price.String(), "", ""
	if member := p.PriceFor(true); member != p.Price {
		w.member.Text = w.t.T("sale.memberPrice", "price", member.String())
	}
	w.badge.Hidden = p.Pricing == catalog.ByCount
	w.count.Text, w.stock.Text = m.inCart, m.stock
	w.disc.Hidden, w.count.Hidden = m.inCart == "", m.inCart == ""
	w.shade.Hidden, w.stock.Hidden = m.stock == "", m.stock == ""
	w.stock.Color, w.shade.FillColor = theme.C(theme.Warning), theme.C(theme.WarningSoft)
	if m.out {
		w.stock.Color, w.shade.FillColor = theme.C(theme.Danger), theme.C(theme.DangerSoft)
	}
	w.letter.Text = initial(p.Name)
	w.tint.Paint(theme.Tint(p.ProductID), widgets.Clear, 0)
	if !same {
		w.picture(p)
	}
	w.Refresh()
}

// picture asks for the product's picture. Asking takes back what this tile had
// asked for before it was bound to another product.
func (w *tile) picture(p catalog.Product) {
	w.pic.Image, w.shown = nil, pictureOf(p)
	id := p.ProductID
	img, _ := w.shots.Get(w, w.shown, func(i image.Image) {
		if w.product.ProductID == id {
			w.setPicture(i)
			w.Refresh()
		}
	})
	if img != nil {
		w.setPicture(img)
	}
}

func pictureOf(p catalog.Product) string {
	if len(p.Images) == 0 {
		return ""
	}
	return p.Images[0]
}

func (w *tile) setPicture(i image.Image) {
	w.pic.Image = i
	w.pic.Refresh()
}

func unitOf(p catalog.Product) string {
	if p.Unit == "" {
		return ""
	}
	return "/" + p.Unit
}

// oneLine is s as far as it fits, which may be nothing.
func oneLine(s string, width, size float32) string {
	if lines := widgets.Lines(s, width, size, false, 1); len(lines) > 0 {
		return lines[0]
	}
	return ""
}

func initial(name string) string {
	r, n := utf8.DecodeRuneInString(name)
	if n == 0 {
		return ""
	}
	return string(r)
}

func (w *tile) inner() float32 { return max(60, w.Size().Width-2*tileSide) }

// Tapped picks the product.
func (w *tile) Tapped(*fyne.PointEvent) { w.onPick(w.product) }

// MouseIn lights the tile.
func (w *tile) MouseIn(*desktop.MouseEvent) { w.hover = true; w.Refresh() }

// MouseMoved changes nothing.
func (w *tile) MouseMoved(*desktop.MouseEvent) {}

// MouseOut puts the light out.
func (w *tile) MouseOut() { w.hover, w.press = false, false; w.Refresh() }

// MouseDown shows that the press was felt.
func (w *tile) MouseDown(*desktop.MouseEvent) { w.press = true; w.Refresh() }

// MouseUp lets go.
func (w *tile) MouseUp(*desktop.MouseEvent) { w.press = false; w.Refresh() }

func (w *tile) paint() {
	fill, edge, width := theme.Surface, theme.Line, float32(1)
	switch {
	case w.press:
		fill = theme.AccentSoft
	case w.hover:
		fill = theme.Hover
	}
	if w.marks.marked {
		edge, width = theme.Accent, 2
	}
	w.ground.Paint(theme.C(fill), theme.C(edge), width)
	bare := w.pic.Image == nil
	w.tint.View.Hidden, w.letter.Hidden, w.pic.Hidden = !bare, !bare, bare
}

// CreateRenderer draws the tile.
func (w *tile) CreateRenderer() fyne.WidgetRenderer {
	w.paint()
	return &tileRenderer{w, []fyne.CanvasObject{
		w.ground.View, w.tint.View, w.letter, w.pic, w.name[0], w.name[1], w.price, w.unit, w.member, w.badge, w.disc, w.count, w.shade, w.stock,
	}}
}

type tileRenderer struct {
	w       *tile
	objects []fyne.CanvasObject
}

func (r *tileRenderer) Destroy()                     {}
func (r *tileRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *tileRenderer) MinSize() fyne.Size           { return fyne.NewSize(tileWidth, tileHeight) }

func (r *tileRenderer) Layout(size fyne.Size) {
	w, inner := r.w, size.Width-2*tileSide
	at := func(o fyne.CanvasObject, x, y, width, height float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(width, height))
	}
	at(w.ground.View, 0, 0, size.Width, size.Height)
	at(w.tint.View, (size.Width-tilePic)/2, tileSide, tilePic, tilePic)
	at(w.letter, (size.Width-tilePic)/2, tileSide, tilePic, tilePic)
	at(w.pic, (size.Width-tilePic)/2, tileSide, tilePic, tilePic)
	y := tileSide + tilePic + 3
	at(w.name[0], tileSide, y, inner, 20)
	at(w.name[1], tileSide, y+19, inner, 20)
	y += 41
	at(w.price, tileSide, y, inner, 28)
	beside := w.price.MinSize().Width + 2
	w.unit.Text = oneLine(unitOf(w.product), inner-beside, theme.Small)
	at(w.unit, tileSide+beside, y+4, inner-beside, 22)
	at(w.member, tileSide, y+26, inner, 20)
	b := w.badge.MinSize()
	at(w.badge, 6, 6, b.Width, b.Height)
	d := max(26, w.count.MinSize().Width+12)
	at(w.disc, size.Width-d-6, 6, d, 26)
	at(w.count, size.Width-d-6, 6, d, 26)
	s := w.stock.MinSize().Width + 14
	at(w.shade, 6, tileSide+tilePic-24, s, 24)
	at(w.stock, 6, tileSide+tilePic-24, s, 24)
}

func (r *tileRenderer) Refresh() {
	r.w.paint()
	r.Layout(r.w.Size())
	canvas.Refresh(r.w)
}
