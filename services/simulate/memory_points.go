package simulate

import "cashier/services/checkout"

// point is a durable step, by the names of the moments around it.
type point struct{ before, after string }

func named(step string) point { return point{step + ".before", step + ".after"} }

// The durable steps, by the names the till's own ledger gives them.
var (
	pointFreeze   = named("freeze")
	pointSell     = named("sell")
	pointAddLegs  = named("add-legs")
	pointComplete = named("complete")
	pointWatch    = named("watch")
	pointNote     = named("note")
	pointCart     = named("cart")

	legStates = []checkout.State{
		checkout.Intent, checkout.Sent, checkout.Pending, checkout.Unknown, checkout.Paid,
		checkout.Reversing, checkout.Reversed, checkout.Rejected, checkout.Manual,
	}
	closings = []checkout.SaleState{checkout.Voided, checkout.Unsettled, checkout.Compensating}

	pointAdvance = namedFor("advance", legStates)
	pointClose   = namedFor("close", closings)
)

func namedFor[S ~string](step string, states []S) map[S]point {
	points := make(map[S]point, len(states))
	for _, s := range states {
		points[s] = named(step + "." + string(s))
	}
	return points
}

// Points lists every name Memory.Hook can be called with.
func Points() []string {
	all := []point{pointFreeze, pointSell, pointAddLegs}
	for _, s := range legStates {
		all = append(all, pointAdvance[s])
	}
	all = append(all, pointComplete)
	for _, s := range closings {
		all = append(all, pointClose[s])
	}
	all = append(all, pointWatch, pointNote, pointCart)
	names := make([]string, 0, 2*len(all))
	for _, p := range all {
		names = append(names, p.before, p.after)
	}
	return names
}
