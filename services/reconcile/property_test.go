package reconcile

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cashier/services/checkout"
	"cashier/services/money"
)

// perturbation changes one payment of the truth on one side, and says what the
// reconciliation must make of it. The kinds were written down from the law of
// the payment path, not from the code.
type perturbation struct {
	name string
	want Kind // "": no finding, and no longer of this till's books
	do   func(l *checkout.Leg, rows []Row) (legs []checkout.Leg, _ []Row)
}

// onPaid are what can go wrong with a payment that both sides have.
var onPaid = []perturbation{
	{"lost from the books", OnlyTheirs, func(_ *checkout.Leg, rows []Row) ([]checkout.Leg, []Row) { return nil, rows }},
	{"lost from the bill", OnlyOurs, func(l *checkout.Leg, _ []Row) ([]checkout.Leg, []Row) { return []checkout.Leg{*l}, nil }},
	{"another amount", AmountDiffers, func(l *checkout.Leg, rows []Row) ([]checkout.Leg, []Row) {
		rows[0].Amount++
		return []checkout.Leg{*l}, rows
	}},
	{"refunded behind its back", GivenBack, func(l *checkout.Leg, rows []Row) ([]checkout.Leg, []Row) {
		return []checkout.Leg{*l}, append(rows, Row{Key: l.Key, RefundNo: "r-" + l.Key, Amount: 1})
	}},
	{"given up here", LateMoney, func(l *checkout.Leg, rows []Row) ([]checkout.Leg, []Row) {
		l.State = checkout.Reversed
		return []checkout.Leg{*l}, rows
	}},
	{"closed there", NotPaid, func(l *checkout.Leg, rows []Row) ([]checkout.Leg, []Row) {
		rows[0].State = checkout.OrderClosed
		return []checkout.Leg{*l}, rows
	}},
	{"left to a person", Open, func(l *checkout.Leg, rows []Row) ([]checkout.Leg, []Row) {
		l.State = checkout.Manual
		return []checkout.Leg{*l}, rows
	}},
	{"torn", Unreadable, func(l *checkout.Leg, rows []Row) ([]checkout.Leg, []Row) {
		rows[0].Unreadable = errRow
		return []checkout.Leg{*l}, rows
	}},
	{"in a state of its own", UnknownState, func(l *checkout.Leg, rows []Row) ([]checkout.Leg, []Row) {
		rows[0].State = "HELD"
		return []checkout.Leg{*l}, rows
	}},
	{"twice, differently", Contradictory, func(l *checkout.Leg, rows []Row) ([]checkout.Leg, []Row) {
		again := rows[0]
		again.ProviderNo += "x"
		return []checkout.Leg{*l}, append(rows, again)
	}},
	{"of another till", "", func(_ *checkout.Leg, rows []Row) ([]checkout.Leg, []Row) {
		rows[0].Key = "other1" + rows[0].Key[len(march.Till):]
		return nil, rows
	}},
}

