package localdb

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cashier/services/checkout"
)

// Each rule of verify, broken once behind the program's back.
func TestVerifyFindsWhatIsBroken(t *testing.T) {
	cases := map[string]struct{ do, check, says string }{
		"a leg's row runs ahead":    {`UPDATE legs SET state = 'PAID' WHERE state = 'SENT'`, "leg", "its row says PAID"},
		"a leg's row forgets":       {`UPDATE legs SET sent = 0 WHERE state = 'SENT'`, "leg", "sent: false"},
		"an event is changed":       {`UPDATE leg_events SET state = 'REVERSED' WHERE state = 'PAID'`, "leg", "break the law"},
		"an event is lost":          {`DELETE FROM leg_events WHERE state = 'INTENT'`, "leg", "break the law"},
		"sent twice":                {`INSERT INTO leg_events SELECT leg_id, 3, 'SENT', at_ms, '', '', '', '', '' FROM leg_events WHERE state = 'SENT'`, "leg", "was sent 2 times"},
		"an event of nobody":        {`UPDATE leg_events SET leg_id = 'nobody' WHERE state = 'SENT'`, "foreign-key", "has no legs"},
		"a posting is changed":      {`UPDATE postings SET amount = amount + 1 WHERE account = 'sales'`, "entry", "not to zero"},
		"a posting is lost":         {`DELETE FROM postings WHERE account = 'sales'`, "entry", "has 1 postings"},
		"an entry is moved":         {`UPDATE postings SET amount = amount * 2`, "entry", "the books say"},
		"an entry is lost":          {`DELETE FROM entries WHERE kind = 'complete'; DELETE FROM postings WHERE entry_no = 2`, "entry", "the customer's account ends at"},
		"a receipt number is lost":  {`DELETE FROM receipts WHERE counter = 1`, "receipt", "follows number 0"},
		"the last receipt is lost":  {`DELETE FROM receipts WHERE counter = 2`, "receipt", "has no receipt number"},
		"a receipt number jumps":    {`UPDATE receipts SET counter = 5, no = till_id || '-1-000005' WHERE counter = 2`, "receipt", "follows number 1"},
		"a receipt number lies":     {`UPDATE receipts SET no = 'X' || no WHERE counter = 2`, "receipt", "should read"},
		"a receipt for an open one": {`UPDATE sales SET state = 'UNSETTLED', closed_ms = NULL WHERE state = 'COMPLETE'`, "receipt", `which is "UNSETTLED"`},
		"a total is changed":        {`UPDATE sales SET total = total + 1 WHERE state = 'COMPLETE'`, "sale", "paid of"},
		"a line is changed":         {`UPDATE sale_lines SET amount = amount + 1`, "sale", "its lines come to"},
		"complete without money":    {`UPDATE sales SET state = 'COMPLETE', closed_ms = 1 WHERE state = 'TENDERING'`, "sale", "is complete while"},
		"voided with money":         {`UPDATE sales SET state = 'VOIDED' WHERE state = 'COMPLETE'`, "sale", "is voided while"},
		"an unknown state":          {`UPDATE sales SET state = 'GONE' WHERE state = 'TENDERING'`, "sale", `unknown state "GONE"`},
		"no end of the chain":       {`DELETE FROM audit_head`, "audit", "end is missing"},
		"a sale is not reported":    {`DELETE FROM uploads WHERE seq = 2`, "upload", "its sale rows are not in the upload queue"},
		"a sale is reported twice":  {`DROP TABLE uploads; CREATE TABLE uploads AS SELECT sale_id, 'payment' AS part, NULL AS body, NULL AS hash, 1 AS seq FROM receipts, (SELECT 1 UNION ALL SELECT 2)`, "upload", "in the upload queue 2 times"},
		"an open sale is reported":  {`UPDATE uploads SET sale_id = (SELECT id FROM sales WHERE state = 'TENDERING') WHERE seq = 1`, "upload", `it is "TENDERING"`},
		"another sale was reported": {`UPDATE uploads SET body = x'5B5D', hash = zeroblob(32) WHERE seq = 1`, "upload", "are not what was sent"},
		"an empty redemption":       {`UPDATE sales SET kind = 'redemption', total = 0 WHERE state = 'COMPLETE'; UPDATE legs SET amount = 0; DELETE FROM leg_events; DELETE FROM postings; DELETE FROM entries; DELETE FROM legs`, "sale", "nothing was redeemed"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.sell()
			s.sell()
			_, leg := s.freeze(checkout.ClassCode)
			s.advance(leg, checkout.Sent)
			s.verified()
			db := raw(t, s.path)
			unlock(t, db)
			if _, err := db.Exec(c.do); err != nil {
				t.Fatal(err)
			}
			found, err := s.Verify(t.Context())
			s.ok(err)
			for _, f := range found {
				if f.Check == c.check && f.Subject != "" && strings.Contains(f.Message, c.says) {
					return
				}
			}
			t.Errorf("not found; found %+v", found)
		})
	}
}

