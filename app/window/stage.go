package window

import (
	"context"
	"os"
	"strconv"

	"fyne.io/fyne/v2"

	"cashier/app"
	"cashier/app/settings"
	"cashier/services/fault"
)

// stage is the toolkit and its window. On the screen's goroutine it is set up
// while the books and the prices are opened on another: either takes some 200 ms
// before a first sale. It belongs to the screen's goroutine.
type stage struct {
	app    fyne.App
	window fyne.Window
	broken bool // no window can be opened
}

// look is what a window has to know before it opens.
type look struct {
	width, height float32
	full          bool
	scale         float32
}

// lookOf reads the flags, and the settings as far as they can be read: what is
// wrong with them is said by whoever opens the till.
func (p Params) lookOf(dir string) (l look, err error) {
	if l.width, l.height, l.full, err = size(p.Screen); err != nil {
		return l, err
	}
	scale := p.Scale
	if s, _, _ := settings.Read(dir); scale == 0 && s != nil {
		scale, _ = strconv.ParseFloat(s.Get("look.scale"), 64)
	}
	if scale == 0 {
		scale = 1
	}
	if scale < 1 || scale > 2 {
		return l, fault.New(fault.Invalid, "window.bad_scale", "--scale is between 1.0 and 2.0.")
	}
	l.scale = float32(scale)
	return l, nil
}

// set opens the window, empty. There is none to set in a test of what comes
// before it.
func (s *stage) set(l look) error {
	if s == nil {
		return nil
	}
	if err := os.Setenv(scaleEnv, strconv.FormatFloat(float64(l.scale), 'f', 2, 64)); err != nil {
		return err
	}
	s.app = newApp()
	s.window = s.app.NewWindow("")
	s.window.SetPadded(false)
	s.window.Resize(fyne.NewSize(l.width/l.scale, l.height/l.scale))
	s.window.SetFullScreen(l.full)
	s.window.CenterOnScreen()
	s.window.Show()
	return nil
}

// start opens the till while the stage is set, and waits for both.
func (r *rig) start(ctx context.Context, open app.Params, st *stage, l look) (err error) {
	opened := make(chan error, 1)
	go func() { opened <- r.first(ctx, open) }()
	defer func() {
		if e := <-opened; e != nil {
			err = e
			return
		}
		r.noted()
	}()
	return st.set(l)
}

// first opens the till for the first time under this window.
func (r *rig) first(ctx context.Context, open app.Params) error {
	if r.p.Demo {
		if err := r.startDemo(ctx, open.Dir, &open); err != nil {
			return err
		}
	}
	r.open = open
	return r.openTill(ctx)
}

// note keeps a line of the toolkit's for the till's log, which may not be open yet.
func (r *rig) note(line string) {
	r.notes.Lock()
	defer r.notes.Unlock()
	if !r.notes.open {
		r.notes.early = append(r.notes.early, line)
		return
	}
	r.again.log.Load().Info("toolkit", "says", line)
}

// noted says what was noted before the till was open.
func (r *rig) noted() {
	r.notes.Lock()
	early := r.notes.early
	r.notes.early, r.notes.open = nil, true
	r.notes.Unlock()
	for _, line := range early {
		r.note(line)
	}
}
