package prices

import "fyne.io/fyne/v2"

// Key takes a key.
func (w *Page) Key(name fyne.KeyName) {
	switch name {
	case fyne.KeyEscape:
		w.escape()
	case fyne.KeyReturn, fyne.KeyEnter:
		w.enter()
	case fyne.KeyUp:
		w.step(-1)
	case fyne.KeyDown:
		w.step(1)
	case fyne.KeyPageUp:
		w.page(-1)
	case fyne.KeyPageDown:
		w.page(1)
	case fyne.KeyLeft:
		w.sideways(-1)
	case fyne.KeyRight:
		w.sideways(1)
	case fyne.KeyBackspace:
		w.back()
	case fyne.KeyDelete:
		w.drop()
	case fyne.KeyInsert:
		if p, ok := w.model.Marked(); ok {
			w.model.Tick(p.ProductID)
			w.move(w.model.Mark() + 1)
		}
	case fyne.KeyHome:
		w.askHeld()
	case fyne.KeyF2:
		w.focusSearch()
	default:
		w.function(name)
	}
}

// function takes the keys that the buttons name.
func (w *Page) function(name fyne.KeyName) {
	do := map[fyne.KeyName]func(){
		fyne.KeyF3: w.askAssortment, fyne.KeyF4: w.toggleOnly, fyne.KeyF6: w.Batches, fyne.KeyF7: w.askAdjust, fyne.KeyF8: w.askShops, fyne.KeyF9: w.tickAll,
		fyne.KeyF10: w.askImport, fyne.KeyF11: w.askExport, fyne.KeyF12: func() { w.keepTyped(); w.rehearse(false) },
	}[name]
	if do != nil {
		do()
	}
}

func (w *Page) escape() {
	switch {
	case w.edit != nil:
		w.leaveEdit()
		w.paint()
	case w.busy():
		w.work.stop()
	case w.search.Text != "":
		w.clearSearch()
	case w.model.OnlyChanges():
		w.toggleOnly()
	default:
		w.p.Back()
	}
}

// sideways goes from one price to the other, or from class to class.
func (w *Page) sideways(n int) {
	if w.edit == nil {
		w.stepClass(n)
		return
	}
	w.keepTyped()
	w.begin(map[int]Column{-1: PriceColumn, 1: MemberColumn}[n])
}

func (w *Page) page(n int) {
	w.keepTyped()
	visible := max(1, int(w.grid.Size().Height/rowHeight)-1)
	w.move(w.model.Mark() + n*visible)
}

func (w *Page) back() {
	if w.edit != nil {
		w.edit.number.Back()
		w.grid.Rebind()
		return
	}
	if r := []rune(w.search.Text); len(r) > 0 {
		w.search.SetText(string(r[:len(r)-1]))
	}
}

// drop forgets what the marked product was to cost.
func (w *Page) drop() {
	if w.edit != nil {
		w.edit.number.Set("")
		w.grid.Rebind()
		return
	}
	if p, ok := w.model.Marked(); ok {
		w.model.Keep(p.ProductID)
		w.list()
	}
}

func (w *Page) focusSearch() {
	w.keepTyped()
	if c := fyne.CurrentApp().Driver().CanvasForObject(w.search); c != nil {
		c.Focus(w.search)
	}
}

// Query is what is searched for; Find searches.
func (w *Page) Query() string { return w.search.Text }

// Find searches for q.
func (w *Page) Find(q string) { w.search.SetText(q) }

// Typed is what is typed for a price; SetTyped puts it back, after a scan that
// was typed into it.
func (w *Page) Typed() string {
	if w.edit == nil {
		return ""
	}
	return w.edit.number.Text()
}

// SetTyped replaces what is typed.
func (w *Page) SetTyped(s string) {
	if w.edit != nil {
		w.edit.number.Set(s)
		w.grid.Rebind()
	}
}

// Rune takes a character: of the price that is open, else of the search.
func (w *Page) Rune(r rune) {
	if w.edit != nil {
		if w.edit.number.Type(r) {
			w.grid.Rebind()
		}
		return
	}
	if r == ' ' && w.search.Text == "" {
		return
	}
	w.search.SetText(w.search.Text + string(r))
}
