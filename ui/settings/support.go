package settings

import (
	"context"

	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// support is what the doctor found, as last heard.
type support struct {
	looking bool
	found   []Finding
	bundle  string
}

func (w *Panel) supportGroups() []form.Group {
	t, s := w.t, &w.support
	if s.found == nil && !s.looking {
		w.look()
	}
	var bundle *form.Row
	bundle, _ = w.form.Button(form.ButtonParams{
		RowParams: form.RowParams{Label: t.T("set.bundle"), What: t.T("set.bundle.what")}, Button: t.T("set.bundle.make"), Icon: "tray", Look: widgets.Soft,
		Do: func() { w.makeBundle(bundle) },
	})
	rows := []*form.Row{bundle}
	if s.bundle != "" {
		bundle.Say(form.Good, t.T("set.bundle.made", "file", s.bundle))
		path, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.bundle.path")}, Button: t.T("notice.copy"), Do: func() {
			w.p.Copy(s.bundle)
			w.p.Inform(t.T("set.copied"))
		}})
		rows = append(rows, path)
	}
	again, button := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: t.T("set.doctor.look"), What: t.T("set.doctor.look.what")}, Button: t.T("set.doctor.do"), Icon: "sync", Do: w.look})
	button.Enable(!s.looking)
	if s.looking {
		again.Say(form.Plain, t.T("set.trying"))
	}
	doctor := form.Group{Title: t.T("set.doctor"), Rows: []*form.Row{again}}
	for _, f := range s.found {
		doctor.Rows = append(doctor.Rows, w.findingRow(f))
	}
	return []form.Group{{Title: t.T("set.bundle.title"), Rows: rows}, doctor}
}

func (w *Panel) findingRow(f Finding) *form.Row {
	icon, role, soft := "check", theme.Accent, theme.AccentSoft
	switch f.Light {
	case Amber:
		icon, role, soft = "warning", theme.Warning, theme.WarningSoft
	case Red:
		icon, role, soft = "close", theme.Danger, theme.DangerSoft
	case Green:
	}
	label := f.Name
	if key := "doctor." + f.Name; w.t.Has(key) {
		label = w.t.T(key)
	}
	_, words := w.finding(f)
	if f.Light == Green {
		words = w.t.T("doctor.fine")
	}
	return w.form.Show(form.RowParams{Label: label}, widgets.Row(theme.S3,
		container.NewVBox(widgets.Badge(icon, 32, role, soft)), widgets.Grow(widgets.NewPara(words, theme.Small, theme.Ink, 6))))
}

func (w *Panel) look() {
	w.support.looking = true
	w.p.Background(func(ctx context.Context) {
		found := w.p.Services.Doctor.Look(ctx)
		w.p.Later(func() {
			w.support.looking, w.support.found = false, found
			if w.Section() == Support {
				w.show()
			}
		})
	})
	if w.Section() == Support && w.support.found != nil {
		w.show()
	}
}

func (w *Panel) makeBundle(r *form.Row) {
	r.Say(form.Plain, w.t.T("set.bundle.making"))
	w.p.Background(func(ctx context.Context) {
		path, err := w.p.Services.Doctor.Bundle(ctx)
		w.p.Later(func() {
			if err != nil {
				r.Say(form.Invalid, w.t.Fault(err))
				return
			}
			w.support.bundle = path
			if w.Section() == Support {
				w.show()
			}
		})
	})
}

// aboutGroups say what this program is and what others made of it.
func (w *Panel) aboutGroups() []form.Group {
	t, a := w.t, w.p.Services.About
	program := form.Group{Over: widgets.Row(theme.S4, widgets.Badge("store", 72, theme.Accent, theme.AccentSoft), widgets.Grow(widgets.Middle(form.Down(2,
		widgets.NewPara(t.T("window.title"), theme.Heading, theme.Ink, 1).Strong(), widgets.NewPara(t.T("set.about.version", "version", a.Version), theme.Body, theme.Quiet, 1)))))}
	for _, kv := range a.Details {
		program.Rows = append(program.Rows, w.form.Fact(form.RowParams{Label: t.T(kv[0])}, kv[1]))
	}
	terms := form.Group{Title: t.T("set.about.licences"), What: t.T("set.about.licences.what")}
	for _, l := range a.Licences {
		r, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: l.Name}, Button: t.T("set.about.read"), Do: func() { w.p.Read(l.Name, l.Text) }})
		terms.Rows = append(terms.Rows, r)
	}
	return []form.Group{program, terms}
}
