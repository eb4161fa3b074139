package main

import "math"

// roundRect is the outline of a rectangle with corners of radius r.
func roundRect(x, y, w, h, r float32) [][2]float32 {
	var out [][2]float32
	for i, c := range [][2]float32{{x + w - r, y + r}, {x + w - r, y + h - r}, {x + r, y + h - r}, {x + r, y + r}} {
		out = append(out, turn(c[0], c[1], r, float64(i-1)*math.Pi/2, math.Pi/2)...)
	}
	return out
}

// disk is the outline of a circle.
func disk(cx, cy, r float32) [][2]float32 { return turn(cx, cy, r, 0, 2*math.Pi) }

// turn is an arc as points, close enough together to look round at 512 px.
func turn(cx, cy, r float32, from, by float64) [][2]float32 {
	const steps = 48
	out := make([][2]float32, 0, steps+1)
	for k := range steps + 1 {
		s, c := math.Sincos(from + by*float64(k)/steps)
		out = append(out, [2]float32{cx + r*float32(c), cy + r*float32(s)})
	}
	return out
}

func sqrt(f float32) float32 { return float32(math.Sqrt(float64(f))) }
