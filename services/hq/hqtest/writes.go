package hqtest

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/money"
	"cashier/services/shopdata"
)

// headOffice is the author of a price change that came through no session.
const headOffice = -1

// mostLogs bounds the price history; a stand-in need not remember everything.
const mostLogs = 10_000

// priceBody is the part of P that a price change reads. As on any ASP.NET
// page, what is left out is zero: a body without memberPrice wipes it.
type priceBody struct {
	ID          int64           `json:"id"`
	ShopID      int64           `json:"shopId"`
	ProductID   int64           `json:"productId"`
	Price       decimal.Decimal `json:"price"`
	MemberPrice decimal.Decimal `json:"memberPrice"`
}

// pricing is a price change that has been checked.
type pricing struct {
	sh            *shop
	l             *listing
	price, member money.Fen
}

func (s *Server) changePrice(c call) outcome {
	var b priceBody
	if json.Unmarshal(c.body, &b) != nil {
		return s.refuse("请求格式错误")
	}
	return s.reprice(c.who, []priceBody{b})
}

// changePrices changes all or, when one of them is wrong, none. HQ does not say
// which it is.
func (s *Server) changePrices(c call) outcome {
	var list []priceBody
	if json.Unmarshal(c.body, &list) != nil || len(list) == 0 {
		return s.refuse("请求格式错误")
	}
	return s.reprice(c.who, list)
}

func (s *Server) reprice(who int, list []priceBody) outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	checked := make([]pricing, 0, len(list))
	for _, b := range list {
		p, why := s.checkPrice(b)
		if why != "" {
			return s.refuse(why)
		}
		checked = append(checked, p)
	}
	for _, p := range checked {
		s.change(p.sh, p.l, p.price, p.member, who)
	}
	return s.done()
}

// checkPrice finds the row by id, or without one by product and shop; given
// both, they must mean the same row.
func (s *Server) checkPrice(b priceBody) (p pricing, why string) {
	if b.ID != 0 {
		p.sh, p.l = s.row(b.ID)
	} else if p.sh = s.shop(b.ShopID); p.sh != nil {
		p.l = p.sh.byID[b.ProductID]
	}
	if p.l == nil || b.ProductID != 0 && b.ProductID != p.l.product.ProductID || b.ShopID != 0 && b.ShopID != p.sh.id {
		return p, "商品不存在"
	}
	var err error
	if p.price, err = money.FenFromDecimal(b.Price); err != nil || p.price < 0 {
		return p, "价格不正确"
	}
	if p.member, err = money.FenFromDecimal(b.MemberPrice); err != nil || p.member < 0 {
		return p, "会员价不正确"
	}
	return p, ""
}

func (s *Server) change(sh *shop, l *listing, price, member money.Fen, who int) {
	s.logSeq++
	g := priceLog{
		ShopID: sh.id, ProductID: l.product.ProductID, ProductCode: l.product.ProductCode, ProductName: l.product.ProductName,
		ProductClass: s.classes[l.product.ClassID], OldPrice: number(l.price), OldMemberPrice: number(l.member),
		NewPrice: number(price), NewMemberPrice: number(member), ID: s.logSeq,
		CreateTime: s.p.Now().In(shopdata.China).Format(time.DateTime), UserName: "总部",
	}
	if who != headOffice {
		g.UserID, g.UserName = who+1, s.p.Shop.Staff[who].Name
	}
	s.logs = append(s.logs, g)
	if len(s.logs) > mostLogs {
		s.logs = append(s.logs[:0:0], s.logs[len(s.logs)-mostLogs/2:]...)
	}
	l.price, l.member = price, member
}

// manyShops is the body of addproduct, addproductbyclass and unifychangeprice.
type manyShops struct {
	ShopIDs     []int64         `json:"shopIds"`
	ClassID     int64           `json:"productClassId"`
	ProductIDs  []int64         `json:"productIds"`
	ProductID   int64           `json:"productId"`
	Price       decimal.Decimal `json:"price"`
	MemberPrice decimal.Decimal `json:"memberPrice"`
}

func (s *Server) unifyChangePrice(c call) outcome {
	var b manyShops
	if json.Unmarshal(c.body, &b) != nil {
		return s.refuse("请求格式错误")
	}
	if len(b.ShopIDs) == 0 {
		return s.refuse("请选择门店")
	}
	list := make([]priceBody, len(b.ShopIDs))
	for i, id := range b.ShopIDs {
		list[i] = priceBody{ShopID: id, ProductID: b.ProductID, Price: b.Price, MemberPrice: b.MemberPrice}
	}
	return s.reprice(c.who, list)
}

func (s *Server) addProduct(c call) outcome {
	return s.add(c, func(b manyShops) []int64 { return b.ProductIDs })
}

func (s *Server) addProductByClass(c call) outcome {
	return s.add(c, func(b manyShops) []int64 {
		var ids []int64
		for id, p := range s.products {
			if p.ClassID == b.ClassID {
				ids = append(ids, id)
			}
		}
		return ids
	})
}

// add puts products of the tenant on sale; those that are already stay as they
// are.
func (s *Server) add(c call, choose func(manyShops) []int64) outcome {
	var b manyShops
	if json.Unmarshal(c.body, &b) != nil {
		return s.refuse("请求格式错误")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := choose(b)
	if len(b.ShopIDs) == 0 || len(ids) == 0 {
		return s.refuse("请选择门店和商品")
	}
	for _, id := range ids {
		if s.products[id] == nil {
			return s.refuse("商品不存在")
		}
	}
	for _, id := range b.ShopIDs {
		if s.shop(id) == nil {
			return s.refuse("门店不存在")
		}
	}
	for _, shopID := range b.ShopIDs {
		sh := s.shop(shopID)
		for _, id := range ids {
			sh.list(s.products[id])
		}
		sh.sort()
	}
	return s.done()
}

func (s *Server) remove(c call) outcome {
	var ids []int64
	if json.Unmarshal(c.body, &ids) != nil || len(ids) == 0 {
		return s.refuse("请求格式错误")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	perShop := make(map[*shop]map[int64]bool)
	for _, id := range ids {
		sh, l := s.row(id)
		if l == nil {
			return s.refuse("商品不存在")
		}
		if perShop[sh] == nil {
			perShop[sh] = make(map[int64]bool)
		}
		perShop[sh][l.product.ProductID] = true
	}
	for sh, gone := range perShop {
		sh.drop(gone)
	}
	return s.done()
}

// removeAll has no shop filter, and so empties every shop.
func (s *Server) removeAll(call) outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sh := range s.shops {
		sh.rows = nil
		clear(sh.byID)
	}
	return s.done()
}

func (s *Server) resetDownload(call) outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resets++
	return s.done()
}
