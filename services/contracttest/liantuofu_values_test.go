package contracttest

import (
	"strings"
	"testing"
	"time"

	"cashier/services/fault"
	"cashier/services/liantuofu"
	"cashier/services/money"
)

// TestLiantuofuEnvelopes answers pay, which is done, with envelopes that are
// neither SUCCESS nor FAILED: nothing may be concluded.
func TestLiantuofuEnvelopes(t *testing.T) {
	t.Parallel()
	for _, code := range []any{"PROCESSING", "", nil, "SUCCESSFUL", "FAIL", "0", number("0"), true, "ſuccess", "SUCCESS\u200b"} {
		for _, route := range ltfNames(t) {
			t.Run(string(render(code))+"/"+route, func(t *testing.T) {
				m := manner{shape: func(v any) any { return v.(object).with("code", code) }}
				tryLiantuofu(t, route, m, both(fails(fault.Contract, "envelope")))
			})
		}
	}
	for _, route := range ltfNames(t) {
		t.Run("missing/"+route, func(t *testing.T) {
			m := manner{shape: func(v any) any { return v.(object).without("code") }}
			tryLiantuofu(t, route, m, both(fails(fault.Contract, "envelope")))
		})
		t.Run("name in capitals/"+route, func(t *testing.T) {
			tryLiantuofu(t, route, manner{shape: renamed(strings.ToUpper)}, both(fails(fault.Contract, "envelope")))
		})
		t.Run("twice/"+route, func(t *testing.T) {
			tryLiantuofu(t, route, manner{shape: twice("code", "FAILED")}, both(fails(fault.Contract, "unreadable")))
		})
		t.Run("a list of one/"+route, func(t *testing.T) {
			m := manner{shape: func(v any) any { return list{v} }}
			tryLiantuofu(t, route, m, both(fails(fault.Contract, "unreadable")))
		})
	}
}

// TestLiantuofuFailed tells FAILED, with a sub-code nobody has documented, as
// it stands: it is not for the client to make a refusal of it.
func TestLiantuofuFailed(t *testing.T) {
	for _, sub := range []string{"USER_PAYING", "SYSTEM_BUSY_V9", "user_paying", "超时", ""} {
		g, c := newTill(t)
		g.behave(manner{shape: func(any) any {
			return obj("code", "FAILED", "msg", "处理中", "subCode", sub, "subMsg", "请稍候")
		}}, "pay")
		r := c.Pay(t.Context(), liantuofu.PayRequest{OutTradeNo: newNo, Total: 990, AuthCode: codeRich})
		if r.Err != nil || r.Delivery != liantuofu.Answered || r.Code != liantuofu.CodeFailed || !strings.EqualFold(r.SubCode, sub) || r.SubMsg != "请稍候" {
			t.Errorf("%q: %+v", sub, r)
		}
		if q := c.Query(t.Context(), newNo); q.OrderStatus != liantuofu.OrderSuccess || q.Total != 990 || g.taken() != 1230+990 {
			t.Errorf("%q: the query says %+v, taken %d", sub, q, g.taken())
		}
	}
}

// TestLiantuofuOrderStatus gives states nobody has documented: they come out as
// they stand.
func TestLiantuofuOrderStatus(t *testing.T) {
	for written, want := range map[any]string{"PARTIAL_REFUND": "PARTIAL_REFUND", "success": "success", "USERPAYING": "USERPAYING",
		number("2"): "2", nil: "", "": ""} {
		g, c := newTill(t)
		g.behave(manner{shape: func(v any) any { return v.(object).with("orderStatus", written) }}, "pay/query")
		r := c.Query(t.Context(), paidNo)
		if r.Err != nil || r.OrderStatus != want {
			t.Errorf("%v: %q %v", written, r.OrderStatus, r.Err)
		}
	}
}

// TestLiantuofuAmounts: amounts are exact or they are none.
func TestLiantuofuAmounts(t *testing.T) {
	t.Parallel()
	for written, want := range map[any]money.Fen{"12.30": 1230, "12.3": 1230, "12.3000": 1230, number("12.3"): 1230, number("12"): 1200,
		number("1.23e1"): 1230, "0.01": 1, "0012.30": 1230, "100000000.00": 10000000000} {
		g, c := newTill(t)
		g.behave(manner{shape: func(v any) any { return v.(object).with("totalAmount", written) }}, "pay/query")
		if r := c.Query(t.Context(), paidNo); r.Err != nil || !r.HasTotal || r.Total != want {
			t.Errorf("%v: %v %v %v, want %v", written, r.Total, r.HasTotal, r.Err, want)
		}
	}
	for _, written := range []any{"12.305", number("12.299999999999999"), "12,30", "￥12.30", "1E400", "100000000.01", true, list{"12.30"},
		obj("yuan", "12.30"), "１２.30", "NaN"} {
		g, c := newTill(t)
		g.behave(manner{shape: func(v any) any { return v.(object).with("totalAmount", written) }}, "pay/query")
		r := c.Query(t.Context(), paidNo)
		if fault.KindOf(r.Err) != fault.Contract || r.HasTotal {
			t.Errorf("%s: total %v (%v), %v", render(written), r.Total, r.HasTotal, r.Err)
		}
	}
	for _, written := range []any{nil, ""} {
		g, c := newTill(t)
		g.behave(manner{shape: func(v any) any { return v.(object).with("totalAmount", written) }}, "pay/query")
		if r := c.Query(t.Context(), paidNo); r.Err != nil || r.HasTotal {
			t.Errorf("%v: %v %v", written, r.HasTotal, r.Err)
		}
	}
}

