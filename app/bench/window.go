package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"cashier/app/settings"
	"cashier/hardware/scanner/scannersim"
)

// What the window is measured as; see the program's --measure.
const (
	asTill  = "till"
	asPlain = "plain"
	asBare  = "bare"
)

// leastShelf is the smallest shop whose shelf does not come to its end while it
// is scrolled.
const leastShelf = 1000

// canOpenWindows says whether there is a screen and a program to show on it.
func (r *run) canOpenWindows() bool {
	wanted := slices.ContainsFunc([]string{"P1", "P3", "P5", "P7", "P8"}, r.wants)
	switch {
	case !wanted:
		return false
	case r.p.Program == "":
		r.leftOut("everything in the window (P1 to the screen, P3, P5, P7, P8): the program cashier is not beside this one; name it with --cashier")
	case slices.Min(r.p.Products) < leastShelf:
		r.leftOut("everything in the window (P1 to the screen, P3, P5, P7, P8): a shelf of fewer than " + thousands(leastShelf) + " products has too little to scroll")
	case runtime.GOOS != "linux":
		r.leftOut("everything in the window (P1 to the screen, P3, P5, P7, P8): it needs a scanner on a pty, which is done on Linux only")
	case os.Getenv("DISPLAY") == "":
		r.leftOut("everything in the window (P1 to the screen, P3, P5, P7, P8): there is no display; `.ci/with-screen` brings a virtual one")
	default:
		return true
	}
	return false
}

// windows holds the parts of one size's measuring in the window.
type windows struct {
	*run
	ctx   context.Context // of one run
	sim   *scannersim.Sim
	codes []string
	pick  *rand.Rand
}

func (r *run) window(ctx context.Context) error {
	w := &windows{run: r, ctx: ctx, pick: rand.New(rand.NewPCG(r.p.Seed, 3))}
	var err error
	if w.sim, err = scannersim.New(filepath.Join(r.dir, "dev")); err != nil {
		return err
	}
	defer func() { _ = w.sim.Close() }() // of this run only
	for _, p := range r.servers.Shop.Products {
		if p.PricingType == 0 && p.ProductCode != "" {
			w.codes = append(w.codes, p.ProductCode)
		}
	}
	for _, part := range []struct {
		goals []string
		do    func() error
	}{{[]string{"P3"}, w.start}, {[]string{"P1"}, w.painted}, {[]string{"P5", "P8"}, w.rest}, {[]string{"P7"}, w.scroll}} {
		if !slices.ContainsFunc(part.goals, r.wants) {
			continue
		}
		if err := part.do(); err != nil {
			return err
		}
	}
	return nil
}

// open starts a window and waits until it has been painted.
func (w *windows) open(as string) (p *program, first sample, err error) {
	args := []string{"--measure", as, "--scanner", w.sim.Path(), "--screen", "1366x768"}
	if as != asBare {
		args = append(args, "--data", w.tillDir())
	}
	if p, err = startProgram(w.ctx, w.p.Program, args...); err != nil {
		return nil, first, err
	}
	if _, err = p.wait("started"); err == nil {
		first, err = p.wait("frame")
	}
	if err != nil {
		p.close()
		return nil, first, err
	}
	return p, first, nil
}

// start is P3: from the process's start to the first frame, after which a scan
// is sold. Both windows take turns, so that a busy minute meets both.
func (w *windows) start() error {
	w.says("starting the window")
	took := map[string]*series{asTill: {}, asBare: {}}
	for range w.p.effort.starts {
		for _, as := range []string{asBare, asTill} {
			p, first, err := w.open(as)
			if err != nil {
				return err
			}
			took[as].add(time.Unix(0, first.At).Sub(p.started))
			p.close()
		}
	}
	w.found(Figure{Goal: "P3", What: "start → first sale possible, median", Value: took[asTill].median(), Unit: "ms",
		Floor: took[asBare].median(), Against: "a bare window's first frame"}, times, 1.25)
	return nil
}

