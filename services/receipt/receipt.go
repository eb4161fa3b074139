package receipt

import (
	"strconv"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// Params are what a receipt says beside its sale.
type Params struct {
	Shop    string
	Head    []string // below the shop's name
	Foot    []string // at the end
	Zone    *time.Location
	Lang    string // Chinese or English
	Reprint bool   // a person asked for it once more; the paper says so

	OfNo    string // of a refund: the receipt number of the sale it gives back; "" where it is not known
	Invoice string // what a QR code for an electronic invoice holds; "" leaves it out

	// Adjustments stand between the lines and the total: discounts, rounding.
	Adjustments []Adjustment
	// Notes say of legs, by their id, what the sale does not know itself.
	Notes map[string]Note
}

// Adjustment is one amount between the lines and the total, below zero where it
// is in the customer's favour.
type Adjustment struct {
	Name   string
	Amount money.Fen
}

// Note is what is known of a leg's card or account.
type Note struct {
	Name      string     // what the card is for
	Until     string     // when it ends, as its provider writes it
	Principal *money.Fen // how much of the amount was paid-in balance
	Gift      *money.Fen // how much of it was given balance
}

// New says what stands on the receipt of a finished sale. It fails with
// "receipt.not_complete" for any other: paper must not say paid before it is.
func New(s checkout.Sale, p Params) (Doc, error) {
	if s.State != checkout.Complete {
		return nil, fault.New(fault.Invalid, "receipt.not_complete",
			"This sale is not finished, so it has no receipt. Finish the payment first.")
	}
	if p.Zone == nil {
		p.Zone = time.Local
	}
	b := builder{w: wordsOf(p.Lang), p: p, s: s}
	b.head()
	b.lines()
	b.totals()
	for i := range s.Legs {
		if l := &s.Legs[i]; l.State == checkout.Paid || l.Kept {
			b.tender(*l)
		}
	}
	b.foot()
	return b.doc, nil
}

type builder struct {
	w   words
	p   Params
	s   checkout.Sale
	doc Doc
}

func (b *builder) add(items ...Item) { b.doc = append(b.doc, items...) }

func (b *builder) pair(left, right string) { b.add(Pair{Left: left, Right: right}) }

func (b *builder) head() {
	if b.p.Shop != "" {
		b.add(Text{Text: b.p.Shop, Align: Centre, Bold: true, Big: true})
	}
	for _, line := range b.p.Head {
		b.add(Text{Text: line, Align: Centre})
	}
	if kind := b.w.kind[string(b.s.Kind)]; kind != "" {
		b.add(Text{Text: kind, Align: Centre, Bold: true})
	}
	b.reprint()
	b.add(Rule{})
	b.pair(b.w.no, b.s.ReceiptNo)
	if b.p.OfNo != "" {
		b.pair(b.w.of, b.p.OfNo)
	}
	b.pair(b.w.time, b.s.ClosedAt.In(b.p.Zone).Format(time.DateTime))
	if b.s.Actor.Name != "" {
		b.pair(b.w.cashier, b.s.Actor.Name)
	}
	b.add(Rule{})
}

func (b *builder) reprint() {
	if b.p.Reprint {
		b.add(Text{Text: b.w.reprint, Align: Centre, Bold: true, Big: true})
	}
}

func (b *builder) lines() {
	for i := range b.s.Lines {
		b.line(b.s.Lines[i])
	}
	if len(b.s.Lines) > 0 {
		b.add(Rule{})
	}
}

func (b *builder) line(l checkout.Line) {
	b.add(Text{Text: l.Name})
	switch {
	case l.Times > 0:
		b.pair("  "+b.w.method["card"]+" "+count(l.Times, b.w.times), l.Amount.Yuan())
		return
	case l.UnitGrams > 0:
		b.pair("  "+b.w.net+" "+l.Grams.KG()+"kg x "+perUnit(l), l.Amount.Yuan())
		if also := b.perOther(l); also != "" {
			b.add(Text{Text: "  " + also})
		}
	default:
		b.pair("  "+count(l.Qty, l.Unit)+" x "+l.Price.Yuan(), l.Amount.Yuan())
		if l.Grams > 0 {
			b.add(Text{Text: "  " + b.w.net + " " + l.Grams.KG() + "kg"})
		}
	}
	if l.Price < l.ListPrice {
		b.add(Text{Text: "  " + b.w.memberCard + " (" + b.w.list + " " + l.ListPrice.Yuan() + ")"})
	}
}

func count(n int64, unit string) string {
	s := strconv.FormatInt(n, 10)
	if unit == "" {
		return s
	}
	return s + " " + unit
}

func perUnit(l checkout.Line) string { return l.Price.Yuan() + "/" + l.Unit }

// perOther is the price per 公斤 and per 斤, as far as the line does not say it
// already: a customer compares by the one, the law asks for the other.
func (b *builder) perOther(l checkout.Line) string {
	const jin, kg = 500, 1000
	out := ""
	for _, u := range []struct {
		grams money.Grams
		name  string
	}{{jin, b.w.perJin}, {kg, b.w.perKG}} {
		if u.grams == l.UnitGrams {
			continue
		}
		if out != "" {
			out += "  "
		}
		out += exactPrice(l.Price, u.grams, l.UnitGrams) + "/" + u.name
	}
	return out
}

// exactPrice is price × grams ÷ unit in yuan without rounding: half a fen is
// 0.005. The units of sale divide 1000, so three decimals are enough for 斤 and
// two for 公斤.
func exactPrice(price money.Fen, grams, unit money.Grams) string {
	milli := int64(price) * 10 * int64(grams) / int64(unit)
	s := money.Fen(milli / 10).Yuan()
	if rest := milli % 10; rest > 0 {
		s += strconv.FormatInt(rest, 10)
	}
	return s
}

func (b *builder) totals() {
	if len(b.p.Adjustments) > 0 {
		var lines money.Fen
		for _, l := range b.s.Lines {
			lines += l.Amount
		}
		b.pair(b.w.subtotal, lines.Yuan())
		for _, a := range b.p.Adjustments {
			b.pair(a.Name, a.Amount.Yuan())
		}
	}
	name := b.w.total
	if b.s.Kind == checkout.Refund {
		name = b.w.refunded
	}
	if len(b.s.Lines) > 0 {
		b.pair(b.w.pieces, strconv.FormatInt(b.s.Cart().Pieces(), 10))
	}
	b.add(Pair{Left: name, Right: "￥" + b.s.Total.Yuan(), Bold: true, Big: true})
}

// tender says who paid, how much, and under which numbers.
func (b *builder) tender(l checkout.Leg) {
	name := b.w.method[l.Method]
	if name == "" {
		name = l.Method
	}
	if l.CardLast4 != "" {
		name += " " + b.w.card + l.CardLast4
	}
	b.pair(name, l.Amount.Yuan())
	if l.Tendered > 0 {
		b.pair("  "+b.w.handed, l.Tendered.Yuan())
		b.pair("  "+b.w.change, (l.Tendered - l.Amount).Yuan())
	}
	if l.Method == checkout.MethodOther && l.Reason.Message != "" {
		b.pair("  "+b.w.reason, l.Reason.Message)
	}
	b.account(l, b.p.Notes[l.ID])
	if l.ProviderNo != "" {
		b.pair("  "+b.w.providerNo, l.ProviderNo)
	}
	if l.Class != checkout.ClassRecorded {
		b.pair("  "+b.w.ourNo, l.Key)
	}
}

// account says what was taken off a card or an account beside money, and what is
// left.
func (b *builder) account(l checkout.Leg, n Note) {
	if n.Name != "" {
		b.add(Text{Text: "  " + n.Name})
	}
	if n.Principal != nil && n.Gift != nil {
		b.pair("  "+b.w.principal, n.Principal.Yuan())
		b.pair("  "+b.w.gift, n.Gift.Yuan())
	}
	switch {
	case l.Class == checkout.ClassMember && l.Count > 0:
		b.pair("  "+b.w.points, strconv.FormatInt(l.Count, 10))
	case l.Class == checkout.ClassCard:
		b.pair("  "+b.w.method["card"], count(l.Count, b.w.times))
		if left := l.Before - l.Count; l.Before >= 0 && left >= 0 {
			b.pair("  "+b.w.left, count(left, b.w.times))
		}
	}
	if n.Until != "" {
		b.pair("  "+b.w.until, n.Until)
	}
}

func (b *builder) foot() {
	b.add(Rule{})
	for _, line := range b.p.Foot {
		b.add(Text{Text: line, Align: Centre})
	}
	b.add(Text{Text: b.w.proof, Align: Centre})
	if b.p.Invoice != "" {
		b.add(QR{b.p.Invoice}, Text{Text: b.w.invoice, Align: Centre})
	}
	b.add(QR{b.s.ReceiptNo}, Text{Text: b.s.ReceiptNo, Align: Centre})
	b.reprint()
	b.add(Feed{Rows: 1}, Cut{})
}
