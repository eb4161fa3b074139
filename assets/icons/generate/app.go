package main

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"golang.org/x/image/vector"
)

// side is the edge of the app's icon in pixels; its grid is 512 × 512.
const side = 512

var (
	accent = color.NRGBA{0x0B, 0x7A, 0x4B, 0xFF}
	deep   = color.NRGBA{0x07, 0x5C, 0x38, 0xFF}
	paper  = color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}
	faint  = color.NRGBA{0xC9, 0xE4, 0xD6, 0xFF}
)

// appIcon is a receipt coming out of a till: the slot, the paper with its torn
// foot, two lines of goods and a tick for "paid".
func appIcon() ([]byte, error) {
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	fill(img, accent, roundRect(16, 16, 480, 480, 104))
	fill(img, deep, roundRect(96, 112, 320, 40, 20))
	fill(img, paper, [][2]float32{
		{136, 132}, {376, 132}, {376, 404}, {346, 378}, {316, 404}, {286, 378},
		{256, 404}, {226, 378}, {196, 404}, {166, 378}, {136, 404},
	})
	fill(img, faint, roundRect(136, 132, 240, 14, 0.1))
	fill(img, faint, roundRect(172, 178, 108, 20, 10))
	fill(img, faint, roundRect(304, 178, 36, 20, 10))
	fill(img, faint, roundRect(172, 222, 76, 20, 10))
	fill(img, faint, roundRect(304, 222, 36, 20, 10))
	stroke(img, accent, 15, 184, 304, 236, 350)
	stroke(img, accent, 15, 236, 350, 330, 268)

	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	err := enc.Encode(&b, img)
	return b.Bytes(), err
}

func fill(dst draw.Image, c color.Color, outline [][2]float32) {
	r := vector.NewRasterizer(side, side)
	r.MoveTo(outline[0][0], outline[0][1])
	for _, p := range outline[1:] {
		r.LineTo(p[0], p[1])
	}
	r.ClosePath()
	r.Draw(dst, dst.Bounds(), image.NewUniform(c), image.Point{})
}

// stroke is a line with round ends and the given half width.
func stroke(dst draw.Image, c color.Color, half, x1, y1, x2, y2 float32) {
	fill(dst, c, disk(x1, y1, half))
	fill(dst, c, disk(x2, y2, half))
	dx, dy := x2-x1, y2-y1
	k := half / sqrt(dx*dx+dy*dy)
	nx, ny := -dy*k, dx*k
	fill(dst, c, [][2]float32{{x1 + nx, y1 + ny}, {x2 + nx, y2 + ny}, {x2 - nx, y2 - ny}, {x1 - nx, y1 - ny}})
}
