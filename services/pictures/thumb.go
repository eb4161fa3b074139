package pictures

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // pictures come in these formats
	_ "image/jpeg" // and are only ever read
	_ "image/png"
	"runtime"
	"sync"
	"time"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // as above
)

// Bounds of a picture. maxCost is what decoding one may take in bytes; with the
// picture itself (2 MiB, and as much again while it is read) and the scaler's
// rows (10 MB) a picture adds less than 64 MB.
const (
	// Side is the longest side of a thumbnail in pixels: a tile's 80 at twice
	// the size, the largest scale there is.
	Side = 160

	maxPixels = 4_000_000
	maxSide   = 16_384
	maxCost   = 48_000_000
	maxTime   = 3 * time.Second
)

var (
	errLarge = errors.New("pictures: more than 4 megapixels, or more memory than a picture may take")
	errSlow  = errors.New("pictures: takes too long to decode")
)

// decoder makes pictures small one after the other. What it has decoded since
// memory was last collected counts as still there.
var decoder struct {
	sync.Mutex
	owed int
}

// Thumbnail decodes a JPEG, PNG, GIF (its first frame) or WebP and scales it
// down to Side, upright, in the form a screen takes without converting. What is
// no picture, or one too costly to decode, is an error.
func Thumbnail(raw []byte) (thumb *image.RGBA, err error) {
	h, err := inspect(raw)
	if err != nil {
		return nil, err
	}
	decoder.Lock()
	defer decoder.Unlock()
	if decoder.owed += h.cost; decoder.owed > maxCost {
		runtime.GC()
		decoder.owed = h.cost
	}
	defer func() {
		// A decoder that stumbles over what a stranger sent must not end the till.
		if r := recover(); r != nil {
			thumb, err = nil, fmt.Errorf("pictures: decoder: %v", r)
		}
	}()
	full, _, err := image.Decode(&timed{r: bytes.NewReader(raw), until: time.Now().Add(maxTime)})
	if err != nil {
		return nil, err
	}
	if size := full.Bounds().Size(); size.X > h.width || size.Y > h.height {
		return nil, errLarge
	}
	return upright(shrink(full), h.turned), nil
}

// timed is a reader that ends after a while: a progressive JPEG of 2 MB may
// order a hundred thousand passes over all of its blocks.
type timed struct {
	r     *bytes.Reader
	until time.Time
}

func (t *timed) Read(b []byte) (int, error) {
	if time.Now().After(t.until) {
		return 0, errSlow
	}
	return t.r.Read(b)
}

func shrink(full image.Image) *image.RGBA {
	b := full.Bounds()
	w, h := b.Dx(), b.Dy()
	if longest := max(w, h); longest > Side {
		w, h = max(1, w*Side/longest), max(1, h*Side/longest)
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if w == b.Dx() && h == b.Dy() {
		draw.Draw(to, to.Rect, full, b.Min, draw.Src)
		return to
	}
	draw.CatmullRom.Scale(to, to.Rect, full, b, draw.Src, nil)
	return to
}

// upright turns a thumbnail as EXIF's orientation (2 to 8) says it lies.
func upright(from *image.RGBA, turned int) *image.RGBA {
	if turned < 2 || turned > 8 {
		return from
	}
	w, h := from.Rect.Dx(), from.Rect.Dy()
	if turned >= 5 {
		w, h = h, w
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			to.SetRGBA(x, y, from.RGBAAt(source(turned, x, y, w, h)))
		}
	}
	return to
}

// source is where a pixel of the upright picture of w by h lies in the turned one.
func source(turned, x, y, w, h int) (int, int) {
	switch turned {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, w - 1 - x
	case 7:
		return h - 1 - y, w - 1 - x
	}
	return h - 1 - y, x
}
