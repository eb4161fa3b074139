package zvcms

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cashier/services/money"
	"cashier/services/wire"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "seed", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// members are the names of an object in the order they are written.
func members(t testing.TB, object []byte) (names []string, values map[string]json.RawMessage) {
	t.Helper()
	values, err := wire.Fields(object)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(object))
	_, _ = dec.Token()
	for dec.More() {
		name, _ := dec.Token()
		names = append(names, name.(string))
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			t.Fatal(err)
		}
	}
	return names, values
}

func normal(t testing.TB, doc []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// The sample of a request on vendor page 620: our envelope has its members in
// its order, our contract its parameters, and what is read out of it and
// written again is the sample.
func TestRequestSampleIsOurs(t *testing.T) {
	doc := sample(t, "consume-request")
	outer, values := members(t, doc)
	text := map[string]string{}
	for name, raw := range values {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			text[name] = s
		}
	}
	again, err := json.Marshal(v2{}.envelope(request{
		openID: text["OpenId"], grantCode: text["GrantCode"], token: text["Token"], action: text["Action"],
		stamp: stamp{nonce: text["Nonce"], timestamp: text["Timestamp"]}, params: values["Params"],
	}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(normal(t, doc), normal(t, again)); diff != "" {
		t.Error(diff)
	}
	ours, _ := members(t, again)
	if diff := cmp.Diff(outer, ours); diff != "" {
		t.Error(diff)
	}

	a, known := find(text["Action"])
	if !known {
		t.Fatalf("no action %q", text["Action"])
	}
	named, _ := members(t, values["Params"])
	var fields []string
	for _, f := range a.Fields {
		fields = append(fields, f.Name)
	}
	if diff := cmp.Diff(named, fields); diff != "" {
		t.Error(diff)
	}

	token, err := url.QueryUnescape(text["Token"])
	if err != nil || url.QueryEscape(token) != text["Token"] {
		t.Errorf("the sample's token is escaped otherwise: %v", err)
	}
	if raw, err := base64.StdEncoding.DecodeString(token); err != nil || len(raw) != 20 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
	if seconds, err := strconv.ParseInt(text["Timestamp"], 10, 64); err != nil || seconds > 1<<32 {
		t.Errorf("timestamp %q is not in seconds", text["Timestamp"])
	}
}

// The types of the page's table, written down from it by hand.
func TestFieldTypesAreThoseOfThePage(t *testing.T) {
	ints := map[string]bool{"groupId": true, "type": true, "opType": true, "operatorId": true, "points": true}
	a, _ := find(ActionConsume)
	for _, f := range a.Fields {
		want := wire.String
		switch {
		case ints[f.Name]:
			want = wire.Whole
		case f.Name == "couponsCardList":
			want = wire.Strings
		}
		if f.Type != want || f.Required != (f.Name == "bizId") {
			t.Errorf("%+v", f)
		}
	}
}

// written is a consume's reply as the page's sample writes it: everything text,
// "" for what is absent.
func written(r ConsumeReply) map[string]any {
	flag := func(v Verdict) any { return strconv.FormatBool(v.Status) }
	yuan := func(f money.Fen, has bool) any {
		if !has {
			return ""
		}
		return f.Yuan()
	}
	number := func(d wire.Decimal) any {
		if !d.Present {
			return ""
		}
		return d.StringFixed(2)
	}
	var coupons any = ""
	if len(r.Coupons) > 0 {
		list := []any{}
		for _, id := range r.Coupons {
			list = append(list, id)
		}
		coupons = list
	}
	return map[string]any{
		"status": flag(r.Outer), "code": r.Outer.Code,
		"data": map[string]any{
			"status": flag(r.Inner), "code": r.Inner.Code, "message": r.Message, "bizId": r.BizID, "couponsCardList": coupons,
			"gift_amount": yuan(r.GiftAfter, r.HasGiftAfter), "recharge_amount": yuan(r.RechargeAfter, r.HasRechargeAfter),
			"total_amount":           yuan(r.TotalAfter, r.HasTotalAfter),
			"change_gift_amount":     yuan(r.GiftTaken, r.HasGiftTaken),
			"change_recharge_amount": yuan(r.RechargeTaken, r.HasRechargeTaken),
			"storeBalance":           number(r.StoreBalance), "shopBalance": number(r.ShopBalance),
		},
	}
}

// The sample of a success, and the same filled in and typed as the table says,
// survive being read and written.
func TestSuccessSampleSurvives(t *testing.T) {
	filled := `{"status":"true","code":"0","data":{"status":"true","code":"0","message":"操作成功","bizId":"T01-1-000001",
		"couponsCardList":["390962138708451328","9007199254740993"],"gift_amount":"10.00","recharge_amount":"0.05","total_amount":"10.05",
		"change_gift_amount":"2.30","change_recharge_amount":"10.00","storeBalance":"0.00","shopBalance":"12.30"}}`
	typed := `{"status":true,"code":0,"message":"说明","data":{"status":true,"code":0,"message":"操作成功","bizId":"T01-1-000001",
		"couponsCardList":[390962138708451328,9007199254740993],"gift_amount":10,"recharge_amount":0.05,"total_amount":"10.0500",
		"change_gift_amount":2.2999999999999998,"change_recharge_amount":"10","storeBalance":0,"shopBalance":12.3}}`
	for name, c := range map[string]struct{ read, want []byte }{
		"sample": {sample(t, "consume-success"), sample(t, "consume-success")},
		"filled": {[]byte(filled), []byte(filled)},
		"typed":  {[]byte(typed), []byte(filled)},
	} {
		t.Run(name, func(t *testing.T) {
			got := decodeConsume(decodeReply(c.read, wire.Writes))
			if got.Err != nil || !got.Outer.OK() || !got.Inner.OK() || !got.HasInner {
				t.Fatalf("%+v", got)
			}
			want, _ := normal(t, c.want).(map[string]any)
			delete(want, "message") // a person sees the inner one
			if diff := cmp.Diff(any(want), any(written(got))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The page's samples of errors: one has status true, and its code is in words.
func TestErrorSamplesAreNoSuccess(t *testing.T) {
	for name, status := range map[string]bool{"exception": true, "system-error": false} {
		got := decodeConsume(decodeReply(sample(t, name), wire.Writes))
		want, _ := normal(t, sample(t, name)).(map[string]any)
		if got.Err != nil || got.Outer.OK() || got.Outer.Status != status || !got.Outer.HasStatus || got.HasInner ||
			got.Outer.Code != want["code"] || got.Message != want["message"] {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
