package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const (
	ink = "#14181F"
	// half is half the stroke's width in the 24-unit grid: 1.8 stays crisp at
	// 24 px and does not look thin at 48 px.
	half = 0.9
)

// A shape is the outline of one stroke, as the data of an SVG path. Holes run
// against the outline, so that both filling rules give the same picture.
type shape string

// svg writes the document. Each stroke is a path of its own: where two cross,
// no filling rule can punch a hole.
func svg(shapes []shape) []byte {
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">` + "\n")
	for _, s := range shapes {
		fmt.Fprintf(&b, `<path fill="%s" d="%s"/>`+"\n", ink, string(s))
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

// line is a stroke with round ends.
func line(x1, y1, x2, y2 float64) shape {
	l := math.Hypot(x2-x1, y2-y1)
	nx, ny := -(y2-y1)/l*half, (x2-x1)/l*half
	return shape(fmt.Sprintf("M%s L%s A%s %s 0 0 0 %s L%s A%s %s 0 0 0 %s Z",
		pt(x1+nx, y1+ny), pt(x2+nx, y2+ny), num(half), num(half), pt(x2-nx, y2-ny),
		pt(x1-nx, y1-ny), num(half), num(half), pt(x1+nx, y1+ny)))
}

// open joins the points x1,y1,x2,y2,… with strokes.
func open(xy ...float64) []shape {
	var out []shape
	for i := 0; i+3 < len(xy); i += 2 {
		out = append(out, line(xy[i], xy[i+1], xy[i+2], xy[i+3]))
	}
	return out
}

// closed is open with a last stroke back to the first point.
func closed(xy ...float64) []shape { return open(append(xy, xy[0], xy[1])...) }

// disc is a filled circle.
func disc(cx, cy, r float64) shape { return shape(circle(cx, cy, r, 1)) }

// ring is the stroke of a circle.
func ring(cx, cy, r float64) shape {
	return shape(circle(cx, cy, r+half, 1) + circle(cx, cy, r-half, 0))
}

func circle(cx, cy, r float64, sweep int) string {
	return fmt.Sprintf("M%s A%s %s 0 0 %d %s A%s %s 0 0 %d %s Z",
		pt(cx-r, cy), num(r), num(r), sweep, pt(cx+r, cy), num(r), num(r), sweep, pt(cx-r, cy))
}

// arc is the stroke of a part of a circle, clockwise from one angle to the
// other, in degrees from three o'clock.
func arc(cx, cy, r, from, to float64) shape {
	at := func(r, deg float64) string {
		s, c := math.Sincos(deg * math.Pi / 180)
		return pt(cx+r*c, cy+r*s)
	}
	large := 0
	if to-from > 180 {
		large = 1
	}
	o, i := r+half, r-half
	return shape(fmt.Sprintf("M%s A%s %s 0 %d 1 %s A%s %s 0 0 1 %s A%s %s 0 %d 0 %s A%s %s 0 0 1 %s Z",
		at(o, from), num(o), num(o), large, at(o, to), num(half), num(half), at(i, to),
		num(i), num(i), large, at(i, from), num(half), num(half), at(o, from)))
}

// frame is the stroke of a rectangle with corners of radius r.
func frame(x, y, w, h, r float64) shape {
	return shape(box(x-half, y-half, w+2*half, h+2*half, r+half, true) +
		box(x+half, y+half, w-2*half, h-2*half, math.Max(r-half, 0.05), false))
}

// block is a filled rectangle with corners of radius r.
func block(x, y, w, h, r float64) shape { return shape(box(x, y, w, h, r, true)) }

func box(x, y, w, h, r float64, clockwise bool) string {
	a := "A" + num(r) + " " + num(r) + " 0 0 "
	if clockwise {
		return "M" + pt(x+r, y) + " L" + pt(x+w-r, y) + " " + a + "1 " + pt(x+w, y+r) +
			" L" + pt(x+w, y+h-r) + " " + a + "1 " + pt(x+w-r, y+h) +
			" L" + pt(x+r, y+h) + " " + a + "1 " + pt(x, y+h-r) +
			" L" + pt(x, y+r) + " " + a + "1 " + pt(x+r, y) + " Z"
	}
	return "M" + pt(x+r, y) + " " + a + "0 " + pt(x, y+r) +
		" L" + pt(x, y+h-r) + " " + a + "0 " + pt(x+r, y+h) +
		" L" + pt(x+w-r, y+h) + " " + a + "0 " + pt(x+w, y+h-r) +
		" L" + pt(x+w, y+r) + " " + a + "0 " + pt(x+w-r, y) + " Z"
}

func pt(x, y float64) string { return num(x) + " " + num(y) }

// num keeps two decimals: a hundredth of the grid is far below a pixel.
func num(f float64) string {
	return strconv.FormatFloat(math.Round(f*100)/100+0, 'f', -1, 64)
}
