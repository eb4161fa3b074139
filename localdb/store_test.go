package localdb

import (
	"os"
	"path/filepath"
	"testing"

	"cashier/services/checkout/storetest"
)

func TestLedgerIsAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Opened {
		s := newShop(t)
		return s.opened(func(s *shop) { s.verified() })
	})
}

// opened is a ledger as the suite has it; its file is looked at by parting, when
// it is no longer used.
func (s *shop) opened(parting func(*shop)) storetest.Opened {
	return storetest.Opened{
		Store: s.Ledger, Till: s.Till(),
		Reopen: func() storetest.Opened {
			s.Helper()
			return openShop(s.TB, Params{Path: s.powerCut()}).opened(parting)
		},
		Books: func() (storetest.Books, error) { return readBooks(s.Context(), s.path) },
		Shut: func() {
			s.Helper()
			parting(s)
			s.ok(s.Shut())
			s.Ledger = &Ledger{}
		},
	}
}

// powerCut is a copy of the files as they are on disk at this moment.
func (s *shop) powerCut() string {
	s.Helper()
	dir := s.TempDir()
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(s.path + suffix)
		s.ok(err)
		s.ok(os.WriteFile(filepath.Join(dir, "ledger.db"+suffix), b, 0o600))
	}
	return filepath.Join(dir, "ledger.db")
}