// painted is P1 to the screen: from the scanner's last byte to the frame that
// shows the line, against a label in a bare window.
func (w *windows) painted() error {
	w.says("scanning at the window")
	bare, bareFrames, err := w.scans(asBare, "label")
	if err != nil {
		return err
	}
	till, frames, err := w.scans(asTill, "added")
	if err != nil {
		return err
	}
	const against = "one label of a bare window"
	w.found(Figure{Goal: "P1", What: "scan → painted, median", Value: till.median(), Unit: "ms", Floor: bare.median(), Against: against}, atMost, 16.7)
	w.found(Figure{Goal: "P1", What: "scan → painted, p99", Value: till.percentile(99), Unit: "ms", Floor: bare.percentile(99), Against: against}, atMost, 33)
	w.found(Figure{Goal: "P1", What: "scan → painted, median, beside a label", Value: till.median(), Unit: "ms", Floor: bare.median(), Against: against}, times, 1.5)
	w.found(Figure{Goal: "P1", What: "processor time of the frame after a scan, median", Value: frames.median(), Unit: "ms", Floor: bareFrames.median(), Against: against}, noGoal, 0)
	return nil
}

// scans returns how long scans took to the screen, and the processor time of the
// frames that showed them.
func (w *windows) scans(as, then string) (whole, frames series, err error) {
	p, _, err := w.open(as)
	if err != nil {
		return nil, nil, err
	}
	defer p.close()
	if err := p.quiet(w.p.effort.settle); err != nil {
		return nil, nil, err
	}
	if err := w.profile(p, as+"-scan"); err != nil {
		return nil, nil, err
	}
	for i := range w.p.effort.painted {
		if as == asTill && i%longCart == 0 && i > 0 {
			if _, err := p.done("clear"); err != nil { // the next customer
				return nil, nil, err
			}
		}
		// A scan meets the screen's clock at any point of it.
		time.Sleep(50*time.Millisecond + time.Duration(w.pick.IntN(40_000))*time.Microsecond)
		p.drain()
		start := time.Now()
		if err := w.sim.Scan(w.codes[w.pick.IntN(len(w.codes))]); err != nil {
			return nil, nil, err
		}
		if _, err := p.wait(then); err != nil {
			return nil, nil, err
		}
		frame, err := p.wait("frame")
		if err != nil {
			return nil, nil, err
		}
		if i > 0 { // the first one warms up
			whole.add(time.Unix(0, frame.At).Sub(start))
			frames.add(frame.CPU)
		}
	}
	return whole, frames, w.profile(p, "")
}

// rest is P8, a window that nobody touches, and P5, its memory after pages of
// pictures have been looked at.
func (w *windows) rest() error {
	w.says("watching the window do nothing")
	bare, err := w.idle(asBare)
	if err != nil {
		return err
	}
	// Pictures that are looked at are fetched all the same.
	if err := w.set("pictures.per_minute", "0"); err != nil {
		return err
	}
	till, err := w.idle(asTill)
	if err != nil {
		return err
	}
	if err := w.set("pictures.per_minute", ""); err != nil {
		return err
	}
	if w.wants("P8") {
		fetching, err := w.fetching()
		if err != nil {
			return err
		}
		w.found(Figure{Goal: "P8", What: "idle: share of one core", Value: till.share, Unit: "%", Floor: bare.share, Against: "a bare window"}, atMost, 1)
		w.found(Figure{Goal: "P8", What: "idle, while pictures are fetched: share of one core", Value: fetching, Unit: "%", Floor: bare.share, Against: "a bare window"}, noGoal, 0)
		w.found(Figure{Goal: "P8", What: fmt.Sprintf("idle: frames painted in %s", w.p.effort.idle), Value: float64(till.frames), Unit: "frames"}, exactly, 0)
	}
	if w.wants("P5") {
		w.found(Figure{Goal: "P5", What: "memory after scrolling through pictures", Value: till.memory, Unit: "MB", Floor: bare.memory, Against: "a bare window"}, above, 120)
	}
	return nil
}

// resting is what a window that nobody touches takes.
type resting struct {
	share  float64 // of one core, in %
	frames int
	memory float64 // MB
}

