package contracttest

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	ltfAppID    = "EW_N0000000001"
	ltfMerchant = "EW_N0000000002"
	ltfKey      = "stranger-key-2f6a"
)

// Codes a customer may show. Each behaves in its own way.
const (
	codeRich   = "134567890123456789" // pays at once
	codeTyping = "134567890123450001" // is typing a password until settled
	codePoor   = "134567890123450002" // has no money
)

// gateway is Liantuofu after its public pages. Amounts are held in fen, and
// what it has really taken is its wallet.
type gateway struct {
	stranger
	orders  map[string]*order
	refunds map[string]*refund
	cards   map[string]*timesCard
	wallet  int64         // fen taken, less fen given back
	signing func(any) any // nil: signed with the key, in lower case
	serial  int64
}

type order struct {
	no, provider, bank string
	fen, given         int64
	state              string // SUCCESS, NOTPAY, REFUND, CLOSED
	paidAt             string
}

type refund struct {
	no, order string
	fen       int64
}

type timesCard struct {
	no, name, member, mobile, end string
	left                          int64
}

func newGateway(t testing.TB) *gateway {
	g := &gateway{orders: map[string]*order{}, refunds: map[string]*refund{}, cards: map[string]*timesCard{}, serial: 390962138708451328}
	g.cards["914095353294404024"] = &timesCard{"914095353294404024", "洗车十次卡", "王小明", "13800001111", "2026-12-31 23:59:59", 10}
	g.open(t, "/open/", g.reply)
	return g
}

// md5Sign is the page 《签名规则》: parameters that are not empty, by name, k=v
// joined with &, then &key=, MD5 in lower-case hex.
func md5Sign(params map[string]string, key string) string {
	var parts []string
	for name, value := range params {
		if value != "" && name != "sign" {
			parts = append(parts, name+"="+value)
		}
	}
	slices.Sort(parts)
	sum := md5.Sum([]byte(strings.Join(append(parts, "key="+key), "&")))
	return hex.EncodeToString(sum[:])
}

func (g *gateway) seal(v any) any {
	if g.signing != nil {
		return g.signing(v)
	}
	return signed(v, ltfKey)
}

// signed puts the signature of the top-level scalars into the document.
func signed(v any, key string) any {
	o, ok := v.(object)
	if !ok {
		return v
	}
	o = o.without("sign")
	params := map[string]string{}
	for _, m := range o {
		switch w := m.value.(type) {
		case string:
			params[m.name] = w
		case number:
			params[m.name] = string(w)
		case bool:
			params[m.name] = strconv.FormatBool(w)
		}
	}
	return append(slices.Clone(o), member{"sign", md5Sign(params, key)})
}

var (
	onlyDigits = regexp.MustCompile(`^[0-9]+$`)
	yuanText   = regexp.MustCompile(`^([0-9]+)\.([0-9]{2})$`)
	tradeText  = regexp.MustCompile(`^[0-9A-Za-z_-]{8,64}$`)
)

func (g *gateway) reply(r request) reply {
	form, err := url.ParseQuery(string(r.body))
	if err != nil || r.method != http.MethodPost || !strings.HasPrefix(r.header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return reply{status: http.StatusBadRequest, doc: obj("error", "Bad Request")}
	}
	in := map[string]string{}
	for name, values := range form {
		if len(values) != 1 || values[0] == "" {
			return g.fail("PARAMETER_ERROR", name+"为空或重复")
		}
		in[name] = values[0]
	}
	switch {
	case in["appId"] != ltfAppID, !onlyDigits.MatchString(in["random"]):
		return g.fail("PARAMETER_ERROR", "参数错误")
	case in["sign"] != md5Sign(in, ltfKey):
		return g.fail("SIGN_ERROR", "验签失败")
	}
	return g.act(r.route, in)
}

func (g *gateway) act(route string, in map[string]string) reply {
	if in["merchantCode"] != ltfMerchant && in["consumeMerchantCode"] != ltfMerchant && !strings.HasPrefix(route, "timescard/userTimesCardDetail") && route != "member/get" {
		return g.fail("PARAMETER_ERROR", "商户编号不能为空")
	}
	switch route {
	case "pay":
		return g.pay(in)
	case "pay/query":
		return g.query(in)
	case "precreate":
		return g.precreate(in)
	case "cancel", "close":
		return g.undo(route, in)
	case "refundV2":
		return g.giveBack(in)
	case "refund/queryV2":
		return g.refundState(in)
	case "bill":
		return g.bill(in)
	case "member/get":
		return g.member(in)
	case "timescard/userTimesCardConsume":
		return g.consume(in)
	case "timescard/userTimesCardDetail":
		return g.card(in)
	}
	return reply{status: http.StatusNotFound, doc: obj("status", number("404"), "error", "Not Found")}
}

