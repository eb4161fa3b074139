package storetest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

var till = checkout.Till{ID: "K7M2QX", Epoch: 2}

// Memory agrees with itself: what differs in Agree comes from the store.
func TestMemoryAgreesWithItself(t *testing.T) {
	Agree(t, func(*testing.T) Opened { return Memory(till) })
}

// broken is a store that does something else than it should, by the method it
// does it in.
type broken struct {
	checkout.Store
	freeze    func(checkout.Sale, []checkout.LegEvent, []checkout.Entry, checkout.Act) error
	sell      func(checkout.Sale, []checkout.LegEvent, []checkout.Entry, checkout.Act) (string, error)
	advance   func(checkout.LegEvent, []checkout.Entry, checkout.Act) error
	watches   func() ([]checkout.Watch, error)
	openSales func() ([]checkout.Sale, error)
	sale      func(string) (checkout.Sale, error)
	sales     func(time.Time, int) ([]checkout.Sale, error)
	codeUsed  func(string) (bool, error)
	loadCart  func() (checkout.Cart, error)

	// forgives is a fault that one method keeps to itself.
	forgives struct{ method, code string }
}

func (s *broken) pass(method string, err error) error {
	if err != nil && s.forgives.method == method && s.forgives.code == fault.CodeOf(err) {
		return nil
	}
	return err
}

func (s *broken) Freeze(ctx context.Context, x checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	if s.freeze != nil {
		return s.freeze(x, ev, en, a)
	}
	return s.pass("freeze", s.Store.Freeze(ctx, x, ev, en, a))
}

func (s *broken) Sell(ctx context.Context, x checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) (string, error) {
	if s.sell != nil {
		return s.sell(x, ev, en, a)
	}
	no, err := s.Store.Sell(ctx, x, ev, en, a)
	return no, s.pass("sell", err)
}

func (s *broken) AddLegs(ctx context.Context, legs []checkout.Leg, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	return s.pass("add legs", s.Store.AddLegs(ctx, legs, ev, en, a))
}

func (s *broken) Advance(ctx context.Context, e checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	if s.advance != nil {
		return s.advance(e, en, a)
	}
	return s.pass("advance", s.Store.Advance(ctx, e, en, a))
}

func (s *broken) Complete(ctx context.Context, x checkout.Sale, last *checkout.LegEvent, en []checkout.Entry, a checkout.Act) (string, error) {
	no, err := s.Store.Complete(ctx, x, last, en, a)
	return no, s.pass("complete", err)
}

func (s *broken) Close(ctx context.Context, x checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	return s.pass("close", s.Store.Close(ctx, x, ev, en, a))
}

func (s *broken) Watch(ctx context.Context, before, after checkout.Watch, en []checkout.Entry, a checkout.Act) error {
	return s.pass("watch", s.Store.Watch(ctx, before, after, en, a))
}

func (s *broken) Watches(ctx context.Context) ([]checkout.Watch, error) {
	if s.watches != nil {
		return s.watches()
	}
	return s.Store.Watches(ctx)
}

func (s *broken) OpenSales(ctx context.Context) ([]checkout.Sale, error) {
	if s.openSales != nil {
		return s.openSales()
	}
	return s.Store.OpenSales(ctx)
}

func (s *broken) Sale(ctx context.Context, id string) (checkout.Sale, error) {
	if s.sale != nil {
		return s.sale(id)
	}
	x, err := s.Store.Sale(ctx, id)
	return x, s.pass("sale", err)
}

func (s *broken) SaleByKey(ctx context.Context, key string) (checkout.Sale, error) {
	x, err := s.Store.SaleByKey(ctx, key)
	return x, s.pass("sale by key", err)
}

func (s *broken) Sales(ctx context.Context, since time.Time, limit int) ([]checkout.Sale, error) {
	if s.sales != nil {
		return s.sales(since, limit)
	}
	return s.Store.Sales(ctx, since, limit)
}

