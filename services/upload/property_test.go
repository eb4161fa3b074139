package upload

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cashier/services/fault"
)

// Whatever happens in whatever order, in the end HQ has each complete sale
// once, with the bytes that the queue recorded, in the order of the sales where
// nothing was set aside; and it has nothing else.
func TestInTheEndHQHasEachSaleOnce(t *testing.T) {
	replies := map[string]*reply{
		"good": nil, "silent": {silence, false}, "silent, stored": {silence, true}, "not there": {notThere, false},
		"500": {said(fault.Unknown, 500), false}, "500, stored": {said(fault.Unknown, 500), true}, "closing": {said(fault.Busy, 902), false},
		"777, stored": {said(fault.Unknown, 777), true}, "no": {answeredNo, false}, "no login": {said(fault.Credentials, 0), false},
	}
	var names []string
	for name := range replies {
		names = append(names, name)
	}
	slices.Sort(names)
	points := []string{"begin.before", "begin.after", "settle.before", "settle.after"}
	rapid.Check(t, func(r *rapid.T) {
		b := newBench(t)
		b.apart = rapid.Bool().Draw(r, "apart")
		next := 'a'
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			switch rapid.IntRange(0, 4).Draw(r, "step") {
			case 0, 1:
				b.sells(string(next))
				next++
			case 2: // the sender goes once, and the power may fail
				b.cutAt(rapid.SampledFrom(append([]string{""}, points...)).Draw(r, "power"))
				b.reply = func(int, []string) *reply { return replies[rapid.SampledFrom(names).Draw(r, "reply")] }
				b.killed(func() { _, _ = b.flush() })
				b.die = func(string) {}
			case 3: // a person lets HQ be asked again
				for i := range b.items {
					if b.items[i].State == Parked {
						b.items[i].State, b.items[i].Unclear, b.items[i].Due = Waiting, 0, time.Time{}
					}
				}
			case 4:
				b.clock = b.clock.Add(time.Duration(rapid.IntRange(0, 90).Draw(r, "minutes")) * time.Minute)
				b.device = rapid.StringN(1, 3, -1).Draw(r, "device")
			}
		}
		b.reply = nil
		for i := range b.items {
			if b.items[i].State == Parked {
				b.items[i].State = Waiting
			}
		}
		for range 10 {
			b.clock = b.clock.Add(2 * setAside)
			if _, err := b.flush(); err != nil {
				r.Fatal(err)
			}
		}
		var all []string
		for c := 'a'; c < next; c++ {
			all = append(all, string(c))
		}
		for _, part := range Parts() {
			got := slices.Clone(b.order[part])
			slices.Sort(got)
			if !slices.Equal(got, all) {
				r.Fatalf("%s: HQ has %q of %q (%s)", part, got, all, b.states())
			}
		}
		if strings.Contains(b.states(), "WAITING") || strings.Contains(b.states(), "PARKED") {
			r.Fatalf("%s", b.states())
		}
		b.sameBytes()
	})
}
