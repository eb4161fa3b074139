package contracttest

import (
	"net/http/httptest"
	"os"
	"strconv"
	"testing"

	"cashier/services/hq"
	"cashier/services/hq/hqtest"
	"cashier/services/liantuofu"
	"cashier/services/liantuofu/liantuofutest"
	"cashier/services/shopdata"
	"cashier/services/zvcms"
	"cashier/services/zvcms/zvcmstest"
)

// target is a service to hold against its contract. The clients are made from
// params, so that the suite can spoil one of them.
type target struct {
	name      string
	deeds     bool // changes may be made
	hq        *hq.Params
	class     string // a class of products that HQ has; "" is not asked for
	liantuofu *liantuofu.Params
	card      string // a times card; "" is not asked for
	cardWorks bool   // the card may be consumed from: it cannot be given back
	authCode  string // a code that pays one fen; "" pays nothing
	zvcms     *zvcms.Params
	customer  string
}

// targets are the strangers, the stand-ins, and the real services whose
// addresses are set.
func targets(t *testing.T) []target {
	return append([]target{strangers(t), standIns(t)}, realOnes(t)...)
}

func text(s string) func() (string, error) { return func() (string, error) { return s, nil } }

func strangers(t *testing.T) target {
	h, g, z := newHeadOffice(t), newGateway(t), newMemberService(t, false)
	return target{
		name: "stranger", deeds: true, cardWorks: true, card: washCard, authCode: codeRich, customer: zvCustomer, class: "5",
		hq:        &hq.Params{BaseURL: h.url, Tenant: hqTenant, Login: hqLogin, Password: text(hqPassword), ShopID: hqShopID},
		liantuofu: &liantuofu.Params{BaseURL: g.url + "/open/", AppID: ltfAppID, MerchantCode: ltfMerchant, Key: text(ltfKey)},
		zvcms: &zvcms.Params{BaseURL: z.url + "/api/v2", OpenID: zvOpenID, GrantCode: zvGrant, Key: text(zvKey), ShopCode: zvShop,
			ReverseAction: v2Reverse},
	}
}

func standIns(t *testing.T) target {
	t.Helper()
	shop, err := shopdata.Load(os.DirFS("../shopdata/testdata/shop"))
	if err != nil {
		t.Fatal(err)
	}
	office, err := hqtest.New(hqtest.Params{Shop: shop})
	if err != nil {
		t.Fatal(err)
	}
	gateway, err := liantuofutest.New(liantuofutest.Params{AppID: "EW_N1", MerchantCode: "EW_N2", Key: "stand-in", Shop: shop})
	if err != nil {
		t.Fatal(err)
	}
	members, err := zvcmstest.New(zvcmstest.Params{OpenID: "open", GrantCode: "grant", OpenKey: "stand-in", Shop: shop, ReverseAction: v2Reverse})
	if err != nil {
		t.Fatal(err)
	}
	servers := [3]*httptest.Server{httptest.NewServer(office), httptest.NewServer(gateway), httptest.NewServer(members)}
	for _, s := range servers {
		t.Cleanup(s.Close)
	}
	owner := shop.Owner()
	return target{
		name: "stand-in", deeds: true, cardWorks: true, card: shop.TimesCards[0].CardNo, authCode: "130002123456789012",
		customer: shop.Members[0].CustomerID, class: strconv.FormatInt(shop.Classes[0].ID, 10),
		hq:        &hq.Params{BaseURL: servers[0].URL, Tenant: shop.Tenant, Login: owner.Login, Password: text(owner.Password), ShopID: shop.ShopID},
		liantuofu: &liantuofu.Params{BaseURL: servers[1].URL + liantuofutest.Base, AppID: "EW_N1", MerchantCode: "EW_N2", Key: text("stand-in")},
		zvcms: &zvcms.Params{BaseURL: servers[2].URL + zvcmstest.Path, OpenID: "open", GrantCode: "grant", Key: text("stand-in"),
			ReverseAction: v2Reverse},
	}
}

