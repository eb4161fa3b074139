package window

import (
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"cashier/services/fault"
)

// errNoScreen is a machine on which no window can be opened.
func errNoScreen() error {
	return fault.New(fault.Internal, "window.no_screen", "No window could be opened: there is no screen, or its graphics driver lacks OpenGL 2.1. Start the till on the machine's own desktop and install the driver of its graphics card; where there is none, install Mesa's software driver. Nothing was sold; cashierctl works without a window.")
}

// toolkitFailures are the toolkit's own words for a window that did not open.
// It only logs them; what follows is a panic, the end of the program, or a
// window that never comes.
var toolkitFailures = []string{"failed to initialise GLFW", "window creation error"}

// toolkit reads the toolkit's log for the one thing a person has to be told.
type toolkit struct {
	to     io.Writer
	lang   string
	note   func(line string) // the log of the till
	failed bool
}

// watchToolkit begins to read; end stops it.
func watchToolkit(to io.Writer, lang string, note func(line string)) *toolkit {
	w := &toolkit{to: to, lang: lang, note: note}
	log.SetOutput(w)
	return w
}

// Write keeps log lines in the till's log. Where no window can be opened it
// says so to the person as well, in plain words and once.
func (w *toolkit) Write(line []byte) (int, error) {
	for _, s := range toolkitFailures {
		if strings.Contains(string(line), s) && !w.failed {
			w.failed = true
			fmt.Fprintln(w.to, "cashier: "+plain(w.lang, errNoScreen()))
		}
	}
	w.note(strings.TrimSpace(string(line)))
	return len(line), nil
}

// end reports whether no window could be opened. Any other panic goes on.
func (w *toolkit) end(panicked any) bool {
	log.SetOutput(os.Stderr)
	if panicked != nil && !w.failed {
		panic(panicked)
	}
	return w.failed
}
