package app

import (
	"context"
	"fmt"

	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/liantuofu"
	"cashier/services/redeem"
	"cashier/services/wire"
)

// gateway puts Liantuofu's replies into the checkout's neutral words. It
// judges nothing: that is the checkout's.
type gateway struct {
	c       *liantuofu.Client
	channel string // whose wallet pays by a QR code of ours
}

func (g gateway) Pay(ctx context.Context, p checkout.PayCall) checkout.Answer {
	return answer(g.c.Pay(ctx, liantuofu.PayRequest{
		OutTradeNo: p.Key, Total: p.Amount, AuthCode: wire.Secret(p.Code), Subject: p.Subject,
	}))
}

func (g gateway) Query(ctx context.Context, key string) checkout.Answer {
	return answer(g.c.Query(ctx, key))
}

func (g gateway) Reverse(ctx context.Context, key string) checkout.Answer {
	return answer(g.c.Cancel(ctx, key, "收银台取消"))
}

func (g gateway) Precreate(ctx context.Context, p checkout.PayCall) checkout.Answer {
	r := g.c.Precreate(ctx, liantuofu.PrecreateRequest{OutTradeNo: p.Key, Total: p.Amount, Channel: g.channel, Subject: p.Subject})
	a := answer(r.Reply)
	a.QR = r.QRCode
	return a
}

func (g gateway) Refund(ctx context.Context, c checkout.RefundCall) checkout.Answer {
	return refundAnswer(g.c.RefundV2(ctx, liantuofu.RefundRequest{OutTradeNo: c.Of, RefundNo: c.Key, Amount: c.Amount}))
}

func (g gateway) RefundQuery(ctx context.Context, key string) checkout.Answer {
	return checkout.RefundAsked(refundAnswer(g.c.RefundDone(ctx, key)), func() checkout.Answer {
		return refundAnswer(g.c.RefundQueryV2(ctx, key))
	})
}

// refundAnswer is about the refund's number and sum, not the payment's.
func refundAnswer(r liantuofu.Reply) checkout.Answer {
	a := answer(r)
	a.Key, a.Amount, a.HasAmount = r.RefundNo, r.Refund, r.HasRefund
	return a
}

func (g gateway) Card(ctx context.Context, no string) (checkout.Card, checkout.Answer) {
	card, a, _ := g.ReadCard(ctx, no)
	return card, a
}

// ReadCard implements redeem.Reader.
func (g gateway) ReadCard(ctx context.Context, no string) (checkout.Card, checkout.Answer, error) {
	r := g.c.CardDetail(ctx, no)
	a := answer(r.Reply)
	a.Remaining, a.HasRemains = r.Remaining, r.HasRemaining
	return checkout.Card{
		No: r.CardNo, Name: r.CardName, Holder: r.MemberName, Mobile: r.MemberMobile,
		EndDate: r.EndDate, Remaining: r.Remaining,
	}, a, r.Err
}

var _ redeem.Reader = gateway{}

func (g gateway) Redeem(ctx context.Context, c checkout.RedeemCall) checkout.Answer {
	return answer(g.c.CardConsume(ctx, liantuofu.CardConsumeRequest{CardNo: c.Card, Count: c.Count, Remark: c.Remark}))
}

func answer(r liantuofu.Reply) checkout.Answer {
	a := checkout.Answer{
		HTTP: r.HTTPStatus, Verdict: r.Code, Code: r.SubCode, Message: r.SubMsg,
		Key: r.OutTradeNo, Amount: r.Total, HasAmount: r.HasTotal, Order: checkout.OrderState(r.OrderStatus),
		ProviderNo: r.TransactionID,
	}
	if a.Message == "" {
		a.Message = r.Msg
	}
	if a.ProviderNo == "" {
		a.ProviderNo = r.OutTransactionID
	}
	if !r.PayTime.IsZero() {
		a.PaidAt = r.PayTime.Format("2006-01-02 15:04:05")
	}
	a.Delivery, a.OurFault = delivered(r.Delivery, r.Err)
	switch r.Signature {
	case liantuofu.Valid:
		a.Signature = checkout.Signed
	case liantuofu.Invalid:
		a.Signature = checkout.Forged
	case liantuofu.Absent:
		a.Signature = checkout.Unsigned
	}
	// The state of an order that was given back or closed is the provider's
	// reason, where it gives no other.
	if a.Code == "" && (a.Order == checkout.OrderRefunded || a.Order == checkout.OrderRevoked || a.Order == checkout.OrderClosed) {
		a.Code = r.OrderStatus
	}
	a.Message = withCause(a.Message, r.Err)
	return a
}

