package zvcms

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"cashier/services/fault"
	"cashier/services/wire"
)

func TestVerdictOK(t *testing.T) {
	for code, ok := range map[string]bool{
		"0": true, "0.0": true, "00": true, "-0": true, "0e3": true,
		"": false, "1": false, "110004": false, "异常编码": false, "O": false, "0x0": false, "０": false,
		".": false, "-": false, "+": false, "e0": false, "0 0": false, "true": false, "null": false, "0.0001": false, "NaN": false,
	} {
		if got := (Verdict{Status: true, HasStatus: true, Code: code}).OK(); got != ok {
			t.Errorf("%q: %v", code, got)
		}
		if (Verdict{Status: false, HasStatus: true, Code: code}).OK() || (Verdict{Status: true, Code: code}).OK() || (Verdict{Code: code}).OK() {
			t.Errorf("%q is OK without status true", code)
		}
	}
	for code, want := range map[string]bool{"110004": true, "110007": true, "110007.0": true, "110005": false, "": false, "x110004": false} {
		if (Verdict{Code: code}).KeyOrClock() != want {
			t.Errorf("%q", code)
		}
	}
}

func TestEnvelope(t *testing.T) {
	yes, no := Verdict{true, true, "0"}, Verdict{false, true, "999999"}
	const inside = `,"data":{"status":true,"code":0,"message":"操作成功","bizId":"ZM1"}}`
	tests := []struct {
		name, body string
		want       Reply
		code       string // of Err
	}{
		{name: "success", body: `{"status":true,"code":0,"message":"说明"` + inside, want: Reply{Outer: yes, Inner: yes, HasInner: true, Message: "操作成功", BizID: "ZM1"}},
		{name: "all texts", body: `{"status":"TRUE","code":" 0 ","message":"说明","data":{"status":"1","code":"0","bizId":390962138708451329}}`, want: Reply{Outer: yes, Inner: yes, HasInner: true, Message: "说明", BizID: "390962138708451329"}},
		{name: "status as number", body: `{"status":1,"code":0}`, want: Reply{Outer: yes}},
		{name: "byte order mark", body: "\xef\xbb\xbf" + `{"status":true,"code":0}` + "\r\n", want: Reply{Outer: yes}},
		{name: "version 3", body: `{"status":true,"code":0,"message":"","data":null,"traceId":"t-1","more":[{}]}`, want: Reply{Outer: yes, TraceID: "t-1"}},
		{name: "no inner verdict", body: `{"status":true,"code":0,"data":{"bizId":"ZM1"}}`, want: Reply{Outer: yes, BizID: "ZM1"}},
		{name: "inner nulls are absent", body: `{"status":true,"code":0,"data":{"status":null,"code":null,"bizId":"ZM1"}}`, want: Reply{Outer: yes, BizID: "ZM1"}},
		{name: "inner blanks are no success", body: `{"status":true,"code":0,"data":{"status":"","code":""}}`, want: Reply{Outer: yes, HasInner: true}},
		{name: "inner without status", body: `{"status":true,"code":0,"data":{"code":0}}`, want: Reply{Outer: yes, Inner: Verdict{Code: "0"}, HasInner: true}},
		{name: "inner failure", body: `{"status":true,"code":0,"message":"说明","data":{"status":false,"code":1,"message":"余额不足"}}`, want: Reply{Outer: yes, Inner: Verdict{false, true, "1"}, HasInner: true, Message: "余额不足"}},
		{name: "outer failure speaks", body: `{"status":false,"code":999999,"message":"系统繁忙"` + inside, want: Reply{Outer: no, Inner: yes, HasInner: true, Message: "系统繁忙", BizID: "ZM1"}},
		{name: "words that are none", body: `{"status":true,"code":0,"message":{},"traceId":[1],"data":{"status":true,"code":0,"message":["x"],"bizId":"ZM1"}}`, want: Reply{Outer: yes, Inner: yes, HasInner: true, BizID: "ZM1"}},
		{name: "data in words", body: `{"status":true,"code":0,"data":"ok"}`, want: Reply{Outer: yes}},
		{name: "data is a flag", body: `{"status":true,"code":0,"data":true}`, want: Reply{Outer: yes}},
		{name: "data is a list", body: `{"status":true,"code":0,"data":[]}`, want: Reply{Outer: yes}},

		{name: "no status", body: `{"code":0}`, want: Reply{Outer: Verdict{Code: "0"}}, code: "envelope"},
		{name: "no code", body: `{"status":true}`, want: Reply{Outer: Verdict{Status: true, HasStatus: true}}, code: "envelope"},
		{name: "null verdict", body: `{"status":null,"code":null}`, code: "envelope"},
		{name: "names in another case", body: `{"Status":true,"Code":0}`, code: "envelope"},
		{name: "status in words", body: `{"status":"yes","code":0}`, want: Reply{Outer: Verdict{Code: "0"}}, code: "unreadable"},
		{name: "code is an object", body: `{"status":true,"code":{}}`, want: Reply{Outer: Verdict{Status: true, HasStatus: true}}, code: "unreadable"},
		{name: "status twice", body: `{"status":false,"status":true,"code":0}`, code: "unreadable"},
		{name: "inner code twice", body: `{"status":true,"code":0,"data":{"status":true,"code":1,"code":0}}`, want: Reply{Outer: yes}, code: "unreadable"},
		{name: "inner status is a list", body: `{"status":true,"code":0,"data":{"status":[],"code":0}}`, want: Reply{Outer: yes, Inner: Verdict{Code: "0"}, HasInner: true}, code: "unreadable"},
		{name: "array", body: `[]`, code: "unreadable"},
		{name: "two documents", body: `{"status":true,"code":0}{}`, code: "unreadable"},
		{name: "garbage", body: "\x00\x01", code: "unreadable"},
		{name: "empty", body: "", code: "empty"},
		{name: "web page", body: "<html>", code: "web_page"},
		{name: "too large", body: strings.Repeat(" ", wire.MaxBody+1), code: "too_large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := consume(t, client(t, says(tt.body))).Reply
			want := ""
			if tt.code != "" {
				want = "zvcms." + tt.code
			}
			if fault.CodeOf(got.Err) != want || tt.code != "" && fault.KindOf(got.Err) != fault.Contract {
				t.Errorf("err %v (%s)", got.Err, fault.CodeOf(got.Err))
			}
			tt.want.Delivery = Answered
			if tt.code != "too_large" {
				tt.want.HTTPStatus = 200
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Reply{}, "Err")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The forms a success may be written in are all read as one; a change of status
// or code in any of them is not.
func TestEveryWritingOfAVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		level := func(name string) (text string, ok bool) {
			status := rapid.SampledFrom([]string{`true`, `"true"`, `"True"`, `1`, `"1"`, `false`, `"false"`, `0`, `null`, `""`}).Draw(t, name+" status")
			code := rapid.SampledFrom([]string{`0`, `"0"`, `0.0`, `"00"`, `1`, `"110004"`, `"异常编码"`, `null`, `""`}).Draw(t, name+" code")
			good := strings.ContainsAny(strings.ToLower(status), "t1") && !strings.Contains(status, "f")
			return `"status":` + status + `,"code":` + code, good && strings.Trim(code, `"0.`) == "" && code != `""`
		}
		outer, outerOK := level("outer")
		inner, innerOK := level("inner")
		r, _ := decodeReply([]byte(`{`+outer+`,"data":{`+inner+`}}`), wire.Writes)
		if r.Outer.OK() != outerOK || r.Inner.OK() != innerOK {
			t.Fatalf("%s / %s: %+v", outer, inner, r)
		}
		if !r.HasInner && inner != `"status":null,"code":null` {
			t.Fatalf("%s: no inner verdict", inner)
		}
	})
}

