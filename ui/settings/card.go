package settings

import (
	"context"
	"image"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// cardPage is the member card's page as HQ has it and as it is typed.
type cardPage struct {
	loading, loaded bool
	err             error
	was, is         MemberCard
	appSecret       string
	preview         *cardView
	pictures        map[string]image.Image // by reference; nil for one that cannot be had
}

func (c *cardPage) appChanged() bool {
	return c.loaded && (c.is.AppID != c.was.AppID || c.appSecret != "")
}

func (c *cardPage) pageChanged() bool {
	is := c.is
	is.AppID, is.HasSecret = c.was.AppID, c.was.HasSecret
	return c.loaded && is != c.was
}

func (c *cardPage) changed() (n int) {
	for _, changed := range []bool{c.appChanged(), c.pageChanged()} {
		if changed {
			n++
		}
	}
	return n
}

func (c *cardPage) forget() { c.is, c.appSecret = c.was, "" }

// loadCard reads the card from HQ, once.
func (w *Panel) loadCard() {
	w.card = cardPage{loading: true, pictures: map[string]image.Image{}}
	w.p.Background(func(ctx context.Context) {
		card, err := w.p.Services.Card.Load(ctx)
		w.p.Later(func() {
			w.card.loading, w.card.loaded, w.card.err = false, err == nil, err
			w.card.was, w.card.is = card, card
			if w.Section() == CardPage {
				w.show()
			}
		})
	})
}

func (w *Panel) cardGroups() []form.Group {
	t, c := w.t, &w.card
	switch {
	case !c.loading && !c.loaded && c.err == nil:
		w.loadCard()
		fallthrough
	case c.loading:
		return []form.Group{{Over: w.drawn("sync", t.T("set.card.loading"), "")}}
	case c.err != nil:
		again, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.card.failed")}, Button: t.T("set.card.again"), Icon: "sync", Do: func() {
			w.card = cardPage{}
			w.show()
		}})
		return []form.Group{{Over: w.drawn("wifi-off", t.T("set.card.failed"), t.Fault(c.err)), Rows: []*form.Row{again}}}
	}
	c.preview = newCardView(t.T("set.card.name"), t.T("set.card.empty"))
	w.paintCard()
	page := form.Group{Title: t.T("set.card.page"), What: t.T("set.card.page.what"), Over: c.preview.view}
	for _, f := range []struct {
		key string
		to  *string
	}{{"logo", &c.is.Logo}, {"background", &c.is.Background}, {"phone", &c.is.Phone}, {"prerogative", &c.is.Prerogative}, {"description", &c.is.Description}} {
		page.Rows = append(page.Rows, w.cardField("set.card."+f.key, f.to))
	}
	id := w.cardField("set.card.appid", &c.is.AppID)
	secret, _ := w.form.Secret(form.SecretParams{
		RowParams: form.RowParams{Label: t.T("set.card.secret"), What: t.T("set.card.secret.what")}, Set: c.was.HasSecret,
		IsSet: t.T("set.secret.set"), NotSet: t.T("set.secret.none"), Enter: t.T("set.secret.enter"), Replace: t.T("set.secret.replace"), Hint: t.T("set.secret.hint"),
		OnChange: func(s string) { c.appSecret = s; w.judgeApp(id); w.paint() },
	})
	w.rows["card.app"], w.rows["card.secret"] = id, secret
	w.judgeApp(id)
	return []form.Group{page, {Title: t.T("set.card.app"), What: t.T("set.card.app.what"), Rows: []*form.Row{id, secret}}}
}

func (w *Panel) cardField(key string, to *string) *form.Row {
	p := form.RowParams{Label: w.t.T(key)}
	if w.t.Has(key + ".what") {
		p.What = w.t.T(key + ".what")
	}
	var r *form.Row
	lines := 1
	if to == &w.card.is.Prerogative || to == &w.card.is.Description {
		lines = 3
	}
	r, _ = w.form.Text(form.TextParams{RowParams: p, Value: *to, Lines: lines, OnChange: func(s string) {
		*to = strings.TrimSpace(s)
		if r == w.rows["card.app"] {
			w.judgeApp(r)
		}
		w.paintCard()
		w.paint()
	}})
	w.rows[strings.TrimPrefix(key, "set.")] = r
	return r
}

// judgeApp says that HQ takes the id and the secret together.
func (w *Panel) judgeApp(id *form.Row) {
	switch {
	case !w.card.appChanged() || w.card.is.AppID != "" && w.card.appSecret != "":
		id.Say(form.Plain, "")
	default:
		id.Say(form.Invalid, w.t.T("set.card.both"))
	}
}

