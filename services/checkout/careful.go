package checkout

import (
	"context"
	"slices"

	"cashier/services/scancode"
)

// careful stands before the store and lets no payment code and no card number
// into what is kept: a scanner types into the field for a reason, too, and a
// provider may repeat in its words what it was sent.
type careful struct{ Store }

func (c careful) Freeze(ctx context.Context, s Sale, events []LegEvent, entries []Entry, a Act) error {
	return c.Store.Freeze(ctx, s.masked(), maskedEvents(events), entries, a.masked())
}

func (c careful) Sell(ctx context.Context, s Sale, events []LegEvent, entries []Entry, a Act) (string, error) {
	return c.Store.Sell(ctx, s.masked(), maskedEvents(events), entries, a.masked())
}

func (c careful) AddLegs(ctx context.Context, legs []Leg, events []LegEvent, entries []Entry, a Act) error {
	return c.Store.AddLegs(ctx, legs, maskedEvents(events), entries, a.masked())
}

func (c careful) Advance(ctx context.Context, e LegEvent, entries []Entry, a Act) error {
	return c.Store.Advance(ctx, e.masked(), entries, a.masked())
}

func (c careful) Complete(ctx context.Context, s Sale, last *LegEvent, entries []Entry, a Act) (string, error) {
	if last != nil {
		e := last.masked()
		last = &e
	}
	return c.Store.Complete(ctx, s.masked(), last, entries, a.masked())
}

func (c careful) Close(ctx context.Context, s Sale, events []LegEvent, entries []Entry, a Act) error {
	return c.Store.Close(ctx, s.masked(), maskedEvents(events), entries, a.masked())
}

func (c careful) Watch(ctx context.Context, before, after Watch, entries []Entry, a Act) error {
	return c.Store.Watch(ctx, before, after, entries, a.masked())
}

func (c careful) Note(ctx context.Context, a Act) error { return c.Store.Note(ctx, a.masked()) }

func (s Sale) masked() Sale {
	s.Reason = scancode.MaskText(s.Reason)
	return s
}

func (a Act) masked() Act {
	a.Detail = scancode.MaskText(a.Detail)
	return a
}

func (e LegEvent) masked() LegEvent {
	e.Reason.RawCode, e.Reason.Message = scancode.MaskText(e.Reason.RawCode), scancode.MaskText(e.Reason.Message)
	return e
}

func maskedEvents(events []LegEvent) []LegEvent {
	events = slices.Clone(events)
	for i := range events {
		events[i] = events[i].masked()
	}
	return events
}
