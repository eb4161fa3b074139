package widgets

import (
	"bytes"
	"container/list"
	"context"
	"image"
	_ "image/gif"  // HQ's pictures come in these formats
	_ "image/jpeg" // and are only ever read
	_ "image/png"
	"sync"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // as above
)

// Source fetches a picture by the reference HQ gives. It blocks.
type Source interface {
	Picture(ctx context.Context, ref string) ([]byte, error)
}

// Bounds of the pictures: what is decoded at once, kept, waited for, and the
// size in pixels at which they are kept.
const (
	decoders    = 3
	keptShots   = 400
	waitingLine = 64
	thumbSide   = 232
	maxPixels   = 40_000_000
)

// Pictures decodes thumbnails beside the screen and keeps the last few hundred.
// A picture that cannot be had is remembered as missing until Forget.
type Pictures struct {
	source   Source
	dispatch func(func())
	ctx      context.Context // the life of the decoders
	cancel   context.CancelFunc
	wake     chan struct{}
	wg       sync.WaitGroup

	mu      sync.Mutex
	kept    map[string]*list.Element
	order   *list.List // of kept, newest first
	waiting []request  // newest last, served first: it is what one looks at now
}

type kept struct {
	ref   string
	thumb image.Image // nil: there is none
}

type request struct {
	ref  string
	done func(image.Image)
}

// NewPictures starts the decoders. dispatch runs a function on the screen's
// goroutine.
func NewPictures(source Source, dispatch func(func())) *Pictures {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Pictures{
		source: source, dispatch: dispatch, ctx: ctx, cancel: cancel,
		wake: make(chan struct{}, waitingLine), kept: map[string]*list.Element{}, order: list.New(),
	}
	for range decoders {
		p.wg.Go(p.work)
	}
	return p
}

// Close stops the decoders and waits for them.
func (p *Pictures) Close() {
	p.cancel()
	p.wg.Wait()
}

// Get returns the thumbnail if it is there; otherwise done is called with it
// later on the screen's goroutine, or never if there is no such picture or the
// line is too long.
func (p *Pictures) Get(ref string, done func(image.Image)) (image.Image, bool) {
	if ref == "" {
		return nil, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, ok := p.kept[ref]; ok {
		p.order.MoveToFront(e)
		return e.Value.(*kept).thumb, true //nolint:errcheck // only *kept goes in
	}
	if len(p.waiting) >= waitingLine {
		p.waiting = p.waiting[1:]
	}
	p.waiting = append(p.waiting, request{ref, done})
	select {
	case p.wake <- struct{}{}:
	default:
	}
	return nil, false
}

// Forget lets missing pictures be asked for again, after a sync.
func (p *Pictures) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for ref, e := range p.kept {
		if e.Value.(*kept).thumb == nil { //nolint:errcheck // only *kept goes in
			p.order.Remove(e)
			delete(p.kept, ref)
		}
	}
}

func (p *Pictures) work() {
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-p.wake:
		}
		for {
			r, ok := p.next()
			if !ok {
				break
			}
			thumb := p.load(r.ref)
			if p.ctx.Err() != nil {
				return
			}
			p.keep(r.ref, thumb)
			if thumb != nil {
				p.dispatch(func() { r.done(thumb) })
			}
		}
	}
}

func (p *Pictures) next() (request, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.waiting)
	if n == 0 {
		return request{}, false
	}
	r := p.waiting[n-1]
	p.waiting = p.waiting[:n-1]
	return r, true
}

func (p *Pictures) load(ref string) image.Image {
	p.mu.Lock()
	e, ok := p.kept[ref]
	p.mu.Unlock()
	if ok {
		return e.Value.(*kept).thumb //nolint:errcheck // only *kept goes in
	}
	raw, err := p.source.Picture(p.ctx, ref)
	if err != nil {
		return nil
	}
	return Thumbnail(raw)
}

func (p *Pictures) keep(ref string, thumb image.Image) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.kept[ref]; ok {
		return
	}
	p.kept[ref] = p.order.PushFront(&kept{ref, thumb})
	for p.order.Len() > keptShots {
		last := p.order.Back()
		delete(p.kept, last.Value.(*kept).ref) //nolint:errcheck // only *kept goes in
		p.order.Remove(last)
	}
}

// Thumbnail decodes a picture and scales it down; nil where it is none, or so
// large that decoding it would stop the till.
func Thumbnail(raw []byte) image.Image {
	c, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width*c.Height > maxPixels {
		return nil
	}
	full, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil
	}
	longest := max(c.Width, c.Height)
	if longest <= thumbSide {
		return full
	}
	to := image.NewNRGBA(image.Rect(0, 0, max(1, c.Width*thumbSide/longest), max(1, c.Height*thumbSide/longest)))
	draw.CatmullRom.Scale(to, to.Bounds(), full, full.Bounds(), draw.Src, nil)
	return to
}