func (g *gateway) tell(pairs ...any) reply {
	return reply{doc: append(obj("code", "SUCCESS", "msg", "成功"), obj(pairs...)...), sign: g.seal}
}

func (g *gateway) fail(subCode, subMsg string) reply {
	return reply{doc: obj("code", "FAILED", "msg", "失败", "subCode", subCode, "subMsg", subMsg), sign: g.seal}
}

func (g *gateway) next() string {
	g.serial++
	return strconv.FormatInt(g.serial, 10)
}

// fenOf reads yuan the way the page writes them: "0.01".
func fenOf(s string) (int64, bool) {
	m := yuanText.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(m[1]+m[2], 10, 64)
	return n, err == nil && n > 0
}

func yuanOf(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

func (g *gateway) pay(in map[string]string) reply {
	fen, ok := fenOf(in["totalAmount"])
	if !ok || !tradeText.MatchString(in["outTradeNo"]) || !onlyDigits.MatchString(in["authCode"]) {
		return g.fail("PARAMETER_ERROR", "参数错误")
	}
	if g.orders[in["outTradeNo"]] != nil {
		return g.fail("PARAMETER_ERROR", "订单已存在，请重新下单")
	}
	if in["authCode"] == codePoor {
		return g.fail("BALANCE_NOT_ENOUGH", "余额不足")
	}
	o := &order{no: in["outTradeNo"], provider: g.next(), bank: "4200" + g.next(), fen: fen, state: "NOTPAY"}
	g.orders[o.no] = o
	g.done["pay"]++
	if in["authCode"] == codeTyping {
		return g.fail("USER_PAYING", "用户支付中")
	}
	g.settle(o)
	return g.tell(g.orderDoc(o)...)
}

func (g *gateway) settle(o *order) {
	o.state, o.paidAt = "SUCCESS", "20260115101107"
	g.wallet += o.fen
}

// orderDoc are the fields that pay and pay/query share.
func (g *gateway) orderDoc(o *order) []any {
	doc := []any{"appId", ltfAppID, "merchantCode", ltfMerchant, "outTradeNo", o.no, "transactionId", o.provider,
		"outTransactionId", o.bank, "totalAmount", yuanOf(o.fen), "discountAmount", "0.00", "orderStatus", o.state}
	if o.paidAt != "" {
		doc = append(doc, "receiptAmount", yuanOf(o.fen), "payType", "WXPAY", "payTime", o.paidAt, "buyerId", "o-Buyer_1")
	}
	return doc
}

func (g *gateway) query(in map[string]string) reply {
	o := g.orders[in["outTradeNo"]]
	if o == nil {
		return g.fail("ORDER_NOT_EXIST", "订单不存在")
	}
	return g.tell(g.orderDoc(o)...)
}

func (g *gateway) precreate(in map[string]string) reply {
	fen, ok := fenOf(in["totalAmount"])
	if !ok || !tradeText.MatchString(in["outTradeNo"]) || in["channel"] == "" || in["tradeType"] != "NATIVE" {
		return g.fail("PARAMETER_ERROR", "参数错误")
	}
	if g.orders[in["outTradeNo"]] != nil {
		return g.fail("PARAMETER_ERROR", "订单已存在，请重新下单")
	}
	g.orders[in["outTradeNo"]] = &order{no: in["outTradeNo"], provider: g.next(), fen: fen, state: "NOTPAY"}
	g.done["precreate"]++
	return g.tell("outTradeNo", in["outTradeNo"], "qrCode", "https://qr.example.com/bax03?x=1&y=二")
}

func (g *gateway) undo(route string, in map[string]string) reply {
	o := g.orders[in["outTradeNo"]]
	if o == nil {
		return g.fail("ORDER_NOT_EXIST", "订单不存在")
	}
	g.done[route]++
	if o.state == "SUCCESS" {
		g.wallet -= o.fen - o.given
		o.given, o.state = o.fen, "REFUND"
		return g.tell()
	}
	o.state = "CLOSED"
	return g.tell()
}

func (g *gateway) giveBack(in map[string]string) reply {
	o, fen := g.orders[in["outTradeNo"]], int64(0)
	if o == nil || o.paidAt == "" {
		return g.fail("ORDER_NOT_EXIST", "订单不存在")
	}
	if in["refundAmount"] == "" {
		fen = o.fen
	} else if n, ok := fenOf(in["refundAmount"]); ok {
		fen = n
	}
	r := g.refunds[in["refundNo"]]
	switch {
	case fen == 0 || !tradeText.MatchString(in["refundNo"]) || r != nil && (r.order != o.no || r.fen != fen):
		return g.fail("PARAMETER_ERROR", "参数错误")
	case r == nil && o.given+fen > o.fen:
		return g.fail("REFUND_AMOUNT_ERROR", "退款金额超出")
	case r == nil:
		r = &refund{in["refundNo"], o.no, fen}
		g.refunds[r.no] = r
		o.given += fen
		g.wallet -= fen
		g.done["refundV2"]++
	}
	return g.tell(refundDoc(r)...)
}

func refundDoc(r *refund) []any {
	return []any{"outTradeNo", r.order, "refundNo", r.no, "refundAmount", yuanOf(r.fen), "refundFee", yuanOf(r.fen), "time", "20260116081500"}
}

func (g *gateway) refundState(in map[string]string) reply {
	r := g.refunds[in["refundNo"]]
	if r == nil {
		return g.fail("REFUND_NOT_EXIST", "退款单不存在")
	}
	return g.tell(append(refundDoc(r), "operatorId", "11", "operatorName", "店长")...)
}

func (g *gateway) consume(in map[string]string) reply {
	n, err := strconv.ParseInt(in["count"], 10, 64)
	card := g.cards[in["cardNo"]]
	switch {
	case err != nil || n <= 0 || !slices.Contains([]string{"0", "1", "2"}, in["consumeSource"]):
		return g.fail("PARAMETER_ERROR", "参数错误")
	case card == nil:
		return reply{doc: obj("code", "FAILED", "msg", "次卡不存在")}
	case card.left < n:
		return reply{doc: obj("code", "FAILED", "msg", "剩余次数不足")}
	}
	card.left -= n
	g.done["timescard/userTimesCardConsume"]++
	return reply{doc: obj("code", "SUCCESS", "msg", "成功"), sign: g.seal}
}

func (g *gateway) card(in map[string]string) reply {
	c := g.cards[in["cardNo"]]
	if c == nil {
		return reply{doc: obj("code", "FAILED", "msg", "次卡不存在")}
	}
	return g.tell("cardNo", c.no, "cardName", c.name, "memberName", c.member, "memberMobile", c.mobile,
		"endDate", c.end, "suplusTimes", number(strconv.FormatInt(c.left, 10)))
}

// left is how many times the card really has.
func (g *gateway) left(card string) int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.cards[card].left
}

