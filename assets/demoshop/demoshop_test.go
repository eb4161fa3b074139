package demoshop

import (
	"bytes"
	"encoding/json"
	"image/png"
	"io/fs"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/money"
	"cashier/services/shopdata"
)

func read(t *testing.T, shop fs.FS) base {
	t.Helper()
	raw, err := fs.ReadFile(shop, "shop.json")
	if err != nil {
		t.Fatal(err)
	}
	var b base
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// validEAN13 adds up all thirteen digits, as a scanner does; the program under
// test computes the last one from the others.
func validEAN13(s string) bool {
	if len(s) != 13 {
		return false
	}
	sum := 0
	for i, r := range s {
		if r < '0' || r > '9' {
			return false
		}
		sum += int(r-'0') * []int{1, 3}[i%2]
	}
	return sum%10 == 0
}

func TestValidEAN13(t *testing.T) {
	// Printed on goods or in the GS1 General Specifications.
	for _, s := range []string{"4006381333931", "6901234567892", "9780201379624", "5901234123457"} {
		if !validEAN13(s) {
			t.Errorf("%s is valid", s)
		}
		body := s[:12]
		if got := body + string('0'+checkDigit(body)); got != s {
			t.Errorf("check digit: %s, want %s", got, s)
		}
	}
	for _, s := range []string{"6901234567890", "690123456789", "69012345678921", "690123456789x"} {
		if validEAN13(s) {
			t.Errorf("%s is not valid", s)
		}
	}
}

// checkProducts holds for every shop, embedded or generated.
func checkProducts(t *testing.T, products []product, classes int) {
	t.Helper()
	ids, codes, barcodes := map[int64]bool{}, map[string]bool{}, map[string]bool{}
	for i := range products {
		p := &products[i]
		fail := func(format string, args ...any) {
			t.Helper()
			t.Errorf("%s "+format, append([]any{p.ProductName}, args...)...)
		}
		if strings.TrimSpace(p.ProductName) != p.ProductName || p.ProductName == "" {
			fail("has a bad name")
		}
		if _, err := strconv.ParseUint(p.ProductCode, 10, 64); err != nil || len(p.ProductCode) < 5 {
			fail("has 货号 %q", p.ProductCode)
		}
		if ids[p.ProductID] || codes[p.ProductCode] || p.BarCode != "" && barcodes[p.BarCode] {
			fail("repeats %d, %s or %s", p.ProductID, p.ProductCode, p.BarCode)
		}
		ids[p.ProductID], codes[p.ProductCode], barcodes[p.BarCode] = true, true, true
		if p.BarCode != "" && (!validEAN13(p.BarCode) || !strings.HasPrefix(p.BarCode, "69") || p.PricingType != 0) {
			fail("has barcode %s", p.BarCode)
		}
		if p.ClassID < 1 || p.ClassID > classes {
			fail("has class %d", p.ClassID)
		}
		checkSale(fail, p)
		if len(p.Images) != 1 {
			fail("has %d pictures", len(p.Images))
		}
	}
}

func checkSale(fail func(string, ...any), p *product) {
	if price, err := money.ParseFen(p.Price); err != nil || price <= 0 {
		fail("costs %q (%v)", p.Price, err)
	}
	if member, err := money.ParseFen(p.MemberPrice); err != nil || member < 0 {
		fail("costs members %q (%v)", p.MemberPrice, err)
	}
	for _, s := range []string{p.CostPrice, p.StockQty} {
		d, err := decimal.NewFromString(s)
		if err != nil || d.Exponent() != -4 {
			fail("has cost or stock %q, not a number with four decimals", s)
		}
	}
	if cost, _ := decimal.NewFromString(p.CostPrice); !cost.IsPositive() {
		fail("is bought for %s", p.CostPrice)
	}
	_, weighable := money.UnitGrams(p.ProductUnit)
	switch p.PricingType {
	case 0:
		if weighable || p.ProductUnit == "" {
			fail("is counted in %q", p.ProductUnit)
		}
	case 1, 2:
		if !weighable {
			fail("is weighed in %q", p.ProductUnit)
		}
	default:
		fail("has pricing type %d", p.PricingType)
	}
}

func TestEmbeddedGoods(t *testing.T) {
	b := read(t, FS())
	checkProducts(t, b.Products, 12)
	if len(b.Products) < 240 {
		t.Errorf("%d products", len(b.Products))
	}
	var member, above, barcodes int
	types, classes, names := map[int]int{}, map[int]int{}, map[string]bool{}
	for _, p := range b.Products {
		price, _ := money.ParseFen(p.Price)
		m, _ := money.ParseFen(p.MemberPrice)
		if m > 0 {
			member++
		}
		if m > price {
			above++
		}
		if p.BarCode != "" {
			barcodes++
		}
		if names[p.ProductName] {
			t.Errorf("two products are called %s", p.ProductName)
		}
		names[p.ProductName] = true
		types[p.PricingType]++
		classes[p.ClassID]++
		if len(p.ProductCode) != 5 {
			t.Errorf("%s has 货号 %s", p.ProductName, p.ProductCode)
		}
	}
	if share := member * 100 / len(b.Products); share < 35 || share > 50 {
		t.Errorf("%d %% have a member price", share)
	}
	if above != 2 {
		t.Errorf("%d member prices above the price", above)
	}
	if len(types) != 3 || types[2] < 5 || barcodes < 100 {
		t.Errorf("pricing types %v, %d barcodes", types, barcodes)
	}
	for id := 1; id <= 12; id++ {
		if classes[id] < 10 {
			t.Errorf("class %d has %d products", id, classes[id])
		}
	}
}

func TestEmbeddedPictures(t *testing.T) {
	owner := map[string]string{}
	total := 0
	for _, p := range read(t, FS()).Products {
		raw, err := fs.ReadFile(FS(), p.Images[0])
		if err != nil {
			t.Errorf("%s: %v", p.ProductName, err)
			continue
		}
		total += len(raw)
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Errorf("%s: %v", p.ProductName, err)
			continue
		}
		if size := img.Bounds().Size(); size.X != 192 || size.Y != 192 {
			t.Errorf("%s: picture of %v", p.ProductName, size)
		}
		if other, ok := owner[string(raw)]; ok {
			t.Errorf("%s and %s show the same picture", p.ProductName, other)
		}
		owner[string(raw)] = p.ProductName
	}
	if total > 2_500_000 {
		t.Errorf("%d bytes of pictures", total)
	}
	files, err := fs.Glob(FS(), "pictures/*")
	if err != nil || len(files) != len(owner) {
		t.Errorf("%d files for %d products (%v)", len(files), len(owner), err)
	}
}