func (s *broken) CodeUsed(ctx context.Context, digest string) (bool, error) {
	if s.codeUsed != nil {
		return s.codeUsed(digest)
	}
	return s.Store.CodeUsed(ctx, digest)
}

func (s *broken) LoadCart(ctx context.Context) (checkout.Cart, error) {
	if s.loadCart != nil {
		return s.loadCart()
	}
	return s.Store.LoadCart(ctx)
}

// The suite finds each of these: a suite that a broken store passes is none.
func TestTheSuiteFindsWhatIsBroken(t *testing.T) {
	ctx := t.Context()
	faults := map[string]func(*broken){
		"a freeze that is not recorded": func(s *broken) {
			s.freeze = func(checkout.Sale, []checkout.LegEvent, []checkout.Entry, checkout.Act) error { return nil }
		},
		"a freeze without its audit row's detail": func(s *broken) {
			s.freeze = func(x checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
				a.Detail = ""
				return s.Store.Freeze(ctx, x, ev, en, a)
			}
		},
		"a field that is lost": func(s *broken) {
			s.freeze = func(x checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
				x.Lines = slices.Clone(x.Lines)
				for i := range x.Lines {
					x.Lines[i].UnitGrams = 0
				}
				return s.Store.Freeze(ctx, x, ev, en, a)
			}
		},
		"a sale that is recorded twice over": func(s *broken) {
			s.sell = func(x checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) (string, error) {
				no, err := s.Store.Sell(ctx, x, ev, en, a)
				if err == nil {
					err = s.Note(ctx, a)
				}
				return no, err
			}
		},
		"a number of its own making": func(s *broken) {
			n := 0
			s.sell = func(x checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) (string, error) {
				n++
				_, err := s.Store.Sell(ctx, x, ev, en, a)
				return fmt.Sprintf("%s-%d-%06d", till.ID, till.Epoch, n), err
			}
		},
		"a permission to send that is given twice": func(s *broken) {
			s.advance = func(e checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
				err := s.Store.Advance(ctx, e, en, a)
				if e.State == checkout.Sent && fault.CodeOf(err) == "leg.state_changed" {
					return nil
				}
				return err
			}
		},
		"times to the second": func(s *broken) {
			s.advance = func(e checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
				e.At = e.At.Truncate(time.Second)
				return s.Store.Advance(ctx, e, en, a)
			}
		},
		"no watches": func(s *broken) {
			s.watches = func() ([]checkout.Watch, error) { return nil, nil }
		},
		"watches in the wrong order": func(s *broken) {
			s.watches = func() ([]checkout.Watch, error) {
				w, err := s.Store.Watches(ctx)
				slices.Reverse(w)
				return w, err
			}
		},
		"open sales in the wrong order": func(s *broken) {
			s.openSales = func() ([]checkout.Sale, error) {
				x, err := s.Store.OpenSales(ctx)
				slices.Reverse(x)
				return x, err
			}
		},
		"a sale that is handed out and kept": func(s *broken) {
			kept := map[string]checkout.Sale{}
			s.sale = func(id string) (checkout.Sale, error) {
				x, err := s.Store.Sale(ctx, id)
				if old, ok := kept[id]; ok && len(old.Legs) == len(x.Legs) {
					x.Lines = old.Lines // the very ones
				}
				kept[id] = x
				return x, err
			}
		},
		"a limit that is none": func(s *broken) {
			s.sales = func(since time.Time, _ int) ([]checkout.Sale, error) { return s.Store.Sales(ctx, since, 0) }
		},
		"since that is after": func(s *broken) {
			s.sales = func(since time.Time, limit int) ([]checkout.Sale, error) {
				return s.Store.Sales(ctx, since.Add(time.Millisecond), limit)
			}
		},
		"a code that is free again after a refusal": func(s *broken) {
			s.codeUsed = func(digest string) (bool, error) {
				used, err := s.Store.CodeUsed(ctx, digest)
				all, _ := s.Store.Sales(ctx, time.Time{}, 0)
				for _, x := range all {
					for _, l := range x.Legs {
						used = used && (l.CodeDigest != digest || l.State != checkout.Rejected)
					}
				}
				return used, err
			}
		},
		"a cart that comes back": func(s *broken) {
			var last checkout.Cart
			s.loadCart = func() (checkout.Cart, error) {
				c, err := s.Store.LoadCart(ctx)
				if len(c.Lines) > 0 {
					last = c
				}
				return last, err
			}
		},
	}
	for method, codes := range map[string][]string{
		"freeze":      {"ledger.defect", "ledger.refused", "leg.state_changed", "leg.unknown", "sale.cart_sold", "disk.stopped"},
		"sell":        {"ledger.defect", "ledger.refused", "sale.cart_sold", "disk.stopped"},
		"add legs":    {"ledger.defect", "ledger.refused", "leg.state_changed", "leg.unknown", "sale.state_changed", "sale.unknown", "disk.stopped"},
		"advance":     {"ledger.defect", "leg.state_changed", "leg.unknown", "sale.state_changed", "disk.stopped"},
		"complete":    {"ledger.defect", "ledger.refused", "leg.state_changed", "leg.unknown", "sale.state_changed", "sale.unknown", "disk.stopped"},
		"close":       {"ledger.defect", "ledger.refused", "leg.state_changed", "leg.unknown", "sale.state_changed", "sale.unknown", "disk.stopped"},
		"watch":       {"ledger.defect", "ledger.refused", "watch.changed", "sale.unknown", "disk.stopped"},
		"sale":        {"sale.unknown", "disk.stopped"},
		"sale by key": {"leg.unknown", "disk.stopped"},
	} {
		for _, code := range codes {
			faults[method+" that keeps "+code+" to itself"] = func(s *broken) { s.forgives.method, s.forgives.code = method, code }
		}
	}
	for name, spoil := range faults {
		t.Run(name, func(t *testing.T) {
			if !found(t, func() Opened {
				o := Memory(till)
				s := &broken{Store: o.Store}
				spoil(s)
				o.Store = s
				reopen := o.Reopen
				o.Reopen = func() Opened {
					again := reopen()
					again.Store = s
					return again
				}
				return o
			}) {
				t.Error("every case passes")
			}
		})
	}
	if found(t, func() Opened { return Memory(till) }) {
		t.Error("a sound store does not pass")
	}
}

