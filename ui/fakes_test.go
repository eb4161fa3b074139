package ui_test

import (
	"context"
	"fmt"
	"image"
	"slices"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/redeem"
)

// shop is HQ and the disk of a catalogue in memory.
type shop struct {
	mu       sync.Mutex
	offers   []catalog.Offer
	products []catalog.Product
	at       time.Time
	err      error
}

func (s *shop) ProductPage(_ context.Context, index, size int) (catalog.Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return catalog.Page{}, s.err
	}
	from := min((index-1)*size, len(s.offers))
	return catalog.Page{Offers: s.offers[from:min(from+size, len(s.offers))], Total: len(s.offers)}, nil
}

func (s *shop) Products(context.Context) ([]catalog.Product, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.products, nil
}

func (s *shop) Apply(_ context.Context, c catalog.Change) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.products = slices.DeleteFunc(slices.Clone(s.products), func(p catalog.Product) bool {
		return slices.Contains(c.Remove, p.ProductID) || slices.ContainsFunc(c.Put, func(q catalog.Product) bool { return q.ProductID == p.ProductID })
	})
	s.products, s.at = append(s.products, c.Put...), c.At
	return len(c.Put), nil
}

func (s *shop) SyncedAt(context.Context) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at, nil
}

func offer(id int64, code, name, class, unit, price, member, pricing string) catalog.Offer {
	return catalog.Offer{
		ID: id, ProductID: id, Code: code, Name: name, Class: class, Unit: unit, Pricing: pricing,
		Price: decimal.RequireFromString(price), MemberPrice: decimal.RequireFromString(member), Sort: id, HasPrice: true,
	}
}

// offers are the goods of most tests.
func offers() []catalog.Offer {
	return []catalog.Offer{
		offer(1, "6901", "可乐", "饮料", "瓶", "3.50", "3.00", "0"),
		offer(2, "6902", "雪碧", "饮料", "瓶", "3.20", "0", "0"),
		offer(3, "6903", "矿泉水", "饮料", "瓶", "2.00", "1.80", "0"),
		offer(4, "2001", "红富士苹果", "水果", "斤", "5.98", "4.98", "1"),
		offer(5, "2002", "散称核桃", "干果", "个", "30.00", "0", "1"),
		offer(6, "2003", "活鱼", "水产", "斤", "12.00", "0", "2"),
		offer(7, "7777", "礼盒甲", "礼盒", "盒", "88.00", "0", "0"),
		offer(8, "7777", "礼盒乙", "礼盒", "盒", "99.00", "0", "0"),
	}
}

// desk is a desk whose provider the test plays.
type desk struct {
	mu      sync.Mutex
	n       int
	sales   map[string]checkout.Sale
	ends    map[string]chan checkout.Sale // what Wait returns, by sale
	open    []checkout.Leg
	starts  []start
	voids   []string
	cancels []string
	solved  []string
	rests   []string
	refuse  error // of Start and Tender
	changed []catalog.PriceEntry
	early   func(checkout.Sale) // told before Start and Tender return
}

type start struct {
	cart    checkout.Cart
	tenders []checkout.Tender
}

func newDesk() *desk {
	return &desk{sales: map[string]checkout.Sale{}, ends: map[string]chan checkout.Sale{}}
}

func (d *desk) Start(_ context.Context, by access.Actor, c checkout.Cart, tenders ...checkout.Tender) (checkout.Sale, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.starts = append(d.starts, start{c, tenders})
	if d.refuse != nil {
		return checkout.Sale{}, d.refuse
	}
	d.n++
	s := checkout.Sale{
		ID: fmt.Sprint("sale", d.n), Kind: checkout.Goods, State: checkout.Tendering, CartID: c.ID, Actor: by,
		Lines: c.Lines, Total: c.Total(),
	}
	return d.tender(s, tenders)
}

func (d *desk) tender(s checkout.Sale, tenders []checkout.Tender) (checkout.Sale, error) {
	for _, t := range tenders {
		due := s.Due()
		if t.QR {
			s.Legs = append(s.Legs, checkout.Leg{Key: s.ID + "-qr", SaleID: s.ID, Class: checkout.ClassCode, Method: checkout.MethodQR, Amount: due, State: checkout.Sent})
			continue
		}
		if t.Code == "" {
			s.Legs = append(s.Legs, checkout.Leg{Key: s.ID + "-cash", SaleID: s.ID, Class: checkout.ClassRecorded, Method: "cash", Amount: min(t.Cash, due), Tendered: t.Cash, State: checkout.Paid})
			continue
		}
		s.Legs = append(s.Legs, checkout.Leg{Key: s.ID + "-code", SaleID: s.ID, Class: checkout.ClassCode, Method: "code", Amount: due, State: checkout.Sent})
	}
	if s.Settled() {
		s.State, s.ReceiptNo = checkout.Complete, fmt.Sprintf("T-%06d", d.n)
	} else {
		d.ends[s.ID] = make(chan checkout.Sale, 1)
	}
	d.sales[s.ID] = s
	if d.early != nil {
		d.early(s)
	}
	return s, nil
}

// waits reports whether a wallet has yet to pay.
func (d *desk) waits() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.sales {
		if _, open := s.OpenLeg(); open {
			return true
		}
	}
	return false
}

func (d *desk) Tender(_ context.Context, _ access.Actor, id string, tenders ...checkout.Tender) (checkout.Sale, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.starts = append(d.starts, start{tenders: tenders})
	if d.refuse != nil {
		return checkout.Sale{}, d.refuse
	}
	return d.tender(d.sales[id], tenders)
}

