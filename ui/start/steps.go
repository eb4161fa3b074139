package start

import (
	"context"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/access"
	"cashier/ui/theme"
	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// typedRow is a row with a text box that is checked as it is typed.
func (g *Guide) typedRow(id string, to *string, masked bool) *form.Row {
	p := form.RowParams{Label: g.t.T("guide.field." + id)}
	if what := "guide.field." + id + ".what"; g.t.Has(what) {
		p.What = g.t.T(what)
	}
	var r *form.Row
	r, _ = g.form.Text(form.TextParams{RowParams: p, Value: *to, Masked: masked, OnChange: func(s string) {
		*to = strings.TrimSpace(s)
		if masked {
			*to = s
		}
		switch err := access.CheckPIN(s); {
		case !masked && g.p.Setup.Check(id, *to) != nil:
			r.Say(form.Invalid, g.t.T("guide.field."+id+".bad"))
		case id == "pin" && len(s) >= access.MinPIN && err != nil:
			r.Say(form.Invalid, g.t.Fault(err))
		default:
			r.Say(form.Plain, "")
		}
		g.say(form.Plain, "")
	}})
	g.typed[id] = r
	return r
}

// wanting marks the first of the rows whose value is missing or no good.
func (g *Guide) wanting(ids []string, values []string) bool {
	for i, id := range ids {
		r := g.typed[id]
		if r == nil {
			continue
		}
		if tone, _ := r.Said(); values[i] == "" || tone == form.Invalid {
			if values[i] == "" {
				r.Say(form.Invalid, g.t.T("guide.missing"))
			}
			for at, row := range g.form.Rows() {
				if row == r {
					g.form.Choose(at)
				}
			}
			return true
		}
	}
	return false
}

func (g *Guide) hqGroups() []form.Group {
	t := g.t
	if g.standing.Passphrase {
		rows := []*form.Row{g.typedRow("passphrase", &g.pass[0], true)}
		if g.standing.New {
			rows = append(rows, g.typedRow("again", &g.pass[1], true))
			return []form.Group{{Title: t.T("guide.vault.new"), What: t.T("guide.vault.new.what"), Rows: rows}}
		}
		return []form.Group{{Title: t.T("guide.vault.locked"), What: t.T("guide.vault.locked.what"), Rows: rows}}
	}
	demo, _ := g.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("guide.demo"), What: t.T("guide.demo.what")}, Button: t.T("guide.demo.open"), Icon: "store", Do: g.demo})
	hq := form.Group{Title: t.T("guide.real"), What: t.T("guide.real.what"), Rows: []*form.Row{
		g.typedRow("url", &g.hq.URL, false), g.typedRow("tenant", &g.hq.Tenant, false), g.typedRow("login", &g.hq.Login, false),
	}}
	password := g.typedRow("password", &g.hq.Password, true)
	if g.standing.Password {
		password.Mark(t.T("guide.kept"), theme.Info, theme.InfoSoft)
	}
	if g.standing.Vault != nil {
		password.Say(form.Warns, t.Fault(g.standing.Vault))
	}
	hq.Rows = append(hq.Rows, password)
	return []form.Group{{Rows: []*form.Row{demo}}, hq}
}

func (g *Guide) demo() {
	g.work(g.t.T("guide.demo.opening"), g.p.Setup.Demo, func() { g.say(form.Good, g.t.T("guide.demo.opened")) })
}

func (g *Guide) unlock() {
	if g.standing.New && g.pass[0] != g.pass[1] {
		g.typed["again"].Say(form.Invalid, g.t.T("guide.differ"))
		return
	}
	pass := g.pass[0]
	g.work(g.t.T("guide.unlocking"), func(ctx context.Context) error { return g.p.Setup.Unlock(ctx, pass) }, func() { g.p.Apply(AtHQ) })
}

func (g *Guide) login() {
	h := g.hq
	password := h.Password
	if g.standing.Password && password == "" {
		password = "kept" // the one there is
	}
	if g.wanting([]string{"url", "tenant", "login", "password"}, []string{h.URL, h.Tenant, h.Login, password}) {
		return
	}
	by := g.p.Actor()
	g.work(g.t.T("guide.loggingIn"), func(ctx context.Context) error { return g.p.Setup.Login(ctx, by, h) }, func() {
		g.form.Choose(-1)
		g.goTo(AtShop)
	})
}

