package storetest

import (
	"cashier/services/checkout"
)

// laterSteps are refusals of a sale that is under way.
var laterSteps = []refusal{
	{"complete with an open leg", "ledger.defect", func(b *bench) func() error {
		sale, _ := b.freeze(checkout.ClassCode)
		return b.completing(sale)
	}},
	{"complete and book no goods", "ledger.defect", func(b *bench) func() error {
		sale, leg := b.freeze(checkout.ClassCode)
		b.advance(leg, checkout.Sent, checkout.Paid)
		return func() error {
			_, err := b.Complete(b.Context(), sale, nil, nil, b.act("sale.complete", sale.ID))
			return err
		}
	}},
	{"complete with the leg of another sale", "leg.unknown", func(b *bench) func() error {
		sale, leg := b.freeze(checkout.ClassCode)
		b.advance(leg, checkout.Sent, checkout.Paid)
		_, other := b.freeze(checkout.ClassCode)
		return func() error {
			last := b.event(other, checkout.Sent)
			_, err := b.Complete(b.Context(), sale, &last, []checkout.Entry{sold(sale)}, b.act("sale.complete", sale.ID))
			return err
		}
	}},
	{"complete with a step that is no end", "ledger.defect", func(b *bench) func() error {
		sale, leg := b.freeze(checkout.ClassCode)
		return func() error {
			last := b.event(leg, checkout.Sent)
			_, err := b.Complete(b.Context(), sale, &last, []checkout.Entry{sold(sale)}, b.act("sale.complete", sale.ID))
			return err
		}
	}},
	{"complete after a refusal", "ledger.defect", func(b *bench) func() error {
		sale := b.refusedSale()
		return b.completing(sale)
	}},
	{"complete a sale that is over", "sale.state_changed", func(b *bench) func() error { return b.completing(b.sell()) }},
	{"code paid but not posted", "ledger.defect", func(b *bench) func() error {
		_, leg := b.freeze(checkout.ClassCode)
		leg = b.advance(leg, checkout.Sent)
		return func() error {
			return b.Advance(b.Context(), b.event(leg, checkout.Paid), nil, b.act("leg.PAID", leg.Key))
		}
	}},
	{"posted but not paid", "ledger.defect", func(b *bench) func() error {
		_, leg := b.freeze(checkout.ClassCode)
		return func() error {
			return b.Advance(b.Context(), b.event(leg, checkout.Sent), []checkout.Entry{paid(leg)}, b.act("leg.SENT", leg.Key))
		}
	}},
	{"reversed but still posted", "ledger.defect", func(b *bench) func() error {
		_, leg := b.freeze(checkout.ClassCode)
		leg = b.advance(leg, checkout.Sent, checkout.Paid, checkout.Reversing)
		return func() error {
			return b.Advance(b.Context(), b.event(leg, checkout.Reversed), nil, b.act("leg.REVERSED", leg.Key))
		}
	}},
	{"another leg's books spoilt", "ledger.defect", func(b *bench) func() error {
		sale, cash := b.mixed()
		return func() error {
			more, events := b.counted(b.leg(sale, checkout.ClassRecorded, 1000))
			return b.AddLegs(b.Context(), []checkout.Leg{more}, events, []checkout.Entry{paid(more), reversed(cash)}, b.act("sale.tender", sale.ID))
		}
	}},
	{"void with cash kept", "ledger.defect", func(b *bench) func() error {
		sale, _ := b.mixed()
		return b.closing(sale, checkout.Voided)
	}},
	{"void with a leg unknown", "ledger.defect", func(b *bench) func() error {
		sale, leg := b.freeze(checkout.ClassCode)
		b.advance(leg, checkout.Sent, checkout.Unknown)
		return b.closing(sale, checkout.Voided)
	}},
	{"void with a leg planned", "ledger.defect", func(b *bench) func() error {
		sale, _ := b.freeze(checkout.ClassCode)
		return b.closing(sale, checkout.Voided)
	}},
	{"void with a leg left to a person", "ledger.defect", func(b *bench) func() error {
		sale, leg := b.freeze(checkout.ClassCard)
		b.advance(leg, checkout.Sent, checkout.Manual)
		return b.closing(sale, checkout.Voided)
	}},
	{"void with times taken off a card", "ledger.defect", func(b *bench) func() error {
		sale, leg := b.freeze(checkout.ClassCard)
		b.advance(leg, checkout.Sent, checkout.Paid)
		return b.closing(sale, checkout.Voided)
	}},
	{"void and still book goods", "ledger.defect", func(b *bench) func() error {
		sale := b.refusedSale()
		return func() error {
			return b.Close(b.Context(), withState(sale, checkout.Voided), nil, []checkout.Entry{sold(sale)}, b.act("sale.void", sale.ID))
		}
	}},
	{"hand cash back in words only", "ledger.defect", func(b *bench) func() error {
		sale, cash := b.mixed()
		return func() error {
			return b.Close(b.Context(), withState(sale, checkout.Voided), []checkout.LegEvent{b.event(cash, checkout.Reversed)}, nil, b.act("sale.void", sale.ID))
		}
	}},
	{"close with the leg of another sale", "leg.unknown", func(b *bench) func() error {
		sale, _ := b.mixed()
		_, cash := b.mixed()
		return func() error {
			return b.Close(b.Context(), withState(sale, checkout.Voided), []checkout.LegEvent{b.event(cash, checkout.Reversed)}, []checkout.Entry{reversed(cash)}, b.act("sale.void", sale.ID))
		}
	}},
	{"close with a step the law does not allow", "leg.state_changed", func(b *bench) func() error {
		sale, leg := b.freeze(checkout.ClassCode)
		return func() error {
			return b.Close(b.Context(), withState(sale, checkout.Voided), []checkout.LegEvent{b.event(leg, checkout.Reversed)}, nil, b.act("sale.void", sale.ID))
		}
	}},
	{"close as complete", "ledger.defect", func(b *bench) func() error {
		sale, _ := b.freeze(checkout.ClassCode)
		return b.closing(sale, checkout.Complete)
	}},
	{"close as open", "ledger.defect", func(b *bench) func() error {
		sale, _ := b.freeze(checkout.ClassCode)
		b.ok(b.close(sale, checkout.Unsettled))
		return b.closing(sale, checkout.Tendering)
	}},
	{"close as nothing", "ledger.defect", func(b *bench) func() error {
		sale, _ := b.freeze(checkout.ClassCode)
		return b.closing(sale, "")
	}},
}

