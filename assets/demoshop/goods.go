package demoshop

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// base is the embedded shop as the generator needs it: the goods decoded, all
// else carried over as it stands.
type base struct {
	ShopID     int             `json:"shopId"`
	ShopName   string          `json:"shopName"`
	Tenant     string          `json:"tenant"`
	Branches   []branch        `json:"branches"`
	Staff      json.RawMessage `json:"staff"`
	Products   []product       `json:"products"`
	TimesCards json.RawMessage `json:"timesCards"`
	Members    json.RawMessage `json:"members"`
	Wallets    json.RawMessage `json:"wallets"`
}

// branch is another shop of the tenant with the prices that are its own.
type branch struct {
	ShopID   int          `json:"shopId"`
	ShopName string       `json:"shopName"`
	Prices   []branchCost `json:"prices,omitempty"`
}

type branchCost struct {
	ProductID   int64  `json:"productId"`
	Price       string `json:"price"`
	MemberPrice string `json:"memberPrice,omitempty"`
}

// branches leave out prices of products that a small shop does not have.
func (g *goods) branches(products int) []branch {
	out := slices.Clone(g.base.Branches)
	for i := range out {
		out[i].Prices = slices.DeleteFunc(slices.Clone(out[i].Prices), func(p branchCost) bool { return p.ProductID > firstID+int64(products)-1 })
	}
	return out
}

// firstID is the product id of the first product.
const firstID = 1001

// goods makes products. Product i depends on the seed and i alone, so that a
// shop of 1,000 is the beginning of one of 100,000.
type goods struct {
	base    base
	kinds   []stocked
	classes []class
	seed    uint64
	shots   int // pictures drawn for this shop; 0: those of the embedded one
}

// stocked is a kind made ready: its name's parts, and the pictures it shares.
type stocked struct {
	kind
	shelf  int    // id of its class
	seed   uint64 // of this kind: no two walk their names in step
	parts  [4][]string
	images []string
}

func newGoods(seed uint64, shots int) (*goods, error) {
	raw, err := embedded.ReadFile("shop.json")
	if err != nil {
		return nil, err
	}
	g := &goods{seed: seed, shots: shots}
	if err := json.Unmarshal(raw, &g.base); err != nil {
		return nil, err
	}
	image := map[string]string{}
	for _, p := range g.base.Products {
		image[p.ProductName] = p.Images[0]
	}
	kinds, shelf, classes := allKinds()
	g.classes = classes
	for i, k := range kinds {
		s := stocked{kind: k, shelf: shelf[i], seed: mix(seed, 1<<40+uint64(i)), parts: k.nameParts()}
		for _, name := range strings.Fields(k.like) {
			if image[name] == "" {
				return nil, fmt.Errorf("kind %s: no picture of %q", k.words, name)
			}
			s.images = append(s.images, image[name])
		}
		g.kinds = append(g.kinds, s)
	}
	g.shuffle()
	return g, nil
}

// shuffle gives each seed its own order of kinds (Fisher–Yates).
func (g *goods) shuffle() {
	for i := len(g.kinds) - 1; i > 0; i-- {
		j := int(mix(g.seed, uint64(i)) % uint64(i+1))
		g.kinds[i], g.kinds[j] = g.kinds[j], g.kinds[i]
	}
}

