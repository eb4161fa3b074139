package standin

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseRules(t *testing.T) {
	got, err := ParseRules(" pay=lost-reply, pay=slow:300ms ,getlist=500#3,hq.getlist=html:done@0.25,pay=truncated:17#2@1,*=request-lost,,get=status:703,pay=status:0:done,get=status:605:undone,*=huge:9 ")
	if err != nil {
		t.Fatal(err)
	}
	want := []Rule{
		{"", "pay", Fault{Kind: LostReply, Done: true}, 0, 0, "pay=lost-reply"},
		{"", "pay", Fault{Kind: Slow, For: 300 * time.Millisecond, Done: true}, 0, 0, "pay=slow:300ms"},
		{"", "getlist", Fault{Kind: Error500}, 3, 0, "getlist=500#3"},
		{"hq", "getlist", Fault{Kind: HTML, Done: true}, 0, 0.25, "hq.getlist=html:done@0.25"},
		{"", "pay", Fault{Kind: Truncated, N: 17, Done: true}, 2, 1, "pay=truncated:17#2@1"},
		{"", "*", Fault{Kind: RequestLost}, 0, 0, "*=request-lost"},
		{"", "get", Fault{Kind: Status, N: 703}, 0, 0, "get=status:703"},
		{"", "pay", Fault{Kind: Status, N: 0, Done: true}, 0, 0, "pay=status:0:done"},
		{"", "get", Fault{Kind: Status, N: 605}, 0, 0, "get=status:605:undone"},
		{"", "*", Fault{Kind: Huge, N: 9, Done: true}, 0, 0, "*=huge:9"},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(Rule{})); d != "" {
		t.Error(d)
	}
	if again, err := ParseRules(Text(got)); err != nil || cmp.Diff(got, again, cmp.AllowUnexported(Rule{})) != "" {
		t.Errorf("%s: %v", Text(got), err)
	}
}

func TestParseRulesRefuses(t *testing.T) {
	for _, spec := range []string{
		"pay", "=slow", "pay=", "pay=nonsense", "pay=slow:fast", "pay=slow:-1s", "pay=slow:2h", "pay=lost-reply:1",
		"pay=truncated:-1", "pay=500:perhaps", "pay=slow#0", "pay=slow#x", "pay=slow@0", "pay=slow@1.5", "pay=slow@NaN", "pay=slow@x",
		"pay=500,pay", "pay=paying-then-paid:x",
		"get=status", "get=status:", "get=status:x", "get=status:-1", "get=status:703:perhaps", "get=status:703:", "get=status::done", "get=bom:1", "get=huge:-1",
	} {
		if r, err := ParseRules(spec); err == nil {
			t.Errorf("%q gave %v", spec, r)
		}
	}
}

var testMenu = Menu{
	Gateway: "liantuofu",
	Actions: map[string][]Kind{"pay": {Slow, LostReply, Refused, Lies}, "query": {LostReply}},
	Aliases: map[string]string{"pay/query": "query"},
	Tailed:  []string{"pay"},
}

func TestPick(t *testing.T) {
	f := NewFaults(testMenu, 1)
	if err := f.Set("pay=refused#2,pay=slow#2,pay/query=lost-reply#1,*=lost-reply#4"); err != nil {
		t.Fatal(err)
	}
	var got []Kind
	for range 5 {
		got = append(got, f.Pick("pay", "").Kind)
	}
	// #4 of the rule for every action is the fourth call of either.
	got = append(got, f.Pick("query", "").Kind, f.Pick("query", "").Kind)
	if d := cmp.Diff([]Kind{"", Refused, "", LostReply, "", LostReply, ""}, got); d != "" {
		t.Error(d)
	}
}

func TestTailsOnlyWhereTheyBelong(t *testing.T) {
	f := NewFaults(testMenu, 1)
	for _, c := range []struct {
		action, code string
		want         Kind
	}{
		{"pay", "130001000000009004", LostReply},
		{"pay", "130001000000009000", ""},
		{"pay", "130001000000009024", ""}, // is for the cancel
		{"pay", "130001000000009005", ""}, // this menu cannot hang
		{"pay", "04", ""},
		{"query", "130001000000009004", ""},
	} {
		if got := f.Pick(c.action, c.code).Kind; got != c.want {
			t.Errorf("%s %s: %q, want %q", c.action, c.code, got, c.want)
		}
	}
	if err := f.Set("pay=refused"); err != nil {
		t.Fatal(err)
	}
	if got := f.Pick("pay", "130001000000009004").Kind; got != Refused {
		t.Errorf("a rule must win over a tail: %s", got)
	}
}

func TestTailsAreSound(t *testing.T) {
	seen := make(map[string]bool)
	for _, x := range Tails {
		if _, err := ParseFault(x.Kind, x.Arg); err != nil || seen[x.Digits] || !strings.HasPrefix(x.Digits, "90") {
			t.Errorf("%+v: %v", x, err)
		}
		seen[x.Digits] = true
	}
}

func TestChancesRepeatWithTheSeed(t *testing.T) {
	run := func(seed uint64) (hits int, pattern string) {
		f := NewFaults(testMenu, seed)
		if err := f.Set("pay=refused@0.2"); err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if f.Pick("pay", "") != None {
				hits++
				pattern += "x"
			} else {
				pattern += "."
			}
		}
		return hits, pattern
	}
	n, a := run(1)
	_, b := run(1)
	_, c := run(2)
	if a != b || a == c || n < 140 || n > 260 {
		t.Errorf("%d hits of 1000; repeatable %v; differs with the seed %v", n, a == b, a != c)
	}
}

