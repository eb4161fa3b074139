package hqtest

import (
	"net/http"
	"slices"

	"cashier/services/shopdata/standin"
)

// action is one entry of HQ help pages shopproduct, weixin and shopupload. login,
// which needs no session, is the only other one.
type action struct {
	name   string
	method string
	page   string // productPage, weixinPage or uploadPage
	kinds  []standin.Kind
	run    func(*Server, call) outcome
}

const (
	productPage = "shopproduct"
	weixinPage  = "weixin"
	uploadPage  = "shopupload"
)

func (a action) writes() bool { return a.method == http.MethodPost }

var (
	loginCall = append(slices.Clone(standin.WireKinds), standin.Refused, standin.Status)
	anyCall   = append(slices.Clone(loginCall), standin.SessionExpiry)
	oneRow    = append(slices.Clone(anyCall), standin.NegativePrice, standin.FinePrice, standin.OddPricingType)
	anyList   = append(slices.Clone(anyCall), standin.PageShift, standin.EmptyList)
	priceList = append(slices.Clone(oneRow), standin.PageShift, standin.EmptyList)
	shopList  = append(slices.Clone(anyCall), standin.EmptyList)
	writeCall = append(slices.Clone(anyCall), standin.Lies)
)

// actions is what is mounted and what faults know.
var actions = []action{
	{"get", http.MethodGet, productPage, oneRow, (*Server).get},
	{"getbyproductid", http.MethodGet, productPage, oneRow, (*Server).getByProductID},
	{"getlist", http.MethodGet, productPage, priceList, (*Server).getList},
	{"getlistbyclass", http.MethodGet, productPage, priceList, (*Server).getListByClass},
	{"getlistbyproductids", http.MethodGet, productPage, priceList, (*Server).getListByProductIDs},
	{"getstockproductlist", http.MethodGet, productPage, anyList, (*Server).getStockList},
	{"getstockproductlistbyclass", http.MethodGet, productPage, anyList, (*Server).getStockListByClass},
	{"getshoplist", http.MethodGet, productPage, shopList, (*Server).getShopList},
	{"addproduct", http.MethodPost, productPage, writeCall, (*Server).addProduct},
	{"addproductbyclass", http.MethodPost, productPage, writeCall, (*Server).addProductByClass},
	{"changeprice", http.MethodPost, productPage, writeCall, (*Server).changePrice},
	{"changeprices", http.MethodPost, productPage, writeCall, (*Server).changePrices},
	{"unifychangeprice", http.MethodPost, productPage, writeCall, (*Server).unifyChangePrice},
	{"delete", http.MethodPost, productPage, writeCall, (*Server).remove},
	{"deleteall", http.MethodPost, productPage, writeCall, (*Server).removeAll},
	{"resetdownload", http.MethodPost, productPage, writeCall, (*Server).resetDownload},

	{"getappconfig", http.MethodGet, weixinPage, anyCall, (*Server).getApp},
	{"saveappconfig", http.MethodPost, weixinPage, writeCall, (*Server).saveApp},
	{"getmembercardconfig", http.MethodGet, weixinPage, anyCall, (*Server).getCard},
	{"savemembercardconfig", http.MethodPost, weixinPage, writeCall, (*Server).saveCard},

	{"billpaymentupload", http.MethodPost, uploadPage, writeCall, (*Server).uploadPayments},
	{"billsaleupload", http.MethodPost, uploadPage, writeCall, (*Server).uploadSales},
}

var menu = func() standin.Menu {
	m := standin.Menu{Gateway: "hq", Actions: map[string][]standin.Kind{
		"login": loginCall, "pictures": standin.WireKinds,
	}}
	for _, a := range actions {
		m.Actions[a.name] = a.kinds
	}
	return m
}()
