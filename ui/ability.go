package ui

import (
	"context"
	"time"

	"cashier/services/checkout"
)

// How often the till is asked anew, while nothing happens at the counter,
// whether it can take codes, and whether late money turned up: nothing tells of
// either.
const (
	abilityEvery = time.Minute
	trayEvery    = 15 * time.Second
)

// ability is whether payment codes and cards can be taken, as last heard.
type ability struct {
	asked  time.Time
	asking bool
	err    error // why they cannot
}

// ableToTakeCodes asks the till whether it can take payment codes and cards,
// and lets the status bar know. It blocks; call it beside the screen.
func (s *Shell) ableToTakeCodes() error {
	err := s.p.Payments.PayError()
	s.later(func() { s.ableIs(err) })
	return err
}

func (s *Shell) ableIs(err error) {
	s.ability = ability{asked: s.p.Now(), err: err}
	s.bar.showAbility(err)
	why := ""
	if err != nil {
		why = s.t.Fault(err)
	}
	s.tell(EventAbility, checkout.Sale{}, why)
}

// CodesOff is why payment codes and cards cannot be taken, in the words of the
// screen; "" where they can.
func (s *Shell) CodesOff() string {
	if s.ability.err == nil {
		return ""
	}
	return s.t.Fault(s.ability.err)
}

// sayAbility explains the light in the status bar.
func (s *Shell) sayAbility() {
	if s.ability.err == nil {
		s.inform(s.t.T("bar.codesOnWhat"))
		return
	}
	s.fault(s.ability.err)
}

// tickWatch asks again for what nothing tells of.
func (s *Shell) tickWatch() {
	now := s.p.Now()
	if !s.ability.asking && now.Sub(s.ability.asked) >= abilityEvery {
		s.askAbility()
	}
	if now.Sub(s.trayRead) >= trayEvery {
		s.readTray()
	}
}

func (s *Shell) askAbility() {
	s.ability.asking = true
	s.background(func(context.Context) { _ = s.ableToTakeCodes() }) // the status bar is told
}
