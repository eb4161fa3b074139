package pictures

import (
	"encoding/binary"
	"errors"
	"image/color"
	"testing"
	"time"
)

func TestThumbnail(t *testing.T) {
	red := color.RGBA{R: 200, G: 30, B: 30, A: 255}
	for name, tt := range map[string]struct {
		raw  []byte
		w, h int
	}{
		"png wide":  {asPNG(t, plain(800, 200, red)), 160, 40},
		"jpeg tall": {asJPEG(t, plain(300, 600, red)), 80, 160},
		"small":     {asPNG(t, plain(12, 9, red)), 12, 9},
		"a line":    {asPNG(t, plain(16_000, 1, red)), 160, 1},
	} {
		got, err := Thumbnail(tt.raw)
		if err != nil || got.Rect.Dx() != tt.w || got.Rect.Dy() != tt.h {
			t.Errorf("%s: %v, %v", name, got, err)
			continue
		}
		if c := got.RGBAAt(tt.w/2, tt.h/2); max(c.R, 200)-min(c.R, 200) > 6 || max(c.G, 30)-min(c.G, 30) > 6 || c.A != 255 {
			t.Errorf("%s: %v", name, c)
		}
	}
}

// Transparent goods stay so: the tile shines through.
func TestThumbnailKeepsTransparency(t *testing.T) {
	got, err := Thumbnail(asPNG(t, plain(400, 400, color.NRGBA{R: 255, A: 128})))
	if err != nil {
		t.Fatal(err)
	}
	if c := got.RGBAAt(80, 80); c.A != 128 || c.R < 126 || c.R > 129 {
		t.Errorf("%v is not half of red", c)
	}
}

func TestOnlyTheFirstFrame(t *testing.T) {
	got, err := Thumbnail(asGIF(t, 200, 64, 64))
	if err != nil || got.RGBAAt(0, 0) != (color.RGBA{A: 255}) || got.RGBAAt(5, 0) != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("%v", err)
	}
}

// turned puts an EXIF segment before a JPEG's first.
func turned(raw []byte, how uint16, order binary.AppendByteOrder) []byte {
	mark := map[bool]string{true: "II", false: "MM"}[order == binary.AppendByteOrder(binary.LittleEndian)]
	tiff := order.AppendUint16([]byte(mark), 42)
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, how)
	tiff = append(tiff, 0, 0)
	body := append([]byte("Exif\x00\x00"), tiff...)
	b := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(2+len(body)))...)
	return append(append(b, body...), raw[2:]...)
}

// The corner that EXIF 2.3 (table of orientations) says is the upper left one
// ends there. The picture is black but for a white patch in that corner.
func TestUpright(t *testing.T) {
	corners := map[uint16][2]int{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {0, 1}, 7: {1, 1}, 8: {1, 0}}
	for how, corner := range corners {
		m := plain(320, 160, color.Black)
		for y := range 48 {
			for x := range 48 {
				m.Set(corner[0]*272+x, corner[1]*112+y, color.White)
			}
		}
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			got, err := Thumbnail(turned(asJPEG(t, m), how, order))
			if err != nil {
				t.Fatal(err)
			}
			w, h := 160, 80
			if how >= 5 {
				w, h = h, w
			}
			if got.Rect.Dx() != w || got.Rect.Dy() != h {
				t.Errorf("%d: %v", how, got.Rect)
			}
			if c := got.RGBAAt(4, 4); c.R < 200 {
				t.Errorf("%d %v: the upper left corner is %v", how, order, c)
			}
		}
	}
}

func TestTooLargeToDecode(t *testing.T) {
	for name, raw := range map[string][]byte{
		"30,000 square":          zeros(),
		"4,004,001 pixels":       rawPNG(2001, 2001, 1, 0, 0),
		"a long line":            rawPNG(20_000, 2, 8, 2, 0),
		"16 bit interlaced":      rawPNG(2000, 2000, 16, 6, 1),
		"progressive 4:4:4":      jpegOf(2000, 2000, []byte{0x11, 0x11, 0x11}, true, 1),
		"progressive CMYK":       jpegOf(2000, 2000, []byte{0x11, 0x11, 0x11, 0x11}, true, 1),
		"many code tables":       webpOf(chunkOf("VP8L", lossless(64, 64, 300<<10))),
		"a large lossless":       webpOf(chunkOf("VP8L", lossless(2000, 2000, 64))),
		"its header lies":        append(rawPNG(8, 8, 8, 2, 0)[:16], zeros()[16:]...),
		"no size":                rawPNG(0, 0, 8, 2, 0),
		"svg":                    []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`),
		"nothing":                {},
		"GIF with a huge screen": append([]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), ';'),
	} {
		if got, err := Thumbnail(raw); err == nil {
			t.Errorf("%s: %v", name, got.Rect)
		}
	}
	if _, err := Thumbnail(rawPNG(2000, 2000, 8, 2, 0)); err != nil {
		t.Errorf("4 megapixels: %v", err)
	}
	if _, err := Thumbnail(jpegOf(2000, 2000, []byte{0x22, 0x11, 0x11}, true, 1)); err != nil {
		t.Errorf("4 megapixels, progressive 4:2:0: %v", err)
	}
}

func TestCutAtEveryByte(t *testing.T) {
	for name, raw := range map[string][]byte{
		"jpeg": asJPEG(t, photo(40, 30, 1)), "png": asPNG(t, photo(20, 20, 1)), "gif": asGIF(t, 2, 16, 16),
		"exif": turned(asJPEG(t, photo(16, 16, 1)), 6, binary.LittleEndian),
	} {
		for n := range raw {
			if got, err := Thumbnail(raw[:n]); err == nil && max(got.Rect.Dx(), got.Rect.Dy()) > Side {
				t.Errorf("%s cut at %d: %v", name, n, got.Rect)
			}
		}
		if _, err := Thumbnail(raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEndlessDecodingEnds(t *testing.T) {
	raw := eobBomb(1999, 1999, 120_000)
	if len(raw) > 5<<20 {
		t.Fatalf("the bomb is %d bytes", len(raw))
	}
	began := time.Now()
	_, err := thumbnail(raw, 100*time.Millisecond)
	if !errors.Is(err, errSlow) {
		t.Errorf("it took %v (%v)", time.Since(began), err)
	}
}

func FuzzThumbnail(f *testing.F) {
	f.Add(asPNG(f, photo(9, 7, 1)))
	f.Add(asJPEG(f, photo(16, 16, 2)))
	f.Add(asGIF(f, 2, 8, 8))
	f.Add(jpegOf(16, 16, []byte{0x22, 0x11, 0x11}, true, 2))
	f.Add(jpegOf(16, 16, []byte{0x11, 0x11, 0x11, 0x11}, false, 1))
	f.Add(rawPNG(16, 16, 16, 6, 1))
	f.Add(turned(asJPEG(f, photo(8, 8, 3)), 6, binary.BigEndian))
	f.Add(webpOf(chunkOf("VP8L", lossless(4, 4, 16))))
	f.Add(webpOf(chunkOf("VP8X", make([]byte, 10)), chunkOf("ALPH", make([]byte, 8))))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := Thumbnail(raw)
		if err == nil && (got.Rect.Empty() || got.Rect.Dx() > Side || got.Rect.Dy() > Side) {
			t.Errorf("a thumbnail of %v", got.Rect)
		}
	})
}
