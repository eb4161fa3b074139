package app

import (
	"context"
	"strconv"
	"testing"

	"cashier/app/demo"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/wire"
)

// HQ is asked with what is typed, and nothing of that is kept by asking.
func TestHQIsAskedBeforeAnythingIsKept(t *testing.T) {
	servers, err := demo.Start(context.Background(), demo.Params{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	e := servers.Endpoints()
	till := open(t, Params{Dir: t.TempDir()})
	typed := func(password string, more ...string) Changes {
		c := Changes{Settings: map[string]string{"hq.url": e.HQ, "hq.tenant": e.Tenant, "hq.login": e.Login}, Secrets: map[string]string{"hq.password": password}}
		for i := 0; i+1 < len(more); i += 2 {
			c.Settings[more[i]] = more[i+1]
		}
		return c
	}
	if err := till.TryLogin(t.Context(), typed("wrong")); fault.KindOf(err) != fault.Credentials {
		t.Errorf("a wrong password: %v", err)
	}
	if err := till.TryLogin(t.Context(), typed(e.Password, "hq.url", "http://127.0.0.1:1")); fault.KindOf(err) != fault.Unreachable {
		t.Errorf("nobody there: %v", err)
	}
	if err := till.TryLogin(t.Context(), typed(e.Password)); err != nil {
		t.Errorf("the right one: %v", err)
	}
	shops, err := till.HQShops(t.Context(), typed(e.Password))
	if err != nil || len(shops) < 2 || shops[0].Name == "" {
		t.Errorf("shops: %+v, %v", shops, err)
	}
	shop, err := till.HQShop(t.Context(), typed(e.Password, "hq.shop_id", strconv.FormatInt(e.ShopID, 10)))
	if err != nil || shop.Products < 100 || shop.Name == "" {
		t.Errorf("the shop: %+v, %v", shop, err)
	}
	if _, err := till.HQShop(t.Context(), typed(e.Password, "hq.shop_id", "4711")); fault.KindOf(err) != fault.Refused {
		t.Errorf("a shop that does not exist: %v", err)
	}
	if c, err := till.TryService(t.Context(), ServiceHQ, typed(e.Password, "hq.shop_id", "1")); err != nil || c.State != Green {
		t.Errorf("HQ: %+v, %v", c, err)
	}
	pay := Changes{Settings: map[string]string{"liantuofu.url": e.Liantuofu, "liantuofu.app_id": e.AppID, "liantuofu.merchant_code": e.MerchantCode}, Secrets: map[string]string{"liantuofu.key": "another"}}
	if c, err := till.TryService(t.Context(), ServicePay, pay); err != nil || c.State != Red || fault.CodeOf(c.Err) != "doctor.liantuofu_key" {
		t.Errorf("a wrong key: %+v, %v", c, err)
	}
	pay.Secrets["liantuofu.key"] = e.Key
	if c, err := till.TryService(t.Context(), ServicePay, pay); err != nil || c.State != Green {
		t.Errorf("the right key: %+v, %v", c, err)
	}
	if set, _ := till.SecretsSet(); till.Settings.Get("hq.url") != "" || set["hq.password"] || set["liantuofu.key"] {
		t.Error("asking kept something")
	}
	if _, err := till.TryService(t.Context(), "nobody", Changes{}); err == nil {
		t.Error("a service nobody knows")
	}
}

func TestTheMemberCardIsChangedAtHQ(t *testing.T) {
	servers, err := demo.Start(context.Background(), demo.Params{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	e := servers.Endpoints()
	till := open(t, Params{Dir: t.TempDir(), Secrets: map[string]string{"hq.password": e.Password}, Settings: map[string]string{
		"hq.url": e.HQ, "hq.tenant": e.Tenant, "hq.login": e.Login, "hq.shop_id": strconv.FormatInt(e.ShopID, 10),
	}})
	cashier := manager
	cashier.Role = "cashier"
	page := hq.MemberCardPage{Phone: wire.Text("400-1")}
	if err := till.SaveMemberCardPage(t.Context(), cashier, page); fault.KindOf(err) != fault.Denied {
		t.Errorf("a cashier: %v", err)
	}
	if err := till.SaveMemberCardPage(t.Context(), manager, page); err != nil {
		t.Fatal(err)
	}
	if err := till.SaveAppConfig(t.Context(), manager, "wx-new", "s3cret"); err != nil {
		t.Fatal(err)
	}
	client, err := till.HQ()
	if err != nil {
		t.Fatal(err)
	}
	has, err := client.MemberCardPage(t.Context())
	if err != nil || has.Phone != "400-1" {
		t.Errorf("%+v, %v", has, err)
	}
	if a, err := client.AppConfig(t.Context()); err != nil || a.AppID != "wx-new" {
		t.Errorf("%+v, %v", a, err)
	}
	for what, subject := range map[string]string{"hq.weixin.card": "", "hq.weixin.app": "wx-new"} {
		if found, err := till.Ledger.Noted(t.Context(), what, subject); err != nil || !found {
			t.Errorf("%s is not in the audit trail (%v)", what, err)
		}
	}
}
