package contracttest

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	productRoute = "api/shop/shopproduct/"
	weixinRoute  = "api/weixin/"
	uploadRoute  = "api/shop/shopupload/"

	hqTenant, hqLogin, hqPassword = "fresh-7", "till-3", "open sesame / 芝麻"
	hqSecret                      = "b7c9e1d2f3a4958677665544332211ff"
	hqShopID                      = 7
	hqCookie                      = "ASP.NET_SessionId"
)

// headOffice is HQ after the help pages weixin, shopproduct and shopupload.
type headOffice struct {
	stranger
	products []any // objects of the shape of "get"
	stock    []any // objects of the shape of "getstockproductlist"
	shops    []any
	config   object // getappconfig
	card     object // getmembercardconfig
	session  string
	sessions int
	bodies   map[string]any  // what each deed was last asked with, decoded
	bills    map[string]bool // routes and serial numbers of what was uploaded
	away     func() reply    // how a stranger is turned away; nil: 401
}

func newHeadOffice(t testing.TB) *headOffice {
	h := &headOffice{bodies: map[string]any{}, bills: map[string]bool{}}
	h.products = []any{
		hqProduct("11", "101", "6901", "黄瓜 \"小\"", "9.98", "8.88"),
		hqProduct("12", "102", "6902", "五花肉", "29.90", "28.5"),
		hqProduct("13", "103", "6903", "鸡蛋/盒", "15", "14.25"),
	}
	h.stock = []any{hqStock("21", "101", "黄瓜 \"小\""), hqStock("22", "102", "五花肉")}
	h.shops = []any{hqShop("7", "一号店"), hqShop("8", "二号店")}
	h.config = obj("appID", "wx5511", "appSecret", hqSecret)
	h.card = obj("backgroundUrl", "/img/back.png", "logoUrl", "/img/logo.png", "phone", "4001234567",
		"prerogative", "九折", "description", "凭卡消费", "id", number("6"))
	h.open(t, "/", h.reply)
	return h
}

func hqProduct(id, productID, code, name, price, member string) object {
	return obj("shopId", number("7"), "shopName", "一号店", "productId", number(productID),
		"productCode", code, "productName", name, "productClass", "蔬菜", "productUnit", "斤",
		"price", number(price), "memberPrice", number(member), "pricingType", number("1"), "pricingTypeName", "计重",
		"sort", number("11"), "images", list{"/img/" + code + ".png", "/img/" + code + "-2.png"}, "id", number(id))
}

func hqStock(id, productID, name string) object {
	return obj("shopId", number("7"), "shopName", "一号店", "productId", number(productID),
		"productName", name, "productCode", "69"+productID, "productClass", "蔬菜", "productUnit", "斤",
		"qty", number("12.345"), "costPrice", number("3.2"), "costMoney", number("39.5"), "lastPrice", number("3.3"),
		"boxQty", number("1.5"), "length", number("2"), "images", list{"/img/s.png"}, "id", number(id))
}

func hqShop(id, name string) object {
	device := obj("shopId", number(id), "shopName", name, "stallId", number("3"), "stallName", "三号摊",
		"ip", "192.168.1.9", "code", "D-1", "mac", "00:11:22:33:44:55", "timeStamp", number("1768443067"),
		"inUse", true, "deviceTypeId", number("10"), "deviceTypeName", "电子秤", "id", number("31"))
	log := obj("shopId", number(id), "productId", number("101"), "productCode", "6901", "productName", "黄瓜",
		"productClass", "蔬菜", "oldPrice", number("6.5"), "oldMemberPrice", number("6.1"),
		"newPrice", number("8.25"), "newMemberPrice", number("8.1"), "createTime", "2026-01-15 10:11:07",
		"userId", number("41"), "userName", "店长", "id", number("51"))
	return obj("name", name, "code", "S"+id, "appKey", "key-"+hqSecret, "appSecret", hqSecret,
		"address", "合肥市一路1号", "lbsPoint", "117.2,31.8", "shopArea", number("70.5"), "imagePath", "/img/shop.png",
		"devices", list{device}, "shopProducts", list{hqProduct("11", "101", "6901", "黄瓜", "9.98", "8.88")},
		"shopProductPriceLogs", list{log}, "tenantId", number("9"), "id", number(id))
}

