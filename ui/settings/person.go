package settings

import (
	"context"
	"slices"
	"strconv"
	"time"

	"cashier/services/access"
	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// choosePerson shows one person, "" the list of all.
func (w *Panel) choosePerson(id string) {
	w.dropBadge()
	was, inside := w.people.who, w.chosen()
	w.people.who, w.people.says = id, nil
	w.people.forget()
	w.form.Choose(-1)
	w.form.Set()
	w.show()
	if !inside {
		return
	}
	w.inside = true
	begin := w.rows["people.name"]
	if id == "" {
		begin = w.rows["people."+was]
	}
	w.form.Choose(max(0, slices.Index(w.form.Rows(), begin)))
}

// person is who is shown, nil where the list is.
func (w *Panel) person() *Person {
	for i := range w.people.list {
		if w.people.list[i].ID == w.people.who {
			return &w.people.list[i]
		}
	}
	return nil
}

// changed counts what of the person who is shown waits to be saved.
func (p *people) changed() (n int) {
	if p.name != nil {
		n++
	}
	if p.role != nil {
		n++
	}
	return n
}

func (p *people) forget() { p.name, p.role = nil, nil }

// personGroups are what can be done about one person.
func (w *Panel) personGroups(who Person) []form.Group {
	t := w.t
	back, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.people.all"), What: t.T("set.people.all.what")}, Button: t.T("set.people.back"), Icon: "back", Do: w.leavePerson})
	groups := []form.Group{{Rows: []*form.Row{back}}, w.identity(who), w.proofs(who)}
	if row := w.lockRow(who); row != nil {
		groups[2].Rows = append(groups[2].Rows, row)
	}
	remove, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.people.remove"), What: t.T("set.people.remove.what")}, Button: t.T("set.people.remove.do"), Icon: "close", Do: func() { w.askRemove(who) }})
	w.personRow("remove", remove)
	return append(groups, form.Group{Rows: []*form.Row{remove}})
}

// personRow keeps a row by what it is for and puts the note back that was said
// below it.
func (w *Panel) personRow(id string, r *form.Row) {
	w.rows["people."+id] = r
	if note, said := w.people.says[id]; said {
		r.Say(note.tone, note.words)
	}
}

// identity are the name and the role, which wait to be saved.
func (w *Panel) identity(who Person) form.Group {
	t, p := w.t, &w.people
	value, role := who.Name, who.Role
	if p.name != nil {
		value = *p.name
	}
	if p.role != nil {
		role = *p.role
	}
	name, _ := w.form.Text(form.TextParams{RowParams: form.RowParams{Label: t.T("set.people.name")}, Value: value, OnChange: func(s string) {
		if p.name = &s; s == who.Name {
			p.name = nil
		}
		w.personNote("name", form.Plain, "")
		w.paintNav()
		w.paintFoot()
	}})
	w.personRow("name", name)
	change, _ := w.form.Choice(form.ChoiceParams{RowParams: form.RowParams{Label: t.T("set.people.role"), What: t.T("set.people.role.what")}, Options: w.roleOptions(who.Role, who.Own), Value: string(role),
		OnChange: func(v string) {
			to := access.Role(v)
			if p.role = &to; to == who.Role {
				p.role = nil
			}
			w.personNote("role", form.Plain, "")
			w.paintNav()
			w.paintFoot()
		}})
	w.personRow("role", change)
	what := t.T("set.people.since", "date", who.Since.In(w.p.Zone).Format(time.DateOnly))
	if who.Own {
		what = t.T("set.people.own") + " " + what
	}
	return form.Group{Title: who.Name, What: what, Rows: []*form.Row{name, change}}
}

// proofs are the PIN and the badge, which change at once.
func (w *Panel) proofs(who Person) form.Group {
	t := w.t
	label := t.T("set.people.pin.change")
	if !who.HasPIN {
		label = t.T("set.people.pin.first")
	}
	pin, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.people.pin"), What: t.T("set.people.pin.rule")}, Button: label, Icon: "lock", Look: widgets.Soft, Do: func() { w.askPIN(who) }})
	w.personRow("pin", pin)
	if !who.HasPIN {
		if _, said := w.people.says["pin"]; !said {
			pin.Say(form.Warns, t.T("set.people.noPIN"))
		}
	}
	label = t.T("set.people.badge.scan")
	if w.people.waits {
		label = t.T("set.people.badge.stop")
	}
	badge, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.people.badge"), What: t.T("set.people.badge.what")}, Button: label, Icon: "scan", Look: widgets.Soft, Do: w.waitForBadge})
	w.personRow("badge", badge)
	_, said := w.people.says["badge"]
	switch {
	case said:
	case w.people.waits:
		badge.Say(form.Plain, t.T("set.people.badge.waits"))
	case who.HasBadge:
		badge.Say(form.Good, t.T("set.people.badge.has"))
	default:
		badge.Say(form.Plain, t.T("set.people.badge.none"))
	}
	rows := []*form.Row{pin, badge}
	if who.HasBadge {
		away, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.people.badge.away"), What: t.T("set.people.badge.away.what")}, Button: t.T("set.people.badge.away.do"), Icon: "close", Do: func() { w.setBadge(who, "") }})
		w.personRow("away", away)
		rows = append(rows, away)
	}
	return form.Group{Title: t.T("set.people.proof"), Rows: rows}
}

// lockRow says that wrong PINs were entered, and forgets them; nil for none.
func (w *Panel) lockRow(who Person) *form.Row {
	if who.Wrong == 0 {
		return nil
	}
	t := w.t
	r, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.people.wrong", "n", who.Wrong), What: t.T("set.people.wrong.what")}, Button: t.T("set.people.unlock"), Icon: "check", Look: widgets.Soft, Do: func() {
		w.act("unlock", "set.people.unlocked", who, func(ctx context.Context, by access.Actor) error {
			return w.p.Services.Staff.Unlock(ctx, by, who.ID)
		})
	}})
	w.personRow("unlock", r)
	if left := wholeSeconds(w.p.Services.Staff.LockedFor(who.ID)); left > 0 {
		r.Say(form.Warns, t.T("set.people.locked", "time", clock(left)))
	}
	return r
}

