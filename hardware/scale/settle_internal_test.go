package scale

import (
	"math/rand/v2"
	"testing"
	"time"

	"cashier/hardware/scale/scalesim"
	"cashier/services/money"
)

// A bad cable: each byte may be wrong, lost or doubled. Whatever the protocol,
// with or without a checksum, nothing is sold by but what lies on the scale.
func TestBadCable(t *testing.T) {
	const frames, every = 40_000, 50 * time.Millisecond
	for _, p := range protocols {
		t.Run(p.Name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, 7))
			device, decoder := scalesim.NewDevice(p.Name), p.NewDecoder("")
			hold := DefaultHold
			if p.Flagless {
				hold = flaglessHold
			}
			s := settler{hold: hold}
			now := time.Unix(0, 0)
			var lies money.Grams
			sold, wrong := 0, 0
			for i := range frames {
				if i%400 == 0 {
					lies = money.Grams(random.IntN(15_000) + 1)
					device.Put(lies)
				}
				calm := i/200%2 == 0 // a cable that was never right would prove nothing
				now = now.Add(every)
				for _, f := range decoder.Feed(damaged(random, calm, wire(device, p))) {
					switch {
					case f.Ready:
					case f.Err != nil:
						s.interrupt()
					case s.add(f.Reading, f.Noise > 0, now):
						if sold++; f.Reading.Net != lies {
							t.Fatalf("sold by %d g while %d g lie on it", f.Reading.Net, lies)
						}
					case f.Reading.Net != lies:
						wrong++
					}
				}
			}
			if sold < frames/8 || wrong == 0 && (p.Name == "yousheng" || p.Name == "text") {
				t.Errorf("%d sold, %d wrong: the cable was too good or too bad", sold, wrong)
			}
		})
	}
}

func wire(d *scalesim.Device, p Protocol) []byte {
	switch p.Name {
	case "cas":
		return d.Answer([]byte{dc1})
	case "toledo-8217":
		return d.Answer([]byte("W"))
	}
	return d.Frame()
}

func damaged(random *rand.Rand, calm bool, frame []byte) []byte {
	if calm {
		return frame
	}
	var out []byte
	for _, c := range frame {
		switch random.IntN(60) {
		case 0:
			out = append(out, c^1<<random.IntN(8))
		case 1:
		case 2:
			out = append(out, c, c)
		case 3:
			out = append(out, byte(random.Uint32()))
		default:
			out = append(out, c)
		}
	}
	return out
}

// FuzzSettle feeds any bytes in any rhythm: a weight is sold by only if the last
// frames were that weight at rest, without a byte between, for as long as it
// takes. The reference keeps the frames and looks back.
func FuzzSettle(f *testing.F) {
	for i, p := range protocols {
		d := scalesim.NewDevice(p.Name)
		d.Put(1234)
		var stream []byte
		for range 12 {
			stream = append(stream, wire(d, p)...)
		}
		f.Add(byte(i), byte(16), stream)
	}
	f.Fuzz(func(t *testing.T, which, piece byte, raw []byte) {
		p := protocols[int(which)%len(protocols)]
		decoder, s := p.NewDecoder(""), settler{hold: DefaultHold}
		type heard struct {
			r  Reading
			at time.Time
		}
		var run []heard // equal frames, the newest last
		now := time.Unix(0, 0)
		for len(raw) > 0 {
			n := min(len(raw), int(piece)+1)
			now = now.Add(100 * time.Millisecond)
			for _, fr := range decoder.Feed(raw[:n]) {
				if fr.Ready {
					continue
				}
				if fr.Err != nil {
					s.interrupt()
					run = nil
					continue
				}
				if fr.Noise > 0 || len(run) > 0 && run[0].r != fr.Reading {
					run = nil
				}
				run = append(run, heard{fr.Reading, now})
				want := fr.Reading.Stable && !fr.Reading.Over && fr.Reading.Net > 0 && len(run) >= repeats && now.Sub(run[0].at) >= DefaultHold
				if got := s.add(fr.Reading, fr.Noise > 0, now); got != want {
					t.Fatalf("%+v after %d: %t, want %t", fr.Reading, len(run), got, want)
				}
			}
			raw = raw[n:]
		}
	})
}
