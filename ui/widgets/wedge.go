package widgets

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
)

// How a scanner that pretends to be a keyboard is told from a hand: this many
// characters, none later than this after the one before, and an Enter or Tab.
const (
	wedgeLeast = 6
	wedgeGap   = 50 * time.Millisecond
)

// Wedge finds scans in what is typed. It is fed every character wherever the
// focus is, and gives back what a burst put into a field so that the field can
// be restored.
type Wedge struct {
	Now func() time.Time

	burst []rune
	last  time.Time
}

// Rune takes a character. first is true where it may begin a burst: a field
// remembers its text then.
func (w *Wedge) Rune(r rune) (first bool) {
	now := w.Now()
	if len(w.burst) == 0 || now.Sub(w.last) > wedgeGap {
		w.burst, first = w.burst[:0], true
	}
	w.last = now
	w.burst = append(w.burst, ascii(r))
	return first
}

// Key takes a key and returns the code where it ends a burst.
func (w *Wedge) Key(name fyne.KeyName) (code string, scanned bool) {
	defer func() { w.burst = w.burst[:0] }()
	switch name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyTab:
	default:
		return "", false
	}
	if len(w.burst) < wedgeLeast || w.Now().Sub(w.last) > wedgeGap {
		return "", false
	}
	return strings.TrimSpace(string(w.burst)), true
}

// ascii undoes an input method that makes figures and letters full width. The
// case of letters is left alone: some codes depend on it.
func ascii(r rune) rune {
	if r >= '！' && r <= '～' {
		return r - '！' + '!'
	}
	return r
}

// Typing reports whether characters come faster than a hand types: the last
// one belongs to a burst.
func (w *Wedge) Typing() bool { return len(w.burst) > 1 }