// TestLiantuofuTimes reads a time without a zone as China's, and an odd one as
// none.
func TestLiantuofuTimes(t *testing.T) {
	want := time.Date(2026, 1, 15, 2, 11, 7, 0, time.UTC)
	for written, known := range map[any]bool{"20260115101107": true, number("20260115101107"): true, "2026-01-15 10:11:07": true,
		"2026-01-15T10:11:07": true, "2026-01-15T02:11:07Z": true, "2026-01-15T10:11:07+08:00": true,
		"": false, nil: false, "0001-01-01 00:00:00": false, "昨天": false, "20261399999999": false} {
		g, c := newTill(t)
		g.behave(manner{shape: func(v any) any { return v.(object).with("payTime", written) }}, "pay/query")
		r := c.Query(t.Context(), paidNo)
		if r.Err != nil || r.PayTime.IsZero() == known || known && !r.PayTime.Equal(want) {
			t.Errorf("%v: %v %v", written, r.PayTime, r.Err)
		}
	}
}

// TestLiantuofuMissingFields leaves out one field of an order after the other.
func TestLiantuofuMissingFields(t *testing.T) {
	t.Parallel()
	g, _ := newTill(t)
	for _, m := range g.doc(paidNo) {
		for _, route := range []string{"pay", "pay/query"} {
			t.Run(m.name+"/"+route, func(t *testing.T) {
				g, c := newTill(t)
				for _, a := range ltfActions(t, g, c) {
					if a.name == route {
						all := a.held
						a.held = func() facts { return all().lacking(strings.ToLower(m.name)) }
						g.behave(manner{shape: without(m.name)}, route)
						a.check(t, &g.stranger, 0, a.try(), outcome{})
					}
				}
			})
		}
	}
}

// TestLiantuofuCards nests the card's details in the ways other clients of the
// gateway have met.
func TestLiantuofuCards(t *testing.T) {
	t.Parallel()
	nest := func(wrap func(object) any) func(any) any {
		return func(v any) any {
			o := v.(object)
			return obj("code", o.get("code"), "msg", o.get("msg"), "data", wrap(o.without("code").without("msg")))
		}
	}
	same := func(o object) any { return o }
	for name, shape := range map[string]func(any) any{
		"at the top":            nil,
		"under data":            nest(same),
		"in a list of one":      nest(func(o object) any { return list{o} }),
		"numbers quoted":        func(v any) any { return quotedNumbers(nest(same)(v)) },
		"null beside it":        func(v any) any { return append(nest(same)(v).(object), member{"suplusTimes", nil}) },
		"spelt as it should be": renamed(func(n string) string { return strings.Replace(n, "suplusTimes", "surplusTimes", 1) }),
	} {
		t.Run(name, func(t *testing.T) {
			tryLiantuofu(t, "timescard/userTimesCardDetail", manner{shape: shape}, expected{})
		})
	}
	for name, shape := range map[string]func(any) any{
		"twice":           nest(func(o object) any { return append(o, member{"suplusTimes", number("99")}) }),
		"half a time":     replaced("suplusTimes", number("9.5")),
		"in words":        replaced("suplusTimes", "十次"),
		"beyond counting": replaced("suplusTimes", number("92233720368547758080")),
	} {
		t.Run(name, func(t *testing.T) {
			tryLiantuofu(t, "timescard/userTimesCardDetail", manner{shape: shape}, expected{read: fails(fault.Contract, "unreadable")})
		})
	}
	for name, shape := range map[string]func(any) any{
		"two cards": nest(func(o object) any { return list{o, o.with("suplusTimes", number("99"))} }),
		"no card":   nest(func(object) any { return list{} }),
		"not said":  without("suplusTimes"),
	} {
		t.Run(name, func(t *testing.T) {
			g, c := newTill(t)
			g.behave(manner{shape: shape}, "timescard/userTimesCardDetail")
			if r := c.CardDetail(t.Context(), washCard); r.HasRemaining {
				t.Errorf("%d times came out", r.Remaining)
			}
		})
	}
}