func TestASaleThatContradictsItselfIsNotShown(t *testing.T) {
	s := newShop(t)
	sale := s.sell()
	db := raw(t, s.path)
	unlock(t, db)
	if _, err := db.Exec(`UPDATE leg_events SET state = 'MANUAL' WHERE seq = 1`); err != nil {
		t.Fatal(err)
	}
	_, err := s.Sale(t.Context(), sale.ID)
	refused(t, err, "ledger.broken")
}

// Any way a leg can go: what the pure core says while running, what the disk
// says, and what a restarted till reads are the same.
func TestFoldIsStoredIsReread(t *testing.T) {
	s := newShop(t)
	states := []checkout.State{
		checkout.Intent, checkout.Sent, checkout.Pending, checkout.Unknown, checkout.Paid,
		checkout.Reversing, checkout.Reversed, checkout.Rejected, checkout.Manual,
	}
	words := rapid.SampledFrom([]string{"", "USER_PAYING", "余额不足", "a'b\"c\\", "<&>\u2028"})
	rapid.Check(t, func(r *rapid.T) {
		class := rapid.SampledFrom([]checkout.Class{checkout.ClassCode, checkout.ClassCard}).Draw(r, "class")
		sale, leg := s.freeze(class)
		posted := false
		for range rapid.IntRange(0, 12).Draw(r, "steps") {
			var legal []checkout.State
			for _, state := range states {
				if _, err := leg.Apply(checkout.LegEvent{LegID: leg.ID, Seq: leg.Seq + 1, State: state}); err == nil {
					legal = append(legal, state)
				}
			}
			if len(legal) == 0 {
				break
			}
			e := checkout.LegEvent{
				LegID: leg.ID, Seq: leg.Seq + 1, State: rapid.SampledFrom(legal).Draw(r, "state"), At: s.tick(),
				Reason:     checkout.Reason{Code: words.Draw(r, "code"), RawCode: words.Draw(r, "raw"), Message: words.Draw(r, "message")},
				ProviderNo: words.Draw(r, "no"), PaidAt: words.Draw(r, "paid at"),
			}
			var entries []checkout.Entry
			switch {
			case e.State == checkout.Paid && !posted && leg.Amount > 0:
				entries, posted = []checkout.Entry{paid(leg)}, true
			case (e.State == checkout.Reversed || e.State == checkout.Rejected) && posted:
				entries, posted = []checkout.Entry{reversed(leg)}, false
			}
			s.ok(s.Advance(t.Context(), e, entries, s.act("leg."+string(e.State), leg.Key)))
			leg = s.fold(leg, e)
			if rapid.IntRange(0, 9).Draw(r, "restart") == 0 {
				s.reopen()
			}
			sale.Legs = []checkout.Leg{leg}
			s.want(sale)
		}
		if leg.State == checkout.Rejected || leg.State == checkout.Reversed {
			sale.State = checkout.Voided
			s.ok(s.Close(t.Context(), sale, nil, nil, s.act("sale.void", sale.ID)))
		}
	})
	s.reopen()
	s.verified()
}