// Tick counts down how long PINs are locked.
func (w *Panel) Tick() {
	if w.Section() != People || !w.loaded || w.p.Services.Staff == nil {
		return
	}
	for _, who := range w.people.list {
		if who.Wrong == 0 || w.people.who != "" && w.people.who != who.ID {
			continue
		}
		id := "people.unlock"
		if w.people.who == "" {
			id = "people." + who.ID
		}
		if r := w.rows[id]; r != nil {
			w.sayLocked(r, who)
		}
	}
}

func (w *Panel) sayLocked(r *form.Row, who Person) {
	left := wholeSeconds(w.p.Services.Staff.LockedFor(who.ID))
	tone, _ := r.Said()
	switch {
	case left > 0:
		r.Say(form.Warns, w.t.T("set.people.locked", "time", clock(left)))
	case tone == form.Warns: // it has run out
		r.Say(form.Plain, "")
	}
}

func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// clock is a time to wait, as minutes and seconds.
func clock(s int) string {
	return strconv.Itoa(s/60) + ":" + string(rune('0'+s%60/10)) + string(rune('0'+s%10))
}

// act does something about a person at once and says below its row how it went.
func (w *Panel) act(row, done string, who Person, do func(context.Context, access.Actor) error) {
	by := w.p.Actor()
	w.personNote(row, form.Plain, w.t.T("set.people.keeping"))
	w.p.Background(func(ctx context.Context) {
		err := do(ctx, by)
		w.p.Later(func() {
			if err != nil {
				w.personNote(row, form.Invalid, w.t.Fault(err))
				return
			}
			if row == "unlock" { // its row is gone
				row = "pin"
			}
			w.people.says = map[string]note{row: {form.Good, w.t.T(done, "name", who.Name)}}
			w.readPeople()
			w.p.Staffed()
		})
	})
}