func (b *bench) completing(sale checkout.Sale) func() error {
	return func() error {
		_, err := b.complete(sale)
		return err
	}
}

func (b *bench) closing(sale checkout.Sale, state checkout.SaleState) func() error {
	return func() error { return b.close(sale, state) }
}

// unknowns are questions about, and steps of, what is not there.
var unknowns = []refusal{
	{"complete an unknown sale", "sale.unknown", func(b *bench) func() error { return b.completing(checkout.Sale{ID: "nobody"}) }},
	{"close an unknown sale", "sale.unknown", func(b *bench) func() error {
		return b.closing(checkout.Sale{ID: "nobody"}, checkout.Voided)
	}},
	{"read an unknown sale", "sale.unknown", func(b *bench) func() error {
		return func() error {
			_, err := b.Sale(b.Context(), "nobody")
			return err
		}
	}},
	{"read no sale", "sale.unknown", func(b *bench) func() error {
		return func() error {
			_, err := b.Sale(b.Context(), "")
			return err
		}
	}},
	{"advance an unknown leg", "leg.unknown", func(b *bench) func() error {
		return func() error {
			return b.Advance(b.Context(), checkout.LegEvent{LegID: "nobody", Seq: 1, State: checkout.Intent}, nil, b.act("x", ""))
		}
	}},
	{"advance a leg by its key", "leg.unknown", func(b *bench) func() error {
		_, leg := b.freeze(checkout.ClassCode)
		return func() error {
			e := b.event(leg, checkout.Sent)
			e.LegID = leg.Key
			return b.Advance(b.Context(), e, nil, b.act("leg.SENT", leg.Key))
		}
	}},
	{"read an unknown key", "leg.unknown", func(b *bench) func() error {
		return func() error {
			_, err := b.SaleByKey(b.Context(), "nobody")
			return err
		}
	}},
	{"read a key by its leg", "leg.unknown", func(b *bench) func() error {
		sale := b.sell()
		return func() error {
			_, err := b.SaleByKey(b.Context(), sale.Legs[0].ID)
			return err
		}
	}},
}