// A question is asked again once, with a new nonce and time; a deed never is.
func TestAskedAgainOnlyWhenItChangesNothing(t *testing.T) {
	for _, code := range []string{`110004`, `"110007"`, `"110004 "`, `999999`} {
		for _, change := range []func(*Params){func(*Params) {}, version3} {
			var stamps []string
			nonce, now := int64(0), int64(testTime)
			c := client(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				fields, err := wire.Fields(body)
				if err != nil {
					t.Error(err)
				}
				stamps = append(stamps, string(fields["Nonce"])+string(fields["nonce"])+" "+
					string(fields["Timestamp"])+string(fields["timestamp"])+" "+string(fields["Token"])+string(fields["token"]))
				_, _ = io.WriteString(w, `{"status":false,"code":`+code+`,"message":"签名错误"}`)
			}, change, reversible, func(p *Params) {
				p.Nonce = func() int64 { nonce++; return nonce }
				p.Now = func() time.Time { now++; return time.Unix(now, 0) }
			})
			for what, call := range callsOf(t, c) {
				stamps = nil
				got := call.do()
				want := 1
				if !call.deed && code != `999999` {
					want = 2
				}
				if len(stamps) != want || got.Err != nil || got.Outer.OK() || got.Outer.KeyOrClock() != (code != `999999`) {
					t.Errorf("%s, %s: sent %q, %+v", code, what, stamps, got)
				}
				if want == 2 && len(stamps) == 2 {
					first, second := strings.Fields(stamps[0]), strings.Fields(stamps[1])
					for i := range first {
						if first[i] == second[i] {
							t.Errorf("%s: %s was sent twice", what, first[i])
						}
					}
				}
			}
		}
	}
}

