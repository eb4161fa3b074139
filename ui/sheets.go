package ui

import (
	"strconv"

	"fyne.io/fyne/v2"

	"cashier/services/catalog"
	"cashier/services/money"
	"cashier/services/scancode"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// lift puts a sheet over the screen; where one is open already it waits behind.
func (s *Shell) lift(sheet *widgets.Sheet) {
	s.awake()
	s.sheets = append(s.sheets, sheet)
	if len(s.sheets) == 1 {
		s.showSheet()
	}
}

// shut closes a sheet and shows the one behind it.
func (s *Shell) shut(sheet *widgets.Sheet) {
	for i, x := range s.sheets {
		if x == sheet {
			s.sheets = append(s.sheets[:i], s.sheets[i+1:]...)
			break
		}
	}
	s.showSheet()
}

func (s *Shell) showSheet() {
	s.unfocus()
	s.overlay.Objects = nil
	if sheet := s.sheet(); sheet != nil {
		s.overlay.Objects = []fyne.CanvasObject{sheet.View(func() { s.escape(sheet) })}
		s.overlay.Refresh()
		if sheet.Text != nil && s.canvas != nil {
			s.canvas.Focus(sheet.Text)
		}
		return
	}
	s.overlay.Refresh()
	s.resume()
}

func (s *Shell) escape(sheet *widgets.Sheet) {
	s.shut(sheet)
	if sheet.OnEsc != nil {
		sheet.OnEsc()
	}
}

// sheet is the one on top, nil for none.
func (s *Shell) sheet() *widgets.Sheet {
	if len(s.sheets) == 0 {
		return nil
	}
	return s.sheets[0]
}

// Sheet is the title of the sheet that is open, "" for none.
func (s *Shell) Sheet() string {
	if sheet := s.sheet(); sheet != nil {
		return sheet.Title
	}
	return ""
}

// dropSheets closes what a scan overtakes. A line that waits for its weight
// stays.
func (s *Shell) dropSheets() {
	var stay []*widgets.Sheet
	for _, x := range s.sheets {
		if x.Holds {
			stay = append(stay, x)
		}
	}
	if len(stay) != len(s.sheets) {
		s.guard.approve = nil
		s.sheets = stay
		s.showSheet()
	}
}

// holding reports whether a line still waits for its weight.
func (s *Shell) holding() bool {
	for _, x := range s.sheets {
		if x.Holds {
			return true
		}
	}
	return false
}

// askNumber is a sheet with a number field and a numpad.
func (s *Shell) askNumber(title, name, unit string, n *widgets.Number, above fyne.CanvasObject, preview func() string, done func() bool) *widgets.Sheet {
	var sheet *widgets.Sheet
	field := widgets.NewField(name, unit, "0", theme.Money)
	says := widgets.Right(widgets.Bold("", theme.Title, theme.Accent))
	ok := widgets.NewButton(widgets.ButtonParams{Label: s.t.T("sheet.ok"), Key: "Enter", Look: widgets.Primary, Size: theme.Title, Height: 64, Do: func() {
		if done() {
			s.shut(sheet)
		}
	}})
	paint := func() {
		field.Show(n.Text())
		widgets.Put(says, preview(), theme.Accent)
		ok.Enable(!n.Empty())
	}
	press := func(r rune) { n.Press(r); paint() }
	body := widgets.Col(theme.S3)
	if above != nil {
		body.Add(above)
	}
	body.Add(widgets.Least(0, 84, field.Container))
	body.Add(says)
	body.Add(widgets.NewNumpad(n.Decimals > 0, press))
	body.Add(ok)
	sheet = &widgets.Sheet{
		Title: title, Width: 460, Body: body,
		Number: n, Paint: paint,
		OnRune: func(r rune) {
			if n.Type(r) {
				paint()
			}
		},
		OnKey: func(k fyne.KeyName) {
			switch k {
			case fyne.KeyBackspace:
				press(widgets.PadBack)
			case fyne.KeyDelete:
				press(widgets.PadClear)
			case fyne.KeyReturn, fyne.KeyEnter:
				ok.Tapped(nil)
			}
		},
	}
	paint()
	return sheet
}

// askWeight asks for the weight of a product; Enter adds it.
func (s *Shell) askWeight(p catalog.Product) {
	n := &widgets.Number{Decimals: 3, Digits: 4}
	price := p.PriceFor(s.model.Cart().Member)
	read := func() (money.Grams, bool) {
		g, err := money.ParseKG(trimPoint(n.Text()))
		return g, err == nil && g > 0
	}
	preview := func() string {
		unit, known := p.UnitGrams()
		g, ok := read()
		if !known || !ok {
			return ""
		}
		amount, err := money.ForWeight(price, g, unit)
		if err != nil {
			return ""
		}
		return amount.String()
	}
	above := widgets.Row(theme.S3,
		widgets.Grow(widgets.NewPara(p.Name, theme.Title, theme.Ink, 2).Strong()),
		widgets.Text(price.String()+"/"+p.Unit, theme.Title, theme.Quiet))
	sheet := s.askNumber(s.t.T("weigh.title"), s.t.T("weigh.weight"), "kg", n, above, preview, func() bool {
		g, ok := read()
		if !ok {
			s.warn(s.t.T("weigh.needed", "name", p.Name))
			return false
		}
		return s.weighed(p, g)
	})
	sheet.Holds = true
	sheet.OnEsc = func() { s.inform(s.t.T("weigh.dropped", "name", p.Name)) }
	s.lift(sheet)
}

func trimPoint(t string) string {
	if n := len(t); n > 0 && t[n-1] == '.' {
		return t[:n-1]
	}
	return t
}

// askQuantity asks for the pieces of the selected line.
func (s *Shell) askQuantity() {
	c, at := s.model.Cart(), s.model.Selected()
	if at < 0 || at >= len(c.Lines) || !s.editable() {
		return
	}
	l := c.Lines[at]
	if l.Pricing == catalog.ByWeight {
		_, err := c.SetQty(at, 1)
		s.fault(err)
		return
	}
	n := &widgets.Number{Digits: 4}
	above := widgets.NewPara(l.Name, theme.Title, theme.Ink, 2).Strong()
	read := func() (int64, bool) {
		v, err := strconv.ParseInt(n.Text(), 10, 64)
		return v, err == nil
	}
	preview := func() string {
		if v, ok := read(); ok {
			if f, err := l.Price.Times(v); err == nil {
				return f.String()
			}
		}
		return ""
	}
	s.lift(s.askNumber(s.t.T("quantity.title"), s.t.T("quantity.pieces"), l.Unit, n, above, preview, func() bool {
		v, ok := read()
		if !ok {
			return false
		}
		s.model.Select(at)
		if err := s.model.SetQty(v); err != nil {
			s.fault(err)
			return false
		}
		return true
	}))
}

// option is one answer to a question.
type option struct {
	label string
	note  string
	do    func()
}

// askOne asks a question; digits answer it.
func (s *Shell) askOne(title string, above fyne.CanvasObject, options []option) {
	var sheet *widgets.Sheet
	body := widgets.Col(theme.S3)
	if above != nil {
		body.Add(above)
	}
	answer := func(i int) {
		if i >= 0 && i < len(options) {
			s.shut(sheet)
			options[i].do()
		}
	}
	for i, o := range options {
		label := o.label
		if o.note != "" {
			label += "   " + o.note
		}
		body.Add(widgets.NewButton(widgets.ButtonParams{Label: label, Key: strconv.Itoa(i + 1), Left: true, Height: 60, Do: func() { answer(i) }}))
	}
	sheet = &widgets.Sheet{Title: title, Width: 600, Body: body, OnRune: func(r rune) { answer(int(r - '1')) }}
	s.lift(sheet)
}

// mostChoices is how many answers one digit can choose among.
const mostChoices = 9

// askWhich lets a person choose what a code means.
func (s *Shell) askWhich(d scancode.Decision) {
	var options []option
	for _, c := range d.Choices {
		options = append(options, option{label: s.t.T("scan.as." + c.Reading.Kind.String()), do: func() { s.act(c) }})
	}
	if len(d.Choices) == 0 {
		for _, p := range s.products(d.Reading) {
			if len(options) == mostChoices {
				break
			}
			options = append(options, option{label: p.Name, note: p.Price.String() + "/" + p.Unit, do: func() { s.pick(p) }})
		}
	}
	s.askOne(s.t.T("scan.which", "code", d.Reading.Shown()), nil, options)
}

// askRepeat asks before a payment or card code is used a second time.
func (s *Shell) askRepeat(d scancode.Decision) {
	above := widgets.NewPara(s.t.Fault(d.Reason), theme.Body, theme.Ink, 4)
	s.askOne(s.t.T("scan.again"), above, []option{
		{label: s.t.T("scan.againYes"), do: func() {
			d.Intent = d.Then
			s.act(d)
		}},
		{label: s.t.T("scan.againNo"), do: func() {}},
	})
}

// help lists every key.
func (s *Shell) help() {
	left, right := widgets.Col(theme.S1), widgets.Col(theme.S1)
	groups := helpGroups()
	for i, g := range groups {
		col := left
		if i >= 2 {
			col = right
		}
		col.Add(widgets.Inset(theme.S2, 0, 0, 0, widgets.Bold(s.t.T(g.title), theme.Body, theme.Accent)))
		for _, e := range g.entries {
			col.Add(widgets.Row(theme.S3, widgets.Least(128, 30, widgets.Text(e.shown, theme.Body, theme.Ink)), widgets.Grow(widgets.Text(s.t.T(e.text), theme.Body, theme.Quiet))))
		}
	}
	s.lift(&widgets.Sheet{Title: s.t.T("help.title"), Width: 1000, Body: widgets.Split(0.5, theme.S5, left, right)})
}
