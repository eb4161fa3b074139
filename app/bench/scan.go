package bench

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"cashier/hardware/scanner"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/scancode"
)

// lookup answers the classifier from an index, as the till does.
type lookup struct{ ix *catalog.Index }

func (l lookup) ByCode(code string) int { return len(l.ix.ByCode(code)) }

// longCart is how many lines a cart gets before the next customer's.
const longCart = 40

// counted are products sold by the piece whose number no other product has.
func counted(ix *catalog.Index) []catalog.Product {
	var out []catalog.Product
	for _, p := range ix.All() {
		if p.Pricing == catalog.ByCount && p.Code != "" && len(ix.ByCode(p.Code)) == 1 {
			out = append(out, p)
		}
	}
	return out
}

// scan measures what happens to a scan before anything is painted: bytes to
// frame, frame to class, code to product, product to cart.
func (r *run) scan() error {
	r.says("scanning without a window")
	ix := r.till.Catalog.Index()
	codes, err := scancode.New(scancode.Params{Goods: lookup{ix}})
	if err != nil {
		return err
	}
	goods := counted(ix)
	if len(goods) == 0 {
		return errors.New("the shop counts no product")
	}
	pick := rand.New(rand.NewPCG(r.p.Seed, 1))
	var whole, finding series
	var framer scanner.Framer
	var cart checkout.Cart
	for i := range r.p.effort.scans {
		raw := []byte(goods[pick.IntN(len(goods))].Code + "\r")
		if len(cart.Lines) >= longCart {
			cart = checkout.Cart{}
		}
		start := time.Now()
		frames := framer.Feed(raw, start)
		if len(frames) != 1 {
			return fmt.Errorf("%d frames of one code", len(frames))
		}
		d := codes.Decide(scancode.Situation{Cart: scancode.Cart{Lines: len(cart.Lines), Due: cart.Total()}}, frames[0].Payload)
		ps := ix.ByCode(d.Reading.Code)
		if d.Intent != scancode.AddGoods || len(ps) != 1 {
			return fmt.Errorf("scan %d, %q, was not taken for goods", i, frames[0].Payload)
		}
		if cart, err = cart.Add(ps[0], checkout.Measure{Qty: 1}, checkout.Rules{}); err != nil {
			return err
		}
		whole.add(time.Since(start))
		start = time.Now()
		ix.ByCode(d.Reading.Code)
		finding.add(time.Since(start))
	}
	r.found(Figure{Goal: "P1", What: "decode → classify → find → cart, p99", Value: whole.percentile(99), Unit: "ms",
		Floor: finding.percentile(99), Against: "finding alone"}, atMost, 0.2)
	return nil
}
