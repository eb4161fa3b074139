package hqtest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"cashier/services/shopdata/standin"
)

// The 16 actions of page shopproduct, the 5 of page weixin and 2 of page
// shopupload, and the pictures. Nothing that has an action has no faults.
func TestMenuIsWhole(t *testing.T) {
	pages := []string{
		"get", "getbyproductid", "getlist", "getlistbyclass", "getstockproductlist", "getstockproductlistbyclass",
		"getlistbyproductids", "getshoplist", "addproduct", "addproductbyclass", "changeprice", "changeprices",
		"unifychangeprice", "delete", "deleteall", "resetdownload",
		"getappconfig", "saveappconfig", "getmembercardconfig", "savemembercardconfig", "login",
		"billpaymentupload", "billsaleupload",
	}
	for _, name := range pages {
		kinds := menu.Actions[name]
		for _, k := range append(slices.Clone(standin.WireKinds), standin.Refused, standin.Status) {
			if !slices.Contains(kinds, k) {
				t.Errorf("%s cannot do %s", name, k)
			}
		}
		if name != "login" && !slices.Contains(kinds, standin.SessionExpiry) {
			t.Errorf("the session cannot end at %s", name)
		}
	}
	if len(menu.Actions) != len(pages)+1 || len(actions) != len(pages)-1 {
		t.Errorf("%d actions in the menu, %d mounted", len(menu.Actions), len(actions))
	}
}

// promise is what docs say of a kind: how the reply looks, and whether a deed
// was done. body is the honest reply.
type promise struct {
	done bool
	ok   func(r reply, honest []byte) bool
}

func broken(r reply, _ []byte) bool     { return r.err != nil }
func plain(r reply, honest []byte) bool { return r.status == 200 && bytes.Equal(r.body, honest) }
func other(r reply, honest []byte) bool {
	return r.status == 200 && json.Valid(r.body) && !bytes.Equal(r.body, honest)
}
func resultIs(status int) func(reply, []byte) bool {
	return func(r reply, _ []byte) bool {
		return r.status == 200 && bytes.HasPrefix(r.body, fmt.Appendf(nil, `{"status":%d,"message":"`, status))
	}
}

var promises = map[string]promise{
	"slow:1s":        {true, plain},
	"lost-reply":     {true, broken},
	"hang":           {true, broken},
	"request-lost":   {false, broken},
	"500":            {false, func(r reply, _ []byte) bool { return r.status == 500 && json.Valid(r.body) }},
	"500:done":       {true, func(r reply, _ []byte) bool { return r.status == 500 && json.Valid(r.body) }},
	"html":           {false, func(r reply, _ []byte) bool { return r.status == 502 && bytes.HasPrefix(r.body, []byte("<html>")) }},
	"html:done":      {true, func(r reply, _ []byte) bool { return r.status == 502 && bytes.HasPrefix(r.body, []byte("<html>")) }},
	"garbage":        {true, func(r reply, _ []byte) bool { return r.status == 200 && !json.Valid(r.body) }},
	"garbage:undone": {false, func(r reply, _ []byte) bool { return r.status == 200 && !json.Valid(r.body) }},
	"truncated":      {true, broken},
	"empty":          {true, func(r reply, _ []byte) bool { return r.status == 200 && len(r.body) == 0 }},
	"empty:undone":   {false, func(r reply, _ []byte) bool { return r.status == 200 && len(r.body) == 0 }},
	"bom": {true, func(r reply, honest []byte) bool {
		return r.status == 200 && bytes.Equal(r.body, append([]byte("\xef\xbb\xbf"), honest...))
	}},
	"gzip": {true, func(r reply, honest []byte) bool {
		z, err := gzip.NewReader(bytes.NewReader(r.body))
		if err != nil || r.header.Get("Content-Encoding") != "gzip" {
			return false
		}
		b, err := io.ReadAll(z)
		return err == nil && bytes.Equal(b, honest)
	}},
	"huge:100000": {true, func(r reply, honest []byte) bool {
		return len(r.body) == 100000 && bytes.Equal(bytes.TrimSpace(r.body), honest)
	}},
	"refused":         {false, resultIs(500)},
	"lies":            {false, resultIs(200)},
	"session-expiry":  {false, func(r reply, _ []byte) bool { return r.status == 401 && json.Valid(r.body) }},
	"negative-price":  {true, func(r reply, _ []byte) bool { return bytes.Contains(r.body, []byte(`"price":-5.98,`)) }},
	"fine-price":      {true, func(r reply, _ []byte) bool { return bytes.Contains(r.body, []byte(`"price":5.985,`)) }},
	"odd-pricing":     {true, func(r reply, _ []byte) bool { return bytes.Contains(r.body, []byte(`"pricingType":9,`)) }},
	"page-shift":      {true, other},
	"empty-list":      {true, other},
	"status:605":      {false, resultIs(605)},
	"status:703:done": {true, resultIs(703)},
	"status:200":      {false, resultIs(200)},
	"status:987":      {false, resultIs(987)},
}

