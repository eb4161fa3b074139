package scanner_test

import (
	"testing"

	"cashier/hardware/scanner"
	"cashier/hardware/scanner/scannersim"
	"cashier/hardware/serialport"
)

func TestSerialOnPTY(t *testing.T) {
	for name, check := range conformance {
		t.Run(name, func(t *testing.T) {
			sim := simulator(t)
			check(t, rig{sim, scanner.Params{Device: "counter", Port: serialport.Params{Port: sim.Path()}}})
		})
	}
}

func TestSimulatorScans(t *testing.T) {
	sim := simulator(t)
	s := start(t, rig{sim, scanner.Params{Device: "counter", Port: serialport.Params{Port: sim.Path()}}})
	must(t, sim.Scan("6901234567892"))
	expect(t, s, "6901234567892")
}

func simulator(t *testing.T) *scannersim.Sim {
	t.Helper()
	sim, err := scannersim.New(t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, sim.Close()) })
	return sim
}

// BenchmarkScan is a code on the line to a scan in hand, through a real
// terminal, against reading the same bytes with nothing in between.
func BenchmarkScan(b *testing.B) {
	sim, err := scannersim.New(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = sim.Close() }()
	port := serialport.Params{Port: sim.Path()}
	codes := []string{"6901234567892", "6901234567908"}

	b.Run("floor", func(b *testing.B) {
		conn, err := serialport.System{}.Open(b.Context(), port)
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		buf := make([]byte, 64)
		for i := 0; b.Loop(); i++ {
			if err := sim.Scan(codes[i%2]); err != nil {
				b.Fatal(err)
			}
			for got := 0; got < len(codes[0])+1; {
				n, err := conn.Read(buf)
				if err != nil {
					b.Fatal(err)
				}
				got += n
			}
		}
	})
	b.Run("scanner", func(b *testing.B) {
		s, err := scanner.Start(b.Context(), scanner.Params{Device: "counter", Port: port})
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		for i := 0; b.Loop(); i++ {
			if err := sim.Scan(codes[i%2]); err != nil {
				b.Fatal(err)
			}
			<-s.Scans()
		}
	})
}
