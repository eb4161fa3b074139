package demo

import (
	"context"
	"crypto/md5"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cashier/services/fault"
	"cashier/services/liantuofu/liantuofutest"
	"cashier/services/money"
	"cashier/services/shopdata/standin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, tweak func(*Params)) *Servers {
	t.Helper()
	p := Params{Shop: os.DirFS("../../services/shopdata/testdata/shop")}
	if tweak != nil {
		tweak(&p)
	}
	s, err := Start(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// client never keeps a connection, so that nothing outlives its test.
func client(t *testing.T) *http.Client {
	tr := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 20 * time.Second}
}

// open posts a signed request to Liantuofu; the signature is made here from the
// vendor's rule.
func open(c *http.Client, e Endpoints, path string, form map[string]string) (map[string]string, error) {
	form["appId"], form["merchantCode"], form["random"] = e.AppID, e.MerchantCode, "1"
	names := make([]string, 0, len(form))
	v := url.Values{}
	for k, x := range form {
		names = append(names, k)
		v.Set(k, x)
	}
	slices.Sort(names)
	var text strings.Builder
	for _, k := range names {
		text.WriteString(k + "=" + form[k] + "&")
	}
	v.Set("sign", fmt.Sprintf("%x", md5.Sum([]byte(text.String()+"key="+e.Key))))
	resp, err := c.PostForm(e.Liantuofu+path, v)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var m map[string]string
	err = json.NewDecoder(resp.Body).Decode(&m)
	return m, err
}

func pay(c *http.Client, e Endpoints, key, amount, code string) (map[string]string, error) {
	return open(c, e, "pay", map[string]string{"outTradeNo": key, "totalAmount": amount, "authCode": code})
}

func ask(t *testing.T, c *http.Client, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestThreeServersOnOneAddress(t *testing.T) {
	s := start(t, func(p *Params) { p.Shop = nil })
	e, c := s.Endpoints(), client(t)
	login := fmt.Sprintf(`{"tenant":%q,"loginName":%q,"password":%q}`, e.Tenant, e.Login, e.Password)
	if status, body := ask(t, c, "POST", e.HQ+"/api/weixin/login", login); status != 200 || !strings.Contains(body, `"status":200`) {
		t.Errorf("HQ: %d %s", status, body)
	}
	if m, err := pay(c, e, "order-0001", "1.00", "130009000000001234"); err != nil || m["code"] != "SUCCESS" {
		t.Errorf("Liantuofu: %v %v", m, err)
	}
	if status, body := ask(t, c, "POST", e.ZVCMS, `{}`); status != 200 || !strings.Contains(body, "OpenId") && !strings.Contains(body, "不能为空") {
		t.Errorf("zvcms: %d %s", status, body)
	}
	status, body := ask(t, c, "GET", e.HQ+"/_sim/charges", "")
	var list []standin.Charge
	if err := json.Unmarshal([]byte(body), &list); err != nil || status != 200 || len(list) != 1 ||
		list[0].Key != "order-0001" || list[0].Amount != "1.00" || list[0].Last4 != "1234" {
		t.Errorf("charges: %d %s", status, body)
	}
	price := fmt.Sprintf(`{"shopId":%d,"productId":%d,"price":"9.99","memberPrice":"0"}`, e.ShopID, s.Shop.Products[0].ProductID)
	if status, body := ask(t, c, "POST", e.HQ+"/_sim/price", price); status != 200 {
		t.Errorf("price: %d %s", status, body)
	}
	if p, _, ok := s.HQ.Price(e.ShopID, s.Shop.Products[0].ProductID); !ok || p != 9_99 {
		t.Errorf("price %s", p)
	}
}

func TestFaultsReachWhomTheyAreFor(t *testing.T) {
	s := start(t, func(p *Params) { p.Faults = "pay=refused#1,getlist=500" })
	e, c := s.Endpoints(), client(t)
	if m, err := pay(c, e, "order-0001", "1.00", "130009000000001234"); err != nil || m["code"] != "FAILED" {
		t.Errorf("%v %v", m, err)
	}
	if len(s.HQ.Faults()) != 1 || len(s.Liantuofu.Faults()) != 1 || len(s.ZVCMS.Faults()) != 0 {
		t.Error("rules went astray")
	}
	if status, body := ask(t, c, "POST", e.HQ+"/_sim/faults", "*=request-lost,zvcms.consume=refused"); status != 200 ||
		body != `{"faults":"*=request-lost,zvcms.consume=refused"}` {
		t.Errorf("%d %s", status, body)
	}
	if _, err := pay(c, e, "order-0002", "1.00", "130009000000011234"); err == nil {
		t.Error("the cable is out, and a reply came")
	}
	for _, bad := range []string{"nobody=500", "pay=page-shift", "hq.pay=500", "pay=?"} {
		if err := s.SetFaults(bad); fault.CodeOf(err) != "demo.faults" {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if standin.Text(s.Faults()) != "*=request-lost,zvcms.consume=refused" {
		t.Errorf("refused texts changed the rules to %s", standin.Text(s.Faults()))
	}
	if err := s.SetFaults(""); err != nil || len(s.Faults()) != 0 {
		t.Errorf("%v %v", err, s.Faults())
	}
}

func TestStartRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	taken := start(t, nil)
	for name, c := range map[string]struct {
		tweak func(*Params)
		code  string
	}{
		"every address":   {func(p *Params) { p.Listen = "0.0.0.0:0" }, "demo.listen"},
		"no host":         {func(p *Params) { p.Listen = ":0" }, "demo.listen"},
		"another machine": {func(p *Params) { p.Listen = "192.0.2.1:80" }, "demo.listen"},
		"no port":         {func(p *Params) { p.Listen = "127.0.0.1" }, "demo.listen"},
		"port taken":      {func(p *Params) { p.Listen = strings.TrimPrefix(taken.Endpoints().HQ, "http://") }, "demo.address"},
		"empty folder":    {func(p *Params) { p.Shop = os.DirFS(dir) }, "demo.shop"},
		"faults":          {func(p *Params) { p.Faults = "pay" }, "demo.faults"},
		"cut state":       {func(p *Params) { p.StatePath = file("cut", `{"version":1,"shopId":1,"sec`) }, "demo.state"},
		"empty state":     {func(p *Params) { p.StatePath = file("empty", "") }, "demo.state"},
		"newer state":     {func(p *Params) { p.StatePath = file("newer", `{"version":2,"shopId":1}`) }, "demo.state"},
		"other shop":      {func(p *Params) { p.StatePath = file("other", `{"version":1,"shopId":7}`) }, "demo.state"},
		"half a state":    {func(p *Params) { p.StatePath = file("half", `{"version":1,"shopId":1,"sections":{"hq":{}}}`) }, "demo.state"},
		"no such folder":  {func(p *Params) { p.StatePath = filepath.Join(dir, "none", "state") }, "demo.state"},
	} {
		t.Run(name, func(t *testing.T) {
			p := Params{Shop: os.DirFS("../../services/shopdata/testdata/shop")}
			c.tweak(&p)
			s, err := Start(t.Context(), p)
			if err == nil {
				_ = s.Close()
			}
			if fault.CodeOf(err) != c.code {
				t.Errorf("%v (%s), want %s", err, fault.CodeOf(err), c.code)
			}
		})
	}
	if b, err := os.ReadFile(filepath.Join(dir, "cut")); err != nil || len(b) == 0 {
		t.Error("a state that could not be read was overwritten")
	}
}

func TestStateIsOnDiskBeforeTheReply(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	s := start(t, func(p *Params) { p.StatePath = path })
	if m, err := pay(client(t), s.Endpoints(), "order-0001", "1.00", "130009000000001234"); err != nil || m["code"] != "SUCCESS" {
		t.Fatal(m, err)
	}
	// What a kill at this moment would leave behind.
	left, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "state.json")
	if err := os.WriteFile(elsewhere, left, 0o600); err != nil {
		t.Fatal(err)
	}
	after := start(t, func(p *Params) { p.StatePath = elsewhere })
	if list := after.Charges(); len(list) != 1 || list[0].Key != "order-0001" {
		t.Errorf("charges after the kill: %+v", list)
	}
}

func TestStateSurvivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	with := func(p *Params) { p.StatePath = path }
	s := start(t, with)
	if _, err := Start(t.Context(), Params{Shop: os.DirFS("../../services/shopdata/testdata/shop"), StatePath: path}); fault.CodeOf(err) != "demo.state-in-use" {
		t.Errorf("two on one file: %v", err)
	}
	if m, err := pay(client(t), s.Endpoints(), "order-0001", "12.00", "130001000000001234"); err != nil || m["code"] != "SUCCESS" {
		t.Fatal(m, err)
	}
	s.HQ.SetPrice(1, 1001, 7_77, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, with)
	if p, _, _ := s.HQ.Price(1, 1001); p != 7_77 || s.Liantuofu.Balance("0001") != 38_00 || len(s.Charges()) != 1 {
		t.Errorf("price %s, wallet %s, charges %v", p, s.Liantuofu.Balance("0001"), s.Charges())
	}
}

func TestFiftyClients(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	s := start(t, func(p *Params) {
		p.StatePath = path
		p.Faults = "pay=lost-reply@0.2,cancel=lost-reply@0.2"
		p.Liantuofu = func(l *liantuofutest.Params) { l.DefaultBalance = 1000_00 }
	})
	e, c := s.Endpoints(), client(t)
	var wg sync.WaitGroup
	for n := range 50 {
		wg.Go(func() {
			for i := range 4 {
				key := fmt.Sprintf("order-%02d-%02d", n, i)
				_, _ = pay(c, e, key, "2.50", fmt.Sprintf("135000%08d0001", n*10+i))
				if i == 0 {
					_, _ = open(c, e, "cancel", map[string]string{"outTradeNo": key})
				}
			}
		})
	}
	wg.Wait()
	truth := s.Charges()
	var taken money.Fen
	for _, f := range standin.Net(truth) {
		taken += f
	}
	if taken != 150*2_50 || s.Liantuofu.Balance("5000") != 1000_00-taken {
		t.Errorf("taken %s, left %s", taken, s.Liantuofu.Balance("5000"))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := start(t, func(p *Params) { p.StatePath = path })
	if got := again.Charges(); len(got) != len(truth) {
		t.Errorf("%d of %d charges on disk", len(got), len(truth))
	}
}

func TestAFullDiskDoesNotStopTheGateway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), Params{Shop: os.DirFS("../../services/shopdata/testdata/shop"), StatePath: filepath.Join(dir, "state.json")})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if m, err := pay(client(t), s.Endpoints(), "order-0001", "1.00", "130009000000001234"); err != nil || m["code"] != "SUCCESS" {
		t.Errorf("%v %v", m, err)
	}
	if err := s.Close(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Close says %v", err)
	}
}

