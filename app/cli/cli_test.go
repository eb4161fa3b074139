package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cashier/app"
	"cashier/app/demo"
	"cashier/app/vault"
	"cashier/assets/demoshop"
)

// rig is a till's folder beside running stand-ins. Waits are a twentieth of
// the real ones.
type rig struct {
	t       *testing.T
	dir     string
	servers *demo.Servers
}

type result struct {
	code     int
	out, err string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	t.Setenv(vault.PassphraseEnv, "test")
	servers, err := demo.Start(context.Background(), demo.Params{Shop: demoshop.FS()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	return (&rig{t: t, dir: filepath.Join(t.TempDir(), "收银 till #1"), servers: servers}).setUp()
}

// beside is another till, or another program, at the same HQ and gateways.
func (r *rig) beside() *rig {
	r.t.Helper()
	return (&rig{t: r.t, dir: filepath.Join(r.t.TempDir(), "till 2"), servers: r.servers}).setUp()
}

func (r *rig) setUp() *rig {
	r.t.Helper()
	e := r.servers.Endpoints()
	for _, kv := range [][2]string{
		{"hq.url", e.HQ}, {"hq.tenant", e.Tenant}, {"hq.login", e.Login}, {"hq.shop_id", fmt.Sprint(e.ShopID)},
		{"liantuofu.url", e.Liantuofu}, {"liantuofu.app_id", e.AppID}, {"liantuofu.merchant_code", e.MerchantCode},
	} {
		r.want(Done, r.run("", "config", "set", kv[0], kv[1]))
	}
	r.want(Done, r.run(e.Password+"\n", "secret", "set", "hq.password"))
	r.want(Done, r.run(e.Key+"\n", "secret", "set", "liantuofu.key"))
	return r
}

func (r *rig) run(stdin string, args ...string) result {
	var out, diag bytes.Buffer
	code := Run(context.Background(), append([]string{"--data", r.dir}, args...), IO{In: strings.NewReader(stdin), Out: &out, Err: &diag}, Options{TimerDiv: 20, VaultCost: 4})
	return result{code, out.String(), diag.String()}
}

func (r *rig) want(code int, got result, says ...string) result {
	r.t.Helper()
	if got.code != code {
		r.t.Fatalf("exit %d, want %d\nout: %s\nerr: %s", got.code, code, got.out, got.err)
	}
	for _, s := range says {
		if !strings.Contains(got.err+got.out, s) {
			r.t.Errorf("does not say %q:\nout: %s\nerr: %s", s, got.out, got.err)
		}
	}
	return got
}

func (r *rig) synced() *rig {
	r.t.Helper()
	r.want(Done, r.run("", "sync"))
	return r
}

func doc[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func TestAWholeDay(t *testing.T) {
	r := newRig(t)
	first := doc[map[string]any](t, r.want(Done, r.run("", "--json", "sync")).out)
	if first["rowsWritten"].(float64) < 200 {
		t.Errorf("first sync: %v", first)
	}
	if again := doc[map[string]any](t, r.want(Done, r.run("", "sync", "--json")).out); again["rowsWritten"].(float64) != 0 {
		t.Errorf("second sync: %v", again)
	}
	found := doc[[]productJSON](t, r.want(Done, r.run("", "--json", "product", "find", "pingguo", "--limit", "3")).out)
	if len(found) != 3 {
		t.Fatalf("%+v", found)
	}
	shown := doc[productJSON](t, r.want(Done, r.run("", "--json", "product", "show", found[0].Code)).out)
	if shown.ProductID != found[0].ProductID {
		t.Errorf("by code: %+v", shown)
	}

	cash := doc[saleJSON](t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10001@1.25", "--tender", "cash=100")).out)
	if cash.State != "COMPLETE" || cash.Total != 1495 || cash.Change != 8505 {
		t.Errorf("%+v", cash)
	}
	code := doc[saleJSON](t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10001@1.25", "--tender", "code=134567890123450001")).out)
	if code.Legs[0].Class != "K1" || code.Legs[0].ProviderNo == "" {
		t.Errorf("%+v", code)
	}
	r.want(Done, r.run("", "redeem", "times-card", "914095353294404024", "--count", "2"), "COMPLETE")

	r.want(Done, r.run("", "pay", "status", code.Legs[0].Key), "PAID")
	r.want(Done, r.run("", "pay", "query", code.Legs[0].Key), "PAID")
	list := doc[map[string][]saleJSON](t, r.want(Done, r.run("", "--json", "journal", "list")).out)
	if len(list["sales"]) != 3 {
		t.Errorf("%+v", list)
	}
	r.want(Done, r.run("", "journal", "show", cash.SaleID), "红富士苹果")
	r.want(Done, r.run("", "settle"), "0 payments open")
	r.want(Done, r.run("", "verify"), "0 broken")
	if charges := r.servers.Charges(); len(charges) != 2 || charges[0].Amount != "14.95" {
		t.Errorf("the bank's list: %+v", charges)
	}
	r.noSecretsAtRest("134567890123450001", "914095353294404024", r.servers.Endpoints().Key, r.servers.Endpoints().Password)
}

// noSecretsAtRest looks for canaries in every file of the data folder.
func (r *rig) noSecretsAtRest(canaries ...string) {
	r.t.Helper()
	err := filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, c := range canaries {
			if bytes.Contains(raw, []byte(c)) {
				r.t.Errorf("%s holds %s in clear", path, c[:4]+"…")
			}
		}
		return err
	})
	if err != nil {
		r.t.Error(err)
	}
}

func TestFaultsOfTheGateway(t *testing.T) {
	r := newRig(t).synced()
	for _, c := range []struct {
		code, want, state string
		exit              int
	}{
		{"134500000001" + "01" + "9002", "COMPLETE", "PAID", Done},          // paying, then paid
		{"134500000001" + "02" + "9003", "VOIDED", "REVERSED", RefusedExit}, // paying for ever
		{"134500000001" + "03" + "9004", "COMPLETE", "PAID", Done},          // charged, reply lost
		{"134500000001" + "04" + "9006", "VOIDED", "REVERSED", RefusedExit}, // never arrived
		{"134500000001" + "05" + "9007", "VOIDED", "REJECTED", RefusedExit}, // refused
		{"134500000001" + "06" + "9008", "VOIDED", "REJECTED", RefusedExit}, // expired
		{"134500000001" + "07" + "9009", "COMPLETE", "PAID", Done},          // charged, garbage
		{"134500000001" + "08" + "9012", "COMPLETE", "PAID", Done},          // charged, wrong amount in the reply
		{"134500000001" + "09" + "9017", "COMPLETE", "PAID", Done},          // charged, bad signature
		{"130001000001" + "10" + "0001", "VOIDED", "REJECTED", RefusedExit}, // a wallet with ¥5
	} {
		got := r.run("", "--json", "sale", "ring", "--line", "10001@1.25", "--tender", "code="+c.code)
		r.want(c.exit, got)
		s := doc[saleJSON](t, got.out)
		if string(s.State) != c.want || string(s.Legs[0].State) != c.state {
			t.Errorf("%s: %s %s (%s), want %s %s", c.code, s.State, s.Legs[0].State, s.Legs[0].Reason, c.want, c.state)
		}
		if c.exit != Done && !strings.Contains(got.err, "nothing was charged") {
			t.Errorf("%s: does not say what it means for the money: %s", c.code, got.err)
		}
	}
	r.want(Done, r.run("", "verify"))
}

func TestGatewayDown(t *testing.T) {
	r := newRig(t).synced()
	r.want(Done, r.run("", "config", "set", "liantuofu.url", "http://127.0.0.1:1/open/"))
	r.want(NotReached, r.run("", "sale", "ring", "--line", "10001@1", "--tender", "code=134567890123450001"), "nothing was charged")
	r.want(NotReached, r.run("", "redeem", "times-card", "914095353294404024"), "nothing was taken off")
	r.want(Done, r.run("", "sale", "ring", "--line", "10001@1", "--tender", "cash=100"), "COMPLETE")
	r.want(Done, r.run("", "verify"))
}

func TestASilentCardIsUnresolvedUntilAPersonDecides(t *testing.T) {
	r := newRig(t).synced()
	if err := r.servers.SetFaults("timescard/userTimesCardConsume=lost-reply"); err != nil {
		t.Fatal(err)
	}
	got := r.run("", "--json", "redeem", "times-card", "914095353294404024")
	r.want(Unresolved, got, "cashierctl pay resolve", "taken off the card")
	if strings.Contains(got.err, "cashierctl settle") || strings.Contains(got.err, "customer has paid") {
		t.Errorf("sends a person the wrong way: %s", got.err)
	}
	s := doc[saleJSON](t, got.out)
	leg := s.Legs[0]
	if leg.State != "MANUAL" || !strings.Contains(leg.Reason, "before: 10; now: 9") {
		t.Fatalf("%+v", s)
	}
	r.want(Unresolved, r.run("", "settle", "--wait", "2s"), leg.Key)
	r.want(RefusedExit, r.run("", "pay", "resolve", leg.Key, "--as", "PAID"), "Say why")
	r.want(Done, r.run("", "pay", "resolve", leg.Key, "--as", "paid", "--reason", "9 left"), "PAID", "is complete, receipt")
	r.want(Done, r.run("", "settle"))
	r.want(Done, r.run("", "verify"))
}

func TestBadInput(t *testing.T) {
	r := newRig(t).synced()
	ring := func(args ...string) result { return r.run("", append([]string{"sale", "ring"}, args...)...) }
	for name, c := range map[string]struct {
		exit int
		got  result
		says string
	}{
		"20 characters":      {RefusedExit, ring("--line", "10001@1", "--tender", "code=ABCDEFGHIJ1234567890"), "no payment code"},
		"20 digits, no code": {RefusedExit, ring("--line", "10001@1", "--tender", "code=99345678901234567890"), "no payment code"},
		"NUL-filled":         {RefusedExit, ring("--line", "10001@1", "--tender", "code=1345\x00\x00\x00\x00\x00\x0000000001"), "no payment code"},
		"two codes":          {RefusedExit, ring("--line", "10001@1", "--tender", "code=134567890123450001", "--tender", "code=134567890123450002"), "second one was not used"},
		"no such product":    {RefusedExit, ring("--line", "nothing", "--tender", "cash=1"), "product find"},
		"no weight":          {RefusedExit, ring("--line", "10001", "--tender", "cash=1"), "weigh it"},
		"weight in words":    {Usage, ring("--line", "10001@heavy", "--tender", "cash=1"), "weight in kg"},
		"minus two pieces":   {Usage, ring("--line", "10001*-2", "--tender", "cash=1"), "whole number"},
		"cash short":         {RefusedExit, ring("--line", "10001@1", "--tender", "cash=1"), "still due"},
		"cash in words":      {Usage, ring("--line", "10001@1", "--tender", "cash=much"), "amount in yuan"},
		"no tender":          {Usage, ring("--line", "10001@1"), "--tender"},
		"unknown tender":     {Usage, ring("--line", "10001@1", "--tender", "gold=1"), "cash=AMOUNT"},
		"too few times":      {RefusedExit, r.run("", "redeem", "times-card", "914095353294404024", "--count", "11"), "times left"},
		"no such card":       {RefusedExit, r.run("", "redeem", "times-card", "919999999999999999"), "nothing was taken off"},
		"no folder":          {Usage, r.run("", "--data", "", "verify"), "--data needs a folder"},
		"no folder at all":   {Usage, r.run("", "--data=", "verify"), "--data needs a folder"},
		"a word missing":     {Usage, r.run("", "product", "find"), "a word is missing"},
		"a word too many":    {Usage, r.run("", "journal", "show", "a", "b"), `"b" is one word too many`},
		"no such sale":       {RefusedExit, r.run("", "journal", "show", "nope"), "no sale and no payment nope"},
		"a slip in cash":     {RefusedExit, ring("--line", "10001@1", "--tender", "cash=134567"), "slip"},
		"negative wait":      {Usage, r.run("", "settle", "--wait", "-1s"), "--wait"},
		"negative limit":     {Usage, r.run("", "journal", "list", "--limit", "-1"), "--limit"},
		"unsigned setting":   {RefusedExit, r.run("", "config", "set", "liantuofu.merchant_code", "a&b"), "without &"},
		"no card at all":     {RefusedExit, r.run("", "redeem", "times-card", "\x00\x00"), "no times-card code"},
		"no such payment":    {RefusedExit, r.run("", "pay", "status", "nothing"), "nothing"},
		"no such command":    {Usage, r.run("", "sell"), "help"},
		"no command":         {Usage, r.run(""), "cashierctl"},
		"unknown setting":    {RefusedExit, r.run("", "config", "set", "hq.colour", "red"), "config get"},
		"unknown secret":     {RefusedExit, r.run("x\n", "secret", "set", "hq.pin"), "hq.password"},
		"empty secret":       {RefusedExit, r.run("\n", "secret", "set", "hq.password"), "not empty"},
		"bad since":          {Usage, r.run("", "journal", "list", "--since", "yesterday"), "2026-01-31"},
	} {
		if c.got.code != c.exit || !strings.Contains(c.got.err, c.says) {
			t.Errorf("%s: exit %d, want %d; %q must say %q", name, c.got.code, c.exit, c.got.err, c.says)
		}
	}
	if n := len(r.servers.Charges()); n != 0 {
		t.Errorf("%d charges", n)
	}
	r.want(Done, r.run("", "verify"))
}

func TestBadHQ(t *testing.T) {
	r := newRig(t).synced()
	for name, c := range map[string]struct {
		faults string
		exit   int
		says   string
	}{
		"html":    {"getlist=html", NotReached, "HTTP 502"},
		"garbage": {"getlist=garbage", RefusedExit, ""},
		"500":     {"getlist=500", NotReached, ""},
	} {
		if err := r.servers.SetFaults(c.faults); err != nil {
			t.Fatal(name, err)
		}
		got := r.run("", "sync")
		if got.code != c.exit || !strings.Contains(got.err, c.says) {
			t.Errorf("%s: exit %d, want %d; %q must say %q", name, got.code, c.exit, got.err, c.says)
		}
		r.want(Done, r.run("", "product", "show", "10001"), "红富士苹果")
	}
	for _, kind := range []string{"negative-price", "odd-pricing", "fine-price"} {
		if err := r.servers.SetFaults("getlist=" + kind); err != nil {
			t.Fatal(kind, err)
		}
		got := r.run("", "--json", "sync")
		r.want(Done, got, "Correct it at HQ")
		if rejected := doc[map[string]any](t, got.out)["rejected"].([]any); len(rejected) == 0 {
			t.Errorf("%s: nothing set aside", kind)
		}
	}
	if err := r.servers.SetFaults(""); err != nil {
		t.Fatal(err)
	}
	r.want(Done, r.run("wrong\n", "secret", "set", "hq.password"))
	r.want(RefusedExit, r.run("", "sync"), "HQ")
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<!DOCTYPE html><html><body>Please log in to the hotel's network</body></html>"))
	}))
	defer portal.Close()
	r.want(Done, r.run("", "config", "set", "hq.url", portal.URL))
	r.want(RefusedExit, r.run("", "sync"), "web page")
	r.want(Done, r.run("", "config", "set", "hq.url", "http://127.0.0.1:1"))
	r.want(NotReached, r.run("", "sync"), "HQ")
	r.want(Done, r.run("", "config", "set", "hq.url", "http://hq.example"))
	r.want(RefusedExit, r.run("", "sync"), "https")
	r.want(Done, r.run("", "sale", "ring", "--line", "10001@1", "--tender", "cash=100"), "COMPLETE")
}

