package app

import (
	"context"
	"fmt"
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
	return a
}

// Evidence reads what has become of the coupons. No page documents a query of
// an account's balance or points.
func (g memberGateway) Evidence(ctx context.Context, m checkout.MemberAccount) checkout.Answer {
	if m.Customer == "" || len(m.Coupons) == 0 || m.Scanned {
		return checkout.Answer{Message: "The member gateway has no query for this; look into the member's account."}
	}
	r := g.c.Coupons(ctx, zvcms.CouponQuery{CustomerID: m.Customer})
	a := memberAnswer(r.Reply)
	var seen []string
	for _, c := range r.Coupons {
		for _, mine := range m.Coupons {
			if c.CardID == mine {
				seen = append(seen, fmt.Sprintf("coupon …%s is %s", lastFour(c.CardID), couponState(c)))
			}
		}
	}
	if len(seen) > 0 {
		a.Message = strings.Join(seen, "; ")
	}
	return a
}

func couponState(c zvcms.Coupon) string {
	if !c.HasUseStatus {
		return "in no known state"
	}
	switch c.UseStatus {
	case 0:
		return "not used"
	case 1:
		return "used"
	case 2:
		return "frozen"
	case 6:
		return "expired"
	case 7:
		return "deleted"
	}
	return "in state " + strconv.FormatInt(c.UseStatus, 10)
}

func lastFour(s string) string { return s[max(0, len(s)-4):] }

func memberAnswer(r zvcms.Reply) checkout.Answer {
	a := checkout.Answer{HTTP: r.HTTPStatus, Message: withCause(r.Message, r.Err), ProviderNo: r.BizID}
	switch r.Delivery {
	case zvcms.NotSent:
		a.Delivery = checkout.NotSent
	case zvcms.Answered:
		a.Delivery = checkout.Answered
	case zvcms.Silent:
		a.Delivery = checkout.Silent
	}
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
