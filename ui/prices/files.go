package prices

import (
	"path/filepath"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
	"cashier/ui/widgets"
)

func itoa(n int) string { return strconv.Itoa(n) }

// mostFiles is how many price lists one digit can choose among.
const mostFiles = 9

// askImport offers the price lists that lie about, the newest first; another is
// named, or dropped onto the window.
func (w *Page) askImport() {
	w.keepTyped()
	lists, _ := w.p.Desk.Files()
	lists = lists[:min(len(lists), mostFiles)]
	var sheet *widgets.Sheet
	read := func(file string) {
		if file = strings.Trim(strings.TrimSpace(file), `"'`); file != "" {
			w.p.Host.Shut(sheet)
			w.Import(file)
		}
	}
	box := widgets.NewEntry(widgets.EntryParams{Hint: w.t.T("desk.filePath"), Wedge: w.p.Wedge, Keys: w.p.Host, OnScan: func(string) {}, OnEsc: func() { w.p.Host.Shut(sheet) }})
	body := widgets.Col(theme.S3, widgets.NewPara(w.t.T("desk.importWhat"), theme.Body, theme.Quiet, 3), box)
	if len(lists) > 0 {
		body.Add(widgets.Text(w.t.T("desk.recent"), theme.Small, theme.Quiet))
	}
	names := widgets.Col(theme.S1)
	for i, file := range lists {
		names.Add(widgets.NewButton(widgets.ButtonParams{Label: filepath.Base(file), Key: "F" + itoa(i+2), Left: true, Do: func() { read(file) }}))
	}
	body.Add(widgets.Least(0, min(340, 50*float32(len(lists))), container.NewVScroll(widgets.Inset(0, theme.S3, 0, 2, names))))
	body.Add(widgets.NewButton(widgets.ButtonParams{Label: w.t.T("desk.read"), Key: "Enter", Look: widgets.Primary, Height: 60, Size: theme.Title, Do: func() { read(box.Text) }}))
	sheet = &widgets.Sheet{Title: w.t.T("desk.import"), Width: 760, Body: body, Text: box, OnKey: func(k fyne.KeyName) {
		if k == fyne.KeyReturn || k == fyne.KeyEnter {
			read(box.Text)
		}
		for i, file := range lists {
			if k == fyne.KeyName("F"+itoa(i+2)) {
				read(file)
			}
		}
	}}
	w.p.Host.Lift(sheet)
}

// Import reads a price list and shows what it would change.
func (w *Page) Import(file string) {
	var sheet Sheet
	w.run(w.t.T("desk.reading", "file", filepath.Base(file)), func(c ctx, _ *work) (err error) {
		sheet, err = w.p.Desk.Read(c, file)
		return err
	}, func() {
		if len(sheet.Bad) > 0 {
			w.liftBad(filepath.Base(file), sheet)
			return
		}
		w.lookFirst(sheet.Wanted)
	})
}

// liftBad shows the rows that could not be read before the rest is looked at.
func (w *Page) liftBad(file string, from Sheet) {
	var sheet *widgets.Sheet
	rows := widgets.Col(theme.S2)
	for _, err := range from.Bad {
		rows.Add(widgets.NewPara(w.t.Fault(err), theme.Body, theme.Ink, 3))
	}
	goAhead := func() {
		w.p.Host.Shut(sheet)
		w.lookFirst(from.Wanted)
	}
	ok := widgets.NewButton(widgets.ButtonParams{Label: w.t.T("desk.readRest", "n", len(from.Wanted)), Key: "Enter", Look: widgets.Primary, Height: 60, Size: theme.Title, Do: goAhead})
	ok.Enable(len(from.Wanted) > 0)
	sheet = &widgets.Sheet{Title: w.t.T("desk.badRows", "file", file, "n", len(from.Bad)), Width: 860, Height: 560,
		Body: widgets.Col(theme.S3, widgets.Grow(container.NewVScroll(rows)), ok),
		OnKey: func(k fyne.KeyName) {
			if k == fyne.KeyReturn || k == fyne.KeyEnter {
				ok.Tapped(nil)
			}
		}}
	w.p.Host.Lift(sheet)
}

// askExport writes what is ticked, or else what is listed, as a price list.
func (w *Page) askExport() {
	w.keepTyped()
	chosen := w.model.Chosen()
	if len(chosen) == 0 {
		w.p.Host.Warn(w.t.T("desk.noneChosen"))
		return
	}
	_, folder := w.p.Desk.Files()
	name := w.t.T("desk.fileName", "time", w.p.Now().In(w.p.Zone).Format("2006-01-02_1504")) + ".xlsx"
	var sheet *widgets.Sheet
	box := widgets.NewEntry(widgets.EntryParams{Wedge: w.p.Wedge, Keys: w.p.Host, OnScan: func(string) {}, OnEsc: func() { w.p.Host.Shut(sheet) }})
	box.SetText(filepath.Join(folder, name))
	write := func() {
		file := strings.TrimSpace(box.Text)
		w.p.Host.Shut(sheet)
		w.run(w.t.T("desk.writing"), func(c ctx, _ *work) error { return w.p.Desk.Write(c, file, chosen) },
			func() { w.p.Host.Inform(w.t.T("desk.written", "n", len(chosen), "file", file)) })
	}
	body := widgets.Col(theme.S3, widgets.NewPara(w.ofWhat(len(chosen)), theme.Body, theme.Ink, 2), widgets.NewPara(w.t.T("desk.exportWhat"), theme.Body, theme.Quiet, 2), box,
		widgets.NewButton(widgets.ButtonParams{Label: w.t.T("desk.export"), Key: "Enter", Look: widgets.Primary, Height: 60, Size: theme.Title, Do: write}))
	sheet = &widgets.Sheet{Title: w.t.T("desk.export"), Width: 760, Body: body, Text: box, OnKey: func(k fyne.KeyName) {
		if k == fyne.KeyReturn || k == fyne.KeyEnter {
			write()
		}
	}}
	w.p.Host.Lift(sheet)
}
