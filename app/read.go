package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cashier/app/settings"
	"cashier/localdb"
	"cashier/services/catalog"
	"cashier/services/fault"
)

// OpenRead opens what reading commands need, beside a running till. It leaves
// the folder as it is: where there is none, it makes none.
func OpenRead(ctx context.Context, p Params) (t *Till, err error) {
	t = &Till{Dir: p.Dir, p: p, Log: slog.New(slog.DiscardHandler)}
	defer func() {
		if err != nil {
			t.Close()
			t = nil
		}
	}()
	if err := t.openSettings(settings.Read); err != nil {
		return t, err
	}
	if err := t.readLedger(ctx); err != nil {
		return t, err
	}
	t.lookAtVault(ctx)
	if err := t.openStaff(ctx); err != nil {
		return t, err
	}
	t.openGateways()
	if err := t.readCatalog(ctx); err != nil {
		return t, err
	}
	return t, nil
}

// Examine is OpenRead that goes on without whatever does not open, for Doctor
// to say what that was.
func Examine(ctx context.Context, p Params) *Till {
	t := &Till{Dir: p.Dir, p: p, Log: slog.New(slog.DiscardHandler), Zone: time.Local}
	t.broken.settings = t.openSettings(settings.Read)
	t.broken.ledger = t.readLedger(ctx)
	t.lookAtVault(ctx)
	t.openGateways()
	t.broken.catalog = t.readCatalog(ctx)
	return t
}

// broken is what Examine found that does not open.
type broken struct{ settings, ledger, catalog error }

// readLedger leaves Ledger nil before the first start: settings and prices can
// be read then.
func (t *Till) readLedger(ctx context.Context) error {
	l, err := localdb.OpenRead(ctx, t.file(ledgerFile))
	if fault.CodeOf(err) == "ledger.missing" {
		if had, err := t.hadLedger(); err != nil || !had {
			return err
		}
		return localdb.Lost(t.file(ledgerFile))
	}
	if err != nil {
		return t.withBackup(ctx, err)
	}
	t.Ledger = l
	t.onClose(l.Shut)
	return nil
}

// lookAtVault opens the vault without making anything in it.
func (t *Till) lookAtVault(ctx context.Context) {
	if t.openVault(); t.noVault == nil && t.Ledger != nil {
		_, t.noVault = t.sameVault(ctx)
	}
}

func (t *Till) readCatalog(ctx context.Context) error {
	db, err := localdb.OpenCatalogRead(ctx, t.file("catalog.db"))
	switch {
	case fault.CodeOf(err) == "catalog.missing":
		return t.openCatalog(ctx, noPrices{}, false)
	case err != nil:
		return err
	}
	t.onClose(db.Shut)
	return t.openCatalog(ctx, db, false)
}

// noPrices is the cache of a folder that has never been synced.
type noPrices struct{}

func (noPrices) Products(context.Context) ([]catalog.Product, error) { return nil, nil }
func (noPrices) SyncedAt(context.Context) (time.Time, error)         { return time.Time{}, nil }
func (noPrices) Apply(context.Context, catalog.Change) (int, error) {
	return 0, errors.New("app: this folder is open for reading")
}
