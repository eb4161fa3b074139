package window

import "runtime/debug"

// The collector lets the heap grow by a share of what is in use before it looks
// for garbage. At work that share is small: the catalogue, the fonts and the
// thumbnails are in use for good, a scan leaves next to nothing, and twice their
// size in memory would serve nobody. At the start everything is read that stays,
// and there is no garbage worth looking for.
const (
	growAtStart = 400 // percent
	growAtWork  = 25
)

func atStart() { debug.SetGCPercent(growAtStart) }

// atWork also gives back what the start has used.
func atWork() {
	debug.SetGCPercent(growAtWork)
	debug.FreeOSMemory()
}
