package cli

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"cashier/services/hq"
	"cashier/services/hq/hqtest"
)

// product is one of the demo shop, by its 货号.
func (r *rig) product(code string) productJSON {
	r.t.Helper()
	return doc[productJSON](r.t, r.want(Done, r.run("", "--json", "product", "show", code)).out)
}

func (r *rig) faults(spec string) {
	r.t.Helper()
	if err := r.servers.SetFaults(spec); err != nil {
		r.t.Fatal(err)
	}
}

func TestTheRestOfHQ(t *testing.T) {
	r := newRig(t).synced()
	p := r.product("10197")
	id := strconv.FormatInt(p.ProductID, 10)

	r.want(RefusedExit, r.run("no\n", "product", "remove", "--product", id), "nothing was done")
	r.want(Done, r.run("remove\n", "product", "remove", "--product", id), p.Name)
	r.want(Done, r.run("", "sync"), "1 removed")
	r.want(Done, r.run("", "product", "add", "--product", id))
	r.want(Done, r.run("", "sync"), "1 added")

	if stock := doc[[]hq.Stock](t, r.want(Done, r.run("", "--json", "stock", "list", "--limit", "7")).out); len(stock) != 7 {
		t.Errorf("%d rows", len(stock))
	}
	classes := doc[[]map[string]any](t, r.want(Done, r.run("", "--json", "hq", "classes", "--to", "12", "--save")).out)
	if len(classes) == 0 {
		t.Fatal("no classes")
	}
	name := classes[0]["name"].(string)
	byClass := doc[[]hq.Stock](t, r.want(Done, r.run("", "--json", "stock", "list", "--class", name)).out)
	if len(byClass) == 0 || string(byClass[0].ProductClass) != name {
		t.Errorf("%+v", byClass)
	}
	r.want(RefusedExit, r.run("", "stock", "list", "--class", "没有的分类"), "hq classes --save")
	r.want(Done, r.run("", "product", "add", "--class", name))
	r.want(Done, r.run("reset\n", "sync", "reset-download"))

	r.want(Done, r.run("s3cr3t-of-the-app\n", "weixin", "app", "set", "--id", "wx123"))
	r.want(Done, r.run("", "weixin", "app", "get"), "wx123", "secret set: true")
	r.want(Done, r.run("", "weixin", "card", "set", "--phone", "400-123", "--description", "凭卡享会员价"))
	r.want(Done, r.run("", "weixin", "card", "get"), "400-123", "凭卡享会员价")
	r.noSecretsAtRest("s3cr3t-of-the-app")
}

func TestGuardedActionsAsk(t *testing.T) {
	r := newRig(t).synced()
	r.want(RefusedExit, r.run("\n", "hq", "call", "resetdownload"), "nothing was done")
	r.want(Done, r.run("resetdownload\n", "hq", "call", "resetdownload"), "200")
	r.want(RefusedExit, r.run("deleteall\n", "hq", "call", "deleteall"), "ALL shops", "nothing was done")
	if n := doc[map[string]any](t, r.want(Done, r.run("", "--json", "sync")).out)["products"]; n.(float64) == 0 {
		t.Fatal("everything is gone")
	}
	name := r.servers.Shop.ShopName
	r.want(Done, r.run(name+"\n", "hq", "call", "deleteall"), "200")
	got := r.want(Done, r.run("", "--json", "hq", "call", "getlist"))
	if !strings.Contains(got.out, `"totalCount": 0`) {
		t.Errorf("%s", got.out)
	}
	r.want(Usage, r.run("", "hq", "call", "getlst"), "getlist")
	r.want(RefusedExit, r.run("", "hq", "call", "get", "nr=1"), "id")
	r.want(Usage, r.run("", "hq", "call", "get", "12"), "NAME=VALUE")
}

func TestSecretsOfOtherShopsAreNeverShown(t *testing.T) {
	r := newRig(t).synced()
	id := strconv.FormatInt(r.product("10197").ProductID, 10)
	for _, args := range [][]string{{"shop", "list", "--product", id}, {"--json", "shop", "list", "--product", id}, {"hq", "call", "getshoplist", "productId=" + id}} {
		got := r.want(Done, r.run("", args...))
		for _, s := range []string{hqtest.ShopAppKey, hqtest.ShopAppSecret} {
			if strings.Contains(got.out+got.err, s) {
				t.Errorf("%v shows %s", args, s)
			}
		}
	}
}

func TestEveryContractIsListed(t *testing.T) {
	r := newRig(t)
	list := doc[[]map[string]any](t, r.want(Done, r.run("", "--json", "contracts")).out)
	count := map[string]int{}
	for _, a := range list {
		count[a["contract"].(string)]++
	}
	if count["hq"] != 23 || count["liantuofu"] != 11 || count["zvcms"] != 4 {
		t.Errorf("%v", count)
	}
}

// withMembers sets the member gateway up.
func (r *rig) withMembers() *rig {
	r.t.Helper()
	e := r.servers.Endpoints()
	for _, kv := range [][2]string{{"zvcms.url", e.ZVCMS}, {"zvcms.open_id", e.OpenID}, {"zvcms.grant_code", e.GrantCode}} {
		r.want(Done, r.run("", "config", "set", kv[0], kv[1]))
	}
	r.want(Done, r.run(e.OpenKey+"\n", "secret", "set", "zvcms.open_key"))
	return r
}

