package checkout

import (
	"context"

	"cashier/services/access"
)

// This file holds the ways a sale ends, or is set aside.

// afterwards is what becomes of a sale nobody waits for, or nobody can help:
// complete, voided, or set aside with its open leg or with what is paid of it.
func (d *Desk) afterwards(ctx context.Context, s Sale) (Sale, error) {
	l, open := s.OpenLeg()
	_, back := s.undoable()
	switch {
	case s.over():
		return s, nil
	case s.State == Compensating && (open || back):
		return s, nil // its own work goes on
	case s.State == Compensating:
		return d.void(ctx, s, d.itself())
	case s.Settled():
		return d.finish(ctx, s, nil, nil)
	case open && l.State == Manual && s.State == Tendering, s.partlyPaid() && s.State == Tendering:
		return d.unsettle(ctx, s)
	case !open && !s.partlyPaid():
		return d.void(ctx, s, d.itself())
	}
	return s, nil
}

// finish ends a sale as COMPLETE: one transaction with its last leg.
func (d *Desk) finish(ctx context.Context, s Sale, last *LegEvent, entries []Entry) (Sale, error) {
	done := s
	done.State, done.ClosedAt, done.Reason = Complete, d.p.Clock.Now().Wall, ""
	no, err := d.p.Store.Complete(ctx, done, last, append(entries, completeEntries(done)...), d.act(s.Actor, "sale.complete", s.ID, s.Total.String()))
	if err != nil {
		return s, err
	}
	done.ReceiptNo = no
	return done, nil
}

func (d *Desk) sell(ctx context.Context, s Sale, events []LegEvent, entries []Entry) (Sale, error) {
	s.State, s.ClosedAt = Complete, s.OpenedAt
	no, err := d.p.Store.Sell(ctx, s, events, entries, d.act(s.Actor, "sale.complete", s.ID, s.Total.String()))
	if err != nil {
		return Sale{}, err
	}
	s.ReceiptNo = no
	d.p.OnUpdate(Update{Sale: s})
	return s, nil
}

func (d *Desk) unsettle(ctx context.Context, s Sale) (Sale, error) {
	s.State = Unsettled
	s.Reason = CodePartlyPaid
	if l, open := s.OpenLeg(); open {
		s.Reason = l.Reason.Code
	}
	return s, d.p.Store.Close(ctx, s, nil, nil, d.act(d.itself(), "sale.unsettled", s.ID, s.Reason))
}

// void books counted cash back and ends the sale without money kept.
func (d *Desk) void(ctx context.Context, s Sale, by access.Actor) (Sale, error) {
	now := d.p.Clock.Now().Wall
	var events []LegEvent
	var entries []Entry
	for _, l := range s.Legs {
		if l.State != Paid {
			continue
		}
		if l.Class != ClassRecorded {
			return s, errPaidLeg(l)
		}
		e := LegEvent{LegID: l.ID, Seq: l.Seq + 1, State: Reversed, At: now, Reason: Reason{Code: "handed_back"}}
		back, err := l.Apply(e)
		if err != nil {
			return s, err
		}
		s = s.withLeg(back)
		events, entries = append(events, e), append(entries, reversedEntries(l)...)
	}
	s.State, s.ClosedAt = Voided, now
	if err := d.p.Store.Close(ctx, s, events, entries, d.act(by, "sale.void", s.ID, s.Reason)); err != nil {
		return s, err
	}
	return s, nil
}