func (g *Guide) shopGroups() []form.Group {
	t := g.t
	if !g.asked {
		g.asked = true
		g.p.Background(func(ctx context.Context) {
			shops, err := g.p.Setup.Shops(ctx)
			g.p.Later(func() {
				g.shops = shops
				if g.Step() != AtShop {
					return
				}
				g.draw()
				if err != nil {
					g.say(form.Warns, t.Fault(err))
				}
			})
		})
	}
	group := form.Group{Title: t.T("guide.shop.which"), What: t.T("guide.shop.which.what")}
	if len(g.shops) > 0 {
		var options []form.Option
		for _, s := range g.shops {
			options = append(options, form.Option{Value: strconv.FormatInt(s.ID, 10), Label: strings.TrimSpace(s.Name + "  " + s.Address)})
		}
		list, _ := g.form.Choice(form.ChoiceParams{RowParams: form.RowParams{Label: t.T("guide.shop.list"), What: t.T("guide.shop.list.what")}, Options: options, Value: g.shop, OnChange: g.pick})
		group.Rows = append(group.Rows, list)
	}
	group.Rows = append(group.Rows, g.typedRow("shop", &g.shop, false), g.typedRow("name", &g.name, false))
	if over := g.syncView(); over != nil {
		return []form.Group{{Title: t.T("guide.sync"), Over: over}, group}
	}
	return []form.Group{group}
}

// pick takes a shop of the list.
func (g *Guide) pick(id string) {
	g.shop = id
	for _, s := range g.shops {
		if strconv.FormatInt(s.ID, 10) == id {
			g.name = s.Name
		}
	}
	g.draw()
}

// syncView is how far the first sync is, nil before it was begun.
func (g *Guide) syncView() fyne.CanvasObject {
	t := g.t
	switch {
	case g.syncs.Running:
		words, share := t.T("start.connecting"), float32(0)
		if g.syncs.Total > 0 {
			words, share = t.T("start.progress", "read", g.syncs.Read, "total", g.syncs.Total), float32(g.syncs.Read)/float32(g.syncs.Total)
		}
		bar := widgets.NewMeter(520, 12)
		bar.Set(share, theme.Accent)
		return form.Down(theme.S3, widgets.NewPara(words, theme.Body, theme.Ink, 1), bar.Container)
	case g.syncs.Failed != "":
		return form.Down(theme.S3, widgets.Row(theme.S3, container.NewVBox(widgets.Icon("warning", 28, theme.Danger)), widgets.Grow(widgets.NewPara(g.syncs.Failed, theme.Body, theme.Ink, 4))))
	case g.products > 0:
		return form.Down(theme.S3, widgets.Row(theme.S3, container.NewVBox(widgets.Tick(28)), widgets.Grow(widgets.NewPara(t.T("guide.synced", "n", g.products), theme.Body, theme.Ink, 2))))
	}
	return nil
}

// Syncing says how far a sync is, and how many products the till has.
func (g *Guide) Syncing(p Progress, products int) {
	if g.syncs == p && g.products == products {
		return
	}
	g.syncs, g.products = p, products
	if g.ready && g.Step() == AtShop {
		g.draw()
	}
}

// keepShop asks HQ for the shop; with its prices read, the step is done.
func (g *Guide) keepShop() {
	if g.wanting([]string{"shop"}, []string{g.shop}) {
		return
	}
	id, err := strconv.ParseInt(g.shop, 10, 64)
	if err != nil || id <= 0 {
		g.typed["shop"].Say(form.Invalid, g.t.T("guide.field.shop.bad"))
		return
	}
	switch {
	case id == g.standing.ShopID && g.name == g.standing.ShopName && g.products > 0:
		g.form.Choose(-1)
		g.goTo(AtDevices)
		return
	case id == g.standing.ShopID && g.name == g.standing.ShopName:
		g.p.Sync()
		return
	}
	by, name := g.p.Actor(), g.name
	g.work(g.t.T("guide.asking"), func(ctx context.Context) error {
		if _, err := g.p.Setup.Choose(ctx, by, id, name); err != nil {
			return err
		}
		return g.p.Setup.Reached(ctx, AtShop)
	}, func() { g.p.Apply(AtShop) })
}

func (g *Guide) deviceGroups() []form.Group {
	t := g.t
	if g.ports == nil {
		g.ports = []Port{}
		g.p.Background(func(ctx context.Context) {
			ports, err := g.p.Setup.Ports(ctx)
			g.p.Later(func() {
				g.ports = append(g.ports, ports...)
				if g.Step() != AtDevices {
					return
				}
				g.draw()
				if err != nil {
					g.say(form.Warns, t.Fault(err))
				}
			})
		})
	}
	options := []form.Option{{Value: "", Label: t.T("guide.scanner.keyboard")}}
	for _, p := range g.ports {
		options = append(options, form.Option{Value: p.Name, Label: strings.TrimSpace(p.Name + "  " + p.Label)})
	}
	list, _ := g.form.Choice(form.ChoiceParams{RowParams: form.RowParams{Label: t.T("guide.scanner.list"), What: t.T("guide.scanner.list.what")}, Options: options, Value: g.port,
		OnChange: func(v string) { g.port = v; g.draw() }})
	group := form.Group{Title: t.T("guide.scanner"), Rows: []*form.Row{list, g.typedRow("port", &g.port, false)}}
	words, role := t.T("guide.scanner.try"), theme.Quiet
	if g.scan != "" {
		words, role = g.scan, theme.Ink
	}
	live := widgets.Row(theme.S4, container.NewVBox(widgets.Badge("scan", 64, theme.Accent, theme.AccentSoft)),
		widgets.Grow(form.Down(theme.S1, widgets.NewPara(words, theme.Title, role, 2), widgets.NewPara(g.cable, theme.Small, theme.Quiet, 2))))
	return []form.Group{group, {Title: t.T("guide.scanner.live"), Over: live}}
}

