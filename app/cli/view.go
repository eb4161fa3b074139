package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// The documents cashierctl prints. Amounts are yuan strings with two decimals,
// times RFC 3339.
type legJSON struct {
	Key        string         `json:"key"`
	Class      checkout.Class `json:"class"`
	Method     string         `json:"method"`
	State      checkout.State `json:"state"`
	Amount     money.Fen      `json:"amount"`
	Count      int64          `json:"count,omitempty"`
	ProviderNo string         `json:"providerNo"`
	Reason     string         `json:"reason"`
	ReasonCode string         `json:"reasonCode,omitempty"`
	At         string         `json:"at"`
	Of         string         `json:"of,omitempty"` // of a refund: the payment given back
}

type saleJSON struct {
	SaleID    string             `json:"saleId"`
	Kind      checkout.Kind      `json:"kind"`
	State     checkout.SaleState `json:"state"`
	Total     money.Fen          `json:"total"`
	Change    money.Fen          `json:"change"`
	ReceiptNo string             `json:"receiptNo"`
	At        string             `json:"at"`
	Legs      []legJSON          `json:"legs"`
	Lines     []lineJSON         `json:"lines,omitempty"`
	Actor     string             `json:"actor,omitempty"`
	Reason    string             `json:"reason,omitempty"`
	HandBack  money.Fen          `json:"handBack,omitempty"` // cash of a voided sale, or of a complete refund
	Of        string             `json:"of,omitempty"`       // of a refund: the sale given back
}

type lineJSON struct {
	Code   string    `json:"productCode"`
	Name   string    `json:"productName"`
	Unit   string    `json:"productUnit"`
	Price  money.Fen `json:"price"`
	Qty    int64     `json:"qty,omitempty"`
	KG     string    `json:"kg,omitempty"`
	Times  int64     `json:"times,omitempty"`
	Amount money.Fen `json:"amount"`
	Of     int       `json:"of,omitempty"` // of a refund: the line given back
}

func legView(l checkout.Leg) legJSON {
	return legJSON{
		Key: l.Key, Class: l.Class, Method: l.Method, State: l.State, Amount: l.Amount, Count: l.Count,
		ProviderNo: l.ProviderNo, Reason: reasonText(l), ReasonCode: l.Reason.Code, At: l.ChangedAt.Format(time.RFC3339),
		Of: l.Of,
	}
}

func reasonText(l checkout.Leg) string {
	r := l.Reason
	switch {
	case r.Code == "refunding":
		return strings.TrimSpace("The refund is under way at the provider. " + r.Message)
	case r.Code == checkout.CodeCardUnknown:
		return fmt.Sprintf("Times left before: %s; now: %s; to redeem: %d. Remark %s.", known(l.Before >= 0, strconv.FormatInt(l.Before, 10)), known(r.Message != "", r.Message), l.Count, l.Key)
	case l.LeftOver():
		return lateWords(l)
	case r.Code == checkout.CodePartlyPaid:
		return "It is paid and stays paid, and its sale is not: " + nextForPartlyPaid(l.SaleID)
	case r.Code == checkout.CodePartlyRefunded:
		return "It is given back, and the rest of its refund is not: " + nextForPartlyRefunded(l.SaleID)
	case r.Message != "" && r.RawCode != "":
		return r.RawCode + " " + r.Message
	case r.Message != "":
		return r.Message
	case r.RawCode != "":
		return r.RawCode
	}
	return r.Code
}

func known(is bool, what string) string {
	if is {
		return what
	}
	return "could not be read"
}

func saleView(s checkout.Sale) saleJSON {
	v := saleJSON{
		SaleID: s.ID, Kind: s.Kind, State: s.State, Total: s.Total, Change: s.Change(), ReceiptNo: s.ReceiptNo,
		At: s.OpenedAt.Format(time.RFC3339), Legs: []legJSON{}, Reason: s.Reason, HandBack: handBack(s), Of: s.Of,
	}
	for _, l := range s.Legs {
		v.Legs = append(v.Legs, legView(l))
	}
	return v
}

