package settings

import (
	"context"

	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// gateways are HQ and the two gateways, and the vault their secrets are in.
func (w *Panel) gateways() []form.Group {
	groups := w.fieldGroups(Gateways)
	if v := w.vault(); len(v.Rows) > 0 {
		if w.state.Vault.Err != nil {
			return append([]form.Group{v}, groups...)
		}
		groups = append(groups, v)
	}
	return groups
}

// vault says where the secrets are, and asks for a passphrase where one is wanted.
func (w *Panel) vault() form.Group {
	v, t := w.state.Vault, w.t
	g := form.Group{Title: t.T("set.vault")}
	switch {
	case v.Err == nil:
		g.Rows = []*form.Row{w.form.Fact(form.RowParams{Label: t.T("set.vault.where")}, v.Where)}
		return g
	case !v.Passphrase:
		r := w.form.Fact(form.RowParams{Label: t.T("set.vault.where")}, t.Fault(v.Err))
		g.Rows = []*form.Row{r}
		return g
	case v.New:
		g.What = t.T("set.vault.new")
	default:
		g.What = t.T("set.vault.locked")
	}
	var first, again string
	var row *form.Row
	try := func() { w.unlock(row, first, again, v.New) }
	p := form.TextParams{RowParams: form.RowParams{Label: t.T("set.vault.passphrase")}, Masked: true, OnChange: func(s string) { first = s }}
	if !v.New {
		p.OnEnter = try
	}
	row, _ = w.form.Text(p)
	g.Rows = []*form.Row{row}
	if v.New {
		second, _ := w.form.Text(form.TextParams{RowParams: form.RowParams{Label: t.T("set.vault.again")}, Masked: true, OnChange: func(s string) { again = s }, OnEnter: try})
		g.Rows = append(g.Rows, second)
	}
	open, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.vault.open"), What: t.T("set.vault.open.what")}, Button: t.T("set.vault.unlock"), Icon: "lock", Look: widgets.Soft, Do: try})
	g.Rows = append(g.Rows, open)
	return g
}

func (w *Panel) unlock(row *form.Row, first, again string, anew bool) {
	if anew && first != again {
		row.Say(form.Invalid, w.t.T("set.vault.differ"))
		return
	}
	row.Say(form.Plain, w.t.T("set.trying"))
	w.p.Background(func(ctx context.Context) {
		err := w.p.Services.Store.Unlock(ctx, first)
		w.p.Later(func() {
			if err != nil {
				row.Say(form.Invalid, w.t.Fault(err))
				return
			}
			row.Say(form.Good, w.t.T("set.vault.opened"))
			w.p.Unlocked()
		})
	})
}

// tryRow asks a service whether it knows this till, with what is typed.
func (w *Panel) tryRow(service string) *form.Row {
	var r *form.Row
	r, _ = w.form.Button(form.ButtonParams{
		RowParams: form.RowParams{Label: w.t.T("set.try"), What: w.t.T("set.try.what")}, Button: w.t.T("set.try.do"), Icon: "sync", Look: widgets.Soft,
		Do: func() { w.try(r, service) },
	})
	w.rows["try."+service] = r
	return r
}

func (w *Panel) try(r *form.Row, service string) {
	if len(w.invalid()) > 0 {
		r.Say(form.Invalid, w.t.T("set.try.invalid"))
		return
	}
	r.Say(form.Plain, w.t.T("set.trying"))
	c := w.copied()
	w.p.Background(func(ctx context.Context) {
		found, err := w.p.Services.Doctor.Try(ctx, service, c)
		w.p.Later(func() {
			if err != nil {
				found = Finding{Light: Red, Err: err}
			}
			tone, words := w.finding(found)
			if found.Light == Green {
				words = w.t.T("set.try.good")
				if !w.changes.Empty() {
					words += " " + w.t.T("set.try.unsaved")
				}
			}
			r.Say(tone, words)
		})
	})
}

// copied are the changes as they are now, for another goroutine.
func (w *Panel) copied() Changes {
	c := Changes{Settings: map[string]string{}, Secrets: map[string]string{}}
	for k, v := range w.changes.Settings {
		c.Settings[k] = v
	}
	for k, v := range w.changes.Secrets {
		c.Secrets[k] = v
	}
	return c
}

// finding is what was found, as a note.
func (w *Panel) finding(f Finding) (form.Tone, string) {
	words := f.Reason
	if f.Err != nil {
		words = w.t.Fault(f.Err)
	}
	switch f.Light {
	case Green:
		return form.Good, words
	case Amber:
		return form.Warns, words
	case Red:
	}
	return form.Invalid, words
}
