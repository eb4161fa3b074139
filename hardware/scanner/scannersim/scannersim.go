package scannersim

import (
	"os"
	"path/filepath"

	"cashier/hardware/serialport/pty"
)

// Sim is a simulated scanner. Its methods are safe for concurrent use.
type Sim struct {
	pair *pty.Pair
}

// New plugs a scanner in at dir/ttyUSB0, making dir if it is not there.
func New(dir string) (*Sim, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	pair, err := pty.Open(filepath.Join(dir, "ttyUSB0"))
	if err != nil {
		return nil, err
	}
	return &Sim{pair: pair}, nil
}

// Path is the port to set at the till. It stays the same over Replug.
func (s *Sim) Path() string { return s.pair.Path() }

// Scan sends code as a scanner does that ends each code with CR.
func (s *Sim) Scan(code string) error { return s.Write([]byte(code + "\r")) }

// Write sends bytes as they are, for other suffixes, halves of codes and noise.
// It fails with pty.ErrUnplugged while unplugged, and after some seconds when
// the till has stopped reading and the line is full.
func (s *Sim) Write(raw []byte) error {
	_, err := s.pair.Write(raw)
	return err
}

// Unplug pulls the cable; what the till has not read yet is lost.
func (s *Sim) Unplug() error { return s.pair.Unplug() }

// Replug puts the scanner back at the same path.
func (s *Sim) Replug() error { return s.pair.Replug() }

// Close unplugs the scanner for good.
func (s *Sim) Close() error { return s.pair.Close() }
