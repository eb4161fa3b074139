package app

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"cashier/services/checkout"
	"cashier/services/wire"
	"cashier/services/zvcms"
)

// memberGateway puts zvcms's replies into the checkout's neutral words. It
// judges nothing: that is the checkout's.
type memberGateway struct{ c *zvcms.Client }

func (g memberGateway) Consume(ctx context.Context, c checkout.ConsumeCall) checkout.Answer {
	r := g.c.Consume(ctx, zvcms.ConsumeRequest{
		BizID: c.Key, CustomerID: c.Account.Customer, Amount: c.Amount, Points: c.Points,
		Coupons: c.Account.Coupons, Scanned: c.Account.Scanned, PayPassword: wire.Secret(c.Password),
		Remark: c.Key,
	})
	a := memberAnswer(r.Reply)
	if r.HasGiftTaken || r.HasRechargeTaken {
		a.Amount, a.HasAmount = r.GiftTaken+r.RechargeTaken, true
	}
	a.Lacks = !c.Account.Scanned && len(r.Coupons) > 0 && slices.ContainsFunc(c.Account.Coupons, func(id string) bool {
		return !slices.Contains(r.Coupons, id)
	})
	return a
}

// Evidence reads what has become of the coupons. No page documents a query of
// an account's balance or points.
func (g memberGateway) Evidence(ctx context.Context, m checkout.MemberAccount) checkout.Answer {
	if m.Customer == "" || len(m.Coupons) == 0 || m.Scanned {
		return checkout.Answer{}
	}
	r := g.c.Coupons(ctx, zvcms.CouponQuery{CustomerID: m.Customer})
	read := r.Err == nil && r.Outer.OK()
	var seen []string
	for _, mine := range m.Coupons {
		status := "?"
		for _, c := range r.Coupons {
			if read && c.CardID == mine && c.HasUseStatus {
				status = strconv.FormatInt(c.UseStatus, 10)
			}
		}
		seen = append(seen, "…"+lastFour(mine)+"="+status)
	}
	a := memberAnswer(r.Reply)
	a.Message = strings.Join(seen, " ")
	return a
}

func lastFour(s string) string { return s[max(0, len(s)-4):] }

func memberAnswer(r zvcms.Reply) checkout.Answer {
	a := checkout.Answer{HTTP: r.HTTPStatus, Message: withCause(r.Message, r.Err), ProviderNo: r.BizID}
	a.Delivery, a.OurFault = delivered(r.Delivery, r.Err)
	if r.Err != nil && r.HTTPStatus == 200 {
		return a // nothing in it decides: no verdict
	}
	a.Verdict, a.Code = verdict(r.Outer)
	if r.HasInner {
		v, code := verdict(r.Inner)
		a.Inner = &checkout.Inner{Verdict: v, Code: code}
	}
	return a
}

func verdict(v zvcms.Verdict) (status, code string) {
	if v.HasStatus {
		status = strconv.FormatBool(v.Status)
	}
	return status, v.Code
}