func TestTheSecondAnswerCounts(t *testing.T) {
	asked := 0
	c := client(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked == 1 {
			_, _ = io.WriteString(w, `{"status":false,"code":110007,"message":"请求已失效"}`)
			return
		}
		_, _ = io.WriteString(w, `{"status":true,"code":0,"data":{"customerId":700000001}}`)
	})
	if got := c.Member(t.Context(), MemberQuery{Identifier: "9", Type: 1}); got.CustomerID != customer || got.Err != nil || asked != 2 {
		t.Errorf("%+v after %d", got, asked)
	}
}

func TestKeyUnreadable(t *testing.T) {
	for _, key := range []func() (string, error){
		func() (string, error) { return "", nil },
		func() (string, error) { return "cAnArY", errors.New("keyring locked, key=cAnArY") },
	} {
		c := clientWith(t, "http://127.0.0.1:1/", reversible, func(p *Params) { p.Key = key })
		for what, call := range callsOf(t, c) {
			got := call.do()
			var f *fault.Error
			if got.Delivery != NotSent || fault.KindOf(got.Err) != fault.Credentials || !errors.As(got.Err, &f) || strings.Contains(f.Detail(), "cAnArY") {
				t.Errorf("%s: %+v", what, got)
			}
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, change := range map[string]func(*Params){
		"setting_missing":             func(p *Params) { p.OpenID = "" },
		"setting_missing, grant's":    func(p *Params) { p.GrantCode = "" },
		"setting_missing, key's":      func(p *Params) { p.Key = nil },
		"setting_value":               func(p *Params) { p.Version = "v4" },
		"setting_value, id's":         func(p *Params) { p.OpenID = "a&b" },
		"setting_value, grant's":      func(p *Params) { p.GrantCode = "a=b" },
		"setting_value, action's":     func(p *Params) { p.ReverseAction = "a\nb" },
		"setting_value, shop's":       func(p *Params) { p.ShopCode = "\x00" },
		"setting_value, operator's":   func(p *Params) { p.OperatorName = "\xff" },
		"insecure":                    func(p *Params) { p.BaseURL = "http://openapi.zvcms.com/api/v2" },
		"address":                     func(p *Params) { p.BaseURL = "openapi.zvcms.com" },
		"address, with a query of it": func(p *Params) { p.BaseURL = "https://openapi.zvcms.com/?a=b" },
	} {
		p := params("")
		change(&p)
		code, _, _ := strings.Cut(name, ",")
		if _, err := New(p); fault.CodeOf(err) != "zvcms."+code || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, tt := range []struct{ version, base, want string }{
		{"", "", "https://openapi.zvcms.com/api/v2"},
		{"V2", "https://example.com/api/v2/", "https://example.com/api/v2"},
		{"v3", "", "https://openapi.qmai.cn/v3/crm/customer/customerConsume"},
		{"V3", "https://example.com/x", "https://example.com/x/v3/crm/customer/customerConsume"},
	} {
		c := clientWith(t, tt.base, func(p *Params) { p.Version = tt.version })
		a, _ := find(ActionConsume)
		if got, err := c.speak.address(c.base, a); err != nil || got != tt.want || c.Insecure() {
			t.Errorf("%+v: %s, %v", tt, got, err)
		}
	}
	insecure := clientWith(t, "http://example.com/api/v2", func(p *Params) { p.AllowInsecure = true })
	if !insecure.Insecure() || clientWith(t, "http://127.0.0.1/").Insecure() {
		t.Error("plain http is insecure beyond this machine only")
	}
}

// Version 3 has one case, whatever the switch for version 2 says.
func TestSignedInTheChosenCase(t *testing.T) {
	const upperToken = "quMhws%2BdNnR03SlmwB4wgtlKVlI%3D"
	for _, tt := range []struct {
		version, want string
		upper         bool
	}{{"v2", testToken, false}, {"v2", upperToken, true}, {"v3", testToken, false}, {"v3", testToken, true}} {
		c := client(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			fields, err := wire.Fields(body)
			if got := string(fields["Token"]) + string(fields["token"]); err != nil || got != `"`+tt.want+`"` {
				t.Errorf("%+v: %s", tt, body)
			}
			_, _ = io.WriteString(w, success)
		}, func(p *Params) { p.Version, p.UpperNames = tt.version, tt.upper })
		consume(t, c)
	}
}
