package sale

import (
	"fmt"
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"cashier/services/catalog"
	"cashier/services/money"
	"cashier/ui/text"
	"cashier/ui/widgets"
)

func classes(n int) []catalog.Class {
	out := make([]catalog.Class, n)
	for i := range out {
		out[i] = catalog.Class{Name: fmt.Sprint("类", i), Count: 100 + i}
	}
	return out
}

func TestChips(t *testing.T) {
	test.NewTempApp(t)
	var picked []string
	c := newChips(func(class string) { picked = append(picked, class) })
	w := test.NewTempWindow(t, c.Scroll)
	c.set("全部", 1000, classes(46))
	w.Resize(fyne.NewSize(800, 120))
	if len(c.buttons) != 47 || c.buttons[0].Label() != "全部 1000" || c.buttons[46].Label() != "类45 145" {
		t.Fatalf("%d chips", len(c.buttons))
	}
	rows := map[float32]float32{} // where the next chip of a row may begin
	for i, b := range c.buttons {
		at := b.Position()
		if at.X < rows[at.Y] {
			t.Errorf("chip %d lies on the one before it", i)
		}
		rows[at.Y] = at.X + b.Size().Width
	}
	if len(rows) != 2 {
		t.Errorf("chips on %d rows", len(rows))
	}

	c.pick(46) // at the far end: brought into sight
	b := c.buttons[46]
	if right := b.Position().X + b.Size().Width; c.Offset.X <= 0 || right > c.Offset.X+c.Size().Width+0.5 || c.class() != "类45" || len(picked) != 1 {
		t.Errorf("offset %v, chip ends at %v, class %s", c.Offset.X, right, c.class())
	}
	before := c.buttons[46]
	c.set("全部", 1000, classes(46))
	if c.buttons[46] != before || c.class() != "类45" {
		t.Error("the same classes were made anew, or another one is chosen")
	}
	c.set("全部", 999, classes(45))
	if len(c.buttons) != 46 || c.class() != "" {
		t.Errorf("%d chips, class %q chosen of those that are left", len(c.buttons), c.class())
	}
	c.step(-1)
	if c.class() != "类44" {
		t.Errorf("before all comes %q", c.class())
	}
}

func TestChipsFollowAFinger(t *testing.T) {
	test.NewTempApp(t)
	c := newChips(func(string) { t.Error("a drag picked a class") })
	w := test.NewTempWindow(t, c.Scroll)
	c.set("全部", 1000, classes(46))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(800, 120))
	test.Drag(w.Canvas(), fyne.NewPos(300, 20), -200, 0)
	if c.Offset.X != 200 {
		t.Errorf("moved to %v", c.Offset.X)
	}
	test.Drag(w.Canvas(), fyne.NewPos(300, 20), 500, 0)
	if c.Offset.X != 0 {
		t.Errorf("moved back to %v", c.Offset.X)
	}
	test.Drag(w.Canvas(), fyne.NewPos(300, 20), -1e6, 0)
	if most := c.bar.MinSize().Width - c.Size().Width; c.Offset.X != most {
		t.Errorf("moved to %v, the end is at %v", c.Offset.X, most)
	}
}

// album hands out pictures, or keeps who asked.
type album struct {
	ready image.Image
	asked int
	done  func(image.Image)
}

func (a *album) Get(_ any, _ string, done func(image.Image)) (image.Image, bool) {
	a.asked++
	a.done = done
	return a.ready, a.ready != nil
}

