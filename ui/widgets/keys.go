package widgets

import "fyne.io/fyne/v2"

// Keys is who gets the keyboard: the shell, whatever has the focus.
type Keys interface {
	// Key takes a key that was pressed or repeats.
	Key(name fyne.KeyName)
	// Rune takes a character and reports whether it was used up.
	Rune(r rune)
	// Down is told of each first press, so that a held key can be told apart.
	Down(name fyne.KeyName)
}
