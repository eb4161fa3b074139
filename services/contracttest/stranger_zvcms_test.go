package contracttest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const (
	zvOpenID = "fake-open-id-for-test-only-0001"
	zvGrant  = "fake-grant-code-0001"
	zvKey    = "fake-open-key-for-test-only-0001"
	zvShop   = "SHOP-7"

	zvCustomer = "390962138708451329"
	zvCoupon   = "390962138708451328"

	v2Consume = "communal.user.consume"
	v2Reverse = "communal.user.consume-reverse"
	v2Member  = "communal.user.gether-customer-info"
	v2Coupons = "user.coupon-new-status"
	v3Consume = "crm/customer/customerConsume"
	v3Reverse = "crm/customer/consumeReverse"
	v3Member  = "crm/customer/allCustomerInfo"
	v3Coupons = "crm/coupon/getCustomerCoupons" // on no public page; independent clients ask there
)

// memberService is zvcms after its V2 page 620 and the V3 pages. Its truth is
// the account's balances, in fen, and the coupons that are used.
type memberService struct {
	stranger
	v3         bool
	upperNames bool // the token's names begin with capitals
	idempotent bool // a bizId is taken once only

	recharge, gift, points int64
	used                   map[string]bool
	taken                  map[string]*consumed
}

type consumed struct {
	recharge, gift, points int64
	coupons                []string
	reversed               bool
}

func newMemberService(t testing.TB, v3 bool) *memberService {
	z := &memberService{v3: v3, idempotent: true, recharge: 10000, gift: 500, points: 300,
		used: map[string]bool{}, taken: map[string]*consumed{}}
	prefix := "/"
	if v3 {
		prefix = "/v3/"
	}
	z.open(t, prefix, z.reply)
	return z
}

