package display_test

import (
	"testing"

	"cashier/hardware/display"
	"cashier/hardware/display/displaysim"
)

func TestSerialOnPTY(t *testing.T) {
	sim, err := displaysim.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sim.Close() }()
	check := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	conformance(t, rig{sim.Screen, display.Params{Port: sim.Path()}, func() { check(sim.Unplug()) }, func() { check(sim.Replug()) }})
}
