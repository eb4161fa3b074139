package liantuofu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const authCode = "134567890123456789"

// client is a Client for a server that gives every request to serve.
func client(t *testing.T, serve http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(serve)
	t.Cleanup(srv.Close)
	return clientAt(t, srv.URL+"/open/")
}

func clientAt(t *testing.T, base string) *Client {
	t.Helper()
	c, err := New(params(base))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func params(base string) Params {
	return Params{
		BaseURL: base, AppID: "EW_N0000000001", MerchantCode: "EW_N0000000002", EmployeeID: "11",
		Key:    func() (string, error) { return testKey, nil },
		Random: func() string { return "20240101" },
	}
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func pay(t *testing.T, c *Client) Reply {
	t.Helper()
	return c.Pay(t.Context(), PayRequest{OutTradeNo: "T01-1-000001", Total: 1230, AuthCode: authCode, Subject: "红富士 苹果"})
}

func TestRequests(t *testing.T) {
	common := map[string]string{"appId": "EW_N0000000001", "random": "20240101"}
	tests := []struct {
		name, path string
		call       func(*Client, context.Context)
		form       map[string]string
		sign       string // "" if no vector was made by hand
	}{
		{
			name: "pay", path: "/open/pay", sign: "451c6d8f70c200403f7975289fc71c23",
			call: func(c *Client, ctx context.Context) {
				c.Pay(ctx, PayRequest{OutTradeNo: "T01-1-000001", Total: 1230, AuthCode: authCode, Subject: "红富士 苹果"})
			},
			form: map[string]string{"merchantCode": "EW_N0000000002", "outTradeNo": "T01-1-000001", "totalAmount": "12.30", "authCode": authCode, "subject": "红富士 苹果", "orderSource": "3"},
		},
		{
			name: "query", path: "/open/pay/query",
			call: func(c *Client, ctx context.Context) { c.Query(ctx, "T01-1-000001") },
			form: map[string]string{"merchantCode": "EW_N0000000002", "outTradeNo": "T01-1-000001"},
		},
		{
			name: "cancel", path: "/open/cancel",
			call: func(c *Client, ctx context.Context) { c.Cancel(ctx, "T01-1-000001", "顾客取消") },
			form: map[string]string{"merchantCode": "EW_N0000000002", "outTradeNo": "T01-1-000001", "reason": "顾客取消"},
		},
		{
			name: "refund", path: "/open/refundV2",
			call: func(c *Client, ctx context.Context) {
				c.RefundV2(ctx, RefundRequest{OutTradeNo: "T01-1-000001", RefundNo: "T01-1-R00001", Amount: 5})
			},
			form: map[string]string{"merchantCode": "EW_N0000000002", "outTradeNo": "T01-1-000001", "refundNo": "T01-1-R00001", "refundAmount": "0.05"},
		},
		{
			name: "refund query", path: "/open/refund/queryV2",
			call: func(c *Client, ctx context.Context) { c.RefundQueryV2(ctx, "T01-1-R00001") },
			form: map[string]string{"merchantCode": "EW_N0000000002", "refundNo": "T01-1-R00001", "returnRefundType": "1"},
		},
		{
			name: "refund done", path: "/open/refund/queryV2",
			call: func(c *Client, ctx context.Context) { c.RefundDone(ctx, "T01-1-R00001") },
			form: map[string]string{"merchantCode": "EW_N0000000002", "refundNo": "T01-1-R00001"},
		},
		{
			name: "card detail", path: "/open/timescard/userTimesCardDetail",
			call: func(c *Client, ctx context.Context) { c.CardDetail(ctx, "914095353294404024") },
			form: map[string]string{"cardNo": "914095353294404024"},
		},
		{
			name: "card consume", path: "/open/timescard/userTimesCardConsume", sign: "93c555da0e5c037c9758435e6b8334c8",
			call: func(c *Client, ctx context.Context) {
				c.CardConsume(ctx, CardConsumeRequest{CardNo: "914095353294404024", Count: 1, Remark: "备注"})
			},
			form: map[string]string{"cardNo": "914095353294404024", "count": "1", "consumeSource": "1", "consumeMerchantCode": "EW_N0000000002", "consumeEmployeeId": "11", "remark": "备注"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			calls := 0
			c := client(t, func(_ http.ResponseWriter, r *http.Request) {
				calls++
				if r.URL.Path != tt.path || r.Method != http.MethodPost || r.URL.RawQuery != "" ||
					r.Header.Get("Content-Type") != "application/x-www-form-urlencoded;charset=utf-8" {
					t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
				}
				if err := r.ParseForm(); err != nil {
					t.Error(err)
				}
				got := map[string]string{}
				for name := range r.PostForm {
					got[name] = strings.Join(r.PostForm[name], "|")
				}
				if tt.sign != "" && got["sign"] != tt.sign || len(got["sign"]) != 32 {
					t.Errorf("sign %q", got["sign"])
				}
				delete(got, "sign")
				want := map[string]string{}
				for _, m := range []map[string]string{common, tt.form} {
					for name, value := range m {
						want[name] = value
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
			tt.call(c, t.Context())
			if calls != 1 {
				t.Errorf("%d requests", calls)
			}
		})
	}
}

func TestReply(t *testing.T) {
	const full = `{"code":"SUCCESS","msg":"成功","orderStatus":"SUCCESS","outTradeNo":"T01-1-000001","payTime":"20240506123045","payType":"WXPAY","receiptAmount":12.30,"totalAmount":"12.30","transactionId":4200001,"sign":"9e3c7ba343a5f5fe68c8d0f897298ded"}`
	paid := Reply{
		Delivery: Answered, HTTPStatus: 200, Code: "SUCCESS", Msg: "成功", OutTradeNo: "T01-1-000001",
		TransactionID: "4200001", Total: 1230, HasTotal: true, Receipt: 1230, HasReceipt: true,
		PayType: "WXPAY", OrderStatus: "SUCCESS", Signature: Valid,
		PayTime: time.Date(2024, 5, 6, 4, 30, 45, 0, time.UTC),
	}
	tests := []struct {
		name, body string
		want       Reply
		code       string // of Err
	}{
		{name: "paid", body: full, want: paid},
		{name: "with a byte order mark", body: "\xef\xbb\xbf" + full + "\r\n", want: paid},
		{
			name: "customer is paying", body: `{"code":"FAILED","msg":"x","subCode":"USER_PAYING","subMsg":"等待"}`,
			want: Reply{Code: "FAILED", Msg: "x", SubCode: "USER_PAYING", SubMsg: "等待"},
		},
		{
			name: "refund", body: `{"code":"SUCCESS","refundNo":"R","refundAmount":0.05,"time":"bad"}`,
			want: Reply{Code: "SUCCESS", RefundNo: "R", Refund: 5, HasRefund: true},
		},
		{
			name: "amounts absent", body: `{"code":"SUCCESS","totalAmount":null,"receiptAmount":""}`,
			want: Reply{Code: "SUCCESS"},
		},
		{
			name: "amount of zero", body: `{"code":"SUCCESS","totalAmount":0}`,
			want: Reply{Code: "SUCCESS", HasTotal: true},
		},
		{name: "success in lower case", body: `{"code":"success","subCode":"ok"}`, want: Reply{Code: "SUCCESS", SubCode: "OK"}},
		{
			name: "success in mixed case, signed as written",
			body: `{"code":"Success","outTradeNo":"T01-1-000001","sign":"a32ed4c825c34d856e40f1c8b0f21580"}`,
			want: Reply{Code: "SUCCESS", OutTradeNo: "T01-1-000001", Signature: Valid},
		},
		{
			name: "failed in lower case", body: `{"code":"failed","subCode":"user_paying"}`,
			want: Reply{Code: "FAILED", SubCode: "USER_PAYING"},
		},
		{name: "a letter that only looks like S", body: `{"code":"ſUCCESS"}`, want: Reply{Code: "ſUCCESS"}, code: "liantuofu.envelope"},
		{name: "finer than a fen", body: `{"code":"SUCCESS","totalAmount":0.0149}`, want: Reply{Code: "SUCCESS"}, code: "liantuofu.unreadable"},
		{name: "amount in words", body: `{"code":"SUCCESS","totalAmount":"12元"}`, want: Reply{Code: "SUCCESS"}, code: "liantuofu.unreadable"},
		{name: "monstrous amount", body: `{"code":"SUCCESS","totalAmount":1e60}`, want: Reply{Code: "SUCCESS"}, code: "liantuofu.unreadable"},
		{name: "wrong sign", body: `{"code":"SUCCESS","sign":"00000000000000000000000000000000"}`, want: Reply{Code: "SUCCESS", Signature: Invalid}, code: "liantuofu.signature"},
		{name: "code given twice", body: `{"code":"FAILED","code":"SUCCESS"}`, code: "liantuofu.unreadable"},
		{name: "code in another case", body: `{"Code":"SUCCESS"}`, code: "liantuofu.envelope"},
		{name: "unknown code", body: `{"code":"OK"}`, want: Reply{Code: "OK"}, code: "liantuofu.envelope"},
		{name: "code of another kind", body: `{"code":{"a":1}}`, code: "liantuofu.unreadable"},
		{name: "array", body: `[]`, code: "liantuofu.unreadable"},
		{name: "garbage", body: "\x00\x01\x02", code: "liantuofu.unreadable"},
		{name: "two documents", body: `{"code":"SUCCESS"}{"code":"SUCCESS"}`, code: "liantuofu.unreadable"},
		{name: "empty", body: "", code: "liantuofu.empty"},
		{name: "web page", body: "<html>504 Gateway", code: "liantuofu.web_page"},
		{name: "too large", body: strings.Repeat(" ", wire.MaxBody+1), code: "liantuofu.too_large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := pay(t, client(t, says(tt.body)))
			if fault.CodeOf(got.Err) != tt.code || tt.code != "" && fault.KindOf(got.Err) != fault.Contract {
				t.Errorf("err %v (%s)", got.Err, fault.CodeOf(got.Err))
			}
			tt.want.Delivery = Answered
			if tt.code != "liantuofu.too_large" {
				tt.want.HTTPStatus = 200
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Reply{}, "Err"), cmpopts.EquateApproxTime(0)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An HTTP error must not pass for an answer, whatever its body says.
func TestHTTPStatus(t *testing.T) {
	for status, kind := range map[int]fault.Kind{
		302: fault.Unknown, 401: fault.Credentials, 403: fault.Credentials, 404: fault.Contract,
		408: fault.Unknown, 429: fault.Unknown, 500: fault.Unknown, 503: fault.Unknown,
	} {
		got := pay(t, client(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/open/pay")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"code":"SUCCESS","outTradeNo":"T01-1-000001","totalAmount":"12.30"}`)
		}))
		if got.Delivery != Answered || got.HTTPStatus != status || got.Code != "" || fault.KindOf(got.Err) != kind {
			t.Errorf("%d: %+v", status, got)
		}
	}
}

func TestNothingIsSentWithoutNeed(t *testing.T) {
	c := client(t, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
	ok := PayRequest{OutTradeNo: "T01-1-000001", Total: 1, AuthCode: authCode}
	with := func(change func(*PayRequest)) Reply {
		q := ok
		change(&q)
		return c.Pay(t.Context(), q)
	}
	for name, got := range map[string]Reply{
		"outTradeNo":    with(func(q *PayRequest) { q.OutTradeNo = "short" }),
		"outTradeNo ":   with(func(q *PayRequest) { q.OutTradeNo = strings.Repeat("x", 65) }),
		"outTradeNo  ":  c.Query(t.Context(), "T01 1 000001"),
		"outTradeNo\t":  c.Cancel(t.Context(), "", ""),
		"totalAmount":   with(func(q *PayRequest) { q.Total = 0 }),
		"totalAmount ":  with(func(q *PayRequest) { q.Total = -1 }),
		"authCode":      with(func(q *PayRequest) { q.AuthCode = "" }),
		"authCode ":     with(func(q *PayRequest) { q.AuthCode = "1&totalAmount=0" }),
		"subject":       with(func(q *PayRequest) { q.Subject = "a=b" }),
		"refundNo":      c.RefundQueryV2(t.Context(), "?"),
		"refundNo ":     c.RefundDone(t.Context(), "?"),
		"refundAmount":  c.RefundV2(t.Context(), RefundRequest{OutTradeNo: "T01-1-000001", RefundNo: "T01-1-R00001"}),
		"refundAmount ": c.RefundV2(t.Context(), RefundRequest{OutTradeNo: "T01-1-000001", RefundNo: "T01-1-R00001", Amount: money.MaxFen + 1}),
		"outTradeNo 2":  c.RefundV2(t.Context(), RefundRequest{RefundNo: "T01-1-R00001", Amount: 1}),
		"outTradeNo 3":  c.Query(t.Context(), ""),
		"outTradeNo 4":  c.Close(t.Context(), "", ""),
		"cardNo":        c.CardDetail(t.Context(), "").Reply,
		"count":         c.CardConsume(t.Context(), CardConsumeRequest{CardNo: "9", Count: 0}),
		"remark":        c.CardConsume(t.Context(), CardConsumeRequest{CardNo: "9", Count: 1, Remark: "a\tb"}),
	} {
		field := strings.TrimRight(name, " \t234")
		var f *fault.Error
		if got.Delivery != NotSent || !errors.As(got.Err, &f) || f.Kind != fault.Invalid || f.Args["field"] != field {
			t.Errorf("%s: %+v", field, got)
		}
	}
}

func TestKeyUnreadable(t *testing.T) {
	for _, key := range []func() (string, error){
		func() (string, error) { return "", nil },
		func() (string, error) { return "cAnArY", errors.New("keyring locked, key=cAnArY") },
	} {
		p := params("http://127.0.0.1:1/")
		p.Key = key
		c, err := New(p)
		if err != nil {
			t.Fatal(err)
		}
		got := c.Query(t.Context(), "T01-1-000001")
		if got.Delivery != NotSent || fault.KindOf(got.Err) != fault.Credentials {
			t.Errorf("%+v", got)
		}
		var f *fault.Error
		if errors.As(got.Err, &f) && strings.Contains(f.Detail(), "cAnArY") {
			t.Error(f.Detail())
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, change := range map[string]func(*Params){
		"setting_missing":         func(p *Params) { p.AppID = "" },
		"setting_missing, shop's": func(p *Params) { p.MerchantCode = "" },
		"setting_missing, key's":  func(p *Params) { p.Key = nil },
		"insecure":                func(p *Params) { p.BaseURL = "http://api.liantuofu.com/open/" },
		"address":                 func(p *Params) { p.BaseURL = "api.liantuofu.com" },
	} {
		p := params("")
		change(&p)
		code, _, _ := strings.Cut(name, ",")
		if _, err := New(p); fault.CodeOf(err) != "liantuofu."+code || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", name, err)
		}
	}
	c := clientAt(t, "")
	if got := c.base.URL().String(); got != DefaultBaseURL || c.Insecure() {
		t.Errorf("default is %s", got)
	}
}

func TestAuthCodeIsNeverPrinted(t *testing.T) {
	q := PayRequest{OutTradeNo: "T01-1-000001", Total: money.Fen(1), AuthCode: authCode}
	got := pay(t, client(t, says(`{"code":"FAILED","msg":"付款码 `+authCode+` 已失效"}`)))
	if s := fmt.Sprintf("%v %+v %#v %+v", q, q, q, got); strings.Contains(s, authCode) {
		t.Error(s)
	}
	if !strings.Contains(got.Msg, "已失效") {
		t.Errorf("msg %q", got.Msg)
	}
}

func TestRandomIsDigits(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		s := digits()
		if len(s) != 12 || strings.Trim(s, "0123456789") != "" {
			t.Fatalf("%q", s)
		}
		seen[s] = true
	}
	if len(seen) < 99 {
		t.Errorf("only %d different", len(seen))
	}
}

func TestFormEncoding(t *testing.T) {
	c := client(t, func(_ http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		form, err := url.ParseQuery(string(raw))
		if err != nil || form.Get("subject") != "50% +券 /#?" {
			t.Errorf("%q, %v", raw, err)
		}
	})
	c.Pay(t.Context(), PayRequest{OutTradeNo: "T01-1-000001", Total: 1, AuthCode: authCode, Subject: "50% +券 /#?"})
}
