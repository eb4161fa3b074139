package settings

import (
	"context"

	"cashier/services/access"
	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// people is who works here, as last read, and who is being added.
type people struct {
	asked bool
	list  []Person
	err   error
	next  NewPerson
	again string
}

// Roles are what a person may be.
var roles = []access.Role{access.Cashier, access.Staff, access.Manager, access.Owner}

func (w *Panel) peopleGroups() []form.Group {
	t, p := w.t, &w.people
	if !p.asked {
		w.readPeople()
	}
	if p.next.Role == "" {
		p.next.Role = access.Cashier
	}
	list := form.Group{Title: t.T("set.people.list")}
	for _, one := range p.list {
		list.Rows = append(list.Rows, w.form.Fact(form.RowParams{Label: one.Name}, t.T("role."+string(one.Role))))
	}
	switch {
	case p.err != nil:
		list.Over = w.drawn("warning", t.Fault(p.err), "")
	case len(p.list) == 0:
		list.Over = w.drawn("user", t.T("set.people.none"), t.T("set.people.none.what"))
	}
	name, _ := w.form.Text(form.TextParams{RowParams: form.RowParams{Label: t.T("set.people.name")}, Value: p.next.Name, OnChange: func(s string) { p.next.Name = s }})
	var options []form.Option
	for _, r := range roles {
		options = append(options, form.Option{Value: string(r), Label: t.T("role." + string(r))})
	}
	role, _ := w.form.Choice(form.ChoiceParams{RowParams: form.RowParams{Label: t.T("set.people.role"), What: t.T("set.people.role.what")}, Options: options, Value: string(p.next.Role),
		OnChange: func(v string) { p.next.Role = access.Role(v) }})
	pin, _ := w.form.Text(form.TextParams{RowParams: form.RowParams{Label: t.T("set.people.pin"), What: t.T("set.people.pin.what")}, Masked: true, OnChange: func(s string) { p.next.PIN = s }})
	again, _ := w.form.Text(form.TextParams{RowParams: form.RowParams{Label: t.T("set.people.again")}, Masked: true, OnChange: func(s string) { p.again = s }})
	add, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.people.add")}, Button: t.T("set.people.do"), Icon: "plus", Look: widgets.Soft, Do: func() { w.addPerson(name, again) }})
	return []form.Group{list, {Title: t.T("set.people.new"), Rows: []*form.Row{name, role, pin, again, add}}}
}

func (w *Panel) readPeople() {
	w.people.asked = true
	w.p.Background(func(ctx context.Context) {
		list, err := w.p.Services.Staff.List(ctx)
		w.p.Later(func() {
			w.people.list, w.people.err = list, err
			if w.Section() == People && w.loaded {
				w.show()
			}
		})
	})
}

func (w *Panel) addPerson(name, again *form.Row) {
	p := w.people
	if p.next.PIN != p.again {
		again.Say(form.Invalid, w.t.T("set.people.differ"))
		return
	}
	by := w.p.Actor()
	w.p.Background(func(ctx context.Context) {
		err := w.p.Services.Staff.Add(ctx, by, p.next)
		w.p.Later(func() {
			if err != nil {
				name.Say(form.Invalid, w.t.Fault(err))
				return
			}
			w.people = people{}
			w.show()
		})
	})
}
