package hqtest

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"cashier/services/shopdata/standin"
)

func (s *Server) get(c call) outcome {
	s.mu.RLock()
	defer s.mu.RUnlock()
	id, ok := whole(c.args, "id")
	if !ok {
		return s.refuse("id格式错误")
	}
	return s.oneProduct(c)(s.row(id))
}

func (s *Server) getByProductID(c call) outcome {
	s.mu.RLock()
	defer s.mu.RUnlock()
	id, ok := whole(c.args, "productId")
	sh := s.shopArg(c.args)
	if !ok || sh == nil {
		return s.refuse("参数错误")
	}
	return s.oneProduct(c)(sh, sh.byID[id])
}

// oneProduct answers with one row. What a missing one looks like is not
// documented; a result object is assumed.
func (s *Server) oneProduct(c call) func(*shop, *listing) outcome {
	return func(sh *shop, l *listing) outcome {
		if l == nil {
			return s.refuse("商品不存在")
		}
		rows := []productRow{s.productRow(sh, l)}
		spoil(rows, c.fault)
		return outcome{v: rows[0]}
	}
}

func (s *Server) getList(c call) outcome {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sh, rows, bad := s.search(c)
	if bad != nil {
		return *bad
	}
	cut := s.cut(c, len(rows))
	out := page[productRow]{PageIndex: cut.index, PageSize: cut.size, TotalCount: len(rows), SumData: s.Quirks().sumProducts(), Data: []productRow{}}
	for _, l := range rows[cut.from:cut.to] {
		out.Data = append(out.Data, s.productRow(sh, l))
	}
	spoil(out.Data, c.fault)
	return outcome{v: out}
}

func (s *Server) getStockList(c call) outcome {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sh, rows, bad := s.search(c)
	if bad != nil {
		return *bad
	}
	cut := s.cut(c, len(rows))
	out := page[stockRow]{PageIndex: cut.index, PageSize: cut.size, TotalCount: len(rows), SumData: s.Quirks().sumStock(rows), Data: []stockRow{}}
	for _, l := range rows[cut.from:cut.to] {
		out.Data = append(out.Data, s.stockRow(sh, l))
	}
	return outcome{v: out}
}

// search selects the rows that the arguments of a list ask for. A keyword is
// looked for in name, 货号 and barcode.
func (s *Server) search(c call) (*shop, []*listing, *outcome) {
	sh := s.shopArg(c.args)
	class, ok := whole(c.args, "productClassId")
	if sh == nil || !ok {
		bad := s.refuse("参数错误")
		return nil, nil, &bad
	}
	rows := filter(sh.rows, class, strings.ToLower(c.args.Get("keyword")))
	return sh, faulted(rows, c.fault), nil
}

func filter(rows []*listing, class int64, keyword string) []*listing {
	if class == 0 && keyword == "" {
		return rows
	}
	var hits []*listing
	for _, l := range rows {
		p := l.product
		if class != 0 && p.ClassID != class {
			continue
		}
		if keyword == "" || strings.Contains(strings.ToLower(p.ProductName), keyword) ||
			strings.Contains(strings.ToLower(p.ProductCode), keyword) || strings.Contains(p.BarCode, keyword) {
			hits = append(hits, l)
		}
	}
	return hits
}

// faulted is the list as a fault shows it. A shifted page is what a reader sees
// when a row of an earlier page is deleted between two calls: everything moves
// up by one and the total is one less.
func faulted(rows []*listing, f standin.Fault) []*listing {
	switch {
	case f.Kind == standin.EmptyList:
		return nil
	case f.Kind == standin.PageShift && len(rows) > 0:
		return rows[1:]
	}
	return rows
}

type cutting struct{ index, size, from, to int }

// cut finds the part of n rows that pageIndex, from 1 unless a quirk says 0,
// and pageSize ask for; without them the first 20.
func (s *Server) cut(c call, n int) cutting {
	first := 1
	if s.Quirks().ZeroBasedPages {
		first = 0
	}
	index, err := strconv.Atoi(c.args.Get("pageIndex"))
	if err != nil || index < first {
		index = first
	}
	size, _ := strconv.Atoi(c.args.Get("pageSize"))
	if size < 1 {
		size = 20
	}
	if s.p.MaxPageSize > 0 {
		size = min(size, s.p.MaxPageSize)
	}
	if index-first > n/size {
		return cutting{index, size, n, n}
	}
	from := min((index-first)*size, n)
	return cutting{index, size, from, min(size, n-from) + from}
}

func (s *Server) getListByClass(c call) outcome {
	return s.byClass(c, func(sh *shop, rows []*listing) any {
		out := make([]productRow, len(rows))
		for i, l := range rows {
			out[i] = s.productRow(sh, l)
		}
		spoil(out, c.fault)
		return out
	})
}

