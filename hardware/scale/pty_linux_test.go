package scale_test

import (
	"testing"
	"time"

	"cashier/hardware/scale"
	"cashier/hardware/scale/scalesim"
)

// TestSerialOnPTY runs all of the suite on a scale that speaks unasked and on
// one that is asked; of the others, which differ in their decoder only, what a
// customer meets.
func TestSerialOnPTY(t *testing.T) {
	whole := map[string]bool{"os2": true, "toledo-8217": true}
	usual := map[string]bool{"a load settles, once": true, "the cable comes out": true}
	for _, p := range scale.Protocols() {
		for name, check := range conformance {
			if !whole[p.Name] && !usual[name] {
				continue
			}
			t.Run(p.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				sim, err := scalesim.New(t.TempDir(), p.Name)
				must(t, err)
				t.Cleanup(func() { must(t, sim.Close()) })
				check(t, &rig{bench: sim, protocol: p, params: scale.Params{Port: sim.Path(), Hold: 100 * time.Millisecond}})
			})
		}
	}
}
