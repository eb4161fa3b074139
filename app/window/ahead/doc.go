// Package ahead tells the toolkit what it reads from its environment before any
// of our code runs. It imports nothing of ours and nothing of the toolkit's: Go
// initialises packages in the order of their paths as soon as what they import
// is, so that this one comes before the toolkit's.
package ahead

import "os"

// Forget is how long the toolkit keeps what it has not painted. The picture of
// every text ever shown stays for that time, which is a minute by default:
// somebody who leafs through the shelf then looks at a hundred megabytes of
// names. Below 11 s the toolkit would walk over all that stands still in every
// sixtieth of a second to keep it alive; with 11 s it does so each second.
const Forget = "11s"

func init() {
	if os.Getenv("FYNE_CACHE") == "" {
		_ = os.Setenv("FYNE_CACHE", Forget) // then it is the toolkit's own
	}
}