func TestConsume(t *testing.T) {
	r := newRig(t).withMembers().synced()
	m := r.servers.Shop.Members[0]
	sale := doc[saleJSON](t, r.want(Done, r.run("", "--json", "consume", "--customer", m.CustomerID, "--amount", "1.50")).out)
	if sale.State != "COMPLETE" || sale.Kind != "consumption" || sale.Legs[0].Class != "K2" || sale.Legs[0].State != "PAID" || sale.Legs[0].ProviderNo == "" || sale.Legs[0].Amount != 150 {
		t.Errorf("%+v", sale)
	}
	r.want(RefusedExit, r.run("", "consume", "--customer", m.CustomerID, "--amount", "99999999"), "nothing was taken")
	r.want(RefusedExit, r.run("", "consume", "--customer", "nobody-1", "--amount", "1"), "nothing was taken")
	r.want(RefusedExit, r.run("", "consume", "--amount", "1"), "whose account")
	r.want(Usage, r.run("", "consume", "--customer", m.CustomerID, "--amount", "0"))
	r.want(Done, r.run("", "consume", "--customer", m.CustomerID, "--points", "1"))
	if len(m.Coupons) > 1 {
		r.want(Done, r.run("", "consume", "--customer", m.CustomerID, "--coupon", m.Coupons[0].CardID))
		r.want(RefusedExit, r.run("", "consume", "--customer", m.CustomerID, "--coupon", m.Coupons[0].CardID), "nothing was taken")
	}

	r.faults("member-consume=lost-reply")
	silent := doc[saleJSON](t, r.want(Unresolved, r.run("", "--json", "consume", "--customer", m.CustomerID, "--amount", "2")).out)
	r.faults("")
	key := silent.Legs[0].Key
	r.want(Unresolved, r.run("", "settle", "--wait", "1s"), key)
	r.want(RefusedExit, r.run("", "pay", "cancel", key), "by hand")
	r.want(Done, r.run("", "pay", "resolve", key, "--as", "paid", "--reason", "seen in the account"))
	taken := 0
	for _, c := range r.servers.ZVCMS.Charges() {
		if c.Kind == "member" {
			taken++
		}
	}
	if want := 3 + min(1, max(0, len(m.Coupons)-1)); taken != want {
		t.Errorf("%d consumptions at the gateway, want %d", taken, want)
	}
	r.want(Done, r.run("", "verify"), "0 broken")
	r.noSecretsAtRest(m.CustomerID, r.servers.Endpoints().OpenKey)
}

func TestAPaymentIsGivenUp(t *testing.T) {
	r := newRig(t).synced()
	// A process that ends while the customer is paying leaves the leg open.
	r.faults("pay=paying-forever")
	left := doc[saleJSON](t, r.want(RefusedExit, r.run("", "--json", "sale", "ring", "--line", "10197", "--tender", "code=134567890123459999")).out)
	r.want(RefusedExit, r.run("", "pay", "cancel", left.Legs[0].Key), "still open")
	r.want(RefusedExit, r.run("", "pay", "cancel", "NOSUCH-1-KEY"))
}

func TestAFixedHeaderInsteadOfALogin(t *testing.T) {
	r := newRig(t)
	if err := r.servers.HQ.SetQuirks(hqtest.Quirks{HeaderName: "X-App-Key", HeaderValue: "a-key-of-ours"}); err != nil {
		t.Fatal(err)
	}
	r.want(RefusedExit, r.run("", "sync"))
	r.want(Done, r.run("", "config", "set", "hq.login", ""))
	r.want(Done, r.run("", "config", "set", "hq.header_name", "X-App-Key"))
	r.want(Done, r.run("a-key-of-ours\n", "secret", "set", "hq.header_value"))
	r.want(Done, r.run("", "sync"), "315 products")
	r.want(Done, r.run("", "doctor"), "green  hq")
	r.want(Done, r.run("another\n", "secret", "set", "hq.header_value"))
	r.want(RefusedExit, r.run("", "doctor"), "red    hq")
	r.noSecretsAtRest("a-key-of-ours")
}

func TestSecretsAreNoArguments(t *testing.T) {
	r := newRig(t).synced()
	r.want(Usage, r.run("saveappconfig\n", "hq", "call", "saveappconfig", "appID=wx1", "appSecret=s3cr3t"), "standard input")
	r.want(Done, r.run("s3cr3t-value\nsaveappconfig\n", "hq", "call", "saveappconfig", "appID=wx1", "appSecret=-"), "200")
	r.want(Done, r.run("", "weixin", "app", "get"), "wx1", "secret set: true")
	r.noSecretsAtRest("s3cr3t-value")
}

func TestDoctorTellsKeyClockAndNetworkApart(t *testing.T) {
	r := newRig(t).withMembers().synced()
	checks := func() map[string]string {
		var d struct {
			Checks []struct{ Name, State, Reason string }
		}
		if err := json.Unmarshal([]byte(r.run("", "--json", "doctor").out), &d); err != nil {
			t.Fatal(err)
		}
		all := map[string]string{}
		for _, c := range d.Checks {
			all[c.Name] = c.State + " " + c.Reason
		}
		return all
	}
	want := func(name string, says ...string) {
		t.Helper()
		got := checks()[name]
		for _, s := range says {
			if !strings.Contains(got, s) {
				t.Errorf("%s: %q does not say %q", name, got, s)
			}
		}
	}
	for _, name := range []string{"hq", "liantuofu", "zvcms", "clock"} {
		want(name, "green")
	}
	r.want(Done, r.run("wrong\n", "secret", "set", "liantuofu.key"))
	r.want(Done, r.run("wrong\n", "secret", "set", "zvcms.open_key"))
	r.want(Done, r.run("wrong\n", "secret", "set", "hq.password"))
	want("liantuofu", "red", "does not accept this till's key")
	want("zvcms", "red", "does not accept this till's key")
	want("hq", "red", "密码")
	for _, name := range []string{"hq", "liantuofu", "zvcms"} {
		r.want(Done, r.run("", "config", "set", name+".url", "http://127.0.0.1:9/"))
		want(name, "red", "cannot be reached")
	}
}