// token is the rule of the V3 clients: the four parameters by name, HMAC-SHA1,
// Base64, URL encoding.
func token(openID, grant, nonce, timestamp, key string, upper bool) string {
	names := [4]string{"grantCode", "nonce", "openId", "timestamp"}
	if upper {
		names = [4]string{"GrantCode", "Nonce", "OpenId", "Timestamp"}
	}
	mac := hmac.New(sha1.New, []byte(key))
	fmt.Fprintf(mac, "%s=%s&%s=%s&%s=%s&%s=%s", names[0], grant, names[1], nonce, names[2], openID, names[3], timestamp)
	return url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// reply reads the envelope. Under V2 the action is the route.
func (z *memberService) reply(r request) reply {
	dec := json.NewDecoder(bytes.NewReader(r.body))
	dec.UseNumber()
	var raw map[string]any
	if err := dec.Decode(&raw); err != nil || r.method != http.MethodPost {
		return z.system("100001", "请求格式错误")
	}
	in := map[string]any{}
	for name, v := range raw {
		in[strings.ToLower(name[:1])+name[1:]] = v
	}
	given := func(name string) string { return fmt.Sprint(in[name]) }
	want := token(given("openId"), given("grantCode"), given("nonce"), given("timestamp"), zvKey, z.upperNames)
	if given("openId") != zvOpenID || given("grantCode") != zvGrant || given("token") != want || len(given("timestamp")) != 10 {
		return z.system("110004", "签名错误")
	}
	params, ok := in["params"].(map[string]any)
	if !ok {
		return z.system("100002", "业务参数错误")
	}
	if z.v3 {
		return z.act(r.route, params)
	}
	if r.route != "api/v2" {
		return reply{status: http.StatusNotFound, doc: obj("message", "not found")}
	}
	return z.act(given("action"), params)
}

func (z *memberService) act(route string, p map[string]any) reply {
	switch route {
	case v2Consume, v3Consume:
		return z.consume(route, p)
	case v2Reverse, v3Reverse:
		return z.reverse(route, p)
	case v2Member, v3Member:
		return z.member(p)
	case v2Coupons, v3Coupons:
		return z.coupons(p)
	}
	return z.system("100404", "接口不存在")
}

// tell wraps data the way the version does: V2 repeats the verdict inside.
func (z *memberService) tell(data any) reply {
	if z.v3 {
		return reply{doc: obj("status", true, "code", number("0"), "message", "操作成功", "data", data, "traceId", "t-77")}
	}
	if o, ok := data.(object); ok {
		data = append(obj("status", "true", "code", "0", "message", "操作成功"), o...)
	}
	return reply{doc: obj("status", "true", "code", "0", "message", "说明", "data", data)}
}

// business is the page's second sample: status true, and a code all the same.
func (z *memberService) business(code, message string) reply {
	return reply{doc: obj("status", true, "code", code, "message", message)}
}

func (z *memberService) system(code, message string) reply {
	return reply{doc: obj("status", false, "code", code, "message", message)}
}

func (z *memberService) consume(route string, p map[string]any) reply {
	biz := textOf(p["bizId"])
	fen, ok := int64(0), true
	if amount := textOf(p["amount"]); amount != "" {
		fen, ok = fenOf(amount)
	}
	points := wholeOf(p["points"])
	coupons := textsOf(p["couponsCardList"])
	scanned := textOf(p["type"]) == "1"
	switch {
	case biz == "" || !ok || fen == 0 && len(coupons) == 0:
		return z.business("200001", "参数错误")
	case !scanned && textOf(p["customerId"]) != zvCustomer:
		return z.business("200002", "查询的信息不存在")
	case textOf(p["multiMark"]) != zvShop:
		return z.business("200003", "门店不存在")
	}
	if old := z.taken[biz]; old != nil && z.idempotent {
		return z.tell(z.balance(biz, old))
	}
	if fen > z.recharge+z.gift || points > z.points || slices.ContainsFunc(coupons, func(c string) bool { return z.used[c] }) {
		return z.business("200010", "余额不足")
	}
	c := &consumed{gift: min(fen, z.gift), points: points, coupons: coupons}
	c.recharge = fen - c.gift
	z.gift, z.recharge, z.points = z.gift-c.gift, z.recharge-c.recharge, z.points-points
	for _, one := range coupons {
		z.used[one] = true
	}
	z.taken[biz] = c
	z.done[route]++
	return z.tell(z.balance(biz, c))
}

func (z *memberService) balance(biz string, c *consumed) object {
	coupons := list{}
	for _, one := range c.coupons {
		coupons = append(coupons, number(one)) // eighteen digits without quotes, as the page has them
	}
	return obj("bizId", biz, "couponsCardList", coupons, "gift_amount", yuanOf(z.gift), "recharge_amount", yuanOf(z.recharge),
		"total_amount", yuanOf(z.gift+z.recharge), "change_gift_amount", yuanOf(c.gift), "change_recharge_amount", yuanOf(c.recharge),
		"storeBalance", number("1.5"), "shopBalance", number("2.25"))
}

func (z *memberService) reverse(route string, p map[string]any) reply {
	c := z.taken[textOf(p["bizId"])]
	switch {
	case c == nil:
		return z.business("200020", "业务不存在")
	case !c.reversed:
		c.reversed = true
		z.gift, z.recharge, z.points = z.gift+c.gift, z.recharge+c.recharge, z.points+c.points
		for _, one := range c.coupons {
			delete(z.used, one)
		}
		z.done[route]++
	}
	return z.tell(obj("bizId", textOf(p["bizId"])))
}

func (z *memberService) member(p map[string]any) reply {
	if n := textOf(p["identifierNumber"]); n != "13800001111" && n != zvCustomer {
		return z.business("200002", "查询的信息不存在")
	}
	return z.tell(zvMember)
}

var zvMember = obj("username", "王小明", "mobile", "13800001111", "memberLevel", number("3"), "memberLevelName", "金卡",
	"gender", number("1"), "customerId", number(zvCustomer), "cardNo", "801234567890123456", "cardName", "会员卡",
	"isPassword", number("2"), "giftCardList", list{obj("cardId", number("390962138708451330"), "title", "礼品卡", "amount", "5.00")})

func (z *memberService) coupons(p map[string]any) reply {
	if textOf(p["customerId"]) != zvCustomer {
		return z.business("200002", "查询的信息不存在")
	}
	return z.tell(z.couponList())
}

func (z *memberService) couponList() list {
	state := "0"
	if z.used[zvCoupon] {
		state = "1"
	}
	return list{obj("cardId", number(zvCoupon), "couponId", number("390962138708451331"), "couponType", number("1"),
		"title", "满10减2", "templateId", number("77"), "beginAt", "2026-01-01 00:00:00", "endAt", "2026-12-31 23:59:59",
		"useStatus", number(state))}
}

func textOf(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func wholeOf(v any) int64 {
	n, ok := new(big.Int).SetString(textOf(v), 10)
	if !ok || !n.IsInt64() {
		return 0
	}
	return n.Int64()
}

func textsOf(v any) []string {
	items, _ := v.([]any)
	var out []string
	for _, one := range items {
		out = append(out, textOf(one))
	}
	return out
}

// total is what the account really holds.
func (z *memberService) total() int64 {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.recharge + z.gift
}