// reply speaks for the office. Every documented argument of a GET has to be
// there, because ASP.NET finds its actions by them.
func (h *headOffice) reply(r request) reply {
	if r.route == weixinRoute+"login" {
		return h.login(r)
	}
	if r.route == "Account/Login" {
		return reply{html: "<!DOCTYPE html><html><body><form>请登录</form></body></html>"}
	}
	if !h.knows(r) && h.away != nil {
		return h.away()
	}
	if !h.knows(r) {
		return reply{status: http.StatusUnauthorized, doc: obj("message", "Authorization has been denied for this request.")}
	}
	if r.method == http.MethodGet {
		return h.read(r)
	}
	return h.do(r)
}

func (h *headOffice) login(r request) reply {
	var w struct{ Tenant, LoginName, Password string }
	if r.method != http.MethodPost || json.Unmarshal(r.body, &w) != nil {
		return hqResult(500, "无法登录")
	}
	if w.Tenant != hqTenant || w.LoginName != hqLogin || w.Password != hqPassword {
		return hqResult(500, "用户名或密码错误")
	}
	h.sessions++
	h.session = "s" + strconv.Itoa(h.sessions)
	out := hqResult(200, "登录成功")
	out.header = [][2]string{{"Set-Cookie", hqCookie + "=" + h.session + "; path=/; HttpOnly"}}
	return out
}

func (h *headOffice) knows(r request) bool {
	c, err := (&http.Request{Header: r.header}).Cookie(hqCookie)
	return err == nil && h.session != "" && c.Value == h.session
}

// expire ends the session, as a restart of HQ does.
func (h *headOffice) expire() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.session = ""
}

func hqResult(status int, message string) reply {
	return reply{doc: obj("status", number(strconv.Itoa(status)), "message", message)}
}

func (h *headOffice) read(r request) reply {
	need := map[string][]string{
		"get": {"id"}, "getbyproductid": {"productId", "shopId"},
		"getlist":                    {"keyword", "pageIndex", "pageSize", "productClassId", "shopId"},
		"getstockproductlist":        {"keyword", "pageIndex", "pageSize", "productClassId", "shopId"},
		"getlistbyclass":             {"productClassId", "shopId"},
		"getlistbyproductids":        {"productIds", "shopId"},
		"getshoplist":                {"productId"},
		"getappconfig":               {},
		"getmembercardconfig":        {},
		"getstockproductlistbyclass": {"productClassId", "shopId"},
	}
	action := strings.TrimPrefix(strings.TrimPrefix(r.route, productRoute), weixinRoute)
	args, known := need[action]
	if !known {
		return notThere()
	}
	for _, name := range args {
		if !r.query.Has(name) {
			return notThere()
		}
	}
	return h.tell(action, r)
}

func notThere() reply {
	return reply{status: http.StatusNotFound, doc: obj("message", "No HTTP resource was found that matches the request URI.")}
}

func (h *headOffice) tell(action string, r request) reply {
	index, _ := strconv.Atoi(r.query.Get("pageIndex"))
	size, _ := strconv.Atoi(r.query.Get("pageSize"))
	switch action {
	case "get":
		return reply{doc: find(h.products, "id", r.query.Get("id"))}
	case "getbyproductid":
		return reply{doc: find(h.products, "productId", r.query.Get("productId"))}
	case "getlist":
		return reply{doc: hqPage(h.products, hqProductSum, index, size)}
	case "getstockproductlist":
		return reply{doc: hqPage(h.stock, hqStockSum, index, size)}
	case "getlistbyclass":
		return reply{doc: list(slices.Clone(h.products))}
	case "getstockproductlistbyclass":
		return reply{doc: list(slices.Clone(h.stock))}
	case "getlistbyproductids":
		some := list{}
		for id := range strings.SplitSeq(r.query.Get("productIds"), ",") {
			if p := find(h.products, "productId", id); p != nil {
				some = append(some, p)
			}
		}
		return reply{doc: some}
	case "getshoplist":
		return reply{doc: list(slices.Clone(h.shops))}
	case "getappconfig":
		return reply{doc: h.config}
	}
	return reply{doc: h.card}
}

// find gives nil for what is not there, which HQ writes as null.
func find(rows []any, name, value string) any {
	for _, row := range rows {
		if string(render(row.(object).get(name))) == value {
			return row
		}
	}
	return nil
}