// pictures are the files that the first products of the shop name, sorted.
func (g *goods) pictures(products int) []string {
	used := map[string]bool{}
	for _, k := range g.kinds[:min(products, len(g.kinds))] {
		for _, image := range k.images {
			used[image] = true
		}
	}
	out := make([]string, 0, len(used))
	for name := range used {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// product makes the product with index i ≥ 0.
func (g *goods) product(i int) product {
	k := &g.kinds[i%len(g.kinds)]
	r := mix(g.seed, uint64(i)+1<<32)
	picks, round := k.picks(i / len(g.kinds))
	price := k.price(picks[packSlot], r)

	p := product{
		ProductID:   firstID + int64(i),
		ProductCode: strconv.Itoa(10001 + i),
		ProductName: k.name(picks, round),
		ClassID:     k.shelf,
		ProductUnit: k.unit,
		Price:       yuan(price),
		MemberPrice: yuan(memberPrice(price, mix(r, 1))),
		PricingType: k.pricing,
		Sort:        i + 1,
		StockQty:    stock(k.pricing, mix(r, 2)),
		// A fen is a hundred of the fourth decimals: price × percent needs no rounding.
		CostPrice: fourDecimals(price * int64(60+mix(r, 3)%26)),
		Images:    []string{g.image(k, i, picks)},
	}
	if k.pricing == byCount {
		p.BarCode = barcode(i, g.seed)
	}
	return p
}

// image is the picture of product i: one of its kind's few hundred, or one of
// those drawn for the shop, of which each kind has every len(kinds)-th.
func (g *goods) image(k *stocked, i int, picks [4]int) string {
	if g.shots == 0 {
		return k.images[picks[varietySlot]%len(k.images)]
	}
	n := len(g.kinds)
	of := i % n % g.shots
	rounds := (g.shots-1-of)/n + 1
	return drawnName(of + i/n%rounds*n)
}

// picks chooses the parts of the n-th name of a kind. Combinations come in an
// order of the seed's own, so that no name repeats before all have been used;
// round counts how often they have.
func (k *stocked) picks(n int) (picks [4]int, round int) {
	total := uint64(1)
	for _, p := range k.parts {
		total *= uint64(len(p))
	}
	at := (uint64(n)%total*coprime(total, k.seed) + mix(k.seed, total)) % total
	for slot, p := range k.parts {
		picks[slot] = int(at % uint64(len(p)))
		at /= uint64(len(p))
	}
	return picks, int(uint64(n) / total)
}

// name puts the parts together; later rounds are numbered.
func (k *stocked) name(picks [4]int, round int) string {
	var b strings.Builder
	for slot, p := range k.parts {
		b.WriteString(p[picks[slot]])
	}
	if round > 0 {
		fmt.Fprintf(&b, " %d号", round+1)
	}
	return b.String()
}

// price is in fen and ends like prices on a shelf. Packs are listed from small
// to large, so what is sold by the pack costs more towards the end of its
// list, as the square of its place; loose goods cost anything in their range.
func (k *stocked) price(pack int, r uint64) int64 {
	low, high := k.low, k.high
	if k.pricing == byCount {
		p, n := int64(pack), int64(len(k.parts[packSlot]))
		low, high = low+(high-low)*p*p/(n*n), low+(high-low)*(p+1)*(p+1)/(n*n)
	}
	price := low + int64(r%uint64(high-low+1))
	return price/10*10 + [4]int64{0, 5, 8, 9}[r>>60&3]
}

// coprime is a step that visits all of 0…total-1 once. It starts near the
// golden section, where neighbours in the sequence look unlike each other.
func coprime(total, seed uint64) uint64 {
	step := max(1, total*618/1000+mix(seed, 7)%97)
	for gcd(step, total) != 1 {
		step++
	}
	return step
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// memberPrice is 0 for six products in ten, lower than the price for most of
// the others, and above it for one in four hundred: HQ's data has such rows.
func memberPrice(price int64, r uint64) int64 {
	switch {
	case r%400 == 0:
		return price + 20
	case r%10 < 4:
		return max(1, price*int64(80+r>>8%17)/100)
	}
	return 0
}

// stock is up to 300 pieces or kilograms; a weighed stock has grams.
func stock(pricing int, r uint64) string {
	n := int64(r%300) * 10_000
	if pricing != byCount {
		n += int64(r >> 16 % 1000 * 10)
	}
	return fourDecimals(n)
}

// barcode is an EAN-13 in China's range 690–699, different for each i below
// MaxProducts: an odd step that five does not divide visits all ten-digit
// numbers once.
func barcode(i int, seed uint64) string {
	const numbers = 10_000_000_000
	body := fmt.Sprintf("69%010d", (uint64(i)*6_180_339_887+mix(seed, 13))%numbers)
	return body + string('0'+checkDigit(body))
}

// checkDigit is that of EAN-13: weights 1 and 3 from the left.
func checkDigit(body string) rune {
	sum := 0
	for i, r := range body {
		sum += int(r-'0') * (1 + i%2*2)
	}
	return rune((10 - sum%10) % 10)
}

func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

func fourDecimals(n int64) string { return fmt.Sprintf("%d.%04d", n/10_000, n%10_000) }

// mix is SplitMix64 over a seed and an index: fixed arithmetic, because a
// library's generator may change between releases and the shop must not.
func mix(seed, index uint64) uint64 {
	z := seed + (index+1)*0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