// personNote says something below a row of the person who is shown, "" nothing.
func (w *Panel) personNote(row string, tone form.Tone, words string) {
	if words == "" {
		delete(w.people.says, row)
	} else {
		if w.people.says == nil {
			w.people.says = map[string]note{}
		}
		w.people.says[row] = note{tone, words}
	}
	if r := w.rows["people."+row]; r != nil {
		r.Say(tone, words)
	}
}

func (w *Panel) askPIN(who Person) {
	w.dropBadge()
	w.p.AskPIN(who.Name, func(pin string, done func(error)) {
		by := w.p.Actor()
		w.p.Background(func(ctx context.Context) {
			err := w.p.Services.Staff.SetPIN(ctx, by, who.ID, pin)
			w.p.Later(func() {
				if done(err); err == nil {
					w.people.says = map[string]note{"pin": {form.Good, w.t.T("set.people.pin.changed", "name", who.Name)}}
					w.readPeople()
				}
			})
		})
	})
}

// waitForBadge takes the next scan for this person's badge, or no longer.
func (w *Panel) waitForBadge() {
	waits := !w.people.waits
	w.people.says = nil
	w.people.waits = waits
	w.show()
}

func (w *Panel) dropBadge() { w.people.waits = false }

// WaitsForBadge reports whether the next scan is to be somebody's badge.
func (w *Panel) WaitsForBadge() bool {
	return w.people.waits && w.Section() == People && w.person() != nil
}

// Badge takes what was scanned while a badge is waited for: its code, or "" for
// something that is no staff badge.
func (w *Panel) Badge(code string) {
	who := w.person()
	if who == nil || !w.people.waits {
		return
	}
	if code == "" {
		w.personNote("badge", form.Invalid, w.t.T("set.people.badge.other", "prefix", w.state.Values["staff.badge_prefix"]))
		return
	}
	w.dropBadge()
	w.setBadge(*who, code)
}

func (w *Panel) setBadge(who Person, code string) {
	w.dropBadge()
	done := "set.people.badge.set"
	if code == "" {
		done = "set.people.badge.gone"
	}
	w.act("badge", done, who, func(ctx context.Context, by access.Actor) error {
		return w.p.Services.Staff.SetBadge(ctx, by, who.ID, code)
	})
}

func (w *Panel) askRemove(who Person) {
	what := w.t.T("set.people.remove.ask.what", "name", who.Name)
	if who.Own {
		what = w.t.T("set.people.remove.own")
	}
	w.p.Ask(w.t.T("set.people.remove.ask", "name", who.Name), what, w.t.T("set.people.remove.yes"), func() {
		by := w.p.Actor()
		w.p.Background(func(ctx context.Context) {
			err := w.p.Services.Staff.Remove(ctx, by, who.ID)
			w.p.Later(func() {
				if err != nil {
					w.personNote("remove", form.Invalid, w.t.Fault(err))
					return
				}
				w.choosePerson("")
				w.p.Inform(w.t.T("set.people.removed", "name", who.Name))
				w.readPeople()
				w.p.Staffed()
			})
		})
	})
}

// savePerson saves the name and the role that were changed.
func (w *Panel) savePerson() {
	who, p := w.person(), &w.people
	if who == nil {
		return
	}
	id, name, role, by := who.ID, p.name, p.role, w.p.Actor()
	w.saving = true
	w.paintFoot()
	w.p.Background(func(ctx context.Context) {
		err := w.p.Services.Staff.Set(ctx, by, id, name, role)
		w.p.Later(func() {
			w.saving = false
			row := "name"
			if name == nil {
				row = "role"
			}
			if err != nil {
				w.paintFoot()
				w.personNote(row, form.Invalid, w.t.Fault(err))
				return
			}
			if p.who == id {
				p.forget()
				p.says = map[string]note{row: {form.Good, w.t.T("set.people.saved")}}
			}
			w.readPeople()
			w.p.Staffed()
		})
	})
}

// leavePerson goes back to the list; what is not saved is asked about.
func (w *Panel) leavePerson() {
	if w.people.changed() == 0 {
		w.choosePerson("")
		return
	}
	w.p.Ask(w.t.T("set.leave"), w.t.T("set.leave.what"), w.t.T("set.leave.yes"), func() { w.choosePerson("") })
}