// taken is the money really taken.
func (g *gateway) taken() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.wallet
}

// state is what the gateway holds of an order, "" if it has none.
func (g *gateway) state(outTradeNo string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if o := g.orders[outTradeNo]; o != nil {
		return o.state
	}
	return ""
}

// bill lists every order; of its items little is public, so they look like the
// orders themselves.
func (g *gateway) bill(in map[string]string) reply {
	if len(in["billBeginTime"]) != 14 || len(in["billEndTime"]) != 14 {
		return g.fail("PARAMETER_ERROR", "参数错误")
	}
	items := list{}
	for _, no := range slices.Sorted(maps.Keys(g.orders)) {
		if o := g.orders[no]; in["orderStatus"] == "" || in["orderStatus"] == o.state {
			items = append(items, obj(g.orderDoc(o)...))
		}
	}
	return g.tell("totalCount", number(strconv.Itoa(len(items))), "items", items)
}

// member knows one member, by the numbers of the page's one-box rule. What the
// reply looks like is not public.
func (g *gateway) member(in map[string]string) reply {
	if in["mobile"] != "13800001111" && in["memberCardNo"] != "801234567890123456" && (in["authPayCode"] != "811234567890123456" || in["shopNo"] == "") {
		return g.fail("MEMBER_NOT_EXIST", "会员不存在")
	}
	return g.tell("member", obj("memberId", number("390962138708451328"), "memberCardNo", "801234567890123456", "memberName", "王小明",
		"mobile", "13800001111", "levelName", "金卡", "totalBalance", "35.20", "point", number("120"), "couponCount", number("2")))
}

// put makes an order without asking for it.
func (g *gateway) put(no string, fen int64, paid bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o := &order{no: no, provider: g.next(), bank: "4200" + g.next(), fen: fen, state: "NOTPAY"}
	if paid {
		g.settle(o)
	}
	g.orders[no] = o
}

// doc is what the gateway holds of an order, as its query tells it.
func (g *gateway) doc(no string) object {
	g.mu.Lock()
	defer g.mu.Unlock()
	return obj(g.orderDoc(g.orders[no])...)
}