// delivered is how far a call came, and whether a person has to mend what kept
// it from being sent: the network is not why.
func delivered(d wire.Delivery, err error) (to checkout.Delivery, ourFault bool) {
	switch d {
	case wire.NotSent:
		return checkout.NotSent, err != nil && fault.KindOf(err) != fault.Unreachable
	case wire.Answered:
		return checkout.Answered, false
	case wire.Silent:
	}
	return checkout.Silent, false
}

// withCause keeps a provider's cheerful words from hiding why its answer was
// not believed.
func withCause(words string, err error) string {
	switch {
	case err == nil:
		return words
	case words == "":
		return err.Error()
	}
	return words + " [" + err.Error() + "]"
}

// source reads HQ's product list for the catalogue.
type source struct {
	c    *hq.Client
	shop int64
}

func (s source) ProductPage(ctx context.Context, index, size int) (catalog.Page, error) {
	p, err := s.c.List(ctx, hq.ListQuery{PageIndex: index - 1, PageSize: size})
	if err != nil {
		return catalog.Page{}, err
	}
	offers := make([]catalog.Offer, 0, len(p.Data)+len(p.Unreadable))
	for _, d := range p.Data {
		o := offer(d)
		if o.ShopID != 0 && o.ShopID != s.shop {
			o.Err = fault.New(fault.Contract, "hq.other_shop_row",
				"HQ lists it as a product of shop {shop}, and this till is shop {own}.", "shop", fmt.Sprint(o.ShopID), "own", fmt.Sprint(s.shop))
		}
		offers = append(offers, o)
	}
	for _, u := range p.Unreadable {
		offers = append(offers, unreadable(u))
	}
	return catalog.Page{Offers: offers, Total: int(p.TotalCount)}, nil
}

// StockPage implements catalog.StockSource. Rows of another shop are not ours.
func (s source) StockPage(ctx context.Context, index, size int) (catalog.StockPage, error) {
	p, err := s.c.StockList(ctx, hq.ListQuery{PageIndex: index - 1, PageSize: size})
	if err != nil {
		return catalog.StockPage{}, err
	}
	offers := make([]catalog.StockOffer, 0, len(p.Data)+len(p.Unreadable))
	for _, d := range p.Data {
		offers = append(offers, catalog.StockOffer{
			ProductID: int64(d.ProductID), Code: string(d.ProductCode), Name: string(d.ProductName), Qty: d.Qty.Decimal,
			HasQty: d.Qty.Present && (d.ShopID == 0 || int64(d.ShopID) == s.shop),
		})
	}
	for _, u := range p.Unreadable {
		offers = append(offers, catalog.StockOffer{ProductID: u.ProductID, Code: u.ProductCode, Name: u.ProductName, Err: u.Err})
	}
	return catalog.StockPage{Offers: offers, Total: int(p.TotalCount)}, nil
}

// noSource stands for an HQ that is not, or not rightly, set up.
type noSource struct{ why error }

func (s noSource) ProductPage(context.Context, int, int) (catalog.Page, error) {
	return catalog.Page{}, s.why
}

func offer(d hq.Product) catalog.Offer {
	images := make([]string, len(d.Images))
	for i, at := range d.Images {
		images[i] = string(at)
	}
	return catalog.Offer{
		ID: int64(d.ID), ShopID: int64(d.ShopID), ProductID: int64(d.ProductID),
		Code: string(d.ProductCode), Name: string(d.ProductName), Class: string(d.ProductClass), Unit: string(d.ProductUnit),
		Price: d.Price.Decimal, HasPrice: d.Price.Present, MemberPrice: d.MemberPrice.Decimal,
		Pricing: fmt.Sprint(d.PricingType), Sort: int64(d.Sort), Images: images,
	}
}

// unreadable is the offer of a row that could not be read. Its product id, if it
// has one, ties it to what the till sells already.
func unreadable(u hq.Unreadable) catalog.Offer {
	return catalog.Offer{ProductID: u.ProductID, Code: u.ProductCode, Name: u.ProductName, Err: u.Err}
}
