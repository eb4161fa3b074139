package cli

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A deed of unknown outcome is never called refused, nor a refusal done.
func TestTheExitCodeOfACallIsItsOutcome(t *testing.T) {
	r := newRig(t).withMembers().synced()
	for i, c := range []struct {
		fault string
		code  int
		money int // how many charges come to be
	}{
		{"", Done, 1},
		{"pay=500:done", Unresolved, 1},
		{"pay=html:done", Unresolved, 1},
		{"pay=huge", Unresolved, 1},
		{"pay=garbage", Unresolved, 1},
		{"pay=truncated", Unresolved, 1},
		{"pay=lost-reply", Unresolved, 1},
		{"pay=bad-signature", Unresolved, 1},
		{"pay=wrong-amount", Unresolved, 1},
		{"pay=wrong-key", Unresolved, 1},
		{"pay=duplicate", Unresolved, 1},
		{"pay=paying-forever", Unresolved, 0},
		{"pay=500", Unresolved, 0},
		{"pay=request-lost", Unresolved, 0},
		{"pay=refused", RefusedExit, 0},
		{"pay=expired-code", RefusedExit, 0},
	} {
		r.faults(c.fault)
		before := len(r.servers.Charges())
		got := r.run("pay\n", "liantuofu", "call", "pay", fmt.Sprintf("outTradeNo=call-exit-%d", i), "totalAmount=1.00", fmt.Sprintf("authCode=1345678901234500%02d", i))
		r.want(c.code, got)
		if n := len(r.servers.Charges()) - before; n != c.money {
			t.Errorf("%s: %d charges", c.fault, n)
		}
	}
	for spec, code := range map[string]int{"": Done, "resetdownload=status:702": Unresolved, "resetdownload=500": Unresolved, "resetdownload=garbage": Unresolved, "resetdownload=huge": Unresolved, "resetdownload=status:905": RefusedExit} {
		r.faults(spec)
		r.want(code, r.run("resetdownload\n", "hq", "call", "resetdownload"))
	}
	m := r.servers.Shop.Members[0]
	n := 0
	for spec, code := range map[string]int{"": Done, "member-consume=sample-success": Unresolved, "member-consume=system-error:done": Unresolved, "member-consume=huge": Unresolved, "member-consume=refused": RefusedExit, "member-consume=sign-error": RefusedExit} {
		r.faults(spec)
		n++
		r.want(code, r.run("communal.user.consume\n", "zvcms", "call", "communal.user.consume", fmt.Sprintf("bizId=call-%d", n), "customerId="+m.CustomerID, "amount=0.01"))
	}
	r.faults("")
	for _, args := range [][]string{
		{"hq", "call", "getbyproductid", "productId=999999999"},
		{"liantuofu", "call", "pay/query", "outTradeNo=nobody-knows-1"},
		{"zvcms", "call", "communal.user.gether-customer-info", "identifierNumber=00000000000", "type=2"},
	} {
		r.want(RefusedExit, r.run("", args...))
	}
	said := doc[map[string]any](t, r.want(Done, r.run("", "--json", "hq", "call", "getlist", "pageSize=1")).out)
	if said["outcome"] != "done" {
		t.Errorf("%v", said)
	}
}

