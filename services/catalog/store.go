package catalog

import (
	"context"
	"time"
)

// Page is one page of HQ's product list: a row of HQ's gives one offer, even one
// that could not be read.
type Page struct {
	Offers []Offer
	Total  int // how many products HQ says there are in all; 0 where it does not say
}

// Source is HQ as the sync needs it. Index counts from 1. Errors are faults:
// Unreachable, Credentials, Contract or Refused.
type Source interface {
	ProductPage(ctx context.Context, index, size int) (Page, error)
}

// Change is what one sync does to the cache.
type Change struct {
	Put    []Product // new or different
	Remove []int64   // product ids HQ no longer lists
	At     time.Time // when HQ was asked

	// PricesOnly: HQ was not asked for its list. What is kept of the last sync
	// stays, but for a stage, which may know older prices.
	PricesOnly bool

	// For a Keeper. Mark is zero where neither products nor prices change. What
	// was set aside is kept only where it is not what is kept already.
	Mark        Mark
	SetAside    []SetAside
	NewSetAside bool
}

// Mark names the newest sync that changed the cache.
type Mark struct {
	No  int64     // rising; 0: none
	At  time.Time // when it was applied
	By  string    // who had it accept what is held
	Why string    // what for
}

// Store is the cache on disk. Apply writes the whole change in one
// transaction: a reader sees the cache before or after it, never between.
//
// Products are in any order; those of HQ's order are indexed the fastest.
type Store interface {
	Products(ctx context.Context) ([]Product, error)
	Apply(ctx context.Context, c Change) (rows int, err error)
	SyncedAt(ctx context.Context) (time.Time, error) // zero: never
}

// Keeper is a Store that also keeps what a sync leaves besides the products.
// Without one a sync begins anew after a crash, nothing is known of the stock,
// and there is no price history.
type Keeper interface {
	// State is what the newest change left. Apply replaces it, and drops the
	// held delivery and the stage.
	State(ctx context.Context) (State, error)
	// Hold keeps what is known of a delivery that was not applied.
	Hold(ctx context.Context, d HeldDelivery) error

	// Stage adds pages to a reading that may be cut off, beginning with page
	// number from. Page 1 drops what was there, and without pages only that; so
	// does one with a page missing before it.
	Stage(ctx context.Context, from int, s Staged) error
	Staged(ctx context.Context) (Staged, error)

	// Stock is the stock as last read, and when HQ was asked.
	Stock(ctx context.Context) (map[int64]Qty, time.Time, error)
	PutStock(ctx context.Context, c StockChange) (rows int, err error)
}

// State is what a cache knows of its last sync.
type State struct {
	Mark     Mark
	SetAside []SetAside
	Held     HeldDelivery // At is zero where none is held
}

// HeldDelivery is a list of HQ's that would have emptied the shop.
type HeldDelivery struct {
	At                        time.Time
	Known, Delivered, Removed int
}

// loaded is what a store has.
type loaded struct {
	products []Product
	at       time.Time
	state    State
	stock    stock
}

func (c *Catalog) load(ctx context.Context) (l loaded, err error) {
	if l.at, err = c.store.SyncedAt(ctx); err != nil {
		return l, err
	}
	if c.keeper != nil {
		if l.state, err = c.keeper.State(ctx); err != nil {
			return l, err
		}
		if l.stock, err = c.stockOf(ctx); err != nil {
			return l, err
		}
	}
	l.products, err = c.store.Products(ctx)
	return l, err
}