func TestASecondTillOnTheFolderIsRefusedAndReadingGoesOn(t *testing.T) {
	r := newRig(t).synced()
	holder, err := app.Open(t.Context(), app.Params{Dir: r.dir, Program: "cashier", Passphrase: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	r.want(NotReached, r.run("", "sale", "ring", "--line", "10001@1", "--tender", "cash=100"), "cashier (process", "already using")
	r.want(Done, r.run("", "product", "show", "10001"))
	r.want(Done, r.run("", "journal", "list"))
	r.want(Done, r.run("", "verify"))
	r.want(Done, r.run("", "config", "set", "shop.name", "二号店"))
	r.want(Done, r.run("beside\n", "secret", "set", "zvcms.open_key"))
}

func TestAFolderThatCannotBeUsed(t *testing.T) {
	r := newRig(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r.dir = filepath.Join(file, "till")
	r.want(RefusedExit, r.run("", "sync"), "data folder")
}

func TestWithoutAVaultCashStillWorks(t *testing.T) {
	r := newRig(t).synced()
	t.Setenv(vault.PassphraseEnv, "")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	r.want(Done, r.run("", "sale", "ring", "--line", "10001@1", "--tender", "cash=100"), "COMPLETE")
	r.want(RefusedExit, r.run("", "sale", "ring", "--line", "10001@1", "--tender", "code=134567890123450001"), vault.PassphraseEnv)
	r.want(RefusedExit, r.run("x\n", "secret", "set", "hq.password"), vault.PassphraseEnv)
	t.Setenv(vault.PassphraseEnv, "another")
	r.want(RefusedExit, r.run("x\n", "secret", "set", "hq.password"), "another passphrase")
}

func TestDoctor(t *testing.T) {
	r := newRig(t)
	r.want(RefusedExit, r.run("", "doctor"), "never been read")
	r.synced()
	checks := doc[map[string][]app.Check](t, r.want(Done, r.run("", "--json", "doctor")).out)["checks"]
	for _, c := range checks {
		if c.State == app.Red {
			t.Errorf("%+v", c)
		}
	}
	r.want(Done, r.run("wrong\n", "secret", "set", "liantuofu.key"))
	r.want(RefusedExit, r.run("", "doctor"), "does not accept this till's key")
	r.want(RefusedExit, r.run("", "sale", "ring", "--line", "10001@1", "--tender", "code=134567890123450001"), "nothing was charged")
}

func TestDemoShopFeedsTheStandIns(t *testing.T) {
	r := newRig(t)
	out := filepath.Join(t.TempDir(), "shop")
	r.want(Done, r.run("", "demo-shop", "--products", "500", "--seed", "7", "--out", out))
	servers, err := demo.Start(t.Context(), demo.Params{Shop: os.DirFS(out)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = servers.Close() }()
	e := servers.Endpoints()
	r.want(Done, r.run("", "config", "set", "hq.url", e.HQ))
	r.want(Done, r.run("", "config", "set", "hq.login", e.Login))
	r.want(Done, r.run(e.Password+"\n", "secret", "set", "hq.password"))
	if got := doc[map[string]any](t, r.want(Done, r.run("", "--json", "sync")).out); got["products"].(float64) != 500 {
		t.Errorf("%v", got)
	}
	r.want(RefusedExit, r.run("", "demo-shop", "--products", "5", "--out", out), "not empty")
}
