package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// barHeight leaves every button on it a full target.
const barHeight float32 = 48

// staleAfter is when prices deserve a look.
const staleAfter = 24 * time.Hour

// statusBar is the bottom of the window: the scanner and what it read last,
// open payments, how old the prices are, and who is at the till.
type statusBar struct {
	s       *Shell
	view    *fyne.Container
	light   *canvas.Circle
	scanner *canvas.Text
	codes   *widgets.Button
	able    *canvas.Circle
	last    *widgets.Para
	tray    *widgets.Button
	sync    *widgets.Button
	age     *canvas.Circle
	who     *canvas.Text
	person  *widgets.Button // in the place of who where people sign in
	alone   *fyne.Container // nobody is set up
	status  ScannerStatus
	ability theme.Role // the colour of able
}

func newStatusBar(s *Shell) *statusBar {
	b := &statusBar{s: s}
	t := s.t
	for _, c := range []**canvas.Circle{&b.light, &b.able, &b.age} {
		*c = canvas.NewCircle(theme.C(theme.OnBarQuiet))
	}
	b.scanner = widgets.Text("", theme.Small, theme.OnBar)
	b.last = widgets.NewPara(t.T("scan.none"), theme.Small, theme.OnBarQuiet, 1)
	onBar := func(label, key, icon string, do func()) *widgets.Button {
		return widgets.NewButton(widgets.ButtonParams{Label: label, Key: key, Icon: icon, Look: widgets.OnBar, Size: theme.Small, Do: do})
	}
	b.tray = onBar("", "F6", "tray", s.openTray)
	b.sync = onBar("", "F5", "sync", b.tapSync)
	b.codes = onBar("", "", "qrcode", s.sayAbility)
	b.who = widgets.Text("", theme.Small, theme.OnBar)
	help := onBar(t.T("bar.help"), "F1", "help", s.help)
	row := widgets.Row(theme.S2,
		widgets.Gap(theme.S1), widgets.Middle(light(b.light)), widgets.Middle(b.scanner),
		widgets.Gap(theme.S1), widgets.Middle(light(b.able)), b.codes,
		widgets.Grow(widgets.Middle(b.last)),
		b.tray, widgets.Middle(light(b.age)), b.sync)
	if s.p.Staff != nil {
		b.person = onBar("", "End", "user", s.switchUser)
		row.Add(b.person)
	} else {
		row.Add(widgets.Middle(widgets.Icon("user", 20, theme.OnBarQuiet)))
		row.Add(widgets.Middle(b.who))
	}
	b.alone = widgets.Middle(widgets.Tag(t.T("bar.noStaff"), theme.Warning, theme.WarningSoft))
	b.alone.Hidden = !s.noStaff()
	row.Add(b.alone)
	if s.p.Demo {
		row.Add(widgets.Middle(widgets.Tag(t.T("bar.demo"), theme.Info, theme.InfoSoft)))
	}
	if s.p.Prices != nil {
		row.Add(onBar("", deskShown, "tag", s.openDesk))
	}
	if s.p.Setup != nil {
		row.Add(onBar("", settingsShown, "settings", s.openSettings))
	}
	row.Add(help)
	b.view = container.NewStack(widgets.Ground(theme.Bar), widgets.Least(0, barHeight, widgets.Inset(2, theme.S2, 2, theme.S3, row)))
	b.show(ScannerOff)
	return b
}

func light(c *canvas.Circle) fyne.CanvasObject {
	return container.NewCenter(widgets.Least(10, 10, c))
}

// scanned shows the last code and what it was taken for.
func (b *statusBar) scanned(what string) {
	b.last.Set(b.s.p.Now().In(b.s.p.Zone).Format("15:04:05")+"  "+what, theme.OnBar)
}

func (b *statusBar) show(st ScannerStatus) {
	b.status = st
	key, role := "scanner.off", theme.OnBarQuiet
	switch st {
	case ScannerSearching:
		key, role = "scanner.searching", theme.Warning
	case ScannerOnline:
		key, role = "scanner.online", theme.Accent
	case ScannerLost:
		key, role = "scanner.lost", theme.Danger
	case ScannerOff:
	}
	widgets.Put(b.scanner, b.s.t.T(key), theme.OnBar)
	shine(b.light, role)
	b.view.Refresh()
}

// showAbility says whether payment codes and cards can be taken: amber where
// something is yet to be set up or reached, red where something is wrong.
func (b *statusBar) showAbility(err error) {
	label, role := "", theme.Accent
	if err != nil {
		label, role = b.s.t.T("bar.codesOff"), theme.Danger
		if k := fault.KindOf(err); k == fault.Invalid || k == fault.Unreachable || k == fault.Busy {
			role = theme.Warning
		}
	}
	if b.codes.Label() != label || b.ability != role {
		b.ability = role
		b.codes.SetLabel(label)
		shine(b.able, role)
		b.view.Refresh()
	}
}

func shine(c *canvas.Circle, role theme.Role) {
	c.FillColor = theme.Light(role)
	c.Refresh()
}

// tick shows what changes with time and with the tray.
func (b *statusBar) tick() {
	t, s := b.s.t, b.s
	n := len(s.open)
	label := t.T("bar.open", "n", n)
	if b.tray.Label() != label || b.tray.Visible() != (n > 0) {
		b.tray.SetLabel(label)
		b.tray.Hidden = n == 0
		b.view.Refresh()
	}
	fresh, role := s.freshness(), theme.Accent
	switch at := s.p.Catalog.SyncedAt(); {
	case s.syncing.running && s.syncing.total > 0:
		fresh, role = t.T("bar.syncing", "read", s.syncing.read, "total", s.syncing.total), theme.Info
	case s.syncing.running:
		fresh, role = t.T("bar.syncStarts"), theme.Info
	case at.IsZero() || s.p.Now().Sub(at) > staleAfter:
		role = theme.Warning
	}
	if b.sync.Label() != fresh {
		b.sync.SetLabel(fresh)
		shine(b.age, role)
		b.view.Refresh()
	}
	b.showPerson()
}

// showPerson says who is at the till, and that nobody is set up.
func (b *statusBar) showPerson() {
	who, none := b.s.p.Actor().Name, b.s.noStaff()
	switch {
	case b.alone.Hidden == none:
		b.alone.Hidden = !none
	case b.person != nil && b.person.Label() != who:
		b.person.SetLabel(who)
	case b.person == nil && b.who.Text != who:
		widgets.Put(b.who, who, theme.OnBar)
	default:
		return
	}
	b.view.Refresh()
}

func (s *Shell) noStaff() bool {
	if s.p.Staff != nil {
		return !s.p.Staff.Staffed()
	}
	return s.p.NoStaff
}

func (b *statusBar) tapSync() {
	if b.s.syncing.running {
		b.s.cancelSync()
		return
	}
	b.s.Sync()
}

func (s *Shell) scannerIs(st ScannerStatus) {
	s.bar.show(st)
	s.cableIs(st)
	if st == ScannerLost {
		s.warn(s.t.T("scanner.lostWhat"))
	}
	s.tell(EventScanner, checkout.Sale{}, st.String())
}

// Scanner is how the scanner is.
func (s *Shell) Scanner() ScannerStatus { return s.bar.status }
