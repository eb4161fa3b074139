package liantuofu

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cashier/services/fault"
	"cashier/services/wire"
)

func precreate(t *testing.T, c *Client) PrecreateReply {
	t.Helper()
	return c.Precreate(t.Context(), PrecreateRequest{OutTradeNo: "T01-1-000001", Total: 1230, Channel: "WXPAY"})
}

func TestPrecreate(t *testing.T) {
	const code = "weixin://wxpay/bizpayurl?pr=AbC123"
	const signed = `{"code":"SUCCESS","msg":"成功","appId":"EW_N0000000001","outTradeNo":"T01-1-000001","qrCode":"` + code + `","sign":"1af86994c0d22e40ea09b2aa9e8b346a"}`
	for name, tt := range map[string]struct{ body, want, fault string }{
		"signed":            {body: signed, want: code},
		"unsigned":          {body: `{"code":"SUCCESS","qrCode":"` + code + `"}`, want: code},
		"digits":            {body: `{"code":"SUCCESS","qrCode":6222021234567890123}`, want: "6222021234567890123"},
		"the longest":       {body: `{"code":"SUCCESS","qrCode":"` + strings.Repeat("x", 2048) + `"}`, want: strings.Repeat("x", 2048)},
		"too long":          {body: `{"code":"SUCCESS","qrCode":"` + strings.Repeat("x", 2049) + `"}`, fault: "qr_code"},
		"too long in hanzi": {body: `{"code":"SUCCESS","qrCode":"` + strings.Repeat("码", 683) + `"}`, fault: "qr_code"},
		"missing":           {body: `{"code":"SUCCESS","msg":"成功"}`, fault: "qr_code"},
		"null":              {body: `{"code":"SUCCESS","qrCode":null}`, fault: "qr_code"},
		"empty":             {body: `{"code":"SUCCESS","qrCode":""}`, fault: "qr_code"},
		"a line break":      {body: `{"code":"SUCCESS","qrCode":"weixin:\nx"}`, fault: "qr_code"},
		"delete":            {body: "{\"code\":\"SUCCESS\",\"qrCode\":\"x\x7f\"}", fault: "qr_code"},
		"a C1 control":      {body: `{"code":"SUCCESS","qrCode":"x\u0085"}`, fault: "qr_code"},
		"broken text":       {body: "{\"code\":\"SUCCESS\",\"qrCode\":\"x\xff\"}", fault: "qr_code"},
		"an object":         {body: `{"code":"SUCCESS","qrCode":{"url":"x"}}`, fault: "qr_code"},
		"another code":      {body: strings.Replace(signed, "AbC123", "AbC124", 1), fault: "signature"},
		"refused":           {body: `{"code":"FAILED","subCode":"PARAMETER_ERROR","qrCode":"` + code + `"}`},
	} {
		got := precreate(t, client(t, says(tt.body)))
		if got.QRCode != tt.want || got.Delivery != Answered {
			t.Errorf("%s: %+v", name, got)
		}
		if tt.fault == "" && got.Err != nil || tt.fault != "" && (fault.CodeOf(got.Err) != "liantuofu."+tt.fault || fault.KindOf(got.Err) != fault.Contract) {
			t.Errorf("%s: %v", name, got.Err)
		}
	}
}

func TestPrecreateRefuses(t *testing.T) {
	c := clientAt(t, "http://127.0.0.1:1/")
	ok := PrecreateRequest{OutTradeNo: "T01-1-000001", Total: 1, Channel: "WXPAY"}
	for field, change := range map[string]func(*PrecreateRequest){
		"outTradeNo":  func(q *PrecreateRequest) { q.OutTradeNo = "" },
		"totalAmount": func(q *PrecreateRequest) { q.Total = -1 },
		"channel":     func(q *PrecreateRequest) { q.Channel = "" },
		"channel ":    func(q *PrecreateRequest) { q.Channel = "WECHAT" }, //nolint:gocritic // the same field once more
	} {
		q := ok
		change(&q)
		if got := c.Precreate(t.Context(), q); got.Delivery != NotSent || fault.CodeOf(got.Err) != "liantuofu.field" || !strings.Contains(got.Err.Error(), strings.TrimSpace(field)) {
			t.Errorf("%s: %+v", field, got)
		}
	}
	for _, channel := range []string{"WXPAY", "ALIPAY", "MPAY", "UNIONPAY", "BESTPAY", "CASH"} {
		q := ok
		q.Channel = channel
		if got := c.Precreate(t.Context(), q); fault.KindOf(got.Err) != fault.Unreachable {
			t.Errorf("%s: %+v", channel, got)
		}
	}
}

func FuzzPrecreate(f *testing.F) {
	for _, seed := range []string{`{"code":"SUCCESS","qrCode":"https://qr.example/1"}`, `{"code":"SUCCESS","qrCode":"\u0000"}`, `{"code":"SUCCESS"}`, `{"code":"FAILED","qrCode":"x"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, fields := decodeReply(body, testKey, wire.China)
		p := decodePrecreate(r, fields, r.OutTradeNo)
		if r.Err != nil && p.Err == nil {
			t.Fatalf("%q: the error of the reply was lost", body)
		}
		if usable := p.Err == nil && p.Code == CodeSuccess; usable != (p.QRCode != "") {
			t.Fatalf("%q: %+v", body, p)
		}
		if len(p.QRCode) > 2048 || strings.ContainsAny(p.QRCode, "\r\n\t\x00") {
			t.Fatalf("%q: %q", body, p.QRCode)
		}
	})
}

// The vendor's samples, read and written again.
func TestSeedReplies(t *testing.T) {
	for _, name := range []string{"success", "failure"} {
		body, err := os.ReadFile("testdata/seed/consume-" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		got := client(t, says(string(body))).CardConsume(t.Context(), CardConsumeRequest{CardNo: "914095353294404024", Count: 1})
		if got.Err != nil || got.Delivery != Answered || got.Signature != Absent {
			t.Errorf("%s: %+v", name, got)
		}
		var want map[string]string
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, map[string]string{"code": got.Code, "msg": got.Msg}); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAnotherOrdersCodeIsNotShown(t *testing.T) {
	c := clientAt(t, answering(t, `{"code":"SUCCESS","outTradeNo":"zz-other-000009","qrCode":"https://qr.example/x"}`))
	got := c.Precreate(t.Context(), PrecreateRequest{OutTradeNo: "T01-1-000001", Total: 1, Channel: "WXPAY"})
	if got.QRCode != "" || fault.CodeOf(got.Err) != "liantuofu.other_order" {
		t.Errorf("%+v", got)
	}
}

// A gateway that quotes what it was sent must not bring it to a screen or into
// the books.
func TestWhatTheGatewayQuotesIsNoSecret(t *testing.T) {
	const code = "134567890123456789"
	for _, words := range []string{"MICROPAY" + code + " expired", "code_" + code, "1345 6789 0123 4567 89", "your key " + testKey + " is wrong", "authCode" + code} {
		raw, err := json.Marshal(map[string]string{"code": "FAILED", "subCode": "X" + code, "msg": words, "subMsg": words})
		if err != nil {
			t.Fatal(err)
		}
		r := clientAt(t, answering(t, string(raw))).Pay(t.Context(), PayRequest{OutTradeNo: "T01-1-000001", Total: 1, AuthCode: code})
		for _, secret := range []string{code, "1345 6789", testKey} {
			if strings.Contains(r.Msg+r.SubMsg+r.SubCode, secret) {
				t.Errorf("%q: %+v", words, r)
			}
		}
	}
}

func answering(t *testing.T, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
	t.Cleanup(s.Close)
	return s.URL + "/"
}
