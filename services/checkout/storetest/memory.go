package storetest

import (
	"cmp"
	"slices"

	"cashier/services/checkout"
	"cashier/services/simulate"
)

// Memory is a new simulate.Memory, opened for the suite. It comes back from a
// power cut as it is.
func Memory(till checkout.Till) Opened { return openedMemory(simulate.NewMemory(till)) }

func openedMemory(m *simulate.Memory) Opened {
	return Opened{
		Store: m, Till: m.Till(),
		Reopen: func() Opened { return openedMemory(m) },
		Books:  func() (Books, error) { return memoryBooks(m), nil },
		Shut:   func() {},
	}
}

func memoryBooks(m *simulate.Memory) Books {
	b := Books{
		Acts: slices.Collect(m.Acts()), Events: slices.Collect(m.Events()),
		Entries: slices.Collect(m.Entries()), Receipts: slices.Collect(m.Receipts()),
	}
	for w := range m.AllWatches() {
		w.Leg = checkout.Leg{ID: w.Leg.ID, SaleID: w.Leg.SaleID}
		b.Watches = append(b.Watches, w)
	}
	slices.SortFunc(b.Events, func(x, y checkout.LegEvent) int {
		return cmp.Or(cmp.Compare(x.LegID, y.LegID), cmp.Compare(x.Seq, y.Seq))
	})
	slices.SortFunc(b.Entries, func(x, y simulate.Posted) int {
		return cmp.Or(cmp.Compare(x.SaleID, y.SaleID), cmp.Compare(x.No, y.No))
	})
	slices.SortFunc(b.Watches, func(x, y checkout.Watch) int { return cmp.Compare(x.Leg.ID, y.Leg.ID) })
	return b
}
