package window

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The toolkit reads its environment as its package is initialised, so that what
// is to be set has to be set before. Go says in which order it goes.
func TestTheToolkitIsToldAhead(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, "-test.run=^$")
	c.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	said, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	ours := strings.Index(string(said), "init cashier/app/window/ahead ")
	theirs := strings.Index(string(said), "init fyne.io/fyne/v2/internal/cache ")
	if ours < 0 || theirs < 0 || ours > theirs {
		t.Errorf("ours at %d, the toolkit's at %d in:\n%s", ours, theirs, said)
	}
}
