package prices

import (
	"image"
	"strconv"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"cashier/services/catalog"
	"cashier/services/money"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

const rowHeight float32 = 60

// The columns of the table, from the left: a tick and a picture, the name with
// what is left over, then figures.
const (
	colTick  float32 = 40
	colPic   float32 = 56
	colSide  float32 = 10
	colStock float32 = 92
	colCost  float32 = 84
	colPrice float32 = 124 // of each of the two
	colGain  float32 = 84
	colDate  float32 = 76
)

// column is a column of figures: its name and where it ends, from the right.
type column struct {
	name  string
	width float32
}

var columns = []column{
	{"desk.stock", colStock}, {"desk.cost", colCost}, {"desk.price", colPrice}, {"desk.member", colPrice},
	{"desk.margin", colGain}, {"desk.changed", colDate},
}

// The places of columns.
const (
	atStock = iota
	atCost
	atPrice
	atMember
	atGain
	atDate
)

func figures() (width float32) {
	for _, c := range columns {
		width += c.width
	}
	return width + colSide
}

// state is what a row shows beside its product.
type state struct {
	fact   Fact
	want   Want
	marked bool
	ticked bool
	typing string // what is being typed
	edits  bool   // something is
	column Column // where
}

// row is one product of the table. It is tapped as often as one likes and takes
// no focus.
type row struct {
	widget.BaseWidget
	t     *text.Texts
	zone  *time.Location
	shots Pictures
	onTap func(at int, x float32)

	at      int
	product catalog.Product
	shown   string
	state   state

	ground *widgets.Surface
	edge   *canvas.Rectangle
	rule   fyne.CanvasObject
	box    *canvas.Rectangle
	check  *canvas.Image
	tint   *canvas.Rectangle
	letter *canvas.Text
	pic    *canvas.Image
	name   *canvas.Text
	sub    *canvas.Text
	field  *canvas.Rectangle // around what is typed
	big    [6]*canvas.Text   // one for each column
	small  [6]*canvas.Text   // below it: what it is now
	hover  bool
}

var (
	_ fyne.Tappable     = (*row)(nil)
	_ desktop.Hoverable = (*row)(nil)
)

func newRow(t *text.Texts, zone *time.Location, shots Pictures, onTap func(at int, x float32)) *row {
	r := &row{t: t, zone: zone, shots: shots, onTap: onTap}
	r.ground, r.edge = widgets.NewSurface(8), canvas.NewRectangle(widgets.Clear)
	r.edge.CornerRadius = 2
	r.rule = widgets.Rule()
	r.box = canvas.NewRectangle(widgets.Clear)
	r.box.CornerRadius, r.box.StrokeWidth = 5, 1.5
	r.check = widgets.Icon("check", 18, theme.OnAccent)
	r.tint = canvas.NewRectangle(widgets.Clear)
	r.tint.CornerRadius = 8
	r.letter = widgets.Centred(widgets.Bold("", theme.Title, theme.Quiet))
	r.pic = &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest, CornerRadius: 8}
	r.name, r.sub = widgets.Text("", theme.Body, theme.Ink), widgets.Text("", theme.Small, theme.Quiet)
	r.field = canvas.NewRectangle(widgets.Clear)
	r.field.CornerRadius, r.field.StrokeWidth = 7, 2
	for i := range r.big {
		r.big[i] = widgets.Right(widgets.Text("", theme.Body, theme.Ink))
		r.small[i] = widgets.Right(widgets.Text("", theme.Small, theme.Quiet))
	}
	r.ExtendBaseWidget(r)
	return r
}

// Tapped marks the row, ticks it, or edits a price, by where it was.
func (r *row) Tapped(e *fyne.PointEvent) { r.onTap(r.at, e.Position.X) }

// MouseIn lights the row, as MouseMoved and MouseOut end it.
func (r *row) MouseIn(*desktop.MouseEvent) { r.hover = true; r.Refresh() }

// MouseMoved changes nothing.
func (r *row) MouseMoved(*desktop.MouseEvent) {}

// MouseOut puts the light out.
func (r *row) MouseOut() { r.hover = false; r.Refresh() }

// show binds a product.
func (r *row) show(at int, p catalog.Product, s state) {
	if r.shown != pictureOf(p) || r.product.ProductID != p.ProductID {
		r.picture(p)
	}
	r.at, r.product, r.state = at, p, s
	r.Refresh()
}

