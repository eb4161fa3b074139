package settings

import (
	"context"

	"cashier/services/access"
	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// people is who works here, as last read, who is being added, and who of them is
// shown.
type people struct {
	asked bool
	read  bool
	list  []Person
	err   error
	next  NewPerson
	again string

	who   string // the one who is shown; "" for the list
	name  *string
	role  *access.Role
	waits bool            // the next scan is this one's badge
	says  map[string]note // below the rows
}

// note is what is said below a row.
type note struct {
	tone  form.Tone
	words string
}

func (w *Panel) peopleGroups() []form.Group {
	if !w.people.asked {
		w.readPeople()
	}
	if who := w.person(); who != nil {
		return w.personGroups(*who)
	}
	if !w.people.read {
		return w.fieldGroups(People)
	}
	groups := []form.Group{w.newPerson()}
	if len(w.people.list) > 0 || w.people.err != nil {
		groups = []form.Group{w.everybody(), w.newPerson()}
	}
	return append(groups, w.fieldGroups(People)...)
}

// everybody is the list of those who work here. Whom one may not decide about is
// only looked at.
func (w *Panel) everybody() form.Group {
	t, p, by := w.t, &w.people, w.p.Actor()
	list := form.Group{Title: t.T("set.people.list")}
	if p.err != nil {
		list.Over = w.drawn("warning", t.Fault(p.err), "")
	}
	for _, one := range p.list {
		role := t.T("role." + string(one.Role))
		if one.HasBadge {
			role += " · " + t.T("set.people.badge")
		}
		params := form.RowParams{Label: one.Name, What: role}
		if one.Own {
			params.Tag = t.T("set.people.you")
		}
		if !by.Over(one.Role) && !one.Own {
			list.Rows = append(list.Rows, w.form.Fact(params, t.T("set.people.above")))
			continue
		}
		r, _ := w.form.Button(form.ButtonParams{RowParams: params, Button: t.T("set.people.open"), Icon: "settings", Do: func() { w.choosePerson(one.ID) }})
		w.rows["people."+one.ID] = r
		if !one.HasPIN {
			r.Say(form.Warns, t.T("set.people.noPIN"))
		}
		w.sayLocked(r, one)
		list.Rows = append(list.Rows, r)
	}
	return list
}

// roleOptions are the roles that whoever is at the till may give somebody who
// has one already.
func (w *Panel) roleOptions(had access.Role, own bool) (options []form.Option) {
	by := w.p.Actor()
	for _, r := range access.Roles() {
		if by.Over(r) || own && r == had {
			options = append(options, form.Option{Value: string(r), Label: w.t.T("role." + string(r))})
		}
	}
	return options
}

// newPerson is somebody to be added; the first of a shop is its owner.
func (w *Panel) newPerson() form.Group {
	t, p := w.t, &w.people
	first := len(p.list) == 0
	name, _ := w.form.Text(form.TextParams{RowParams: form.RowParams{Label: t.T("set.people.name")}, Value: p.next.Name, OnChange: func(s string) {
		p.next.Name = s
		w.rows["people.new.name"].Say(form.Plain, "")
	}})
	w.rows["people.new.name"] = name
	var role *form.Row
	if first {
		role = w.form.Fact(form.RowParams{Label: t.T("set.people.role"), What: t.T("set.people.first.role")}, t.T("role."+string(access.Owner)))
	} else {
		if p.next.Role == "" || !w.p.Actor().Over(p.next.Role) {
			p.next.Role = access.Cashier
		}
		role, _ = w.form.Choice(form.ChoiceParams{RowParams: form.RowParams{Label: t.T("set.people.role"), What: t.T("set.people.role.what")}, Options: w.roleOptions("", false), Value: string(p.next.Role),
			OnChange: func(v string) { p.next.Role = access.Role(v) }})
	}
	var pin, again *form.Row
	pin, _ = w.form.Text(form.TextParams{RowParams: form.RowParams{Label: t.T("set.people.pin"), What: t.T("set.people.pin.rule")}, Value: p.next.PIN, Masked: true, OnChange: func(s string) {
		p.next.PIN = s
		w.judgePIN(pin, s)
	}})
	again, _ = w.form.Text(form.TextParams{RowParams: form.RowParams{Label: t.T("set.people.again")}, Value: p.again, Masked: true, OnChange: func(s string) {
		p.again = s
		again.Say(form.Plain, "")
	}})
	add, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.people.add")}, Button: t.T("set.people.do"), Icon: "plus", Look: widgets.Soft, Do: func() { w.addPerson(pin, again) }})
	w.rows["people.new.pin"], w.rows["people.new.again"], w.rows["people.new.add"] = pin, again, add
	g := form.Group{Title: t.T("set.people.new"), Rows: []*form.Row{name, role, pin, again, add}}
	if first {
		g.Title, g.What = t.T("set.people.first"), t.T("set.people.first.what")
	}
	return g
}

// judgePIN judges a PIN while it is typed: nothing is said of one that may still
// become good.
func (w *Panel) judgePIN(r *form.Row, pin string) {
	if err := access.CheckPIN(pin); err != nil && len(pin) >= access.MinPIN {
		r.Say(form.Invalid, w.t.Fault(err))
		return
	}
	r.Say(form.Plain, "")
}

func (w *Panel) readPeople() {
	w.people.asked = true
	w.p.Background(func(ctx context.Context) {
		list, err := w.p.Services.Staff.List(ctx)
		w.p.Later(func() {
			w.people.list, w.people.err, w.people.read = list, err, true
			if w.people.who != "" && w.person() == nil {
				w.people.who = ""
				w.people.forget()
			}
			if w.Section() == People && w.loaded {
				w.show()
			}
		})
	})
}

func (w *Panel) addPerson(pin, again *form.Row) {
	p := w.people
	if err := access.CheckPIN(p.next.PIN); err != nil {
		pin.Say(form.Invalid, w.t.Fault(err))
		return
	}
	if p.next.PIN != p.again {
		again.Say(form.Invalid, w.t.T("set.people.differ"))
		return
	}
	if len(p.list) == 0 {
		p.next.Role = access.Owner
	}
	by := w.p.Actor()
	w.p.Background(func(ctx context.Context) {
		err := w.p.Services.Staff.Add(ctx, by, p.next)
		w.p.Later(func() {
			if err != nil {
				if r := w.rows["people.new.name"]; r != nil {
					r.Say(form.Invalid, w.t.Fault(err))
				}
				return
			}
			w.people = people{asked: true, read: true, list: p.list}
			w.p.Inform(w.t.T("set.people.added", "name", p.next.Name))
			w.readPeople()
			w.p.Staffed()
		})
	})
}
