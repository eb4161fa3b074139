package ui_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
)

// A caret that blinks for nobody keeps the machine painting.
func TestTheCaretGoesWhenNobodyTypes(t *testing.T) {
	r := newRig(t, offers())
	r.key(fyne.KeyF2)
	focused := func(want bool, when string) {
		t.Helper()
		r.shell.Tick()
		if got := r.window.Canvas().Focused() != nil; got != want {
			t.Fatalf("%s: focused is %v", when, got)
		}
	}
	focused(true, "after F2")
	r.now = r.now.Add(20 * time.Second)
	r.shell.Down(fyne.KeyK)
	r.types("k")
	r.now = r.now.Add(20 * time.Second)
	focused(true, "20 s after a key")
	r.now = r.now.Add(20 * time.Second)
	focused(false, "40 s after a key")
	r.shell.Down(fyne.KeyReturn)
	r.types("l") // finds the box all the same
	r.key(fyne.KeyReturn)
	r.total("3.50")
}