func TestEmbeddedPeople(t *testing.T) {
	s, err := shopdata.Load(FS())
	if err != nil {
		t.Fatal(err)
	}
	roles := map[shopdata.Role]int{}
	for _, a := range s.Staff {
		roles[a.Role]++
	}
	if len(roles) != 4 {
		t.Errorf("roles %v", roles)
	}
	cards := map[string]int64{}
	remaining, expired := map[int64]int{}, 0
	for _, c := range s.TimesCards {
		if len(c.CardNo) != 18 || !strings.HasPrefix(c.CardNo, "91") {
			t.Errorf("card number %s", c.CardNo)
		}
		cards[c.CardNo] = c.Remaining
		remaining[c.Remaining]++
		end, err := c.Expires()
		if err != nil {
			t.Error(err)
		}
		if end.Before(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)) && c.Remaining > 0 {
			expired++
		}
	}
	if cards["914095353294404024"] != 10 || remaining[1] == 0 || remaining[0] == 0 || expired == 0 || len(cards) < 6 {
		t.Errorf("times cards %v, expired %d", cards, expired)
	}
	if len(s.Members) != 8 || s.Wallets[0].ID != "0001" || s.Wallets[0].Balance != 500 {
		t.Errorf("%d members, first wallet %+v", len(s.Members), s.Wallets[0])
	}
}
