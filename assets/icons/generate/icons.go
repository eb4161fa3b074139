package main

import "math"

// icons are the drawings on a grid of 24 × 24, with 2 units of air around.
func icons() map[string][]shape {
	out := map[string][]shape{}
	for _, room := range []map[string][]shape{money(), goods(), devices(), marks(), acts()} {
		for name, shapes := range room {
			out[name] = shapes
		}
	}
	return out
}

// join flattens strokes and groups of strokes.
func join(parts ...any) []shape {
	var out []shape
	for _, p := range parts {
		switch p := p.(type) {
		case shape:
			out = append(out, p)
		case []shape:
			out = append(out, p...)
		}
	}
	return out
}

func money() map[string][]shape {
	return map[string][]shape{
		"cash": join(frame(3, 6, 18, 12, 2), ring(12, 12, 2.6), disc(6.4, 12, 1.1), disc(17.6, 12, 1.1)),
		"card": join(frame(3, 5.5, 18, 13, 2), line(3, 10, 21, 10), line(6.5, 14.8, 10.5, 14.8)),
		"receipt": join(open(6, 20.5, 6, 3.5, 18, 3.5, 18, 20.5), open(6, 20.5, 9, 18.6, 12, 20.5, 15, 18.6, 18, 20.5),
			line(9, 8, 15, 8), line(9, 12, 15, 12)),
		"qrcode": join(frame(4, 4, 6, 6, 1), frame(14, 4, 6, 6, 1), frame(4, 14, 6, 6, 1),
			block(6.3, 6.3, 1.4, 1.4, 0.2), block(16.3, 6.3, 1.4, 1.4, 0.2), block(6.3, 16.3, 1.4, 1.4, 0.2),
			open(14, 17, 14, 14, 17, 14), line(20, 14, 20, 15.2), line(17, 17.4, 17, 20), open(20, 18.4, 20, 20)),
		"coupon": join(open(4, 9.4, 4, 6, 20, 6, 20, 9.4), open(4, 14.6, 4, 18, 20, 18, 20, 14.6),
			arc(4, 12, 2.6, -90, 90), arc(20, 12, 2.6, 90, 270), line(12, 9, 12, 10), line(12, 13.5, 12, 14.5)),
		"drawer": join(open(5, 12, 7, 5, 17, 5, 19, 12), frame(3, 12, 18, 7, 1.5), line(10, 15.5, 14, 15.5)),
	}
}

func goods() map[string][]shape {
	return map[string][]shape{
		"tag": join(closed(4, 4, 11.5, 4, 20.5, 13, 13, 20.5, 4, 11.5), ring(8.3, 8.3, 1.1)),
		"store": join(open(5, 11.5, 5, 20, 19, 20, 19, 11.5), closed(5, 4, 19, 4, 21, 9, 3, 9),
			arc(6, 9, 3, 20, 160), arc(12, 9, 3, 20, 160), arc(18, 9, 3, 20, 160)),
		"picture": join(frame(3.5, 4.5, 17, 15, 2), ring(8.7, 9.3, 1.5), open(4, 17, 9, 12.8, 12, 15.2, 16, 11, 20, 15)),
		"chart":   join(open(4, 4, 4, 20, 20, 20), line(8.5, 16.5, 8.5, 12), line(12.7, 16.5, 12.7, 7), line(17, 16.5, 17, 10)),
		"tray": join(open(3.5, 13.5, 6.5, 5, 17.5, 5, 20.5, 13.5), open(3.5, 13.5, 3.5, 19, 20.5, 19, 20.5, 13.5),
			open(3.5, 13.5, 8.5, 13.5, 10, 16, 14, 16, 15.5, 13.5, 20.5, 13.5)),
		"weight": join(closed(7, 9, 17, 9, 20, 20, 4, 20), ring(12, 5.7, 2.2), line(12, 13, 12, 16)),
	}
}

func devices() map[string][]shape {
	return map[string][]shape{
		"scan": join(open(4, 8, 4, 4, 8, 4), open(16, 4, 20, 4, 20, 8), open(20, 16, 20, 20, 16, 20), open(8, 20, 4, 20, 4, 16),
			line(8, 9, 8, 15), line(12, 9, 12, 15), line(16, 9, 16, 15)),
		"printer": join(open(7, 8, 7, 3.5, 17, 3.5, 17, 8), open(7, 17, 3.5, 17, 3.5, 8, 20.5, 8, 20.5, 17, 17, 17),
			frame(7, 13.5, 10, 7, 0.5), disc(17.3, 11, 1)),
		"scale": join(line(4, 5, 20, 5), line(12, 5, 12, 9), closed(6.5, 9, 17.5, 9, 20, 20, 4, 20),
			arc(12, 17.5, 4, 180, 360), line(12, 17.5, 13.8, 15)),
		"wifi": join(arc(12, 18.5, 12.4, 225, 315), arc(12, 18.5, 8.4, 225, 315), arc(12, 18.5, 4.4, 225, 315), disc(12, 18.5, 1.4)),
		"wifi-off": join(arc(12, 18.5, 12.4, 225, 255), arc(12, 18.5, 12.4, 285, 315), arc(12, 18.5, 8.4, 225, 250),
			arc(12, 18.5, 8.4, 290, 315), disc(12, 18.5, 1.4), line(4, 3.5, 19.5, 20.5)),
		"display": join(frame(3, 4.5, 18, 11.5, 2), line(12, 16, 12, 20), line(8, 20, 16, 20)),
	}
}

