package demoshop

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
)

// drawnSide is the side of a drawn picture in pixels, more than a tile shows.
const drawnSide = 96

func drawnName(n int) string { return fmt.Sprintf("pictures/d%05d.png", n) }

// draw writes the first n drawn pictures. Each is a small copy of one of its
// kind's with the colours of its own: only the palette differs, so that ten
// thousand cost little more than their files.
func (g *goods) draw(dir string, n int) error {
	small := map[string]*sheet{}
	for i := range n {
		k := &g.kinds[i%len(g.kinds)]
		name := k.images[i/len(g.kinds)%len(k.images)]
		s := small[name]
		if s == nil {
			var err error
			if s, err = newSheet(name); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			small[name] = s
		}
		file := filepath.Join(dir, filepath.FromSlash(drawnName(i)))
		if err := os.WriteFile(file, s.next(mix(g.seed, 1<<41)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// sheet is a small picture as a file, and where its palette stands in it.
type sheet struct {
	file  []byte
	clear []bool // by place in the palette: the corners, which stay white
	at    int    // of the palette's chunk data
	given uint64 // copies so far
}

func newSheet(name string) (*sheet, error) {
	raw, err := embedded.ReadFile(name)
	if err != nil {
		return nil, err
	}
	full, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	p, ok := full.(*image.Paletted)
	if !ok {
		return nil, errors.New("it has no palette")
	}
	to := image.NewPaletted(image.Rect(0, 0, drawnSide, drawnSide), make(color.Palette, len(p.Palette)))
	s := &sheet{clear: make([]bool, len(p.Palette))}
	for i, c := range p.Palette {
		r, g, b, a := c.RGBA() // premultiplied: what is clear shows white paper
		paper := 0xffff - a
		to.Palette[i] = color.RGBA{uint8((r + paper) >> 8), uint8((g + paper) >> 8), uint8((b + paper) >> 8), 0xff}
		s.clear[i] = a < 0x8000
	}
	// Place by place in the palette: by colour, what is clear would become whatever
	// is darkest.
	from := p.Bounds()
	for y := range drawnSide {
		for x := range drawnSide {
			to.SetColorIndex(x, y, p.ColorIndexAt(from.Min.X+x*from.Dx()/drawnSide, from.Min.Y+y*from.Dy()/drawnSide))
		}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, to); err != nil {
		return nil, err
	}
	s.file = b.Bytes()
	s.at = bytes.Index(s.file, []byte("PLTE")) + 4
	if s.at < 4 || len(s.file) < s.at+3*len(s.clear)+4 {
		return nil, errors.New("it was written without a palette")
	}
	return s, nil
}

// next is the picture with each of its colours shifted by up to 32 of 255: an
// odd step visits all 2^18 shifts once, so that no two copies are alike.
func (s *sheet) next(seed uint64) []byte {
	r := s.given*0x2545F + seed
	s.given++
	out := bytes.Clone(s.file)
	data := out[s.at : s.at+3*len(s.clear)]
	for i := range data {
		if !s.clear[i/3] {
			data[i] = shifted(data[i], int(r>>(6*(i%3))&63)-32)
		}
	}
	binary.BigEndian.PutUint32(out[s.at+len(data):], crc32.ChecksumIEEE(out[s.at-4:s.at+len(data)]))
	return out
}

func shifted(c uint8, by int) uint8 { return uint8(min(255, max(0, int(c)+by))) }