func TestCloseEndsCallsThatHang(t *testing.T) {
	charged := make(chan bool, 1)
	ctx, stop := context.WithCancel(t.Context())
	s, err := Start(ctx, Params{
		Shop:      os.DirFS("../../services/shopdata/testdata/shop"),
		Liantuofu: func(l *liantuofutest.Params) { l.OnChange = func(money bool) { charged <- money } },
	})
	if err != nil {
		t.Fatal(err)
	}
	c, done := client(t), make(chan error, 1)
	go func() {
		_, err := pay(c, s.Endpoints(), "order-0001", "1.00", "130009000000009005")
		done <- err
	}()
	<-charged
	stop() // the end of the context is a Close
	if err := <-done; err == nil {
		t.Error("a reply came")
	}
	if err := s.Close(); err != nil || len(s.Charges()) != 1 {
		t.Errorf("%v %v", err, s.Charges())
	}
}

// The handbook lists every tail, kind and action there is.
func TestHandbookIsComplete(t *testing.T) {
	b, err := os.ReadFile("../../docs/stand-ins.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, x := range standin.Tails {
		kind := string(x.Kind)
		if x.Arg != "" {
			kind += ":" + x.Arg
		}
		if !strings.Contains(text, "| "+x.Digits+" | `"+kind+"` |") {
			t.Errorf("tail %s `%s` is missing", x.Digits, kind)
		}
	}
	s := start(t, nil)
	for _, m := range s.benches() {
		for action, kinds := range m.Menu().Actions {
			if !strings.Contains(text, "`"+action+"`") {
				t.Errorf("action %s of %s is missing", action, m.Menu().Gateway)
			}
			for _, k := range kinds {
				if !strings.Contains(text, "| `"+string(k)) {
					t.Errorf("kind %s is missing", k)
				}
			}
		}
	}
}
