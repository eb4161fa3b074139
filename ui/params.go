package ui

import (
	"context"
	"errors"
	"time"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/redeem"
	"cashier/services/scancode"
	"cashier/ui/prices"
	"cashier/ui/text"
	"cashier/ui/widgets"
)

// Catalog is the shop's products.
type Catalog interface {
	Index() *catalog.Index
	Stock(productID int64) (q catalog.Qty, known bool)
	SyncedAt() time.Time
	OnChange(f func())
	Sync(ctx context.Context, full bool, progress catalog.Progress) (catalog.Report, error)
}

// Desk takes payment. Every method but Cancel may block.
type Desk interface {
	Start(ctx context.Context, by access.Actor, c checkout.Cart, tenders ...checkout.Tender) (checkout.Sale, error)
	Tender(ctx context.Context, by access.Actor, saleID string, tenders ...checkout.Tender) (checkout.Sale, error)
	Wait(ctx context.Context, saleID string) (checkout.Sale, error)
	Sale(ctx context.Context, saleID string) (checkout.Sale, error)
	Cancel(saleID string)
	Void(ctx context.Context, by access.Actor, saleID, reason string) (checkout.Sale, error)
	Unresolved(ctx context.Context) ([]checkout.Leg, error)
	Query(ctx context.Context, key string) (checkout.Leg, error)
	Resolve(ctx context.Context, by access.Actor, key string, as checkout.State, why string) (checkout.Sale, error)
	ResolveInCash(ctx context.Context, by access.Actor, key, why string) (checkout.Sale, error)
	RefundRest(ctx context.Context, by access.Actor, saleID string, cash bool, why string) (checkout.Sale, error)
}

// Payments says whether this till can take payment codes and cards now.
type Payments interface {
	// PayError is the fault that keeps it from doing so, nil for none. It may
	// block: it can ask the system's keyring.
	PayError() error
}

// Staff are the people who work here. Those that take a context block.
type Staff interface {
	// Staffed reports whether people have to sign in.
	Staffed() bool
	// People are who can sign in.
	People() []access.Person
	SignIn(ctx context.Context, id, pin string) (access.Actor, error)
	// SignInByBadge fails with access.badge_pin where the badge needs its PIN.
	SignInByBadge(ctx context.Context, code string) (access.Actor, error)
	Badge(code string) (access.Person, error)
	SignOut()
	// SetOwnPIN gives whoever has signed in another PIN.
	SetOwnPIN(ctx context.Context, pin string) error
	// Approvers are who may approve an act of asker's that takes this right, and
	// Approve is asker with that approval, for one act about the subject.
	Approvers(asker access.Actor, r access.Right) []access.Person
	Approve(ctx context.Context, asker access.Actor, id, pin string, r access.Right, subject string) (access.Actor, error)
	// LockAfter is after how long without a touch the till locks; 0: never.
	LockAfter() time.Duration
}

// Redeem takes times off cards. Both methods block.
type Redeem interface {
	Look(ctx context.Context, no string) (redeem.View, error)
	Redeem(ctx context.Context, by access.Actor, v redeem.View, count int64) (checkout.Sale, error)
}

// Codes says what a scanned code is and what should happen.
type Codes interface {
	Decide(at scancode.Situation, raw string) scancode.Decision
}

// Pictures has the products' thumbnails by HQ's reference. It blocks.
type Pictures = widgets.Source

// Scan is what a scanner read: a code, or why there is none.
type Scan struct {
	Code     string
	Rejected error  // a fault; Code is then empty
	Raw      []byte // optional: the bytes as the scanner sent them
}

// Scans hands on what the scanners read, from any goroutine.
type Scans interface {
	Subscribe(f func(Scan)) (stop func())
}

// ScannerStatus is how the scanner's cable is.
type ScannerStatus uint8

// The states of the scanner.
const (
	ScannerOff ScannerStatus = iota // none is set up
	ScannerSearching
	ScannerOnline
	ScannerLost
)

// String names the state, as events do.
func (s ScannerStatus) String() string {
	return [...]string{"off", "searching", "online", "lost"}[s]
}

// ScannerState tells how the scanner is, now and at each change, from any
// goroutine.
type ScannerState interface {
	Watch(f func(ScannerStatus)) (stop func())
}

// CartSaver keeps the open cart across a power cut. Save returns at once and
// the last cart given wins; Flush waits until it is on disk.
type CartSaver interface {
	Save(c checkout.Cart)
	Flush(ctx context.Context) error
}