// Every fault at every action: the reply is what the handbook says, and a deed
// was done if and only if it says so.
func TestEveryFaultAtEveryAction(t *testing.T) {
	for _, a := range actions {
		for spec, want := range promises {
			kind, _, _ := strings.Cut(spec, ":")
			if !slices.Contains(a.kinds, standin.Kind(kind)) {
				continue
			}
			t.Run(a.name+"="+spec, func(t *testing.T) {
				t.Parallel()
				honest := newPlay(t).call(t.Context(), a, examples[a.name])
				p := newPlay(t)
				before := p.state()
				p.faults(a.name + "=" + spec)
				ctx := t.Context()
				if kind == "hang" {
					var stop context.CancelFunc
					if ctx, stop = context.WithCancel(ctx); !a.writes() {
						ctx, stop = context.WithTimeout(ctx, 100*time.Millisecond)
					}
					defer stop()
					p.changed = stop // patience ends when the deed is done
				}
				got := p.call(ctx, a, examples[a.name])
				if honest.status != 200 || !want.ok(got, honest.body) {
					t.Errorf("%d %q %v instead of %q", got.status, got.body, got.err, honest.body)
				}
				if changed := p.state() != before; changed != (want.done && a.writes()) {
					t.Errorf("state changed: %v", changed)
				}
			})
		}
	}
	for _, kinds := range menu.Actions {
		for _, k := range kinds {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(promises)), func(spec string) bool {
				kind, _, _ := strings.Cut(spec, ":")
				return kind == string(k)
			}) {
				t.Errorf("nothing is promised of %s", k)
			}
		}
	}
}

// The codes of both pages' field status, copied from its description.
const documented = `200:成功; 500:内部错误; 601:卡不可用; 602:卡不存在; 603:卡挂失; 604:卡作废; 605:卡余额不足; 606:卡付款码超时; ` +
	`607:积分不足; 608:礼品不可用; 701:支付成功; 702:支付确认失败; 703:支付状态未知; 704:付款码超时; 801:流水号重复; 901:未日结; ` +
	`902:日结进行中; 903:日结中断; 904:日结完成; 905:日结金额发生变化; 1001:无法购买; 1002:已售罄; 1003:支付超时`

func TestEveryStatusAtEveryAction(t *testing.T) {
	for _, a := range actions {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			p := newPlay(t)
			before := p.state()
			for entry := range strings.SplitSeq(documented, "; ") {
				code, message, _ := strings.Cut(entry, ":")
				for _, done := range []bool{false, true} {
					spec := a.name + "=status:" + code
					if done {
						spec += ":done"
					}
					p.faults(spec)
					got := p.call(t.Context(), a, examples[a.name])
					if want := `{"status":` + code + `,"message":"` + message + `"}`; got.status != 200 || string(got.body) != want {
						t.Errorf("%s: %d %s", spec, got.status, got.body)
					}
					if changed := p.state() != before; changed != (done && a.writes()) {
						t.Errorf("%s changed the state: %v", spec, changed)
					}
					if err := p.s.Restore([]byte(before)); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

func TestStatusAtLogin(t *testing.T) {
	login := `{"tenant":"demo","loginName":"boss","password":"boss-pass"}`
	b := setup(t, nil)
	b.s.EndSessions()
	for _, c := range []struct {
		spec, body, want string
		in               bool
	}{
		{"login=status:703", login, `{"status":703,"message":"支付状态未知"}`, false},
		{"login=status:703:done", `{}`, `{"status":500,"message":"企业标识、用户名或密码错误"}`, false},
		{"login=status:703:done", login, `{"status":703,"message":"支付状态未知"}`, true},
	} {
		if err := b.s.SetFaults(c.spec); err != nil {
			t.Fatal(err)
		}
		if _, got, err := b.do("POST", weixinPrefix+"login", c.body); err != nil || string(got) != c.want {
			t.Errorf("%s: %s %v", c.spec, got, err)
		}
		if status, _, _ := b.do("GET", productPrefix+"getlist", ""); (status == 200) != c.in {
			t.Errorf("%s: afterwards %d", c.spec, status)
		}
	}
}

// A deed that HQ would have refused anyway is not covered up.
func TestStatusAfterARefusal(t *testing.T) {
	p := newPlay(t)
	p.faults("changeprice=status:703:done")
	got := p.call(t.Context(), actionNamed(t, "changeprice"), request{body: `{"shopId":9}`})
	if string(got.body) != `{"status":500,"message":"商品不存在"}` {
		t.Errorf("%s", got.body)
	}
}

// What ASP.NET Web API says before it comes to an action.
func TestWrongRoads(t *testing.T) {
	p := newPlay(t)
	list, change := actionNamed(t, "getlist"), actionNamed(t, "changeprice")
	list.method = "POST"
	if r := p.call(t.Context(), list, request{}); r.status != 405 || !json.Valid(r.body) || r.header.Get("Allow") != "GET" {
		t.Errorf("%d %s", r.status, r.body)
	}
	change.name = "changeprise"
	if r := p.call(t.Context(), change, request{}); r.status != 404 || !json.Valid(r.body) {
		t.Errorf("%d %s", r.status, r.body)
	}
	for contentType, want := range map[string]int{"text/json": 200, "application/json; charset=utf-8": 200, "application/x-www-form-urlencoded": 415, "x/y/z": 415} {
		resp, err := p.c.Post(p.u+weixinPrefix+"login", contentType, strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %d", contentType, resp.StatusCode)
		}
	}
}
