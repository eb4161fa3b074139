package simulate_test

import (
	"testing"

	"cashier/services/checkout"
	"cashier/services/checkout/storetest"
)

var till = checkout.Till{ID: "K7M2QX", Epoch: 3}

func TestMemoryIsAStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Opened { return storetest.Memory(till) })
}