// paintCard draws the preview, and fetches the pictures it names.
func (w *Panel) paintCard() {
	c := &w.card
	if c.preview == nil {
		return
	}
	for _, ref := range []string{c.is.Logo, c.is.Background} {
		if _, asked := c.pictures[ref]; ref == "" || asked || !strings.Contains(ref, ".") {
			continue
		}
		c.pictures[ref] = nil
		w.p.Background(func(ctx context.Context) {
			if img, err := w.p.Services.Card.Picture(ctx, ref); err == nil && img != nil {
				w.p.Later(func() { c.pictures[ref] = img; w.paintCard() })
			}
		})
	}
	c.preview.show(c.is, c.pictures[c.is.Logo], c.pictures[c.is.Background])
}

// saveCard sends what was changed to HQ.
func (w *Panel) saveCard() {
	c, by := w.card, w.p.Actor()
	if c.appChanged() && (c.is.AppID == "" || c.appSecret == "") {
		w.p.Inform(w.t.T("set.card.both"))
		return
	}
	w.saving = true
	w.paintFoot()
	w.p.Background(func(ctx context.Context) {
		var err error
		if c.pageChanged() {
			err = w.p.Services.Card.SavePage(ctx, by, c.is)
		}
		if err == nil && c.appChanged() {
			err = w.p.Services.Card.SaveApp(ctx, by, c.is.AppID, c.appSecret)
		}
		w.p.Later(func() {
			w.saving = false
			if err != nil {
				w.paintFoot()
				w.p.Fault(err)
				return
			}
			w.p.Inform(w.t.T("set.card.saved"))
			w.loadCard() // what HQ has now, not what was sent
			w.show()
		})
	})
}

// drawn is a state with a picture.
func (w *Panel) drawn(icon, title, what string) fyne.CanvasObject {
	col := form.Down(theme.S3, widgets.Badge(icon, 96, theme.Info, theme.InfoSoft), widgets.NewPara(title, theme.Title, theme.Ink, 2).Middle().Strong())
	if what != "" {
		col.Add(widgets.NewPara(what, theme.Body, theme.Quiet, 4).Middle())
	}
	return widgets.Inset(theme.S5, theme.S5, theme.S5, theme.S5, col)
}

// cardView is the member card as a phone shows it.
type cardView struct {
	view        fyne.CanvasObject
	name, empty string
	ground      *canvas.Rectangle
	back        *canvas.Image
	logo        *fyne.Container
	phone       *canvas.Text
	perks       *widgets.Para
	notes       *widgets.Para
}

const cardWidth, cardHeight, cardRadius float32 = 360, 204, 18

func newCardView(name, empty string) *cardView {
	v := &cardView{name: name, empty: empty}
	v.ground = widgets.Ground(theme.Accent)
	v.ground.CornerRadius = cardRadius
	v.back = &canvas.Image{FillMode: canvas.ImageFillStretch, CornerRadius: cardRadius}
	v.back.Hide()
	v.logo = container.NewStack()
	v.phone = widgets.Text("", theme.Body, theme.OnAccent)
	v.perks = widgets.NewPara("", theme.Body, theme.Ink, 4)
	v.notes = widgets.NewPara("", theme.Small, theme.Quiet, 5)
	number := widgets.Bold("•••• •••• •••• 8888", theme.Title, theme.OnAccent)
	face := widgets.Col(0,
		widgets.Row(theme.S3, widgets.Least(52, 52, v.logo), widgets.Grow(widgets.Middle(widgets.Bold(name, theme.Title, theme.OnAccent)))),
		widgets.Space(), number, v.phone)
	card := widgets.Least(cardWidth, cardHeight, container.NewStack(v.ground, v.back, widgets.Pad(theme.S5, face)))
	v.view = widgets.Row(theme.S5, container.NewVBox(card), widgets.Grow(form.Down(theme.S3, v.perks, widgets.Rule(), v.notes)))
	return v
}

func (v *cardView) show(c MemberCard, logo, back image.Image) {
	v.back.Hidden = back == nil
	if back != nil {
		v.back.Image = back
		v.back.Refresh()
	}
	disc := canvas.NewCircle(theme.C(theme.Surface))
	v.logo.Objects = []fyne.CanvasObject{disc, container.NewCenter(widgets.Icon("store", 28, theme.Accent))}
	if logo != nil {
		img := canvas.NewImageFromImage(logo)
		img.FillMode = canvas.ImageFillContain
		v.logo.Objects = []fyne.CanvasObject{disc, widgets.Pad(theme.S1, img)}
	}
	widgets.Put(v.phone, c.Phone, theme.OnAccent)
	or := func(s string) string {
		if s == "" {
			return v.empty
		}
		return s
	}
	v.perks.Set(or(c.Prerogative), theme.Ink)
	v.notes.Set(or(c.Description), theme.Quiet)
	v.view.Refresh()
}
