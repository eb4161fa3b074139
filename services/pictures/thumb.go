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
// rows a picture adds less than 64 MB.
const (
	// Side is the longest side of a thumbnail in pixels: a tile's 80 at twice
	// the size, the largest scale there is.
	Side = 160

	maxPixels = 4_000_000
	maxSide   = 16_384
	maxCost   = 48_000_000
	maxTime   = 5 * time.Second
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
func Thumbnail(raw []byte) (*image.RGBA, error) { return thumbnail(raw, maxTime) }

func thumbnail(raw []byte, limit time.Duration) (thumb *image.RGBA, err error) {
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
	full, _, err := image.Decode(&timed{r: bytes.NewReader(raw), until: time.Now().Add(limit)})
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

// shrink scales down to Side. Whole blocks of pixels are averaged to between two
// and four times that, which is fast, and only the rest is filtered.
func shrink(full image.Image) *image.RGBA {
	size := full.Bounds().Size()
	w, h := size.X, size.Y
	if longest := max(w, h); longest > Side {
		w, h = max(1, w*Side/longest), max(1, h*Side/longest)
	}
	from := average(full, max(1, min(size.X/(2*w), size.Y/(2*h))))
	if from.Rect.Dx() == w && from.Rect.Dy() == h {
		return from
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(to, to.Rect, from, from.Rect, draw.Src, nil)
	return to
}

// average makes one pixel of each block of n by n. What is left over at the
// right and below, less than a block, goes.
func average(full image.Image, n int) *image.RGBA {
	b := full.Bounds()
	to := image.NewRGBA(image.Rect(0, 0, b.Dx()/n, b.Dy()/n))
	if n == 1 {
		draw.Draw(to, to.Rect, full, b.Min, draw.Src)
		return to
	}
	strip := image.NewRGBA(image.Rect(0, 0, to.Rect.Dx()*n, n))
	sums := make([]uint32, 4*to.Rect.Dx())
	for y := range to.Rect.Dy() {
		draw.Draw(strip, strip.Rect, full, b.Min.Add(image.Pt(0, y*n)), draw.Src)
		clear(sums)
		for line := range n {
			row := strip.Pix[line*strip.Stride:][:4*n*to.Rect.Dx()]
			for x := 0; x < len(sums); x += 4 {
				for range n {
					sums[x] += uint32(row[0])
					sums[x+1] += uint32(row[1])
					sums[x+2] += uint32(row[2])
					sums[x+3] += uint32(row[3])
					row = row[4:]
				}
			}
		}
		area := uint32(n * n)
		for x, sum := range sums {
			to.Pix[y*to.Stride+x] = uint8((sum + area/2) / area)
		}
	}
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
