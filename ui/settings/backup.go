package settings

import (
	"context"
	"path/filepath"
	"strconv"
	"time"

	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// backups are the copies of the books, as last read.
type backups struct {
	asked bool
	list  []Backup
	err   error
	said  string
}

// shownBackups is how many copies are listed: what a till keeps at most is about that.
const shownBackups = 40

func (w *Panel) backupGroups() []form.Group {
	t, b := w.t, &w.backups
	if !b.asked {
		w.readBackups()
	}
	var now *form.Row
	now, _ = w.form.Button(form.ButtonParams{
		RowParams: form.RowParams{Label: t.T("set.backup.now"), What: t.T("set.backup.now.what")}, Button: t.T("set.backup.make"), Icon: "drawer", Look: widgets.Soft,
		Do: func() { w.makeBackup(now) },
	})
	if b.said != "" {
		now.Say(form.Good, b.said)
	}
	groups := []form.Group{{Rows: []*form.Row{now}}}
	groups = append(groups, w.fieldGroups(Backing)...)
	list := form.Group{Title: t.T("set.backup.list"), What: t.T("set.backup.list.what")}
	for i, one := range b.list {
		if i == shownBackups {
			break
		}
		what := filepath.Base(one.File) + "   " + size(one.Size)
		at := one.At.In(w.p.Zone).Format(time.DateTime)
		r, _ := w.form.Button(form.ButtonParams{RowParams: form.RowParams{Label: at, What: what}, Button: t.T("set.backup.restore"), Icon: "undo", Do: func() {
			w.p.Ask(t.T("set.backup.ask", "time", at), t.T("set.backup.ask.what"), t.T("set.backup.ask.yes"), func() { w.p.Restore(one.File) })
		}})
		list.Rows = append(list.Rows, r)
	}
	switch {
	case b.err != nil:
		list.Over = w.drawn("warning", t.Fault(b.err), "")
	case len(b.list) == 0:
		list.Over = w.drawn("drawer", t.T("set.backup.none"), t.T("set.backup.none.what"))
	}
	return append(groups, list)
}

func size(n int64) string {
	const mb = 1 << 20
	if n < mb {
		return strconv.FormatInt((n+1023)/1024, 10) + " KB"
	}
	return strconv.FormatInt((n+mb/2)/mb, 10) + " MB"
}

func (w *Panel) readBackups() {
	w.backups.asked = true
	w.p.Background(func(ctx context.Context) {
		list, err := w.p.Services.Backups.List(ctx)
		w.p.Later(func() {
			w.backups.list, w.backups.err = list, err
			if w.Section() == Backing && w.loaded {
				w.show()
			}
		})
	})
}

func (w *Panel) makeBackup(r *form.Row) {
	r.Say(form.Plain, w.t.T("set.backup.making"))
	by := w.p.Actor()
	w.p.Background(func(ctx context.Context) {
		b, err := w.p.Services.Backups.Make(ctx, by)
		w.p.Later(func() {
			if err != nil {
				r.Say(form.Invalid, w.t.Fault(err))
				return
			}
			w.backups.said = w.t.T("set.backup.made", "time", b.At.In(w.p.Zone).Format(time.TimeOnly))
			w.readBackups()
		})
	})
}
