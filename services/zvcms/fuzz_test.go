package zvcms

import (
	"encoding/json"
	"strings"
	"testing"

	"cashier/services/fault"
	"cashier/services/wire"
)

func seeds(f *testing.F, more ...string) {
	f.Helper()
	for _, name := range []string{"consume-success", "exception", "system-error"} {
		f.Add(sample(f, name))
	}
	for _, s := range append(more, success, `{"status":1,"code":"0","data":null,"traceId":1}`, `{"status":true,"code":{}}`, `{"a":1,"a":2}`, `<html>`, ``) {
		f.Add([]byte(s))
	}
}

// sound is what holds of every reply, whatever came.
func sound(t *testing.T, body []byte, r Reply) {
	t.Helper()
	switch {
	case r.Delivery != Answered:
		t.Fatalf("%q: delivery %v", body, r.Delivery)
	case r.Err != nil && fault.KindOf(r.Err) != fault.Contract:
		t.Fatalf("%q: %v", body, r.Err)
	case r.Err == nil && (!r.Outer.HasStatus || r.Outer.Code == ""):
		t.Fatalf("%q: no verdict and no error: %+v", body, r)
	case !r.Outer.HasStatus && r.Outer.Status, !r.Inner.HasStatus && r.Inner.Status, !r.HasInner && r.Inner != Verdict{}:
		t.Fatalf("%q: a verdict that was not given: %+v", body, r)
	case r.Outer.OK() && !json.Valid(body):
		t.Fatalf("%q: success out of no document", body)
	}
}

func FuzzEnvelope(f *testing.F) {
	seeds(f, `{"status":true,"code":0,"data":{"status":[]}}`, `{"status":true,"code":1e60}`)
	f.Fuzz(func(t *testing.T, body []byte) {
		deed, _ := decodeReply(body, wire.Writes)
		asked, _ := decodeReply(body, wire.Reads)
		sound(t, body, deed)
		sound(t, body, asked)
		if deed.Outer != asked.Outer {
			t.Fatalf("%q: %+v and %+v", body, deed.Outer, asked.Outer)
		}
		if (deed.Outer.OK() || deed.Inner.OK()) && !strings.Contains(string(body), "status") {
			t.Fatalf("%q: success without a status", body)
		}
	})
}

func FuzzConsume(f *testing.F) {
	seeds(f, `{"status":true,"code":0,"data":{"couponsCardList":[390962138708451328,""],"gift_amount":"1.2345","shopBalance":1e5}}`)
	f.Fuzz(func(t *testing.T, body []byte) {
		r, data := decodeReply(body, wire.Writes)
		got := decodeConsume(r, data)
		sound(t, body, got.Reply)
		if r.Err != nil && got.Err == nil {
			t.Fatalf("%q: the error of the envelope was lost", body)
		}
		if !got.HasGiftAfter && got.GiftAfter != 0 || !got.HasRechargeAfter && got.RechargeAfter != 0 ||
			!got.HasTotalAfter && got.TotalAfter != 0 || !got.HasGiftTaken && got.GiftTaken != 0 || !got.HasRechargeTaken && got.RechargeTaken != 0 {
			t.Fatalf("%q: an amount that was not given: %+v", body, got)
		}
		for _, id := range got.Coupons {
			if id == "" {
				t.Fatalf("%q: an empty coupon", body)
			}
		}
	})
}

func FuzzMember(f *testing.F) {
	seeds(f, `{"status":true,"code":0,"data":{"customerId":7,"isPassword":1}}`, `{"status":true,"code":0,"data":[{"customerId":"7"}]}`,
		`{"status":true,"code":0,"data":{"list":[{"customerId":"7"},{}]}}`)
	f.Fuzz(func(t *testing.T, body []byte) {
		r, data := decodeReply(body, wire.Reads)
		got := decodeMember(r, data)
		sound(t, body, got.Reply)
		if r.Err != nil && got.Err == nil {
			t.Fatalf("%q: the error of the envelope was lost", body)
		}
		if got.NeedsPassword && !got.HasNeedsPassword {
			t.Fatalf("%q: %+v", body, got)
		}
	})
}

func FuzzCoupons(f *testing.F) {
	seeds(f, `{"status":true,"code":0,"data":[{"cardId":390962138708451328,"useStatus":"0"}]}`, `{"status":true,"code":0,"data":{"cardId":"1"}}`,
		`{"status":true,"code":0,"data":{"list":"","total":0}}`)
	f.Fuzz(func(t *testing.T, body []byte) {
		r, data := decodeReply(body, wire.Reads)
		got := decodeCoupons(r, data)
		sound(t, body, got.Reply)
		if r.Err != nil && got.Err == nil {
			t.Fatalf("%q: the error of the envelope was lost", body)
		}
		for _, k := range got.Coupons {
			if k.CardID == "" && k.CouponID == "" || !k.HasUseStatus && k.UseStatus != 0 {
				t.Fatalf("%q: %+v", body, k)
			}
		}
	})
}