func (w *windows) idle(as string) (out resting, err error) {
	p, _, err := w.open(as)
	if err != nil {
		return out, err
	}
	defer p.close()
	if err := p.quiet(w.p.effort.settle); err != nil {
		return out, err
	}
	if out.share, out.frames, err = w.untouched(p); err != nil {
		return out, err
	}
	if as == asTill {
		// A page moves on by ten or so, each with a picture of its own.
		for range min(w.p.effort.pictures, w.n) / 15 {
			if _, err := p.done("page"); err != nil {
				return out, err
			}
		}
		if err := p.quiet(w.p.effort.settle); err != nil {
			return out, err
		}
	}
	bytes, err := resident(p.cmd.Process.Pid)
	out.memory = float64(bytes) / (1 << 20)
	return out, err
}

// untouched is what a window takes that nobody touches, in % of a core, and how
// often it is painted.
func (w *windows) untouched(p *program) (share float64, frames int, err error) {
	before, err := used(p.cmd.Process.Pid)
	if err != nil {
		return 0, 0, err
	}
	start := time.Now()
	time.Sleep(w.p.effort.idle) // being idle is what is measured
	took := time.Since(start)
	after, err := used(p.cmd.Process.Pid)
	return 100 * float64(after-before) / float64(took), p.drain(), err
}

// fetching is the share of a window that nobody touches while it fetches the
// shop's pictures in the background, as it does in its first hour.
func (w *windows) fetching() (share float64, err error) {
	p, _, err := w.open(asTill)
	if err != nil {
		return 0, err
	}
	defer p.close()
	if err := p.quiet(w.p.effort.settle); err != nil {
		return 0, err
	}
	share, _, err = w.untouched(p)
	return share, err
}

// set changes a setting of the till, "" for its default.
func (w *windows) set(name, value string) error {
	s, _, err := settings.Load(w.tillDir())
	if err != nil {
		return err
	}
	return s.Set(name, value)
}

// scroll is P7: the shelf with its tiles against the same with rectangles, and
// how long another class takes to show.
func (w *windows) scroll() error {
	w.says("scrolling")
	plain, err := w.scrolled(asPlain)
	if err != nil {
		return err
	}
	till, err := w.scrolled(asTill)
	if err != nil {
		return err
	}
	const against = "the same with rectangles for tiles"
	w.found(Figure{Goal: "P7", What: "scrolling: processor time of a frame, median", Value: till.frames.median(), Unit: "ms",
		Floor: plain.frames.median(), Against: against}, times, 1.5)
	w.found(Figure{Goal: "P7", What: "another class → painted, median", Value: till.classes.median(), Unit: "ms",
		Floor: plain.classes.median(), Against: against}, atMost, 50)
	w.found(Figure{Goal: "P7", What: "another class: processor time, median", Value: till.classCPU.median(), Unit: "ms",
		Floor: plain.classCPU.median(), Against: against}, noGoal, 0)
	return nil
}

// moved is what scrolling and changing the class cost in one window.
type moved struct{ frames, classes, classCPU series }

func (w *windows) scrolled(as string) (out moved, err error) {
	p, _, err := w.open(as)
	if err != nil {
		return out, err
	}
	defer p.close()
	for _, part := range []struct {
		name, command string
		times         int
		take          func(sample)
	}{
		{"scroll", "wheel -90", w.p.effort.wheels, func(s sample) { out.frames.add(s.CPU) }},
		{"class", "class", w.p.effort.classes, func(s sample) { out.classes.add(s.Took); out.classCPU.add(s.CPU) }},
	} {
		if err := p.quiet(w.p.effort.settle); err != nil {
			return out, err
		}
		if err := w.profile(p, as+"-"+part.name); err != nil {
			return out, err
		}
		for range part.times {
			s, err := p.done(part.command)
			if err != nil {
				return out, err
			}
			part.take(s)
			time.Sleep(20 * time.Millisecond) // a hand is no faster; pictures arrive meanwhile
		}
		if err := w.profile(p, ""); err != nil {
			return out, err
		}
	}
	return out, nil
}

// profile begins to write where the window's time goes, or ends it for "".
func (w *windows) profile(p *program, name string) error {
	if w.p.Profiles == "" {
		return nil
	}
	command := "profile"
	if name != "" {
		command += " " + filepath.Join(w.p.Profiles, fmt.Sprintf("%s-%d.prof", name, w.n))
	}
	if err := p.tell(command); err != nil {
		return err
	}
	_, err := p.wait("did")
	return err
}
