package hq

import (
	"encoding/json"
	"strings"
	"testing"

	"cashier/services/wire"
)

// BenchmarkDecodePage compares one page of 1,000 products with the same page
// read into plain Go types, which is the floor for encoding/json.
func BenchmarkDecodePage(b *testing.B) {
	body := []byte(`{"data":[` + strings.Repeat(appleDoc+",", 999) + appleDoc + `],"totalCount":1000}`)
	b.Run("products", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			if _, err := decodePage[Product](body); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("plain", func(b *testing.B) {
		type plain struct {
			ID, ShopID, ProductID                                                                       int64
			ShopName, ProductCode, ProductName, ProductClass, ProductUnit, PricingTypeName, MemberPrice string
			Price                                                                                       json.Number
			PricingType                                                                                 int
			Sort                                                                                        wire.Int
			Images                                                                                      []string
		}
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			var page struct{ Data []plain }
			if err := json.Unmarshal(body, &page); err != nil {
				b.Fatal(err)
			}
		}
	})
}
