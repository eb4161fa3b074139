package prices

import (
	"context"
	"image"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/catalog"
	"cashier/services/pricing"
	"cashier/ui/widgets"
)

// Fact is what HQ's stock list and the price history say of a product.
type Fact struct {
	Cost    decimal.NullDecimal
	Stock   catalog.Qty
	Stocked bool      // Stock is known
	Changed time.Time // its price, last; zero: not known
}

// Plan is what is to be sent, and how.
type Plan struct {
	Name  string
	Due   time.Time // zero: now
	Draft pricing.Draft
	Rules pricing.Rules
}

// Shop is one shop of the chain and what a product costs there.
type Shop struct {
	pricing.Row
	Name string
}

// Sheet is a table that was read from a file.
type Sheet struct {
	Wanted []pricing.Wanted
	Bad    []error // rows that could not be read, each naming its row
}

// Held is a row of HQ's last delivery that was not taken, and why.
type Held struct {
	Code, Name string
	Why        error
	Acceptable bool // a change of price that waits for a manager; what is wrong otherwise is mended at HQ
}

// Desk moves prices. Each method blocks, acts as the person who is signed in,
// and asks for the right itself.
type Desk interface {
	// Facts of every product there is one of, by HQ's product id.
	Facts(ctx context.Context) (map[int64]Fact, error)
	// History is the newest first.
	History(ctx context.Context, productID int64, limit int) ([]catalog.PriceEntry, error)

	// Held is what the last sync set aside. Accept takes the changes of price among
	// it, and syncs.
	Held() []Held
	Accept(ctx context.Context, why string) error

	// Here is a draft beside this till's own copy of HQ's prices, at once: HQ may have
	// others by now.
	Here(list []pricing.Wanted) pricing.Draft
	// Rehearse holds prices to be against those that HQ has now.
	Rehearse(ctx context.Context, list []pricing.Wanted, progress func(done, of int)) (pricing.Draft, error)
	Rules() pricing.Rules
	// Plan writes a batch down; Send sends what is due of it, and goes on with
	// one that was interrupted.
	Plan(ctx context.Context, p Plan) (pricing.Batch, error)
	Send(ctx context.Context, id string, progress func(pricing.Progress)) (pricing.Batch, error)
	Cancel(ctx context.Context, id string) (pricing.Batch, error)
	Undo(ctx context.Context, id, name string) (pricing.Batch, error)
	Resolve(ctx context.Context, id string, rows []int, d pricing.Decision) (pricing.Batch, error)
	Batches(ctx context.Context, limit int) ([]pricing.Batch, error)
	Batch(ctx context.Context, id string) (pricing.Batch, []pricing.BatchRow, error)

	// Shops are those that have a product, with what it costs there.
	Shops(ctx context.Context, productID int64) ([]Shop, error)
	// Add puts products, or a whole class by HQ's number, on sale in shops; with
	// none named in this one. Remove takes off sale what a person has confirmed.
	Add(ctx context.Context, products []int64, class int64, shops []int64) error
	PlanRemoval(ctx context.Context, products []int64) (pricing.Removal, error)
	Remove(ctx context.Context, r pricing.Removal) error

	// Read reads a price list, Write writes one of these products.
	Read(ctx context.Context, file string) (Sheet, error)
	Write(ctx context.Context, file string, products []catalog.Product) error
	// Files are price lists that may be meant, the newest first, and where a new
	// one is written.
	Files() (lists []string, folder string)
}

// Host is the window around the page. Its methods belong to the screen's
// goroutine.
type Host interface {
	widgets.Keys
	Lift(s *widgets.Sheet)
	Shut(s *widgets.Sheet)
	// Background runs work that blocks; Later comes back to the screen, from any
	// goroutine.
	Background(work func(ctx context.Context))
	Later(f func())
	Inform(words string)
	Warn(words string)
	Fault(err error)
	Unfocus()
}

// Pictures are the products' thumbnails.
type Pictures interface {
	Get(by any, ref string, done func(image.Image)) (image.Image, bool)
}
