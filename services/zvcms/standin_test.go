package zvcms

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/shopdata"
	"cashier/services/zvcms/zvcmstest"
)

// gateway is the stand-in, which shares no code with this package, and a client
// for it.
type gateway struct {
	*zvcmstest.Server
	c *Client
}

func standin(t *testing.T, version string, tweak func(*zvcmstest.Params)) gateway {
	t.Helper()
	shop, err := shopdata.Load(os.DirFS("../shopdata/testdata/shop"))
	if err != nil {
		t.Fatal(err)
	}
	p := zvcmstest.Params{
		OpenID: testOpenID, GrantCode: testGrant, OpenKey: testKey, Shop: shop, ReverseAction: ActionReverse,
		Now: func() time.Time { return time.Unix(testTime, 0) },
	}
	if tweak != nil {
		tweak(&p)
	}
	s, err := zvcmstest.New(p)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	base := srv.URL + zvcmstest.Path
	if version == "v3" {
		base = srv.URL
	}
	return gateway{s, clientWith(t, base, reversible, func(c *Params) {
		c.Version, c.UpperNames, c.Nonce = version, p.UpperCamelSign, nil
	})}
}

func (g gateway) left(t *testing.T) zvcmstest.Account {
	t.Helper()
	a, known := g.Account(customer)
	if !known {
		t.Fatal("no such member")
	}
	return a
}

// Whatever the gateway chooses where the pages leave it open, what it took is
// what the reply says, and the reversal gives it back.
func TestConsumeAndReverseAgainstTheStandIn(t *testing.T) {
	choices := map[string]func(*zvcmstest.Params){
		"plain":     func(*zvcmstest.Params) {},
		"upper":     func(p *zvcmstest.Params) { p.UpperCamelSign = true },
		"texts":     func(p *zvcmstest.Params) { p.StatusAsString, p.CodeAsString = true, true },
		"own bizId": func(p *zvcmstest.Params) { p.OwnBizID = true },
		"numbers":   func(p *zvcmstest.Params) { p.CouponsAsNumbers, p.CamelData = true, true },
		"blank":     func(p *zvcmstest.Params) { p.NoCouponsAsText = true },
		"password":  func(p *zvcmstest.Params) { p.PayPasswords = map[string]string{customer: password} },
	}
	for _, version := range []string{"v2", "v3"} {
		for name, choose := range choices {
			t.Run(version+" "+name, func(t *testing.T) {
				g := standin(t, version, choose)
				before := g.left(t)
				q := consumeAll()
				q.Amount = 11000 // more than is recharged: the rest is gift
				got := g.c.Consume(t.Context(), q)
				after := g.left(t)
				switch {
				case got.Err != nil || !got.Outer.OK() || !got.HasInner || !got.Inner.OK():
					t.Fatalf("%+v", got)
				case got.RechargeTaken != before.Recharge-after.Recharge || got.GiftTaken != before.Gift-after.Gift ||
					!got.HasRechargeTaken || !got.HasGiftTaken || got.RechargeTaken+got.GiftTaken != q.Amount:
					t.Errorf("%+v", got)
				case got.RechargeAfter != after.Recharge || got.GiftAfter != after.Gift || got.TotalAfter != after.Recharge+after.Gift:
					t.Errorf("%+v", got)
				case before.Points-after.Points != q.Points || fmt.Sprint(got.Coupons) != fmt.Sprint(q.Coupons):
					t.Errorf("%+v", got)
				case (got.TraceID != "") != (version == "v3"), (got.BizID == q.BizID) == strings.HasPrefix(name, "own"):
					t.Errorf("%+v", got)
				}
				back := g.c.Reverse(t.Context(), got.BizID, customer)
				if back.Err != nil || !back.Outer.OK() || !back.Inner.OK() || back.BizID != got.BizID || g.left(t) != before {
					t.Errorf("%+v, left %+v of %+v", back, g.left(t), before)
				}
			})
		}
	}
}

func TestScanAndBalanceAlone(t *testing.T) {
	for _, version := range []string{"v2", "v3"} {
		g := standin(t, version, nil)
		got := g.c.Consume(t.Context(), scan())
		if got.Err != nil || !got.Outer.OK() || !got.Inner.OK() || len(got.Coupons) != 1 || got.Coupons[0] != "390962138708451329" {
			t.Errorf("%s: %+v", version, got)
		}
		again := scan()
		again.BizID += "b"
		if got := g.c.Consume(t.Context(), again); got.Err != nil || got.Outer.OK() || got.Message == "" {
			t.Errorf("%s: %+v", version, got)
		}
		alone := g.c.Consume(t.Context(), ConsumeRequest{BizID: "T01-1-000003", CustomerID: customer, Amount: 1})
		if alone.Err != nil || !alone.Outer.OK() || alone.RechargeTaken != 1 || len(alone.Coupons) != 0 {
			t.Errorf("%s: %+v", version, alone)
		}
		points := g.c.Consume(t.Context(), ConsumeRequest{BizID: "T01-1-000004", CustomerID: customer, Points: 7})
		if points.Err != nil || !points.Outer.OK() || g.left(t).Points != 293 {
			t.Errorf("%s: %+v", version, points)
		}
	}
}