func saleDetail(s checkout.Sale) saleJSON {
	v := saleView(s)
	v.Actor = s.Actor.Name
	for _, l := range s.Lines {
		j := lineJSON{Code: l.Code, Name: l.Name, Unit: l.Unit, Price: l.Price, Qty: l.Qty, Times: l.Times, Amount: l.Amount, Of: l.Of}
		if l.Grams > 0 {
			j.KG = l.Grams.KG()
		}
		v.Lines = append(v.Lines, j)
	}
	return v
}

func writeSale(w io.Writer, s checkout.Sale) {
	fmt.Fprintf(w, "%s  %s  %s", s.ID, s.State, s.Total.Yuan())
	if s.Change() > 0 {
		fmt.Fprintf(w, "  change %s", s.Change().Yuan())
	}
	if s.ReceiptNo != "" {
		fmt.Fprintf(w, "  receipt %s", s.ReceiptNo)
	}
	if s.Of != "" {
		fmt.Fprintf(w, "  refund of %s", s.Of)
	}
	fmt.Fprintln(w)
	for _, l := range s.Legs {
		fmt.Fprint(w, "  ")
		writeLeg(w, l)
	}
}

func writeLeg(w io.Writer, l checkout.Leg) {
	fmt.Fprintf(w, "%s  %s %s  %s  %s", l.Key, l.Class, l.Method, l.State, l.Amount.Yuan())
	switch {
	case l.Count > 0 && l.Class == checkout.ClassMember:
		fmt.Fprintf(w, "  %d points", l.Count)
	case l.Count > 0:
		fmt.Fprintf(w, "  %d times", l.Count)
	}
	if l.ProviderNo != "" {
		fmt.Fprintf(w, "  provider %s", l.ProviderNo)
	}
	if text := reasonText(l); text != "" {
		fmt.Fprintf(w, "  (%s)", text)
	}
	fmt.Fprintln(w)
}

func settledView(open []checkout.Leg, closed []checkout.Sale) map[string]any {
	legs, sales := []legJSON{}, []saleJSON{}
	for _, l := range open {
		legs = append(legs, legView(l))
	}
	for _, s := range closed {
		sales = append(sales, saleView(s))
	}
	return map[string]any{"open": legs, "closed": sales}
}

func writeSettled(w io.Writer, open []checkout.Leg, closed []checkout.Sale) {
	for _, s := range closed {
		fmt.Fprintln(w, closedWords(s))
	}
	for _, l := range open {
		writeLeg(w, l)
	}
	fmt.Fprintf(w, "%d payments open\n", len(open))
}

type productJSON struct {
	ID          int64           `json:"id"`
	ShopID      int64           `json:"shopId"`
	ProductID   int64           `json:"productId"`
	Code        string          `json:"productCode"`
	Name        string          `json:"productName"`
	Class       string          `json:"productClass"`
	Unit        string          `json:"productUnit"`
	Price       money.Fen       `json:"price"`
	MemberPrice money.Fen       `json:"memberPrice"`
	Pricing     catalog.Pricing `json:"pricingType"`
	PricingName string          `json:"pricingTypeName"`
	Sort        int64           `json:"sort"`
	Images      []string        `json:"images"`
	Stock       *catalog.Qty    `json:"stockQty,omitempty"` // as last read from HQ
}

func productView(p catalog.Product) productJSON {
	images := p.Images
	if images == nil {
		images = []string{}
	}
	return productJSON{
		ID: p.ID, ShopID: p.ShopID, ProductID: p.ProductID, Code: p.Code, Name: p.Name, Class: p.Class, Unit: p.Unit,
		Price: p.Price, MemberPrice: p.MemberPrice, Pricing: p.Pricing, PricingName: p.Pricing.String(), Sort: p.Sort, Images: images,
	}
}

func writeProduct(w io.Writer, p catalog.Product) {
	fmt.Fprintf(w, "%d  %s  %s  %s/%s", p.ProductID, p.Code, p.Name, p.Price.Yuan(), p.Unit)
	if p.MemberPrice > 0 {
		fmt.Fprintf(w, "  member %s", p.MemberPrice.Yuan())
	}
	fmt.Fprintf(w, "  %s  %s\n", p.Class, p.Pricing)
}

func errNoLedger() error {
	return fault.New(fault.Invalid, "disk.no_till", "There is no till in this data folder yet; the first sale or sync makes one.")
}