// The money of a payment in the books does not move behind their back.
func TestACallLeavesOurOwnPaymentsAlone(t *testing.T) {
	r := newRig(t).withMembers().synced()
	r.want(Done, r.run("", "config", "set", "zvcms.reverse_action", "communal.user.consume-reverse"))
	sale := doc[saleJSON](t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10197", "--tender", "code=134567890123450001")).out)
	taken := doc[saleJSON](t, r.want(Done, r.run("", "--json", "consume", "--customer", r.servers.Shop.Members[0].CustomerID, "--amount", "1")).out)
	key, wallet := sale.Legs[0].Key, sale.Legs[0].ProviderNo
	bizID, returned := taken.Legs[0].Key, taken.Legs[0].ProviderNo
	if wallet == "" || returned == "" {
		t.Fatalf("%+v %+v", sale.Legs, taken.Legs)
	}
	charges := fmt.Sprint(r.servers.Charges())
	for _, args := range [][]string{
		{"liantuofu", "cancel", "outTradeNo=" + key},
		{"liantuofu", "close", "outTradeNo=" + key},
		{"liantuofu", "cancel", "outTradeNo=" + strings.ToLower(key)},
		{"liantuofu", "pay", "outTradeNo=" + key, "totalAmount=1", "authCode=134567890123459999"},
		{"liantuofu", "refundV2", "outTradeNo=" + key, "refundNo=refund-of-ours-1", "refundAmount=0.01"},
		{"liantuofu", "refundV2", "outTransactionId=" + wallet, "refundNo=refund-of-ours-2", "refundAmount=0.01"},
		{"zvcms", "communal.user.consume-reverse", "bizId=" + returned},
		{"zvcms", "communal.user.consume-reverse", "bizId= " + returned + " "},
		{"zvcms", "communal.user.consume-reverse", "bizId=" + bizID},
		{"zvcms", "communal.user.consume", "bizId=" + bizID, "customerId=1", "amount=1"},
	} {
		got := r.want(RefusedExit, r.run(args[1]+"\n", append([]string{args[0], "call"}, args[1:]...)...), "pay status", "sale void")
		if strings.Contains(got.err, "Type") {
			t.Errorf("%v: a person was asked", args)
		}
	}
	if now := fmt.Sprint(r.servers.Charges()); now != charges {
		t.Errorf("money moved: %s\nbefore: %s", now, charges)
	}
	r.want(Done, r.run("", "liantuofu", "call", "pay/query", "outTradeNo="+key), "SUCCESS")
	r.want(Done, r.run("pay\n", "liantuofu", "call", "pay", "outTradeNo=not-of-ours-1", "totalAmount=1", "authCode=134567890123459998"))
	r.want(Done, r.run("cancel\n", "liantuofu", "call", "cancel", "outTradeNo=not-of-ours-1"))
	r.want(Done, r.run("", "verify"), "0 broken")
}

// audit is what the trail says of the remote contracts.
func (r *rig) audit() string {
	r.t.Helper()
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(filepath.Join(r.dir, "ledger.db"))+"?mode=ro")
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT what, subject, detail FROM audit WHERE what LIKE 'hq%' OR what LIKE '%.call' ORDER BY seq`)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	var b strings.Builder
	for rows.Next() {
		var what, subject, detail string
		if err := rows.Scan(&what, &subject, &detail); err != nil {
			r.t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s | %s | %s\n", what, subject, detail)
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return b.String()
}

func TestTheAuditTrailNamesWhatWasDone(t *testing.T) {
	r := newRig(t).synced()
	p := r.product("10197")
	id := strconv.FormatInt(p.ProductID, 10)
	r.want(RefusedExit, r.run("", "price", "set", "--product", id, "--price", "1", "--member", "1", "--shop", "1", "--shop", "424242"), "nothing was changed")
	if trail := r.audit(); trail != "" {
		t.Errorf("nothing was sent, and the trail says\n%s", trail)
	}
	r.want(Done, r.run("", "price", "set", "--product", id, "--price", "1.50"))
	r.want(Done, r.run("s3cr3t-value\nsaveappconfig\n", "hq", "call", "saveappconfig", "appID=wx1", "appSecret=-"))
	r.want(Done, r.run("timescard/userTimesCardConsume\n", "liantuofu", "call", "timescard/userTimesCardConsume", "cardNo=914095353294404024", "count=1"))
	r.want(Done, r.run("delete\n", "hq", "call", "delete", fmt.Sprintf("ids=%d", p.ID)))
	trail := r.audit()
	for _, line := range []string{
		"hq.price | 10197 " + p.Name + " shop 1 | " + p.Price.Yuan() + " → 1.50",
		"hq.price.result | 10197 " + p.Name + " shop 1 | changed",
		"hq.call | saveappconfig | appID=wx1 appSecret=***\n",
		"liantuofu.call | timescard/userTimesCardConsume | cardNo=***4024 count=1\n",
		fmt.Sprintf("hq.call | delete | ids=%d\n", p.ID),
	} {
		if !strings.Contains(trail, line) {
			t.Errorf("%q is not in\n%s", line, trail)
		}
	}
	r.noSecretsAtRest("s3cr3t-value", "914095353294404024")
}

// What the settings fill in need not be given, and what no till can charge is
// refused before anybody is asked.
func TestACallIsCheckedWhole(t *testing.T) {
	r := newRig(t).synced()
	p := r.product("10197")
	id := strconv.FormatInt(p.ProductID, 10)
	r.want(Done, r.run("unifychangeprice\n", "hq", "call", "unifychangeprice", "productId="+id, "price=9", "memberPrice=8"))
	for _, price := range []string{"price=-1", "price=0.005", "price=cheap"} {
		got := r.want(RefusedExit, r.run("changeprice\n", "hq", "call", "changeprice", fmt.Sprintf("id=%d", p.ID), price, "memberPrice=1"), "price")
		if strings.Contains(got.err, "Type") {
			t.Errorf("%s: a person was asked", price)
		}
	}
	r.want(Done, r.run("", "sync"))
	if now := r.product("10197"); now.Price != 900 || now.MemberPrice != 800 {
		t.Errorf("%+v", now)
	}
}

// An order that the customer could pay is not left behind unsaid.
func TestACodeToShowIsWrittenOrItsOrderNamed(t *testing.T) {
	r := newRig(t).synced()
	precreate := func(no, file string) result {
		return r.run("precreate\n", "liantuofu", "call", "precreate", "outTradeNo="+no, "totalAmount=2", "channel=WXPAY", "--qr", file)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "code.png")
	r.want(Done, precreate("qr-order-1", file), "qr-order-1")
	png, err := os.ReadFile(file)
	if err != nil || !bytes.HasPrefix(png, []byte("\x89PNG")) {
		t.Errorf("%q, %v", png[:min(8, len(png))], err)
	}
	r.want(RefusedExit, precreate("qr-order-2", filepath.Join(dir, "missing", "code.png")), "Nothing was sent")
	r.want(RefusedExit, r.run("", "liantuofu", "call", "pay/query", "outTradeNo=qr-order-2"))
	fresh := filepath.Join(dir, "fresh.png")
	for spec, code := range map[string]int{"precreate=refused": RefusedExit, "precreate=lost-reply": Unresolved, "precreate=garbage": Unresolved, "precreate=500:done": Unresolved, "precreate=duplicate": Unresolved} {
		r.faults(spec)
		no := "qr-" + strings.NewReplacer("=", "-", ":", "-").Replace(spec) // a number is used once
		got := r.want(code, precreate(no, fresh))
		if code == Unresolved && !strings.Contains(got.err, "call close outTradeNo="+no) {
			t.Errorf("%s: %s", spec, got.err)
		}
		if _, err := os.Stat(fresh); !os.IsNotExist(err) {
			t.Errorf("%s: an empty file is left: %v", spec, err)
		}
	}
	r.faults("precreate=refused")
	r.want(RefusedExit, precreate("qr-order-9", file))
	if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, png) {
		t.Errorf("the older picture is gone: %v", err)
	}
}

// One number is one payment, also by a call: a second pay with it would be
// another charge, or none.
func TestANumberIsCalledOnce(t *testing.T) {
	r := newRig(t).synced()
	pay := func(code string) result {
		return r.run("pay\n", "liantuofu", "call", "pay", "outTradeNo=by-hand-0001", "totalAmount=1.00", "authCode="+code)
	}
	r.want(Done, pay("134567890123450001"))
	r.want(RefusedExit, pay("134567890123450002"), "by-hand-0001", "nothing was sent")
	if n := len(r.servers.Charges()); n != 1 {
		t.Errorf("%d charges", n)
	}
}
