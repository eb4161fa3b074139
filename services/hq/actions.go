package hq

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cashier/services/fault"
	"cashier/services/wire"
)

// Actions of the API: the keys of Params.Routes and the names Call takes. Those
// of HQ help pages shopproduct and shopupload have documented routes. HQ help page
// weixin gives neither routes nor verbs, so that those five are placeholders in
// its style.
const (
	ActionGet              = "get"
	ActionGetByProductID   = "getbyproductid"
	ActionGetList          = "getlist"
	ActionGetListByClass   = "getlistbyclass"
	ActionStockList        = "getstockproductlist"
	ActionStockListByClass = "getstockproductlistbyclass"

	ActionGetListByProducts = "getlistbyproductids"
	ActionShopList          = "getshoplist"

	ActionAddProduct        = "addproduct"
	ActionAddProductByClass = "addproductbyclass"
	ActionChangePrice       = "changeprice"
	ActionChangePrices      = "changeprices"
	ActionUnifyChangePrice  = "unifychangeprice"
	ActionDelete            = "delete"
	ActionDeleteAll         = "deleteall"
	ActionResetDownload     = "resetdownload"

	ActionLogin                = "login"
	ActionAppConfig            = "getappconfig"
	ActionSaveAppConfig        = "saveappconfig"
	ActionMemberCardConfig     = "getmembercardconfig"
	ActionSaveMemberCardConfig = "savemembercardconfig"

	ActionUploadPayments = "billpaymentupload"
	ActionUploadSales    = "billsaleupload"
)

// entry is an action of the contract and what goes along with it unless given.
type entry struct {
	wire.Action
	fill func(*Client) ([]wire.Arg, error) // nil: nothing
}

// Actions is the whole contract as data, in the order of the help pages; the
// paths are the defaults. Required are the parameters without which HQ would do
// something else than was meant: the pages themselves require none.
func Actions() []wire.Action {
	entries := contract()
	actions := make([]wire.Action, len(entries))
	for i, e := range entries {
		actions[i] = e.Action
	}
	return actions
}

// contract is the one table that routes, Actions, Call and the typed methods
// draw from. It is made afresh, so that nobody can change it for all.
func contract() []entry {
	const text, whole, wholes = wire.String, wire.Whole, wire.Wholes
	page := []wire.Field{
		may("keyword", text), may("pageIndex", whole), may("pageSize", whole), may("productClassId", whole), may("shopId", whole),
	}
	ofClass := []wire.Field{must("productClassId", text), may("shopId", whole)}
	return []entry{
		asks(ActionGet, nil, must("id", whole)),
		asks(ActionGetByProductID, (*Client).inShop, must("productId", whole), may("shopId", whole)),
		asks(ActionGetList, (*Client).firstPage, page...),
		asks(ActionGetListByClass, (*Client).inShop, ofClass...),
		asks(ActionStockList, (*Client).firstPage, page...),
		asks(ActionStockListByClass, (*Client).inShop, ofClass...),
		asks(ActionGetListByProducts, (*Client).inShop, must("productIds", wholes), may("shopId", whole)),
		asks(ActionShopList, nil, must("productId", whole)),

		does(ActionAddProduct, wire.Flat, (*Client).ofAnyClass,
			must("shopIds", wholes), may("productClassId", whole), must("productIds", wholes), may("id", whole)),
		does(ActionAddProductByClass, wire.Flat, (*Client).ofTheWholeClass,
			must("shopIds", wholes), must("productClassId", whole), may("productIds", wholes), may("id", whole)),
		does(ActionChangePrice, wire.Flat, (*Client).inShop, productFields()...),
		does(ActionChangePrices, wire.Listed, (*Client).inShop, productFields()...),
		does(ActionUnifyChangePrice, wire.Flat, (*Client).inShops,
			must("shopIds", wholes), must("productId", whole), must("price", wire.Number), may("memberPrice", wire.Number), may("id", whole)),
		does(ActionDelete, wire.IDs, nil, must("ids", wholes)),
		does(ActionDeleteAll, wire.Nothing, nil),
		does(ActionResetDownload, wire.Nothing, nil),

		weixin(ActionAppConfig, http.MethodGet, wire.Nothing),
		weixin(ActionSaveAppConfig, http.MethodPost, wire.Flat, must("appID", text), secret("appSecret")),
		weixin(ActionMemberCardConfig, http.MethodGet, wire.Nothing),
		weixin(ActionSaveMemberCardConfig, http.MethodPost, wire.Flat,
			must("id", whole), must("logoUrl", text), must("backgroundUrl", text), must("phone", text), must("prerogative", text), must("description", text)),
		loginEntry(),

		uploads(ActionUploadPayments, paymentFields()...),
		uploads(ActionUploadSales, saleFields()...),
	}
}

// productFields are P of HQ help page shopproduct. A price left out would be
// read as 0, hence both are required.
func productFields() []wire.Field {
	return []wire.Field{
		must("id", wire.Whole), must("price", wire.Number), must("memberPrice", wire.Number),
		may("shopId", wire.Whole), may("shopName", wire.String), may("productId", wire.Whole), may("productCode", wire.String),
		may("productName", wire.String), may("productClass", wire.String), may("productUnit", wire.String),
		may("pricingType", wire.String), may("pricingTypeName", wire.String), may("sort", wire.Whole), may("images", wire.Strings),
	}
}