// Scanner says how the scanner's cable is.
func (g *Guide) Scanner(words string) {
	g.cable = words
	if g.ready && g.Step() == AtDevices {
		g.draw()
	}
}

// Scanned shows what the scanner sent.
func (g *Guide) Scanned(words string) {
	g.scan = words
	if g.ready && g.Step() == AtDevices {
		g.draw()
	}
}

func (g *Guide) keepScanner() {
	if g.port == g.standing.Scanner {
		g.form.Choose(-1)
		g.goTo(g.following())
		return
	}
	by, port := g.p.Actor(), g.port
	g.work(g.t.T("guide.keeping"), func(ctx context.Context) error {
		if err := g.p.Setup.Scanner(ctx, by, port); err != nil {
			return err
		}
		return g.p.Setup.Reached(ctx, AtDevices)
	}, func() { g.p.Apply(AtDevices) })
}

func (g *Guide) staffGroups() []form.Group {
	t := g.t
	if g.people == nil {
		g.people = []Person{}
		g.p.Background(func(ctx context.Context) {
			list, err := g.p.Staff.List(ctx)
			g.p.Later(func() {
				g.people, g.listed = append(g.people, list...), true
				if g.Step() != AtStaff {
					return
				}
				g.draw()
				if err != nil {
					g.say(form.Warns, t.Fault(err))
				}
			})
		})
	}
	if !g.listed {
		return nil
	}
	groups := []form.Group{g.newPerson()}
	if len(g.people) > 0 {
		list := form.Group{Title: t.T("set.people.list")}
		for _, p := range g.people {
			list.Rows = append(list.Rows, g.form.Fact(form.RowParams{Label: p.Name}, t.T("role."+string(p.Role))))
		}
		groups = append(groups, list)
	}
	return groups
}

// newPerson is somebody to be added; the first of a shop is its owner.
func (g *Guide) newPerson() form.Group {
	t, p := g.t, &g.person
	add, _ := g.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.people.add")}, Button: t.T("set.people.do"), Icon: "plus", Look: widgets.Soft, Do: g.add})
	name, pin, again := g.typedRow("person", &p.Name, false), g.typedRow("pin", &p.PIN, true), g.typedRow("pinAgain", &g.again, true)
	if len(g.people) == 0 {
		role := g.form.Fact(form.RowParams{Label: t.T("set.people.role"), What: t.T("set.people.first.role")}, t.T("role."+string(access.Owner)))
		return form.Group{Title: t.T("guide.staff.first"), What: t.T("guide.staff.first.what"), Rows: []*form.Row{name, role, pin, again, add}}
	}
	if p.Role == "" {
		p.Role = access.Cashier
	}
	var options []form.Option
	for _, r := range access.Roles() {
		options = append(options, form.Option{Value: string(r), Label: t.T("role." + string(r))})
	}
	role, _ := g.form.Choice(form.ChoiceParams{RowParams: form.RowParams{Label: t.T("set.people.role"), What: t.T("set.people.role.what")}, Options: options, Value: string(p.Role), OnChange: func(v string) { p.Role = access.Role(v) }})
	return form.Group{Title: t.T("set.people.new"), Rows: []*form.Row{name, role, pin, again, add}}
}

func (g *Guide) add() {
	if g.wanting([]string{"person", "pin"}, []string{g.person.Name, g.person.PIN}) {
		return
	}
	if err := access.CheckPIN(g.person.PIN); err != nil {
		g.typed["pin"].Say(form.Invalid, g.t.Fault(err))
		return
	}
	if g.person.PIN != g.again {
		g.typed["pinAgain"].Say(form.Invalid, g.t.T("guide.differ"))
		return
	}
	p, by := g.person, g.p.Actor()
	if len(g.people) == 0 {
		p.Role = access.Owner
	}
	g.work(g.t.T("guide.keeping"), func(ctx context.Context) error { return g.p.Staff.Add(ctx, by, p) }, func() {
		g.person, g.again, g.people, g.listed = NewPerson{}, "", nil, false
		g.show()
		g.say(form.Good, g.t.T("guide.added", "name", p.Name))
	})
}

func (g *Guide) finishStaff() {
	g.form.Choose(-1)
	g.goTo(Done)
}