// Out of a true day some payments are disturbed: exactly these are found, and
// neither the order of rows and legs nor their repetition matters.
func TestExactlyWhatWasDisturbedIsFound(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var legs []checkout.Leg
		var rows []Row
		want := map[string]Kind{}
		matched, elsewhere, paid := 0, 0, money.Fen(0)
		for i := range rapid.IntRange(0, 30).Draw(rt, "payments") {
			l := leg(fmt.Sprintf("k7m2qp-%d-%04d", rapid.IntRange(1, 3).Draw(rt, "epoch"), i), checkout.Paid, money.Fen(rapid.Int64Range(2, 1e8).Draw(rt, "fen")))
			l.IntentAt = march.From.Add(time.Duration(rapid.Int64Range(0, int64(24*time.Hour)-1).Draw(rt, "at")))
			listed := []Row{{Key: l.Key, State: checkout.OrderPaid, Amount: l.Amount, ProviderNo: fmt.Sprint("LTF", i), At: l.IntentAt}}
			switch p := rapid.IntRange(-2, len(onPaid)-1).Draw(rt, "disturbed"); {
			case p >= 0:
				mine, theirs := onPaid[p].do(&l, listed)
				legs, rows = append(legs, mine...), append(rows, theirs...)
				if onPaid[p].want == "" {
					elsewhere += len(theirs)
				} else {
					want[l.Key] = onPaid[p].want
				}
			case p == -1: // refused, and the provider has nothing or a dead order
				l.State = checkout.Rejected
				legs = append(legs, l)
				if rapid.Bool().Draw(rt, "listed") {
					listed[0].State = rapid.SampledFrom([]checkout.OrderState{checkout.OrderClosed, checkout.OrderNotPaid, checkout.OrderRefunded, checkout.OrderRevoked}).Draw(rt, "dead")
					rows = append(rows, listed...)
				}
				matched++
			default:
				legs, rows = append(legs, l), append(rows, listed...)
				matched++
				paid += l.Amount
			}
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "shuffle"), 0))
		report := Compare(shuffled(rng, rows), shuffled(rng, legs), march)
		got := map[string]Kind{}
		for _, f := range report.Findings {
			got[f.Key] = f.Kind
		}
		if diff := cmp.Diff(want, got); diff != "" || len(report.Findings) != len(want) {
			rt.Fatalf("findings (-want +got):\n%s", diff)
		}
		if report.Matched != matched || report.MatchedAmount != paid || report.Elsewhere != elsewhere {
			rt.Fatalf("%+v, want %d matched of %s, %d elsewhere", report, matched, paid, elsewhere)
		}
		repeated := append(shuffled(rng, rows), rows...)
		if diff := cmp.Diff(report, Compare(repeated, shuffled(rng, legs), march)); diff != "" {
			rt.Fatalf("another order, each row twice: %s", diff)
		}
	})
}

func shuffled[T any](rng *rand.Rand, all []T) []T {
	out := append([]T(nil), all...)
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// Whatever the two sides say: where nothing is found, the money the provider
// holds for this till is the money its books count as paid.
func TestNothingFoundMeansTheSumsAgree(t *testing.T) {
	orderStates := []checkout.OrderState{
		checkout.OrderPaid, checkout.OrderPaid, checkout.OrderPaid, checkout.OrderNotPaid, checkout.OrderRefunded,
		checkout.OrderRevoked, checkout.OrderClosed, payError, "", "ODD",
	}
	legStates := []checkout.State{checkout.Paid, checkout.Paid, checkout.Rejected, checkout.Reversed, checkout.Manual, checkout.Unknown}
	silent := 0
	rapid.Check(t, func(rt *rapid.T) {
		var legs []checkout.Leg
		var rows []Row
		fen := rapid.SampledFrom([]money.Fen{0, 1, 2, 3})
		for i := range rapid.IntRange(1, 3).Draw(rt, "keys") {
			k := fmt.Sprint("k7m2qp-1-", i)
			if rapid.Bool().Draw(rt, "known") {
				legs = append(legs, leg(k, rapid.SampledFrom(legStates).Draw(rt, "leg"), rapid.SampledFrom([]money.Fen{1, 2}).Draw(rt, "ours")))
			}
			for range rapid.SampledFrom([]int{0, 1, 1, 1, 2}).Draw(rt, "rows") {
				rows = append(rows, Row{Key: k, State: rapid.SampledFrom(orderStates).Draw(rt, "state"), Amount: fen.Draw(rt, "theirs"), Refunded: fen.Draw(rt, "refunded")})
			}
			for r := range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(rt, "refunds") {
				rows = append(rows, Row{Key: k, RefundNo: fmt.Sprint(r), Amount: fen.Draw(rt, "refund")})
			}
		}
		report := Compare(rows, legs, march)
		if len(report.Findings) > 0 {
			return
		}
		silent++
		var ours, theirs money.Fen
		for _, l := range legs {
			if l.State == checkout.Paid {
				ours += l.Amount
			}
		}
		for _, r := range distinct(rows) {
			if r.RefundNo == "" && r.State == checkout.OrderPaid {
				theirs += r.Amount - r.Refunded
			}
		}
		if ours != report.MatchedAmount || theirs > ours {
			rt.Fatalf("books %s, matched %s, the bill holds %s", ours, report.MatchedAmount, theirs)
		}
		if n := len(legs); report.Matched != n {
			rt.Fatalf("%d of %d legs matched", report.Matched, n)
		}
	})
	if silent == 0 {
		t.Error("every drawn day had a finding: nothing was tested")
	}
}
