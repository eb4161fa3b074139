package widgets

import (
	"container/list"
	"context"
	"image"
	"slices"
	"sync"
	"time"
)

// Source has thumbnails. Both methods block.
type Source interface {
	// Cached is what can be had from the disk. known without a thumbnail means
	// that there is no such picture.
	Cached(ref string) (thumb image.Image, known bool)
	// Fetch goes far for what is not known. No thumbnail and no error means that
	// there is none; an error, that it may be there another time.
	Fetch(ctx context.Context, ref string) (image.Image, error)
}

// Bounds of the pictures.
const (
	fetchers = 3
	keptMost = 8 << 20 // bytes of decoded thumbnails: four screens of a till, or two large ones
	keptRef  = 256     // what each is counted for beside its pixels
	longLine = 256
	tryAgain = 15 * time.Second
)

// Pictures hands thumbnails to the screen. It keeps the last ones decoded, and
// has the others read and fetched beside the screen, those that were asked for
// last first. What nobody shows any longer is dropped before it is fetched. No
// method but Close waits for a disk, a network or a decoder.
type Pictures struct {
	source   Source
	dispatch func(func())
	ctx      context.Context // the life of the workers
	cancel   context.CancelFunc
	wg       sync.WaitGroup

	mu     sync.Mutex
	work   *sync.Cond
	kept   map[string]*list.Element
	order  *list.List // of kept, newest first
	bytes  int
	wants  map[any]want     // by who shows it
	wanted map[string][]any // who shows it
	near   []string         // to be looked for on the disk, newest last
	far    []string         // to be fetched, newest last
	taken  map[string]bool  // a worker has it, or it waits for another try
}

type kept struct {
	ref   string
	thumb image.Image // nil: there is none
}

type want struct {
	ref  string
	done func(image.Image)
}

// NewPictures starts the workers. dispatch runs a function on the screen's
// goroutine.
func NewPictures(source Source, dispatch func(func())) *Pictures {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Pictures{
		source: source, dispatch: dispatch, ctx: ctx, cancel: cancel,
		kept: map[string]*list.Element{}, order: list.New(),
		wants: map[any]want{}, wanted: map[string][]any{}, taken: map[string]bool{},
	}
	p.work = sync.NewCond(&p.mu)
	p.wg.Go(func() { p.each(&p.near, p.look) })
	for range fetchers {
		p.wg.Go(func() { p.each(&p.far, p.fetch) })
	}
	return p
}

// Close stops the workers and waits for them.
func (p *Pictures) Close() {
	p.cancel()
	p.mu.Lock()
	p.work.Broadcast()
	p.mu.Unlock()
	p.wg.Wait()
}

// Get returns the thumbnail if it is there; otherwise done is called with it
// later on the screen's goroutine, or never if there is no such picture. by is
// who shows it: it shows one picture at a time, and asking for another, or with
// "" for none, takes back what it asked for before.
func (p *Pictures) Get(by any, ref string, done func(image.Image)) (image.Image, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release(by)
	if ref == "" {
		return nil, true
	}
	if e, ok := p.kept[ref]; ok {
		p.order.MoveToFront(e)
		return e.Value.(*kept).thumb, true //nolint:errcheck // only *kept goes in
	}
	p.wants[by] = want{ref, done}
	p.wanted[ref] = append(p.wanted[ref], by)
	if !p.taken[ref] {
		// It may stand in the line already: whoever comes last is served first,
		// and the place further down is passed over.
		p.near = append(p.near, ref)
		p.tidy(&p.far)
		p.work.Broadcast()
	}
	return nil, false
}

// Forget lets missing pictures be asked for again, after a sync.
func (p *Pictures) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.kept {
		if e.Value.(*kept).thumb == nil { //nolint:errcheck // only *kept goes in
			p.remove(e)
		}
	}
}

// release forgets what somebody shows. The caller holds mu.
func (p *Pictures) release(by any) {
	w, ok := p.wants[by]
	if !ok {
		return
	}
	delete(p.wants, by)
	if others := slices.DeleteFunc(p.wanted[w.ref], func(o any) bool { return o == by }); len(others) > 0 {
		p.wanted[w.ref] = others
		return
	}
	delete(p.wanted, w.ref)
}

// tidy shortens a line that a slow network lets grow by what has scrolled away.
func (p *Pictures) tidy(line *[]string) {
	if len(*line) > longLine {
		*line = slices.DeleteFunc(*line, func(ref string) bool { return len(p.wanted[ref]) == 0 })
	}
}

// each hands what stands in a line to do, the newest first, until Close.
func (p *Pictures) each(line *[]string, do func(ref string)) {
	for {
		ref, ok := p.next(line)
		if !ok {
			return
		}
		do(ref)
	}
}

// next waits for a reference that somebody still shows and nobody works on.
func (p *Pictures) next(line *[]string) (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.ctx.Err() == nil {
		n := len(*line)
		if n == 0 {
			*line = nil // let go of a long line's memory
			p.work.Wait()
			continue
		}
		ref := (*line)[n-1]
		*line = (*line)[:n-1]
		if len(p.wanted[ref]) > 0 && !p.taken[ref] {
			p.taken[ref] = true
			return ref, true
		}
	}
	return "", false
}

func (p *Pictures) look(ref string) {
	thumb, known := p.source.Cached(ref)
	if known {
		p.deliver(ref, thumb)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.taken, ref)
	p.far = append(p.far, ref)
	p.work.Broadcast()
}

func (p *Pictures) fetch(ref string) {
	thumb, err := p.source.Fetch(p.ctx, ref)
	if err == nil {
		p.deliver(ref, thumb)
		return
	}
	if p.ctx.Err() != nil {
		return
	}
	// A picture that is still shown then is tried again by itself.
	time.AfterFunc(tryAgain, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.taken, ref)
		p.far = append(p.far, ref)
		p.work.Broadcast()
	})
}

// deliver keeps a thumbnail, or that there is none, and gives it to all who
// still show it when the screen gets to it.
func (p *Pictures) deliver(ref string, thumb image.Image) {
	p.mu.Lock()
	delete(p.taken, ref)
	p.keep(ref, thumb)
	p.mu.Unlock()
	if thumb == nil {
		p.served(ref)
		return
	}
	p.dispatch(func() {
		for _, done := range p.served(ref) {
			done(thumb)
		}
	})
}

// served are those who still show ref, each of them once.
func (p *Pictures) served(ref string) []func(image.Image) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []func(image.Image)
	for _, by := range slices.Clone(p.wanted[ref]) {
		all = append(all, p.wants[by].done)
		p.release(by)
	}
	return all
}

// keep bounds what is kept. The caller holds mu.
func (p *Pictures) keep(ref string, thumb image.Image) {
	if _, ok := p.kept[ref]; ok {
		return
	}
	p.kept[ref] = p.order.PushFront(&kept{ref, thumb})
	for p.bytes += weight(thumb); p.bytes > keptMost; {
		p.remove(p.order.Back())
	}
}

func (p *Pictures) remove(e *list.Element) {
	k := e.Value.(*kept) //nolint:errcheck // only *kept goes in
	p.order.Remove(e)
	delete(p.kept, k.ref)
	p.bytes -= weight(k.thumb)
}

func weight(thumb image.Image) int {
	if thumb == nil {
		return keptRef
	}
	b := thumb.Bounds()
	return keptRef + 4*b.Dx()*b.Dy()
}
