package settings

import (
	"slices"
	"strconv"

	"cashier/ui/theme"
	"cashier/ui/widgets/form"
)

// split are the sections whose fields stand on a card for each group.
var split = []Section{Gateways, Shop}

// fieldGroups are the fields of a section, in the table's order.
func (w *Panel) fieldGroups(s Section) (groups []form.Group) {
	var names []string
	of := map[string][]Field{}
	for _, f := range w.p.Services.Store.Fields() {
		if f.Section != s {
			continue
		}
		name := ""
		if slices.Contains(split, s) {
			name = f.Group
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		of[name] = append(of[name], f)
	}
	for _, name := range names {
		groups = append(groups, w.group(s, name, of[name]))
	}
	return groups
}

// group is one card of fields, with those for specialists folded away.
func (w *Panel) group(s Section, name string, fields []Field) form.Group {
	g := form.Group{}
	if name != "" {
		g.Title = w.t.T("set.group." + name)
	}
	var fine []Field
	for _, f := range fields {
		if f.Fine {
			fine = append(fine, f)
			continue
		}
		g.Rows = append(g.Rows, w.field(f))
	}
	if name != "" && w.p.Services.Doctor != nil && s == Gateways {
		g.Rows = append(g.Rows, w.tryRow(name))
	}
	if len(fine) == 0 {
		return g
	}
	id := string(s) + "/" + name
	label, icon := w.t.T("set.more", "n", len(fine)), "plus"
	if w.unfolded[id] {
		label, icon = w.t.T("set.less"), "minus"
	}
	fold, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: w.t.T("set.fine"), What: w.t.T("set.fine.what")}, Button: label, Icon: icon, Do: func() {
		w.unfolded[id] = !w.unfolded[id]
		w.show()
	}})
	g.Rows = append(g.Rows, fold)
	if w.unfolded[id] {
		for _, f := range fine {
			g.Rows = append(g.Rows, w.field(f))
		}
	}
	return g
}

func (w *Panel) value(f Field) string {
	if v, changed := w.changes.Settings[f.Key]; changed {
		return v
	}
	return w.state.Values[f.Key]
}

// Label is what a field is called.
func (w *Panel) label(f Field) form.RowParams {
	p := form.RowParams{Label: w.t.T("set." + f.Key)}
	if key := "set." + f.Key + ".what"; w.t.Has(key) {
		p.What = w.t.T(key)
	}
	if w.state.Fixed[f.Key] {
		p.Tag = w.t.T("set.fixed")
	}
	return p
}

func (w *Panel) field(f Field) *form.Row {
	var r *form.Row
	change := func(v string) { w.change(f, v) }
	switch f.Kind {
	case Secret:
		return w.secret(f)
	case Switch:
		r, _ = w.form.Choice(form.ChoiceParams{RowParams: w.label(f), Value: w.value(f), OnChange: change,
			Options: []form.Option{{Value: "true", Label: w.t.T("set.on")}, {Value: "false", Label: w.t.T("set.off")}}})
	case Choice:
		r, _ = w.form.Choice(form.ChoiceParams{RowParams: w.label(f), Value: w.value(f), OnChange: change, Options: w.options(f, f.Choices)})
	case Factor:
		list := f.Suggest
		if !slices.Contains(list, w.value(f)) {
			list = append(slices.Clone(list), w.value(f))
		}
		r, _ = w.form.Choice(form.ChoiceParams{RowParams: w.label(f), Value: w.value(f), OnChange: change, Options: w.options(f, list)})
	default:
		r, _ = w.form.Text(form.TextParams{RowParams: w.label(f), Value: w.value(f), Hint: f.Default, Suggest: f.Suggest, OnChange: change})
	}
	w.rows[f.Key] = r
	w.judge(f)
	return r
}

func (w *Panel) options(f Field, values []string) (out []form.Option) {
	for _, v := range values {
		o := form.Option{Value: v, Label: v}
		if key := "set." + f.Key + ":" + v; w.t.Has(key) {
			o.Label = w.t.T(key)
		}
		out = append(out, o)
	}
	return out
}

func (w *Panel) secret(f Field) *form.Row {
	none := w.t.T("set.secret.none")
	if w.state.Vault.Err != nil {
		none = w.t.T("set.secret.unknown")
	}
	r, _ := w.form.Secret(form.SecretParams{
		RowParams: w.label(f), Set: w.state.Secrets[f.Key], IsSet: w.t.T("set.secret.set"), NotSet: none,
		Enter: w.t.T("set.secret.enter"), Replace: w.t.T("set.secret.replace"), Hint: w.t.T("set.secret.hint"),
		OnChange: func(s string) {
			if s == "" {
				delete(w.changes.Secrets, f.Key)
			} else {
				w.changes.Secrets[f.Key] = s
			}
			w.paintNav()
			w.paintFoot()
		},
	})
	w.rows[f.Key] = r
	switch {
	case w.changes.Secrets[f.Key] != "":
		r.Mark(w.t.T("set.secret.typed"), theme.Warning, theme.WarningSoft)
	case w.state.Vault.Err != nil:
		r.Say(form.Warns, w.t.T("set.secret.locked"))
	}
	return r
}

func (w *Panel) change(f Field, v string) {
	was := w.state.Values[f.Key]
	if v == was || v == "" && was == f.Default {
		delete(w.changes.Settings, f.Key)
	} else {
		w.changes.Settings[f.Key] = v
	}
	w.judge(f)
	w.paintNav()
	w.paintFoot()
}

// judge says below a row what is wrong with what was typed, or when it holds.
func (w *Panel) judge(f Field) {
	r := w.rows[f.Key]
	if r == nil {
		return
	}
	v, changed := w.changes.Settings[f.Key]
	switch {
	case changed && w.p.Services.Store.Check(f.Key, v) != nil:
		r.Say(form.Invalid, w.wants(f))
	case changed && w.state.Fixed[f.Key]:
		r.Say(form.Plain, w.t.T("set.nextStart"))
	case changed && !f.AtOnce:
		r.Say(form.Plain, w.t.T("set.reopens"))
	default:
		r.Say(form.Plain, "")
	}
}

// wants is what a value has to be, as something to do.
func (w *Panel) wants(f Field) string {
	lowest, highest := strconv.FormatInt(f.Min, 10), strconv.FormatInt(f.Max, 10)
	switch {
	case f.Kind == Whole && f.Max > 0:
		return w.t.T("set.want.range", "min", lowest, "max", highest)
	case f.Kind == Whole:
		return w.t.T("set.want.int", "min", lowest)
	}
	return w.t.T("set.want." + string(f.Kind))
}