func TestUnknownActionsAndKinds(t *testing.T) {
	f := NewFaults(testMenu, 1)
	if err := f.Set("pay=refused"); err != nil {
		t.Fatal(err)
	}
	for _, spec := range []string{"getlist=500", "hq.pay=slow", "*=page-shift"} {
		if err := f.Set(spec); !errors.Is(err, ErrUnknownAction) {
			t.Errorf("%s: %v", spec, err)
		}
	}
	if err := f.Set("query=slow"); err == nil || errors.Is(err, ErrUnknownAction) {
		t.Errorf("a kind the action cannot do: %v", err)
	}
	if Text(f.Rules()) != "pay=refused" {
		t.Errorf("a refused text changed the rules to %v", f.Rules())
	}
}

// On the wire: what a client gets for each way a reply can break.
func TestSend(t *testing.T) {
	reply := Reply{Body: []byte(`{"code":"SUCCESS"}`)}
	for _, c := range []struct {
		kind   Kind
		arg    string
		status int
		body   string
		fails  bool
	}{
		{"", "", 200, `{"code":"SUCCESS"}`, false},
		{Error500, "", 500, `{"message":"An error has occurred."}`, false},
		{HTML, "", 502, errorPage, false},
		{Empty, "", 200, "", false},
		{Truncated, "5", 200, `{"cod`, true},
		{Truncated, "999", 200, `{"code":"SUCCESS"}`, false},
		{Truncated, "0", 200, ``, true},
		{LostReply, "", 0, "", true},
		{RequestLost, "", 0, "", true},
		{BOM, "", 200, "\xef\xbb\xbf" + `{"code":"SUCCESS"}`, false},
		{Gzip, "", 200, `{"code":"SUCCESS"}`, false}, // net/http unpacks it
		{Huge, "20", 200, `{"code":"SUCCESS"}  `, false},
		{Huge, "3", 200, `{"code":"SUCCESS"}`, false},
	} {
		t.Run(string(c.kind)+c.arg, func(t *testing.T) {
			var f Fault
			if c.kind != "" {
				var err error
				if f, err = ParseFault(c.kind, c.arg); err != nil {
					t.Fatal(err)
				}
			}
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !Intercept(w, f) {
					Send(w, r, f, reply, Sleep)
				}
			}))
			defer srv.Close()
			resp, err := http.Get(srv.URL)
			if err != nil {
				if !c.fails {
					t.Fatal(err)
				}
				return
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			if resp.Uncompressed != (c.kind == Gzip) {
				t.Errorf("compressed: %v", resp.Uncompressed)
			}
			if resp.StatusCode != c.status || string(b) != c.body || (err != nil) != c.fails {
				t.Errorf("%d %q %v", resp.StatusCode, b, err)
			}
		})
	}
}

// Without a size it is more than the till accepts, and the caller may leave
// before its end.
func TestHuge(t *testing.T) {
	f, err := ParseFault(Huge, "")
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Send(w, r, f, Reply{Body: []byte(`{}`)}, Sleep)
	}))
	defer srv.Close()
	resp, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, resp.Body)
	if resp.Body.Close(); err != nil || n != 11<<20 || resp.ContentLength != n {
		t.Errorf("%d of %d bytes, %v", n, resp.ContentLength, err)
	}
	if resp, err = http.Get(srv.URL); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close() // Close of the server waits for the handler
}

func TestNet(t *testing.T) {
	net := Net([]Charge{
		{Kind: "pay", Key: "a", Amount: "10.00"}, {Kind: "refund", Key: "r", Of: "a", Amount: "4.00"},
		{Kind: "pay", Key: "b", Amount: "5.00"}, {Kind: "cancel", Key: "c", Of: "b", Amount: "5.00"},
		{Kind: "times-card", Key: "x", Count: 2},
	})
	if len(net) != 1 || net["a"] != 600 {
		t.Errorf("%v", net)
	}
}

// bench is a Controlled with nothing behind it.
type bench struct{ f *Faults }

func (b bench) Charges() []Charge           { return nil }
func (b bench) Faults() []Rule              { return b.f.Rules() }
func (b bench) SetFaults(spec string) error { return b.f.Set(spec) }

func TestBench(t *testing.T) {
	srv := httptest.NewServer(Bench(bench{NewFaults(testMenu, 1)}))
	defer srv.Close()
	ask := func(method, path, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(b)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/_sim/charges", "", 200, "[]"},
		{"POST", "/_sim/faults", "pay=slow:1s", 200, `{"faults":"pay=slow:1s"}`},
		{"POST", "/_sim/faults", `{"faults":"pay=refused#2"}`, 200, `{"faults":"pay=refused#2"}`},
		{"POST", "/_sim/faults", "pay=nonsense", 400, ""},
		{"POST", "/_sim/faults", "{", 400, ""},
		{"GET", "/_sim/faults", "", 200, `{"faults":"pay=refused#2"}`},
		{"POST", "/_sim/faults", "", 200, `{"faults":""}`},
	} {
		status, got := ask(c.method, c.path, c.body)
		if status != c.status || (c.want != "" && got != c.want) || !json.Valid([]byte(got)) {
			t.Errorf("%s %s %q: %d %s", c.method, c.path, c.body, status, got)
		}
	}
}

func FuzzParseRules(f *testing.F) {
	f.Add("pay=lost-reply,getlist=500#3,getlist=html@0.2")
	f.Add("hq.*=slow:1ms#1@1")
	f.Add("changeprice=status:703:done#1")
	f.Fuzz(func(t *testing.T, spec string) {
		rules, err := ParseRules(spec)
		if err != nil {
			return
		}
		again, err := ParseRules(Text(rules))
		if err != nil || cmp.Diff(rules, again, cmp.AllowUnexported(Rule{})) != "" {
			t.Fatalf("%q → %q: %v", spec, Text(rules), err)
		}
	})
}