func pictureOf(p catalog.Product) string {
	if len(p.Images) == 0 {
		return ""
	}
	return p.Images[0]
}

func (r *row) picture(p catalog.Product) {
	ref := pictureOf(p)
	r.shown = ref
	if ref == "" {
		r.hang(nil)
		return
	}
	img, _ := r.shots.Get(r, ref, func(img image.Image) {
		if r.shown == ref && img != nil {
			r.hang(img)
			r.Refresh()
		}
	})
	r.hang(img)
}

// hang changes the picture; the toolkit keeps painting the old one until told.
func (r *row) hang(img image.Image) {
	if r.pic.Image != img {
		r.pic.Image = img
		r.pic.Refresh()
	}
}

func (r *row) paint() {
	s, p := r.state, r.product
	ground := widgets.Clear
	r.edge.Hidden = !s.marked
	switch {
	case s.marked:
		ground, r.edge.FillColor = theme.C(theme.AccentSoft), theme.C(theme.Accent)
	case r.hover:
		ground = theme.C(theme.Hover)
	}
	r.ground.Paint(ground, widgets.Clear, 0)
	r.box.FillColor, r.box.StrokeColor = theme.C(theme.Surface), theme.C(theme.Faint)
	if s.ticked {
		r.box.FillColor, r.box.StrokeColor = theme.C(theme.Accent), theme.C(theme.Accent)
	}
	r.check.Hidden = !s.ticked
	r.tint.FillColor = theme.Tint(p.ProductID)
	first, _ := utf8.DecodeRuneInString(p.Name)
	r.letter.Text = string(first)
	r.letter.Hidden, r.tint.Hidden = r.pic.Image != nil, r.pic.Image != nil
	room := max(80, r.Size().Width-colTick-colPic-figures()-colSide)
	r.name.Text = one(p.Name, room, theme.Body)
	r.sub.Text = one(p.Code+"  "+p.Class, room, theme.Small)
	r.figures()
}

func one(s string, room, size float32) string {
	lines := widgets.Lines(s, room, size, false, 1)
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

// figures fills the columns.
func (r *row) figures() {
	s, p := r.state, r.product
	for i := range r.big {
		r.put(i, "", theme.Ink, "")
	}
	if s.fact.Stocked {
		role := theme.Ink
		if s.fact.Stock <= 0 {
			role = theme.Danger
		}
		r.put(atStock, s.fact.Stock.String()+p.Unit, role, "")
	} else {
		r.put(atStock, "—", theme.Faint, "")
	}
	r.put(atCost, "—", theme.Faint, "")
	if s.fact.Cost.Valid {
		r.put(atCost, "¥"+s.fact.Cost.Decimal.StringFixed(2), theme.Quiet, "")
	}
	r.price(atPrice, PriceColumn, p.Price, s.want.Price)
	r.price(atMember, MemberColumn, p.MemberPrice, s.want.Member)
	price := p.Price
	if s.want.Price != nil {
		price = *s.want.Price
	}
	r.put(atGain, "—", theme.Faint, "")
	if tenths, ok := Margin(price, s.fact.Cost); ok {
		role := theme.Ink
		if tenths < 0 {
			role = theme.Danger
		}
		r.put(atGain, percent(tenths), role, "")
	}
	if !s.fact.Changed.IsZero() {
		r.put(atDate, s.fact.Changed.In(r.zone).Format("01-02"), theme.Quiet, "")
	}
}

// percent is tenths of a percent as a person reads them.
func percent(tenths int64) string {
	sign := ""
	if tenths < 0 {
		sign, tenths = "−", -tenths
	}
	return sign + strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10) + "%"
}

// price fills one of the two columns that can be edited.
func (r *row) price(at int, c Column, now money.Fen, want *money.Fen) {
	is := now.String()
	if c == MemberColumn && now == 0 {
		is = "—"
	}
	switch s := r.state; {
	case s.edits && s.column == c:
		r.put(at, s.typing+"▏", theme.Ink, is)
	case want == nil:
		r.put(at, is, theme.Ink, "")
	default:
		role := theme.Accent
		if *want > now {
			role = theme.Danger
		}
		to := want.String()
		if c == MemberColumn && *want == 0 {
			to = r.t.T("desk.noMember")
		}
		r.put(at, to, role, is)
	}
}