func (d *desk) Wait(ctx context.Context, id string) (checkout.Sale, error) {
	d.mu.Lock()
	end := d.ends[id]
	d.mu.Unlock()
	select {
	case s := <-end:
		return s, nil
	case <-ctx.Done():
		return checkout.Sale{}, ctx.Err()
	}
}

// end plays the provider: the open leg becomes state, the sale with it.
func (d *desk) end(id string, leg checkout.State, sale checkout.SaleState, why string) checkout.Sale {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sales[id]
	s.Legs = append([]checkout.Leg(nil), s.Legs...)
	l := &s.Legs[len(s.Legs)-1]
	l.State, l.ProviderNo, l.Reason = leg, "P-1", checkout.Reason{Message: why}
	s.State = sale
	if sale == checkout.Complete {
		s.ReceiptNo = "T-000009"
	}
	if sale == checkout.Unsettled {
		d.open = append(d.open, *l)
	}
	d.sales[id] = s
	d.ends[id] <- s
	return s
}

func (d *desk) Cancel(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cancels = append(d.cancels, id)
}

func (d *desk) Void(_ context.Context, _ access.Actor, id, _ string) (checkout.Sale, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.voids = append(d.voids, id)
	s := d.sales[id]
	s.State = checkout.Voided
	s.Legs = slices.Clone(s.Legs)
	if slices.ContainsFunc(s.Legs, func(l checkout.Leg) bool { return l.Class == checkout.ClassCode && l.State == checkout.Paid }) {
		s.State = checkout.Compensating
		d.sales[id] = s
		return s, nil
	}
	for i := range s.Legs {
		if s.Legs[i].Class == checkout.ClassRecorded {
			s.Legs[i].State = checkout.Reversed
		}
	}
	d.sales[id] = s
	return s, nil
}

func (d *desk) Sale(_ context.Context, id string) (checkout.Sale, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sales[id], nil
}

func (d *desk) Unresolved(context.Context) ([]checkout.Leg, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]checkout.Leg(nil), d.open...), nil
}

func (d *desk) Query(_ context.Context, key string) (checkout.Leg, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.open {
		if l.Key == key {
			return l, nil
		}
	}
	return checkout.Leg{}, fault.New(fault.Invalid, "leg.unknown", "There is no payment {key} on this till.", "key", key)
}

func (d *desk) Resolve(_ context.Context, _ access.Actor, key string, as checkout.State, why string) (checkout.Sale, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.solved = append(d.solved, key+" "+string(as)+" "+why)
	d.open = nil
	return checkout.Sale{}, nil
}

func (d *desk) ResolveInCash(ctx context.Context, by access.Actor, key, why string) (checkout.Sale, error) {
	return d.Resolve(ctx, by, key, "CASH", why)
}

func (d *desk) RefundRest(_ context.Context, _ access.Actor, saleID string, cash bool, why string) (checkout.Sale, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rests = append(d.rests, fmt.Sprint(saleID, " ", cash, " ", why))
	d.open = nil
	s := d.sales[saleID]
	s.State = checkout.Complete
	if due := s.Due(); cash {
		s.Legs = append(slices.Clone(s.Legs), checkout.Leg{Class: checkout.ClassRecorded, Method: checkout.MethodCash, Of: "k", State: checkout.Paid, Amount: due})
	}
	d.sales[saleID] = s
	return s, nil
}

func (d *desk) PricesChanged(context.Context, time.Time, int) ([]catalog.PriceEntry, error) {
	return d.changed, nil
}

func (d *desk) Sales(context.Context, time.Time, int) ([]checkout.Sale, error) { return nil, nil }

func (d *desk) started() []start {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]start(nil), d.starts...)
}

// cards is a provider of times cards with one card.
type cards struct {
	mu    sync.Mutex
	left  int64
	calls int
	err   error
	state checkout.SaleState
}

func (c *cards) Look(_ context.Context, no string) (redeem.View, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return redeem.View{}, c.err
	}
	return redeem.View{Readable: true, Card: checkout.Card{No: no, Name: "洗车十次卡", Holder: "李梅", Mobile: "13800008001", EndDate: "2027-12-31", Remaining: c.left}}, nil
}

func (c *cards) Redeem(_ context.Context, _ access.Actor, v redeem.View, n int64) (checkout.Sale, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if c.err != nil {
		return checkout.Sale{}, c.err
	}
	c.left -= n
	return checkout.Sale{ID: "r", Kind: checkout.Redemption, State: c.state, Lines: []checkout.Line{{Name: v.Card.Name, Times: n}}}, nil
}

// ability is whether the till can take codes; the test says why not.
type ability struct {
	mu    sync.Mutex
	err   error
	asked int
}

func (a *ability) PayError() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked++
	return a.err
}

func (a *ability) becomes(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
}

// feed hands news on to the shell.
type feed[T any] struct{ f func(T) }

func (f *feed[T]) Subscribe(to func(T)) func() { f.f = to; return func() {} }
func (f *feed[T]) Watch(to func(T)) func()     { f.f = to; return func() {} }

// saver remembers the carts it was given.
type saver struct {
	mu    sync.Mutex
	carts []checkout.Cart
}

func (s *saver) Save(c checkout.Cart) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.carts = append(s.carts, c)
}

func (s *saver) Flush(context.Context) error { return nil }

type noPictures struct{}

func (noPictures) Cached(string) (image.Image, bool)                  { return nil, false }
func (noPictures) Fetch(context.Context, string) (image.Image, error) { return nil, nil }

type lookup struct{ c *catalog.Catalog }

func (l lookup) ByCode(code string) int { return len(l.c.Index().ByCode(code)) }