// Updates tells of every durable change of a sale, from any goroutine.
type Updates interface {
	Subscribe(f func(checkout.Update)) (stop func())
}

// History reads past sales, and what prices were. It blocks.
type History interface {
	Sales(ctx context.Context, since time.Time, limit int) ([]checkout.Sale, error)
	PricesChanged(ctx context.Context, since time.Time, limit int) ([]catalog.PriceEntry, error)
}

// Params of a Shell. All are required but those that say otherwise.
type Params struct {
	Text     *text.Texts
	Catalog  Catalog
	Desk     Desk
	Payments Payments
	Redeem   Redeem
	Codes    Codes
	Pictures Pictures
	Scans    Scans
	Scanner  ScannerState
	Saver    CartSaver
	Updates  Updates
	History  History
	Prices   prices.Desk // optional: nil where no HQ is set up

	Actor    func() access.Actor
	Rules    func() checkout.Rules
	NewID    func() string
	Now      func() time.Time
	Zone     *time.Location
	Dispatch func(func()) // runs a function on the screen's goroutine
	Copy     func(s string)

	Shop    string        // optional: its name on receipts
	Wallet  string        // optional: whose app scans our QR code, as Liantuofu names its channel; "" for any
	Demo    bool          // optional: says so in the status bar
	Plain   bool          // optional: bare rectangles in the place of tiles, for a benchmark
	NoStaff bool          // optional: a standing note that nobody is set up; where Staff is given, that says so
	Staff   Staff         // optional: nil where nobody signs in
	Cart    checkout.Cart // optional: recovered from before
	Notices []error       // optional: what a start has to say
	Setup   *Setup        // optional: the settings page and the guide; nil: neither
	At      string        // optional: where to begin: "settings/SECTION" or "guide/STEP"
	Said    string        // optional: said once, in words
	OnEvent func(Event)   // optional
}

func (p Params) check() error {
	for name, missing := range map[string]bool{
		"Text": p.Text == nil, "Catalog": p.Catalog == nil, "Desk": p.Desk == nil, "Payments": p.Payments == nil, "Redeem": p.Redeem == nil,
		"Codes": p.Codes == nil, "Pictures": p.Pictures == nil, "Scans": p.Scans == nil, "Scanner": p.Scanner == nil,
		"Saver": p.Saver == nil, "Updates": p.Updates == nil, "History": p.History == nil, "Actor": p.Actor == nil,
		"Rules": p.Rules == nil, "NewID": p.NewID == nil, "Now": p.Now == nil, "Zone": p.Zone == nil,
		"Dispatch": p.Dispatch == nil, "Copy": p.Copy == nil,
	} {
		if missing {
			return errors.New("ui: Params." + name + " is required")
		}
	}
	return nil
}

// EventKind is what happened on the screen.
type EventKind string

// The events, for those who drive the window: the scripted sale and tests.
const (
	EventSynced   EventKind = "synced"   // a sync ended well
	EventAdded    EventKind = "added"    // a line was added or grew
	EventQR       EventKind = "qr"       // a code of ours is shown to the customer; Text is what it says
	EventPaying   EventKind = "paying"   // a payment is on its way
	EventComplete EventKind = "complete" // a sale is COMPLETE; Sale is it
	EventRefused  EventKind = "refused"  // a payment was refused; another tender is asked for
	EventAside    EventKind = "aside"    // a sale was set aside as UNSETTLED
	EventCard     EventKind = "card"     // a times card is on the screen
	EventRedeemed EventKind = "redeemed" // a redemption is COMPLETE; Sale is it
	EventNotice   EventKind = "notice"   // the notice line says Text
	EventScreen   EventKind = "screen"   // another screen is shown
	EventScanner  EventKind = "scanner"  // the scanner's state changed; Text is it
	EventTray     EventKind = "tray"     // the list of open payments was read
	EventStanding EventKind = "standing" // a notice that stays was put up; Text is it
	EventPrices   EventKind = "prices"   // the prices that changed lately are shown
	EventLocked   EventKind = "locked"   // somebody has to sign in
	EventStaff    EventKind = "staff"    // somebody was let in, or approved, or neither; Text is whose name
	EventTested   EventKind = "tested"   // a code was scanned while something is set up; Text is what is shown of it
	EventAbility  EventKind = "ability"  // whether codes can be taken was asked; Text is why not
)

// Event is one thing that happened, told on the screen's goroutine.
type Event struct {
	Kind EventKind
	Sale checkout.Sale
	Text string
}
