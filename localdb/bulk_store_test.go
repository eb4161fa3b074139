//go:build !race

package localdb

import (
	"os"
	"path/filepath"
	"testing"

	"cashier/services/checkout/storetest"
)

// The till's ledger and the books in memory say and keep the same, whatever is
// asked of them.
func TestBulkLedgerAgreesWithMemory(t *testing.T) {
	s := newShop(t)
	s.ok(s.Shut())
	empty, err := os.ReadFile(s.path)
	s.ok(err)
	s.Ledger = &Ledger{}
	storetest.Agree(t, func(t *testing.T) storetest.Opened {
		path := filepath.Join(t.TempDir(), "ledger.db")
		s.ok(os.WriteFile(path, empty, 0o600)) // sooner than making one each time
		return openShop(t, Params{Path: path}).opened(func(*shop) {})
	})
}