func TestTileIsBoundAgainOnlyWhereItChanges(t *testing.T) {
	test.NewTempApp(t)
	words, err := text.Load("zh")
	if err != nil {
		t.Fatal(err)
	}
	pictures := &album{}
	tile := newTile(words, pictures, func(catalog.Product) {})
	tile.Resize(fyne.NewSize(tileWidth, tileHeight))
	p := catalog.Product{ProductID: 7, Name: "五常稻花香大米礼盒装家庭实惠装", Price: 5_98, Unit: "斤", Pricing: catalog.ByWeight, Images: []string{"a.png"}}
	tile.show(p, marks{})
	name := tile.name[0].Text
	if name == "" || tile.price.Text != "¥5.98" || tile.badge.Hidden || !tile.disc.Hidden {
		t.Fatalf("tile shows %q %q", name, tile.price.Text)
	}
	for _, c := range []struct {
		change string
		show   func()
	}{
		{"count", func() { tile.show(p, marks{inCart: "3"}) }},
		{"mark", func() { tile.show(p, marks{inCart: "3", marked: true}) }},
		{"stock", func() { tile.show(p, marks{inCart: "3", stock: "余 2", marked: true}) }},
		{"price", func() { p.Price = 6_00; tile.show(p, marks{inCart: "3", marked: true}) }},
		{"member", func() { p.MemberPrice = 5_00; tile.show(p, marks{inCart: "3", marked: true}) }},
		{"width", func() {
			tile.Resize(fyne.NewSize(tileWidth+40, tileHeight))
			tile.show(p, marks{inCart: "3", marked: true})
		}},
	} {
		tile.name[0].Text = "stale"
		c.show()
		if tile.name[0].Text == "stale" {
			t.Errorf("a change of the %s was not bound", c.change)
		}
	}
	tile.name[0].Text = "stale"
	tile.show(p, marks{inCart: "3", marked: true})
	if tile.name[0].Text != "stale" {
		t.Error("what had not changed was bound again")
	}
	if money.Fen(6_00).String() != tile.price.Text {
		t.Errorf("price %s", tile.price.Text)
	}

	pictures.ready = image.NewNRGBA(image.Rect(0, 0, 4, 4))
	tile.show(p, marks{inCart: "3", marked: true})
	if tile.pic.Image == nil || tile.pic.Hidden {
		t.Error("a picture that has come meanwhile is not shown")
	}
	asked := pictures.asked
	tile.show(p, marks{inCart: "3", marked: true})
	if pictures.asked != asked {
		t.Error("a picture that is shown was asked for again")
	}
}

func TestWheelScrollsTheGrid(t *testing.T) {
	test.NewTempApp(t)
	var bound []int
	g := widgets.NewGrid(widgets.GridParams{
		Cell: fyne.NewSize(100, 100),
		Make: func() fyne.CanvasObject { return canvas.NewRectangle(widgets.Clear) },
		Bind: func(i int, _ fyne.CanvasObject) { bound = append(bound, i) },
	})
	w := test.NewTempWindow(t, g)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(200, 300))
	g.SetCount(100_000)
	bound = nil
	g.Wheel(-150)
	if len(bound) == 0 || bound[len(bound)-1] != 9 {
		t.Errorf("a turn of the wheel bound %v", bound)
	}
	g.Wheel(1000)
	first := -1
	g.Each(func(i int, _ fyne.CanvasObject) {
		if first < 0 || i < first {
			first = i
		}
	})
	if first != 0 {
		t.Errorf("back at the top the first cell is %d", first)
	}
}

func TestTheShelfSaysWhatIsSoldOutAndWhatIsNearlyGone(t *testing.T) {
	test.NewTempApp(t)
	words, err := text.Load("zh")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		qty   catalog.Qty
		known bool
		says  string
		out   bool
	}{
		"nobody knows":         {0, false, "", false},
		"none":                 {0, true, "售罄", true},
		"more sold than there": {-3_0000, true, "售罄", true},
		"the last half":        {5_000, true, "余 0.5", false},
		"nearly six":           {5_9390, true, "余 5.9", false},
		"nine":                 {9_0000, true, "余 9", false},
		"ten":                  {10_0000, true, "", false},
	} {
		s := &Shelf{p: ShelfParams{Text: words, Stock: func(int64) (catalog.Qty, bool) { return c.qty, c.known }}}
		says, out := s.stock(1)
		if says != c.says || out != c.out {
			t.Errorf("%s: %q %t", name, says, out)
		}
		tile := newTile(words, &album{}, func(catalog.Product) {})
		tile.show(catalog.Product{ProductID: 1, Name: "可乐"}, marks{stock: says, out: out})
		if tile.stock.Hidden != (c.says == "") || tile.stock.Text != c.says {
			t.Errorf("%s: the tile says %q", name, tile.stock.Text)
		}
	}
}