func (s *Server) getStockListByClass(c call) outcome {
	return s.byClass(c, func(sh *shop, rows []*listing) any {
		out := make([]stockRow, len(rows))
		for i, l := range rows {
			out[i] = s.stockRow(sh, l)
		}
		return out
	})
}

// byClass serves the two actions whose productClassId the page calls a string.
func (s *Server) byClass(c call, encode func(*shop, []*listing) any) outcome {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sh := s.shopArg(c.args)
	class, ok := whole(c.args, "productClassId")
	if sh == nil || !ok {
		return s.refuse("参数错误")
	}
	return outcome{v: encode(sh, faulted(filter(sh.rows, class, ""), c.fault))}
}

// getListByProductIDs takes the ids with commas between them; which separator
// HQ wants is not documented, see Quirks. Ids not on sale are left out.
func (s *Server) getListByProductIDs(c call) outcome {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sh := s.shopArg(c.args)
	if sh == nil {
		return s.refuse("参数错误")
	}
	var rows []*listing
	for _, text := range s.Quirks().productIDs(c.args["productIds"]) {
		id, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return s.refuse("productIds格式错误")
		}
		if l := sh.byID[id]; l != nil {
			rows = append(rows, l)
		}
	}
	rows = faulted(rows, c.fault)
	out := make([]productRow, len(rows))
	for i, l := range rows {
		out[i] = s.productRow(sh, l)
	}
	spoil(out, c.fault)
	return outcome{v: out}
}

// getShopList lists the shops that sell a product, with its price and price
// changes in each.
func (s *Server) getShopList(c call) outcome {
	s.mu.RLock()
	defer s.mu.RUnlock()
	id, ok := whole(c.args, "productId")
	if !ok {
		return s.refuse("productId格式错误")
	}
	out := []shopRow{}
	for _, sh := range s.shops {
		if l := sh.byID[id]; l != nil && c.fault.Kind != standin.EmptyList {
			out = append(out, s.shopRow(sh, l))
		}
	}
	return outcome{v: out}
}

// ShopAppKey and ShopAppSecret stand in every reply of getshoplist, as HQ shows
// its shops' own. They are invented and open nothing; a till has no use for
// either and should keep neither.
const (
	ShopAppKey    = "standin-app-key"
	ShopAppSecret = "standin-app-secret"
)

func (s *Server) shopRow(sh *shop, l *listing) shopRow {
	row := shopRow{
		Name: sh.name, Code: "S" + strconv.FormatInt(sh.id, 10), AppKey: ShopAppKey, AppSecret: ShopAppSecret,
		Address: "示例路" + strconv.FormatInt(sh.id, 10) + "号", LbsPoint: "120.000000,30.000000", ShopArea: "120.5",
		TenantID: 1, ID: sh.id, PriceLogs: []priceLog{}, Devices: []deviceRow{device(sh)},
		Products: []productRow{s.productRow(sh, l)},
	}
	for _, g := range s.logs {
		if g.ShopID != sh.id || g.ProductID != l.product.ProductID {
			continue
		}
		if s.Quirks().ISODates {
			g.CreateTime = strings.Replace(g.CreateTime, " ", "T", 1)
		}
		row.PriceLogs = append(row.PriceLogs, g)
	}
	return row
}

func device(sh *shop) deviceRow {
	return deviceRow{
		ShopID: sh.id, ShopName: sh.name, StallID: 1, StallName: "自营", IP: "192.0.2.1", Code: "POS01", Mac: "00-00-5E-00-53-01",
		TimeStamp: 1767225600, InUse: true, TypeID: 1, TypeName: "收银机", ID: sh.id,
	}
}

// spoil does to the first product what a fault asks for.
func spoil(rows []productRow, f standin.Fault) {
	if len(rows) == 0 {
		return
	}
	switch f.Kind {
	case standin.NegativePrice:
		rows[0].Price = json.Number("-" + strings.TrimPrefix(string(rows[0].Price), "-"))
		if rows[0].Price == "-0.0" {
			rows[0].Price = "-1.0"
		}
	case standin.FinePrice:
		whole, frac, _ := strings.Cut(string(rows[0].Price), ".")
		rows[0].Price = json.Number(whole + "." + (frac + "0")[:2] + "5")
	case standin.OddPricingType:
		rows[0].PricingType, rows[0].PricingTypeName = 9, ""
	}
}

// shopArg is the shop asked for; without one it is the tenant's first.
func (s *Server) shopArg(args url.Values) *shop {
	id, ok := whole(args, "shopId")
	if !ok {
		return nil
	}
	if id == 0 {
		return s.shops[0]
	}
	return s.shop(id)
}

// whole reads a whole number that may be absent, which is 0.
func whole(args url.Values, name string) (int64, bool) {
	text := args.Get(name)
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0
}