func marks() map[string][]shape {
	return map[string][]shape{
		"user":    join(ring(12, 8, 4), arc(12, 21, 8, 190, 350)),
		"member":  join(ring(10, 8, 3.8), arc(10, 20.6, 7.4, 190, 280), closed(17, 12.2, 18.4, 15, 21.4, 15.4, 19.2, 17.5, 19.8, 20.5, 17, 19, 14.2, 20.5, 14.8, 17.5, 12.6, 15.4, 15.6, 15)),
		"clock":   join(ring(12, 12, 8.5), open(12, 7, 12, 12, 15.5, 14)),
		"warning": join(closed(12, 4, 21, 19.5, 3, 19.5), line(12, 10, 12, 14), disc(12, 16.8, 1.1)),
		"info":    join(ring(12, 12, 8.5), line(12, 11.5, 12, 16), disc(12, 8.2, 1.15)),
		"help":    join(ring(12, 12, 8.5), arc(12, 9.6, 2.5, 180, 395), open(14.05, 11.03, 12, 12.6, 12, 13.6), disc(12, 16.6, 1.1)),
		"unknown": join(frame(4, 4, 16, 16, 3), arc(12, 9.8, 2.5, 180, 395), open(14.05, 11.23, 12, 12.8, 12, 13.4), disc(12, 16.4, 1.1)),
		"lock":    join(frame(5, 10.5, 14, 10, 2), arc(12, 8, 4, 180, 360), line(8, 8, 8, 10.5), line(16, 8, 16, 10.5), line(12, 14.2, 12, 16.8)),
		"sun":     join(ring(12, 12, 3.8), rays(12, 12, 7, 9)),
		"moon":    join(arc(12, 12, 8.5, 20, 256), arc(16.6, 7.6, 7, 74, 193)),
	}
}

func acts() map[string][]shape {
	return map[string][]shape{
		"search": join(ring(10.5, 10.5, 6.5), line(15.3, 15.3, 20.5, 20.5)),
		"sync": join(arc(12, 12, 8, 195, 330), open(19.2, 3.8, 18.9, 8, 14.8, 7.6),
			arc(12, 12, 8, 15, 150), open(4.8, 20.2, 5.1, 16, 9.2, 16.4)),
		"check": open(4.5, 12.5, 9.5, 17.5, 19.5, 6.5),
		"close": join(line(5.5, 5.5, 18.5, 18.5), line(18.5, 5.5, 5.5, 18.5)),
		"plus":  join(line(12, 4.5, 12, 19.5), line(4.5, 12, 19.5, 12)),
		"minus": join(line(4.5, 12, 19.5, 12)),
		"trash": join(line(4, 6.5, 20, 6.5), open(9, 6.5, 9.5, 3.5, 14.5, 3.5, 15, 6.5),
			open(6, 6.5, 7, 20.5, 17, 20.5, 18, 6.5), line(10.2, 10.5, 10.4, 16.5), line(13.8, 10.5, 13.6, 16.5)),
		"back":     join(line(4.5, 12, 20, 12), open(11, 5.5, 4.5, 12, 11, 18.5)),
		"undo":     join(open(8.5, 4.5, 4, 9, 8.5, 13.5), line(4, 9, 14.5, 9), arc(14.5, 14, 5, 270, 450), line(14.5, 19, 8, 19)),
		"redo":     join(open(15.5, 4.5, 20, 9, 15.5, 13.5), line(20, 9, 9.5, 9), arc(9.5, 14, 5, 90, 270), line(9.5, 19, 16, 19)),
		"settings": join(ring(12, 12, 3), ring(12, 12, 6.4), rays(12, 12, 7, 9)),
		"hold":     join(ring(12, 12, 8.5), line(9.7, 8.8, 9.7, 15.2), line(14.3, 8.8, 14.3, 15.2)),
	}
}

// rays are eight short strokes away from a centre.
func rays(cx, cy, from, to float64) []shape {
	var out []shape
	for k := range 8 {
		s, c := math.Sincos(float64(k) * math.Pi / 4)
		out = append(out, line(cx+from*c, cy+from*s, cx+to*c, cy+to*s))
	}
	return out
}