func TestLookupsAgainstTheStandIn(t *testing.T) {
	for _, version := range []string{"v2", "v3"} {
		for _, listed := range []bool{false, true} {
			g := standin(t, version, func(p *zvcmstest.Params) { p.MembersListed = listed })
			for kind, id := range map[int]string{1: customer, 2: "13800000011", 3: "800000000000000011"} {
				got := g.c.Member(t.Context(), MemberQuery{Identifier: id, Type: kind})
				if got.Err != nil || !got.Outer.OK() || got.CustomerID != customer || got.Name != "周会员" || got.Mobile != "13800000011" || got.CardNo != "800000000000000011" {
					t.Errorf("%s by %d: %+v", version, kind, got)
				}
			}
			if got := g.c.Member(t.Context(), MemberQuery{Identifier: "1", Type: 1}); got.Err != nil || got.CustomerID != "" {
				t.Errorf("%s: %+v", version, got)
			}
			all := g.c.Coupons(t.Context(), CouponQuery{CustomerID: customer})
			unused := g.c.Coupons(t.Context(), CouponQuery{CustomerID: customer, UseStatus: "0"})
			one := g.c.Coupons(t.Context(), CouponQuery{CustomerID: customer, CardID: coupon})
			if all.Err != nil || len(all.Coupons) != 3 || unused.Err != nil || len(unused.Coupons) != 2 || one.Err != nil || len(one.Coupons) != 1 {
				t.Fatalf("%s: %+v, %+v, %+v", version, all, unused, one)
			}
			if k := one.Coupons[0]; k.CardID != coupon || k.Title != "5元券" || !k.HasUseStatus || k.UseStatus != 0 || k.EndAt == "" {
				t.Errorf("%s: %+v", version, k)
			}
		}
	}
}

// What the stand-in did although its reply broke is never told as a refusal,
// and what it did not do never as a success.
func TestFaultsOfTheStandIn(t *testing.T) {
	for _, tt := range []struct {
		spec     string
		delivery Delivery
		code     string // of Err
		ok       bool   // outer and, if there, inner
		taken    bool
	}{
		{"lost-reply", Silent, "zvcms.silent", false, true},
		{"request-lost", Silent, "zvcms.silent", false, false},
		{"truncated", Silent, "zvcms.silent", false, true},
		{"500", Answered, "zvcms.uncertain", false, false},
		{"500:done", Answered, "zvcms.uncertain", false, true},
		{"html", Answered, "zvcms.uncertain", false, false},
		{"garbage", Answered, "zvcms.unreadable", false, true},
		{"empty", Answered, "zvcms.empty", false, true},
		{"bom", Answered, "", true, true},
		{"gzip", Answered, "", true, true},
		{"huge", Answered, "zvcms.too_large", false, true},
		{"refused", Answered, "", false, false},
		{"system-error", Answered, "", false, false},
		{"system-error:done", Answered, "", false, true},
		{"inner-failed", Answered, "", false, false},
		{"sign-error", Answered, "", false, false},
		{"replayed", Answered, "", false, false},
		{"sample-success", Answered, "", true, true},
		{"sample-exception", Answered, "", false, false},
		{"sample-system-error", Answered, "", false, false},
	} {
		for _, version := range []string{"v2", "v3"} {
			t.Run(version+" "+tt.spec, func(t *testing.T) {
				g := standin(t, version, nil)
				if err := g.SetFaults("consume=" + tt.spec); err != nil {
					t.Fatal(err)
				}
				got := consume(t, g.c)
				ok := got.Outer.OK() && (!got.HasInner || got.Inner.OK())
				if got.Delivery != tt.delivery || fault.CodeOf(got.Err) != tt.code || ok != tt.ok {
					t.Errorf("%+v", got)
				}
				if taken := len(g.Charges()) > 0; taken != tt.taken {
					t.Errorf("taken %v", taken)
				}
				if got.Outer.KeyOrClock() != (tt.spec == "sign-error" || tt.spec == "replayed") {
					t.Errorf("%+v", got.Outer)
				}
			})
		}
	}
}

// However a row of consumes goes, the replies that are whole and OK add up to
// what is missing from the account.
func TestRepliesAddUp(t *testing.T) {
	g := standin(t, "v2", func(p *zvcmstest.Params) { p.OwnBizID = true })
	start := g.left(t)
	var taken money.Fen
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		got := g.c.Consume(t.Context(), ConsumeRequest{
			BizID: fmt.Sprintf("T01-1-%06d", n), CustomerID: customer, Amount: money.Fen(rapid.Int64Range(1, 900).Draw(rt, "fen")),
		})
		if got.Err != nil {
			rt.Fatalf("%+v", got)
		}
		if got.Outer.OK() {
			taken += got.RechargeTaken + got.GiftTaken
		}
		if left := g.left(t); left.Recharge+left.Gift+taken != start.Recharge+start.Gift {
			rt.Fatalf("%s taken, %+v left", taken, left)
		}
	})
}
