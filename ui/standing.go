package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/checkout"
	"cashier/services/money"
	"cashier/ui/theme"
	"cashier/ui/tray"
	"cashier/ui/widgets"
)

// standing are notices about money in someone's hands, and about prices that were
// changed while nobody looked. They have a band of their own, which covers nothing, and stay until each is dismissed: no scan
// and no later notice may take them away.
type standing struct {
	s     *Shell
	view  *fyne.Container
	notes []standingNote
	told  map[string]bool // by subject: what was dismissed does not come back
}

type standingNote struct {
	words  string
	offers []choice
	prices bool // no money waits
}

func newStanding(s *Shell) *standing {
	return &standing{s: s, view: container.NewStack(), told: map[string]bool{}}
}

// say puts up a notice about a subject it has not spoken of yet.
func (n *standing) say(subject, words string, offers ...choice) {
	if n.told[subject] {
		return
	}
	n.add(subject, standingNote{words: words, offers: offers})
}

// tell puts up a notice about prices.
func (n *standing) tell(subject, words string) {
	if !n.told[subject] {
		n.add(subject, standingNote{words: words, prices: true})
	}
}

func (n *standing) add(subject string, note standingNote) {
	n.told[subject] = true
	n.notes = append(n.notes, note)
	n.paint()
	n.s.tell(EventStanding, checkout.Sale{}, note.words)
}

// dismiss takes the notice that shows away and shows the next.
func (n *standing) dismiss() {
	if len(n.notes) > 0 {
		n.notes = n.notes[1:]
		n.paint()
	}
}

func (n *standing) paint() {
	n.view.Objects = nil
	if len(n.notes) > 0 {
		n.view.Objects = []fyne.CanvasObject{n.band(n.notes[0])}
	}
	n.view.Refresh()
	// Its height changes that of the screen above; the sentence wraps to the
	// width the first pass gives it and has its height in the second.
	n.s.root.Refresh()
	n.s.root.Refresh()
}

func (n *standing) band(note standingNote) fyne.CanvasObject {
	t := n.s.t
	icon, role, soft := "cash", theme.Danger, theme.DangerSoft
	if note.prices {
		icon, role, soft = "tag", theme.Warning, theme.WarningSoft
	}
	row := widgets.Row(theme.S3, widgets.Middle(widgets.Icon(icon, 28, role)),
		widgets.Grow(widgets.Middle(widgets.NewPara(note.words, theme.Body, theme.Ink, 3).Strong())))
	if more := len(n.notes) - 1; more > 0 {
		row.Add(widgets.Middle(widgets.Tag(t.T("notice.more", "n", more), role, theme.Surface)))
	}
	for _, o := range note.offers {
		row.Add(widgets.Middle(widgets.NewButton(widgets.ButtonParams{Label: o.label, Key: o.key, Look: widgets.Plain, Do: o.do})))
	}
	row.Add(widgets.Middle(widgets.NewButton(widgets.ButtonParams{Label: t.T("notice.done"), Key: "Ins", Look: widgets.Plain, Do: n.dismiss})))
	return container.NewStack(widgets.Ground(soft), widgets.Inset(theme.S1, theme.S4, theme.S1, theme.S4, row))
}

// Standing is what the standing notice says, "" for none.
func (s *Shell) Standing() string {
	if len(s.standing.notes) == 0 {
		return ""
	}
	return s.standing.notes[0].words
}

// handBack says which cash goes back to the customer of a sale that was given
// up, by the cashier or by the desk itself long after the customer was served.
func (s *Shell) handBack(f checkout.Sale) {
	if f.State != checkout.Voided {
		return
	}
	var back money.Fen
	for _, l := range f.Legs {
		if l.Class == checkout.ClassRecorded && l.State == checkout.Reversed {
			back += l.Amount
		}
	}
	if back > 0 {
		s.standing.say("cash:"+f.ID, s.t.T("pay.handBack", "amount", back.String(), "time", s.clock(f.OpenedAt)))
	}
}

// lateMoney says which payments turned up after they were given up.
func (s *Shell) lateMoney(legs []checkout.Leg) {
	for _, l := range legs {
		if l.LeftOver() {
			s.standing.say("held:"+l.Key, s.t.T("tray.heldNotice", "amount", l.Amount.String(), "time", s.clock(l.IntentAt)),
				choice{s.t.T("tray.open"), "F6", s.openTray})
		}
		if tray.Late(l) {
			s.standing.say("late:"+l.Key, s.t.T("tray.lateNotice", "amount", l.Amount.String(), "time", s.clock(l.IntentAt)),
				choice{s.t.T("tray.open"), "F6", s.openTray})
		}
	}
}