func (r *row) put(at int, big string, role theme.Role, small string) {
	r.big[at].Text, r.big[at].Color = big, theme.C(role)
	r.big[at].TextStyle.Bold = small != "" || at == atPrice
	r.small[at].Text = small
}

// CreateRenderer draws the row.
func (r *row) CreateRenderer() fyne.WidgetRenderer {
	r.paint()
	return &rowRenderer{r}
}

type rowRenderer struct{ r *row }

func (w *rowRenderer) Destroy()           {}
func (w *rowRenderer) MinSize() fyne.Size { return fyne.NewSize(600, rowHeight) }

func (w *rowRenderer) Objects() []fyne.CanvasObject {
	r := w.r
	out := []fyne.CanvasObject{r.rule, r.ground.View, r.edge, r.box, r.check, r.tint, r.letter, r.pic, r.name, r.sub, r.field}
	for i := range r.big {
		out = append(out, r.big[i], r.small[i])
	}
	return out
}

// ends is where each column of figures ends, in a width.
func ends(width float32) [6]float32 {
	var at [6]float32
	x := width - colSide
	for i := len(columns) - 1; i >= 0; i-- {
		at[i] = x
		x -= columns[i].width
	}
	return at
}

func (w *rowRenderer) Layout(size fyne.Size) {
	r := w.r
	r.ground.View.Move(fyne.NewPos(0, 1))
	r.ground.View.Resize(fyne.NewSize(size.Width, size.Height-3))
	r.edge.Move(fyne.NewPos(0, 9))
	r.edge.Resize(fyne.NewSize(4, size.Height-19))
	r.rule.Move(fyne.NewPos(10, size.Height-1))
	r.rule.Resize(fyne.NewSize(size.Width-20, 1))
	r.box.Move(fyne.NewPos(13, (size.Height-22)/2))
	r.box.Resize(fyne.NewSquareSize(22))
	r.check.Move(fyne.NewPos(15, (size.Height-18)/2))
	r.check.Resize(fyne.NewSquareSize(18))
	for _, o := range []fyne.CanvasObject{r.tint, r.letter, r.pic} {
		o.Move(fyne.NewPos(colTick+2, (size.Height-46)/2))
		o.Resize(fyne.NewSquareSize(46))
	}
	r.name.Move(fyne.NewPos(colTick+colPic, 7))
	r.sub.Move(fyne.NewPos(colTick+colPic, 32))
	r.field.Hidden = !r.state.edits
	at := ends(size.Width)
	for i := range r.big {
		left, width := at[i]-columns[i].width, columns[i].width
		top, height := float32(0), size.Height-2
		if r.small[i].Text != "" {
			top, height = 6, 26
		}
		r.big[i].Move(fyne.NewPos(left, top))
		r.big[i].Resize(fyne.NewSize(width, height))
		r.small[i].Move(fyne.NewPos(left, 32))
		r.small[i].Resize(fyne.NewSize(width, 20))
		if r.state.edits && i == atPrice+int(r.state.column) {
			r.field.FillColor, r.field.StrokeColor = theme.C(theme.Surface), theme.C(theme.Accent)
			r.field.Move(fyne.NewPos(left+8, 4))
			r.field.Resize(fyne.NewSize(width, size.Height-10))
		}
	}
}

func (w *rowRenderer) Refresh() {
	w.r.paint()
	w.Layout(w.r.Size())
	canvas.Refresh(w.r)
}

// sunken is the ground that a list in a sheet stands on.
func sunken(list fyne.CanvasObject) *fyne.Container {
	return container.NewStack(widgets.Filled(theme.Page, theme.Radius, false).View, widgets.Pad(theme.S2, list))
}

// light marks an entry of a list, or no longer.
func light(ground *widgets.Surface, on bool) {
	fill := widgets.Clear
	if on {
		fill = theme.C(theme.AccentSoft)
	}
	ground.Paint(fill, widgets.Clear, 0)
}

// hit is what a tap at x means on a row of a width.
func hit(x, width float32) (tick bool, c Column, edit bool) {
	if x < colTick {
		return true, 0, false
	}
	at := ends(width)
	for i, c := range map[int]Column{atPrice: PriceColumn, atMember: MemberColumn} {
		if x > at[i]-columns[i].width+8 && x <= at[i]+8 {
			return false, c, true
		}
	}
	return false, 0, false
}
