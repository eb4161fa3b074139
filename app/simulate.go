package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"cashier/localdb"
	"cashier/services/checkout"
	"cashier/services/simulate"
)

// RealBooks gives the simulator books on the till's real store, each in a folder
// of its own below dir. The returned function removes what is left.
func RealBooks(ctx context.Context, dir string) (open func(epoch int64) (simulate.Books, error), err error) {
	ctx = context.WithoutCancel(ctx) // a schedule that was begun is played to its end
	template := filepath.Join(dir, "template.db")
	l, err := localdb.Open(ctx, localdb.Params{Path: template, Now: time.Now})
	if err != nil {
		return nil, err
	}
	if err := l.Shut(); err != nil {
		return nil, err
	}
	empty, err := os.ReadFile(template)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	n := 0
	return func(epoch int64) (simulate.Books, error) {
		mu.Lock()
		n++
		b := realBooks{ctx: ctx, dir: filepath.Join(dir, fmt.Sprint(n))}
		mu.Unlock()
		if err := os.Mkdir(b.dir, 0o700); err != nil {
			return simulate.Books{}, err
		}
		if epoch == 1 { // the first books of a schedule are a copy of empty ones
			if err := os.WriteFile(b.file(), empty, 0o600); err != nil {
				return simulate.Books{}, err
			}
		}
		store, err := b.open()
		if err != nil {
			return simulate.Books{}, err
		}
		return simulate.Books{Store: store, Till: b.ledger.Till(), Reopen: b.reopen, Close: b.close}, nil
	}, nil
}

type realBooks struct {
	ctx    context.Context
	dir    string
	ledger *localdb.Ledger
}

func (b *realBooks) file() string { return filepath.Join(b.dir, "ledger.db") }

func (b *realBooks) open() (checkout.Store, error) {
	l, err := localdb.Open(b.ctx, localdb.Params{Path: b.file(), Now: time.Now})
	if err != nil {
		return nil, err
	}
	b.ledger = l
	return l, nil
}

func (b *realBooks) reopen() (checkout.Store, error) {
	if err := b.ledger.Shut(); err != nil {
		return nil, err
	}
	return b.open()
}

// close removes the books; with audit it first says what cashierctl verify would.
func (b *realBooks) close(audit bool) error {
	var wrong error
	if audit {
		found, err := b.ledger.Verify(b.ctx)
		wrong = err
		for _, f := range found {
			wrong = errors.Join(wrong, fmt.Errorf("verify: %s %s: %s", f.Check, f.Subject, f.Message))
		}
	}
	return errors.Join(wrong, b.ledger.Shut(), os.RemoveAll(b.dir))
}