// realOnes are those that doc.go says how to name, one target each. Without an
// address there is none.
func realOnes(t *testing.T) []target {
	t.Helper()
	var all []target
	deeds := set("DEEDS") == "1"
	if url := set("URL_HQ"); url != "" {
		shop, err := strconv.ParseInt(set("HQ_SHOP"), 10, 64)
		if err != nil {
			t.Fatal("CASHIER_CONTRACT_HQ_SHOP is no shop id")
		}
		all = append(all, target{name: "real HQ", deeds: deeds,
			hq: &hq.Params{BaseURL: url, Tenant: set("HQ_TENANT"), Login: set("HQ_LOGIN"), Password: text(set("HQ_PASSWORD")), ShopID: shop}})
	}
	if url := set("URL_LIANTUOFU"); url != "" {
		all = append(all, target{name: "real Liantuofu", deeds: deeds, card: set("LIANTUOFU_CARD"), authCode: set("LIANTUOFU_AUTH_CODE"),
			liantuofu: &liantuofu.Params{BaseURL: url, AppID: set("LIANTUOFU_APP_ID"), MerchantCode: set("LIANTUOFU_MERCHANT"), Key: text(set("LIANTUOFU_KEY"))}})
	}
	if url := set("URL_ZVCMS"); url != "" {
		all = append(all, target{name: "real zvcms", deeds: deeds, customer: set("ZVCMS_CUSTOMER"),
			zvcms: &zvcms.Params{BaseURL: url, Version: set("ZVCMS_VERSION"), OpenID: set("ZVCMS_OPEN_ID"), GrantCode: set("ZVCMS_GRANT"),
				Key: text(set("ZVCMS_KEY")), ShopCode: set("ZVCMS_SHOP"), UpperNames: set("ZVCMS_UPPER") == "1", ReverseAction: set("ZVCMS_REVERSE")}})
	}
	return all
}

func set(name string) string { return os.Getenv("CASHIER_CONTRACT_" + name) }

// TestRealTargetsAreNamed proves that a real service joins the suite when its
// address is set, and only then.
func TestRealTargetsAreNamed(t *testing.T) {
	for _, name := range []string{"URL_HQ", "URL_LIANTUOFU", "URL_ZVCMS", "DEEDS"} {
		t.Setenv("CASHIER_CONTRACT_"+name, "")
	}
	if n := len(realOnes(t)); n != 0 {
		t.Errorf("%d targets without any address", n)
	}
	t.Setenv("CASHIER_CONTRACT_URL_HQ", "https://hq.example.com/")
	t.Setenv("CASHIER_CONTRACT_HQ_SHOP", "7")
	t.Setenv("CASHIER_CONTRACT_URL_ZVCMS", "https://zv.example.com/api/v2")
	all := realOnes(t)
	if len(all) != 2 || all[0].hq == nil || all[0].hq.ShopID != 7 || all[0].deeds || all[1].zvcms == nil {
		t.Errorf("%+v", all)
	}
}

// TestRealTargets goes the way of a real service, with the strangers in its
// place.
func TestRealTargets(t *testing.T) {
	x := strangers(t)
	for name, value := range map[string]string{
		"DEEDS": "1", "URL_HQ": x.hq.BaseURL, "HQ_TENANT": hqTenant, "HQ_LOGIN": hqLogin, "HQ_PASSWORD": hqPassword, "HQ_SHOP": "7",
		"URL_LIANTUOFU": x.liantuofu.BaseURL, "LIANTUOFU_APP_ID": ltfAppID, "LIANTUOFU_MERCHANT": ltfMerchant, "LIANTUOFU_KEY": ltfKey,
		"LIANTUOFU_CARD": washCard, "LIANTUOFU_AUTH_CODE": codeRich,
		"URL_ZVCMS": x.zvcms.BaseURL, "ZVCMS_OPEN_ID": zvOpenID, "ZVCMS_GRANT": zvGrant, "ZVCMS_KEY": zvKey, "ZVCMS_SHOP": zvShop,
		"ZVCMS_CUSTOMER": zvCustomer, "ZVCMS_REVERSE": v2Reverse,
	} {
		t.Setenv("CASHIER_CONTRACT_"+name, value)
	}
	all := realOnes(t)
	if len(all) != 3 {
		t.Fatalf("%d targets", len(all))
	}
	for _, x := range all {
		t.Run(x.name, func(t *testing.T) { suite(t, x) })
	}
}