// A store that forgets what it had acknowledged is found as well.
func TestTheSuiteFindsWhatIsForgotten(t *testing.T) {
	if !found(t, func() Opened {
		o := Memory(till)
		o.Reopen = func() Opened { return Memory(till) }
		return o
	}) {
		t.Error("every case passes")
	}
}

// found reports whether one of the cases fails.
func found(t *testing.T, open func() Opened) bool {
	return slices.ContainsFunc(cases, func(c suiteCase) bool {
		p := &probe{TB: t}
		p.runs(func() { c.run(newBench(p, open())) })
		return p.failed
	})
}

// probe takes failures as an answer.
type probe struct {
	testing.TB
	failed bool
	said   string // with the last failure
}

// runs runs f to its end or to its first fatal failure. A panic is one.
func (p *probe) runs(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil {
				p.Errorf("%v", r)
			}
		}()
		f()
	}()
	<-done
}

func (p *probe) Helper() {}

func (p *probe) Errorf(format string, args ...any) {
	p.failed, p.said = true, fmt.Sprintf(format, args...)
}

func (p *probe) Fatalf(format string, args ...any) {
	p.Errorf(format, args...)
	runtime.Goexit()
}

func (p *probe) Error(args ...any) { p.Errorf("%s", fmt.Sprint(args...)) }

func (p *probe) Fatal(args ...any) { p.Fatalf("%s", fmt.Sprint(args...)) }