func must(name string, t wire.Type) wire.Field {
	return wire.Field{Name: name, Type: t, Required: true}
}

func may(name string, t wire.Type) wire.Field { return wire.Field{Name: name, Type: t} }

func secret(name string) wire.Field {
	return wire.Field{Name: name, Required: true, Secret: true}
}

const (
	productRoutes = "api/shop/shopproduct/"
	weixinRoutes  = "api/weixin/"
)

func asks(name string, fill func(*Client) ([]wire.Arg, error), fields ...wire.Field) entry {
	return entry{fill: fill, Action: wire.Action{
		Name: name, Method: http.MethodGet, Path: productRoutes + name, Effect: wire.Reads, Body: wire.Flat, Fields: fields,
	}}
}

// does is a deed; each of these changes what other tills or shops see.
func does(name string, body wire.Shape, fill func(*Client) ([]wire.Arg, error), fields ...wire.Field) entry {
	return entry{fill: fill, Action: wire.Action{
		Name: name, Method: http.MethodPost, Path: productRoutes + name, Effect: wire.Writes, Guarded: true, Body: body, Fields: fields,
	}}
}

func weixin(name, method string, body wire.Shape, fields ...wire.Field) entry {
	writes := method == http.MethodPost
	return entry{Action: wire.Action{
		Name: name, Method: method, Path: weixinRoutes + name, Effect: wire.Effect(writes), Guarded: writes, Body: body, Fields: fields,
	}}
}

// loginEntry counts as a question: a login more changes nothing anybody sees.
func loginEntry() entry {
	e := weixin(ActionLogin, http.MethodPost, wire.Flat, must("tenant", wire.String), must("loginName", wire.String),
		secret("password"), must("openid", wire.String), must("app", wire.String))
	e.Effect, e.Guarded, e.fill = wire.Reads, false, (*Client).identity
	return e
}

// What the settings say already, for the parameters that nobody gave.

func (c *Client) inShop() ([]wire.Arg, error) {
	return []wire.Arg{{Name: "shopId", Value: whole(c.p.ShopID)}}, nil
}

// firstPage sends all five even when they say nothing: ASP.NET takes a missing
// number for a missing action.
func (c *Client) firstPage() ([]wire.Arg, error) {
	return append(c.pageArgs(ListQuery{}), wire.Arg{Name: "shopId", Value: whole(c.p.ShopID)}), nil
}

func (c *Client) inShops() ([]wire.Arg, error) {
	return []wire.Arg{{Name: "shopIds", Value: whole(c.p.ShopID)}, {Name: "id", Value: "0"}}, nil
}

func (c *Client) ofAnyClass() ([]wire.Arg, error) {
	args, err := c.inShops()
	return append(args, wire.Arg{Name: "productClassId", Value: "0"}), err
}

func (c *Client) ofTheWholeClass() ([]wire.Arg, error) {
	args, err := c.inShops()
	return append(args, wire.Arg{Name: "productIds"}), err
}

// complete adds to args what the settings say.
func (c *Client) complete(e entry, args []wire.Arg) ([]wire.Arg, error) {
	if e.fill == nil {
		return args, nil
	}
	known, err := e.fill(c)
	if err != nil {
		return nil, err
	}
	args = slices.Clone(args)
	for _, k := range known {
		if !slices.ContainsFunc(args, func(a wire.Arg) bool { return a.Name == k.Name }) {
			args = append(args, k)
		}
	}
	return args, nil
}

// entries is the contract by name with the routes of the settings, each checked
// against the base: a misspelt setting must be heard at start, not at the first
// price change.
func (p Params) entries(base wire.Address) (map[string]entry, error) {
	known := make(map[string]entry)
	for _, e := range contract() {
		known[e.Name] = p.renamed(e)
	}
	for action, route := range p.Routes {
		e, ok := known[strings.ToLower(action)]
		if !ok {
			return nil, service.Fault(fault.Invalid, "route_unknown",
				"There is no HQ action “{action}”. Use one of: {actions}.", nil, "action", action, "actions", names(known))
		}
		if _, err := base.Join(route, nil); err != nil {
			return nil, err
		}
		e.Path = route
		known[e.Name] = e
	}
	return known, distinct(known)
}

// distinct refuses two actions of one road: what was confirmed as one of them
// would be done as the other. Nothing but itself may lead to deleteall.
func distinct(known map[string]entry) error {
	roads := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		e := known[name]
		road := e.Method + " " + strings.ToLower(strings.Trim(e.Path, "/"))
		other, taken := roads[road]
		if !taken && name != ActionDeleteAll && strings.HasSuffix(road, "/"+ActionDeleteAll) {
			other, taken = ActionDeleteAll, true
		}
		if taken {
			return service.Fault(fault.Invalid, "route_twice",
				"The routes of “{action}” and “{other}” are the same. Correct them in Settings.", nil, "action", name, "other", other)
		}
		roads[road] = name
	}
	return nil
}

func names(known map[string]entry) string {
	return strings.Join(slices.Sorted(maps.Keys(known)), ", ")
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }
