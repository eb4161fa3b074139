package pricing

import (
	"errors"
	"strings"
	"testing"

	"cashier/services/fault"
)

func TestSet(t *testing.T) {
	o := newOffice(2)
	r, err := o.service().Set(t.Context(), 1, want(t, "12.34", ""))
	if err != nil || r.Outcome != Changed || Yuan(r.Was) != "10.00" || Yuan(r.Price) != "12.34" || Yuan(r.Member) != "9.00" {
		t.Errorf("%+v, %v", r, err)
	}
	if len(o.sent) != 1 || len(o.sent[0]) != 1 || o.sent[0][0].Doc != int64(1) || Yuan(o.rows[1][2].Price) != "10.00" {
		t.Errorf("%+v", o.sent)
	}
	if got := strings.Join(o.notes, "\n"); got != "hq.price | c1 梨 shop 1 | 10.00 → 12.34, member 9.00 → 9.00\nhq.price.result | c1 梨 shop 1 | changed" {
		t.Error(got)
	}
	if r, err := o.service().Set(t.Context(), 1, want(t, "12.34", "9")); err != nil || r.Outcome != Same || len(o.sent) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestSetSendsNothingItShouldNot(t *testing.T) {
	half := newOffice(0)
	half.rows[1][1] = row(1, 1, "10", "8.805")
	below := newOffice(0)
	below.rows[1][1] = row(1, 1, "10", "-1")
	unread := newOffice(1)
	unread.read = func() error { return errUnsent }
	mute := newOffice(1)
	mute.note = func(string, string) error { return errors.New("the disk is full") }
	for name, o := range map[string]*office{"half a fen": half, "below 0": below, "not read": unread, "not there": newOffice(0), "not noted": mute} {
		r, err := o.service().Set(t.Context(), 1, want(t, "9.50", ""))
		if err == nil || r.Outcome != NotSent || len(o.sent) != 0 {
			t.Errorf("%s: %+v, %v, %d sent", name, r, err, len(o.sent))
		}
	}
	if _, err := half.service().Set(t.Context(), 1, want(t, "9.50", "")); fault.CodeOf(err) != "price.member_fen" || !strings.Contains(err.Error(), "c1 梨") || !strings.Contains(err.Error(), "8.805") {
		t.Error(err)
	}
	if r, err := half.service().Set(t.Context(), 1, want(t, "9.50", "8.80")); err != nil || r.Outcome != Changed {
		t.Errorf("%+v, %v", r, err)
	}
}

// A change that comes to be seen only a moment later is looked for again; one
// that HQ refused is not waited for.
func TestSetLooksTwice(t *testing.T) {
	late := newOffice(1)
	var apply func()
	late.behave = func(a func()) error { apply = a; return errSilent }
	late.read = func() error {
		if late.reads == 3 {
			apply()
		}
		return nil
	}
	if r, err := late.service().Set(t.Context(), 1, want(t, "9", "")); err != nil || r.Outcome != Changed || late.reads != 3 {
		t.Errorf("%+v, %v after %d readings", r, err, late.reads)
	}
	for name, tt := range map[string]struct {
		answer  error
		outcome Outcome
		reads   int
	}{
		"silent":  {errSilent, Unknown, 3},
		"yes":     {nil, Unchanged, 3},
		"refused": {errRefused, Unchanged, 2},
	} {
		o := newOffice(1)
		o.behave = func(func()) error { return tt.answer }
		r, err := o.service().Set(t.Context(), 1, want(t, "9", ""))
		if err != nil || r.Outcome != tt.outcome || r.Err == nil || o.reads != tt.reads || len(o.sent) != 1 {
			t.Errorf("%s: %+v, %v after %d readings", name, r, err, o.reads)
		}
		if last := o.notes[len(o.notes)-1]; !strings.HasPrefix(last, "hq.price.result | c1 梨 shop 1 | "+string(tt.outcome)+": ") {
			t.Errorf("%s: %s", name, last)
		}
	}
	unsent := newOffice(1)
	unsent.behave = func(func()) error { return errUnsent }
	if r, err := unsent.service().Set(t.Context(), 1, want(t, "9", "")); !errors.Is(err, errUnsent) || r.Outcome != NotSent || unsent.reads != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	gone := newOffice(1)
	gone.behave = func(func()) error { delete(gone.rows[1], 1); return nil }
	if r, err := gone.service().Set(t.Context(), 1, want(t, "9", "")); err != nil || r.Outcome != Unknown || fault.CodeOf(r.Err) != "price.row_gone" {
		t.Errorf("%+v, %v", r, err)
	}
}

// What came of a change is told even where it cannot be written down.
func TestTheOutcomeIsNotLostWithItsNote(t *testing.T) {
	o := newOffice(1)
	full := errors.New("the disk is full")
	o.note = func(what, _ string) error {
		if what == "hq.price.result" {
			return full
		}
		return nil
	}
	if r, err := o.service().Set(t.Context(), 1, want(t, "9", "")); !errors.Is(err, full) || r.Outcome != Changed {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestSetIn(t *testing.T) {
	fresh := func() *office {
		o := newOffice(1)
		o.rows[2] = map[int64]Row{1: row(2, 1, "11", "10")}
		o.rows[3] = map[int64]Row{}
		return o
	}
	o := fresh()
	list, err := o.service().SetIn(t.Context(), 1, []int64{1, 2}, want(t, "9.9", "9"))
	if err != nil || len(list) != 2 || list[0].Outcome != Changed || list[1].Outcome != Changed || list[1].ShopID != 2 || Yuan(list[1].Was) != "11.00" {
		t.Errorf("%+v, %v", list, err)
	}
	if again, err := o.service().SetIn(t.Context(), 1, []int64{2, 1}, want(t, "9.90", "9")); err != nil || again[0].Outcome != Same || len(o.shops) != 1 {
		t.Errorf("%+v, %v", again, err)
	}
	o.rows[2][1] = row(2, 1, "1", "1")
	if mixed, err := o.service().SetIn(t.Context(), 1, []int64{1, 2}, want(t, "9.90", "9")); err != nil || mixed[0].Outcome != Same || mixed[1].Outcome != Changed {
		t.Errorf("%+v, %v", mixed, err)
	}
	for name, shops := range map[string][]int64{"price.no_shop": {1, 3}, "price.member_missing": nil} {
		o := fresh()
		if _, err := o.service().SetIn(t.Context(), 1, shops, want(t, "9", "8")); fault.CodeOf(err) != name || len(o.shops)+len(o.notes) != 0 {
			t.Errorf("%v, %d sent, notes %v", err, len(o.shops), o.notes)
		}
	}
	o = fresh()
	if _, err := o.service().SetIn(t.Context(), 1, []int64{1}, want(t, "9", "")); fault.CodeOf(err) != "price.member_missing" || len(o.shops) != 0 {
		t.Error(err)
	}
	o = fresh()
	o.behave = func(func()) error { o.rows[2][1] = row(2, 1, "9", "8"); return errSilent } // half of it
	if half, err := o.service().SetIn(t.Context(), 1, []int64{1, 2}, want(t, "9", "8")); err != nil || half[0].Outcome != Unknown || half[1].Outcome != Changed {
		t.Errorf("%+v, %v", half, err)
	}
}
