package simulate

// Draw is where every choice of a schedule comes from: a seed, or the choices of
// an earlier run. A choice of 0 is always the harmless one, so that a story gets
// shorter as its choices are set to 0.
type Draw struct {
	state  uint64
	given  []uint16 // replayed; behind their end everything is 0
	replay bool
	made   []uint16
	faults int
}

// seeded draws from a seed.
func seeded(seed uint64) *Draw {
	return &Draw{state: seed*0x9e3779b97f4a7c15 + 0x1234567, made: make([]uint16, 0, 512)}
}

// replayed draws what was drawn before.
func replayed(choices []uint16) *Draw { return &Draw{given: choices, replay: true} }

// next is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
// Generators, 2014): small, fast, and the same on every machine.
func (d *Draw) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// N is a number from 0 to n-1; n is at most 65536.
func (d *Draw) N(n int) int {
	var c uint16
	switch {
	case !d.replay:
		c = uint16(d.next() >> 32 % uint64(n))
	case len(d.made) < len(d.given):
		c = uint16(int(d.given[len(d.made)]) % n)
	}
	d.made = append(d.made, c)
	return int(c)
}

// One reports true once in k times.
func (d *Draw) One(k int) bool { return d.N(k) == k-1 }

// Fault is One that counts as something going wrong.
func (d *Draw) Fault(k int) bool {
	bad := d.One(k)
	if bad {
		d.faults++
	}
	return bad
}

// Pick is one of the weighted choices, by its place; the first is the harmless
// one, the others count as faults where they are.
func (d *Draw) Pick(weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := d.N(sum)
	for i, w := range weights {
		if n < w {
			return i
		}
		n -= w
	}
	return 0
}

// spent reports that a replay has nothing more to say: only harmless choices follow.
func (d *Draw) spent() bool { return d.replay && len(d.made) >= len(d.given) }
