package contracttest

import (
	"testing"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/zvcms"
)

const bizID = "BIZ-20260115-0001"

func zvClient(t testing.TB, url string, version string, change func(*zvcms.Params)) *zvcms.Client {
	t.Helper()
	p := zvcms.Params{
		BaseURL: url, OpenID: zvOpenID, GrantCode: zvGrant, Key: func() (string, error) { return zvKey, nil },
		ShopCode: zvShop, Version: version, ReverseAction: v2Reverse, Reply: patience,
	}
	if version == "v2" {
		p.BaseURL += "/api/v2"
	}
	if change != nil {
		change(&p)
	}
	c, err := zvcms.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newMembers(t testing.TB, version string) (*memberService, *zvcms.Client) {
	z := newMemberService(t, version == "v3")
	return z, zvClient(t, z.url, version, nil)
}

func zvRoute(version, v2, v3 string) string {
	if version == "v3" {
		return v3
	}
	return v2
}

// onWire is where an action of either version comes in.
func onWire(version, route string) string {
	if version == "v3" {
		return route
	}
	return "api/v2"
}

// hearMembers is a reply in the words of all clients; a verdict that is not OK
// is a fault here.
func hearMembers(r zvcms.Reply, f facts) heard {
	h := heard{facts: f, err: r.Err, sent: r.Delivery != zvcms.NotSent}
	if r.Err == nil && (!r.Outer.OK() || r.HasInner && !r.Inner.OK()) {
		h.err = fault.New(fault.Refused, "zvcms."+r.Outer.Code, "said no: "+r.Message)
	}
	return h
}

var spend = zvcms.ConsumeRequest{BizID: bizID, CustomerID: zvCustomer, Amount: 1250, Points: 20, Coupons: []string{zvCoupon}}

// zvActions are all the client has, in one version.
func zvActions(t testing.TB, z *memberService, c *zvcms.Client, version string) []action {
	ctx := t.Context()
	biz := "BIZ-20260114-0009"
	return []action{
		{name: "consume", route: zvRoute(version, v2Consume, v3Consume), deed: true,
			held: func() facts { return factsOf(z.balance(bizID, z.taken[bizID])) },
			try: func() heard {
				r := c.Consume(ctx, spend)
				return hearMembers(r.Reply, consumeFacts(r))
			}},
		{name: "reverse", route: zvRoute(version, v2Reverse, v3Reverse), deed: true,
			ready: func(t *testing.T) {
				r := c.Consume(ctx, zvcms.ConsumeRequest{BizID: biz, CustomerID: zvCustomer, Amount: 700})
				if r.Err != nil || !r.Outer.OK() {
					t.Fatalf("%+v", r)
				}
			},
			held: func() facts { return facts{".bizid": biz} },
			try: func() heard {
				r := c.Reverse(ctx, biz, zvCustomer)
				f := facts{}
				f.text(".bizid", r.BizID)
				return hearMembers(r, f)
			}},
		{name: "member", route: zvRoute(version, v2Member, v3Member),
			held: func() facts { return factsOf(zvMember.without("giftCardList").without("gender")).lacking("ispassword") },
			try: func() heard {
				r := c.Member(ctx, zvcms.MemberQuery{Identifier: "13800001111", Type: 2})
				return hearMembers(r.Reply, zvMemberFacts(r))
			}},
		{name: "coupons", route: zvRoute(version, v2Coupons, v3Coupons),
			held: func() facts { return factsOf(z.couponList()) },
			try: func() heard {
				r := c.Coupons(ctx, zvcms.CouponQuery{CustomerID: zvCustomer})
				return hearMembers(r.Reply, couponFacts(r))
			}},
	}
}

func consumeFacts(r zvcms.ConsumeReply) facts {
	f := facts{}
	f.text(".bizid", r.BizID)
	for i, one := range r.Coupons {
		f.text(".couponscardlist["+itoa(int64(i))+"]", one)
	}
	f.yuan(".gift_amount", r.GiftAfter, r.HasGiftAfter)
	f.yuan(".recharge_amount", r.RechargeAfter, r.HasRechargeAfter)
	f.yuan(".total_amount", r.TotalAfter, r.HasTotalAfter)
	f.yuan(".change_gift_amount", r.GiftTaken, r.HasGiftTaken)
	f.yuan(".change_recharge_amount", r.RechargeTaken, r.HasRechargeTaken)
	if r.StoreBalance.Present {
		f.text(".storebalance", r.StoreBalance.String())
	}
	if r.ShopBalance.Present {
		f.text(".shopbalance", r.ShopBalance.String())
	}
	return f
}

func zvMemberFacts(r zvcms.MemberReply) facts {
	f := facts{}
	for path, v := range map[string]string{".username": r.Name, ".mobile": r.Mobile, ".memberlevel": r.Level, ".memberlevelname": r.LevelName,
		".customerid": r.CustomerID, ".cardno": r.CardNo, ".cardname": r.CardName} {
		f.text(path, v)
	}
	if r.HasNeedsPassword && r.NeedsPassword {
		f[".password"] = "needed" // the stranger says 2, off
	}
	return f
}

func couponFacts(r zvcms.CouponsReply) facts {
	f := facts{}
	for i, k := range r.Coupons {
		at := "[" + itoa(int64(i)) + "]."
		for name, v := range map[string]string{"cardid": k.CardID, "couponid": k.CouponID, "coupontype": k.Type, "title": k.Title,
			"templateid": k.TemplateID, "beginat": k.BeginAt, "endat": k.EndAt, "usestatus": itoa(k.UseStatus)} {
			f.text(at+name, v)
		}
	}
	return f
}

var zvVersions = []string{"v2", "v3"}

func TestZvcms(t *testing.T) {
	t.Parallel()
	for _, q := range quirks() {
		t.Run(q.name, func(t *testing.T) {
			for _, version := range zvVersions {
				for i, name := range []string{"consume", "reverse", "member", "coupons"} {
					if q.tries(i) {
						t.Run(version+"/"+name, func(t *testing.T) { tryZvcms(t, version, name, q.manner(t), q.gateways) })
					}
				}
			}
		})
	}
}

// tryZvcms tries one manner on one action of a fresh service.
func tryZvcms(t *testing.T, version, name string, m manner, e expected) {
	t.Helper()
	z, c := newMembers(t, version)
	for _, a := range zvActions(t, z, c, version) {
		if a.name != name {
			continue
		}
		if a.ready != nil {
			a.ready(t)
		}
		before := z.executed(a.route)
		z.behave(m, onWire(version, a.route))
		got := a.try()
		z.behave(manner{}, "")
		a.check(t, &z.stranger, before, got, a.want(e))
	}
}

// TestZvcmsReturnedBizID: a reversal has to name the number that came back.
func TestZvcmsReturnedBizID(t *testing.T) {
	z, c := newMembers(t, "v2")
	z.behave(manner{shape: replaced("bizId", number("390962138708451399"))}, "")
	if r := c.Consume(t.Context(), spend); r.Err != nil || r.BizID != "390962138708451399" {
		t.Errorf("%q %v", r.BizID, r.Err)
	}
}

// TestZvcmsTokens: with the wrong key or the other case of names nothing is
// done; a question is asked twice at most, a deed once.
func TestZvcmsTokens(t *testing.T) {
	mistyped := func(p *zvcms.Params) { p.Key = func() (string, error) { return "mistyped", nil } }
	capitals := func(p *zvcms.Params) { p.UpperNames = true }
	refuses := func(version string, change func(*zvcms.Params)) {
		z := newMemberService(t, version == "v3")
		c := zvClient(t, z.url, version, change)
		before := z.total()
		r := c.Consume(t.Context(), spend)
		if r.Err != nil || r.Outer.OK() || !r.Outer.KeyOrClock() || z.total() != before {
			t.Errorf("%s: %+v, the account went from %d to %d", version, r.Reply, before, z.total())
		}
		if n := len(z.asked); n != 1 {
			t.Errorf("%s: the deed was sent %d times", version, n)
		}
		m := c.Member(t.Context(), zvcms.MemberQuery{Identifier: "13800001111", Type: 2})
		if m.Err != nil || m.Outer.OK() || m.CustomerID != "" || len(z.asked) > 3 {
			t.Errorf("%s: %+v after %d requests", version, m, len(z.asked))
		}
	}
	refuses("v2", mistyped)
	refuses("v3", mistyped)
	refuses("v2", capitals)

	z := newMemberService(t, false)
	z.upperNames = true
	if r := zvClient(t, z.url, "v2", capitals).Consume(t.Context(), spend); r.Err != nil || !r.Outer.OK() {
		t.Errorf("capitals on both sides: %+v", r)
	}
	// Of version 3 the case is known, whatever the setting.
	z = newMemberService(t, true)
	if r := zvClient(t, z.url, "v3", capitals).Consume(t.Context(), spend); r.Err != nil || !r.Outer.OK() {
		t.Errorf("version 3: %+v", r)
	}
}

// TestZvcmsReverseOff sends nothing while the reversal is not confirmed.
func TestZvcmsReverseOff(t *testing.T) {
	z := newMemberService(t, false)
	c := zvClient(t, z.url, "v2", func(p *zvcms.Params) { p.ReverseAction = "" })
	if r := c.Reverse(t.Context(), bizID, zvCustomer); r.Delivery != zvcms.NotSent || r.Err == nil || len(z.asked) != 0 {
		t.Errorf("%+v, %d requests", r, len(z.asked))
	}
}

// TestZvcmsThereAndBack takes and gives back: the account is what it was.
func TestZvcmsThereAndBack(t *testing.T) {
	for _, version := range zvVersions {
		z, c := newMembers(t, version)
		before := z.total()
		r := c.Consume(t.Context(), spend)
		if r.Err != nil || z.total() != before-1250 || r.TotalAfter != money.Fen(before-1250) || r.GiftTaken+r.RechargeTaken != 1250 {
			t.Fatalf("%s: %+v, left %d", version, r, z.total())
		}
		back := c.Reverse(t.Context(), r.BizID, zvCustomer)
		if back.Err != nil || !back.Outer.OK() || z.total() != before || z.points != 300 || z.used[zvCoupon] {
			t.Errorf("%s: %+v, left %d", version, back, z.total())
		}
	}
}

// TestStrangersSign proves the strangers' own signatures with public vectors.
func TestStrangersSign(t *testing.T) {
	form := map[string]string{"appId": "EW_N0000000001", "cardNo": "914095353294404024", "consumeEmployeeId": "11",
		"consumeMerchantCode": "EW_N0000000002", "consumeSource": "1", "count": "1", "random": "20240101", "remark": "备注", "blank": ""}
	if got := md5Sign(form, "test-key-0001"); got != "93c555da0e5c037c9758435e6b8334c8" {
		t.Errorf("Liantuofu: %s", got)
	}
	for upper, want := range map[bool]string{false: "ySypL4SRFMmfSrCqOiFE01LK3ks%3D", true: "quMhws%2BdNnR03SlmwB4wgtlKVlI%3D"} {
		if got := token(zvOpenID, zvGrant, "24680", "1712563200", zvKey, upper); got != want {
			t.Errorf("zvcms, capitals %v: %s", upper, got)
		}
	}
}