// The sums of a page, in the shape of its rows.
var (
	hqProductSum = hqProduct("0", "0", "", "合计", "54.88", "51.63")
	hqStockSum   = hqStock("0", "0", "合计")
)

// hqPage counts pages from 1.
func hqPage(rows []any, sum object, index, size int) object {
	from := min(max(0, (index-1)*size), len(rows))
	to := min(from+size, len(rows))
	return obj("data", list(slices.Clone(rows[from:to])), "pageIndex", number(strconv.Itoa(index)),
		"pageSize", number(strconv.Itoa(size)), "sumData", sum, "totalCount", number(strconv.Itoa(len(rows))))
}

func (h *headOffice) do(r request) reply {
	dec := json.NewDecoder(bytes.NewReader(r.body))
	dec.UseNumber()
	var body any
	if err := dec.Decode(&body); err != nil || r.header.Get("Content-Type") == "" {
		return reply{status: http.StatusUnsupportedMediaType, doc: obj("message", "The request entity's media type is not supported.")}
	}
	var ok bool
	switch action := strings.TrimPrefix(r.route, productRoute); action {
	case "changeprice":
		ok = h.reprice(body)
	case "changeprices":
		rows, isList := body.([]any)
		ok = isList && len(rows) > 0
		for _, row := range rows {
			ok = ok && h.reprice(row)
		}
	case "unifychangeprice":
		ok = h.unify(body)
	case "addproduct", "addproductbyclass", "delete", "deleteall", "resetdownload":
		ok = true
	default:
		return h.configure(r, body)
	}
	if !ok {
		return hqResult(500, "参数错误")
	}
	h.done[r.route]++
	h.bodies[r.route] = body
	return hqResult(200, "操作成功")
}

func (h *headOffice) configure(r request, body any) reply {
	switch r.route {
	case uploadRoute + "billpaymentupload":
		return h.upload(r, body, "code", "paymentType", "isReturn", "money", "payTime", "createTime")
	case uploadRoute + "billsaleupload":
		return h.upload(r, body, "code", "productId", "price", "money", "isReturn", "createTime")
	case weixinRoute + "saveappconfig", weixinRoute + "savemembercardconfig":
		h.done[r.route]++
		h.bodies[r.route] = body
		return hqResult(200, "保存成功")
	}
	return notThere()
}

// upload keeps bills by their serial numbers, all of a request or none.
func (h *headOffice) upload(r request, body any, fields ...string) reply {
	rows, isList := body.([]any)
	if !isList || len(rows) == 0 {
		return hqResult(500, "参数错误")
	}
	came := map[string]bool{}
	for _, row := range rows {
		w, _ := row.(map[string]any)
		for _, name := range fields {
			if w[name] == nil {
				return hqResult(500, "缺少"+name)
			}
		}
		code, isText := w["code"].(string)
		if !isText || code == "" {
			return hqResult(500, "流水号错误")
		}
		if h.bills[r.route+" "+code] {
			return hqResult(801, "流水号重复")
		}
		came[r.route+" "+code] = true
	}
	maps.Copy(h.bills, came)
	h.done[r.route]++
	h.bodies[r.route] = body
	return hqResult(200, "操作成功")
}

func (h *headOffice) reprice(row any) bool {
	w, _ := row.(map[string]any)
	id, ok := w["id"].(json.Number)
	if !ok {
		return false
	}
	return h.setPrices("id", id.String(), w)
}

func (h *headOffice) unify(body any) bool {
	w, _ := body.(map[string]any)
	shops, _ := w["shopIds"].([]any)
	id, ok := w["productId"].(json.Number)
	return ok && len(shops) > 0 && h.setPrices("productId", id.String(), w)
}

func (h *headOffice) setPrices(by, id string, w map[string]any) bool {
	for i, row := range h.products {
		o := row.(object)
		if string(render(o.get(by))) != id {
			continue
		}
		for _, name := range []string{"price", "memberPrice"} {
			if n, ok := w[name].(json.Number); ok {
				o = o.with(name, number(n.String()))
			}
		}
		h.products[i] = o
		return true
	}
	return false
}

// price is what the office holds now, as text.
func (h *headOffice) price(id string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return string(render(find(h.products, "id", id).(object).get("price")))
}
