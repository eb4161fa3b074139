package window

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cashier/services/fault"
	"cashier/ui"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// What Params.Measure can be.
const (
	MeasureTill  = "till"  // the till's own window
	MeasurePlain = "plain" // the same with bare rectangles in the place of its tiles
	MeasureBare  = "bare"  // a window of the same toolkit and size with one label
)

// A Sample is one line that a measured window writes: what happened, when (unix
// nanoseconds), how long the screen's goroutine was busy with it, and how much
// processor time the process spent meanwhile, which a busy machine does not
// stretch; both in nanoseconds.
//
//	started   the toolkit's loop runs
//	frame     a frame was painted and handed to the display
//	added     a scan has become a line of the cart; the next frame shows it
//	label     a scan has changed the bare window's label
//	did       a command was carried out; the next frame shows it
//	scanner   the scanner's state, in Is
type Sample struct {
	What string        `json:"what"`
	At   int64         `json:"at"`
	Took int64         `json:"took,omitempty"`
	CPU  time.Duration `json:"cpu,omitempty"`
	Is   string        `json:"is,omitempty"`
}

// gauge tells a benchmark what a window does. Its methods but tell belong to
// the screen's goroutine.
type gauge struct {
	widget.BaseWidget
	do func(func()) // runs a function on the screen's goroutine, later

	mu  sync.Mutex
	out *json.Encoder

	walks   int           // of the object tree since the last turn of the toolkit's loop
	began   time.Time     // of the first of them
	cpu     time.Duration // of the process by then
	profile *os.File
}

func newGauge(out io.Writer) *gauge {
	g := &gauge{out: json.NewEncoder(out), do: fyne.Do}
	g.ExtendBaseWidget(g)
	return g
}

func (g *gauge) tell(s Sample) {
	if s.At == 0 {
		s.At = time.Now().UnixNano()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	_ = g.out.Encode(s) // a benchmark that is gone reads no more
}

// CreateRenderer shows nothing.
func (g *gauge) CreateRenderer() fyne.WidgetRenderer { return gaugeRenderer{g} }

type gaugeRenderer struct{ g *gauge }

func (gaugeRenderer) Destroy()           {}
func (gaugeRenderer) Layout(fyne.Size)   {}
func (gaugeRenderer) MinSize() fyne.Size { return fyne.Size{} }
func (gaugeRenderer) Refresh()           {}

// Objects is asked for at each walk of the object tree. What is put on the
// screen's queue in a walk runs after the frame, once the buffers are swapped.
func (r gaugeRenderer) Objects() []fyne.CanvasObject {
	g := r.g
	if g.walks++; g.walks == 1 {
		g.began, g.cpu = time.Now(), processTime()
		g.do(g.turn) // before the loop runs, at once
	}
	return nil
}

// turn ends a turn of the toolkit's loop. A frame walks the tree at least twice,
// to measure and to paint; keeping caches alive walks it once.
func (g *gauge) turn() {
	now := time.Now()
	if g.walks > 1 {
		g.tell(Sample{What: "frame", At: now.UnixNano(), Took: now.Sub(g.began).Nanoseconds(), CPU: processTime() - g.cpu})
	}
	g.walks = 0
}

// under puts the gauge where it is walked before anything else.
func (g *gauge) under(content fyne.CanvasObject) fyne.CanvasObject {
	if g == nil {
		return content
	}
	return container.NewStack(g, content)
}

func (g *gauge) happened(e ui.Event) {
	if g == nil {
		return
	}
	switch e.Kind {
	case ui.EventAdded:
		g.tell(Sample{What: "added"})
	case ui.EventScanner:
		g.tell(Sample{What: "scanner", Is: e.Text})
	default:
	}
}

// obey carries out the commands that a benchmark writes, one a line, until there
// are no more; then the window closes.
func (g *gauge) obey(in io.Reader, shell *ui.Shell, quit func()) {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		word, arg, _ := strings.Cut(lines.Text(), " ")
		g.do(func() {
			start, cpu := time.Now(), processTime()
			if word == "profile" {
				g.profiled(arg)
			} else if shell != nil {
				perform(shell, word, arg)
			}
			g.tell(Sample{What: "did", Is: word, Took: time.Since(start).Nanoseconds(), CPU: processTime() - cpu})
		})
	}
	g.do(func() { g.profiled(""); quit() })
}

// profiled begins to write where the time goes to a file, or ends it for "".
func (g *gauge) profiled(file string) {
	if g.profile != nil {
		pprof.StopCPUProfile()
		_ = g.profile.Close() // a profile cut short shows as one
		g.profile = nil
	}
	if file == "" {
		return
	}
	f, err := os.Create(file)
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		g.tell(Sample{What: "failed", Is: err.Error()})
		return
	}
	g.profile = f
}

// perform does what a hand would do.
func perform(shell *ui.Shell, word, arg string) {
	n, _ := strconv.Atoi(arg)
	switch word {
	case "wheel":
		shell.Wheel(float32(n))
	case "page":
		shell.Key(fyne.KeyPageDown)
	case "class":
		shell.Key(fyne.KeyRight)
	case "search":
		shell.Find(arg)
	case "clear":
		shell.Key(fyne.KeyF9)
	}
}

func (p Params) checkMeasure() error {
	switch p.Measure {
	case "", MeasureTill, MeasurePlain, MeasureBare:
		return nil
	}
	return fault.New(fault.Invalid, "window.bad_measure", "--measure is till, plain or bare; not {value}.", "value", p.Measure)
}

// bare runs the window that others are measured against: the toolkit, the same
// size, one label that shows what was scanned. It opens no books.
func bare(ctx context.Context, p Params) (int, error) {
	width, height, full, err := size(p.Screen)
	if err != nil {
		return 2, err
	}
	watch := watchToolkit(p.Err, p.Lang, func(line string) { fmt.Fprintln(p.Err, line) })
	a := newApp()
	g := newGauge(p.Out)
	label := widgets.Text("", theme.Title, theme.Ink)
	s, err := startScanner(ctx, p.Scanner, 0)
	if err != nil {
		return 1, err
	}
	defer func() { _ = s.Close() }() // nothing was written to it
	s.status.Watch(func(st ui.ScannerStatus) { g.tell(Sample{What: "scanner", Is: st.String()}) })
	s.scans.Subscribe(func(scan ui.Scan) {
		fyne.Do(func() {
			widgets.Put(label, scan.Code, theme.Ink)
			g.tell(Sample{What: "label"})
		})
	})
	w := a.NewWindow("")
	w.SetPadded(false)
	w.SetContent(g.under(container.NewCenter(label)))
	w.Resize(fyne.NewSize(width, height))
	w.SetFullScreen(full)
	a.Lifecycle().SetOnStarted(func() {
		g.tell(Sample{What: "started"})
		go g.obey(p.In, nil, a.Quit)
	})
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		<-ctx.Done()
		fyne.Do(a.Quit)
	}()
	w.Show()
	if watch.failed {
		return 1, nil
	}
	a.Run()
	return 0, nil
}
