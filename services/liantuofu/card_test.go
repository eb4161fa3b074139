package liantuofu

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cashier/services/fault"
	"cashier/services/wire"
)

func TestCardDetail(t *testing.T) {
	card := CardReply{
		CardNo: "914095353294404024", CardName: "洗车卡", MemberName: "王", MemberMobile: "13800000000",
		EndDate: "2026-12-31 23:59:59", Remaining: 7, HasRemaining: true,
	}
	const fields = `"cardNo":914095353294404024,"cardName":"洗车卡","memberName":"王","memberMobile":"13800000000","endDate":"2026-12-31 23:59:59"`
	tests := []struct {
		name, body string
		want       CardReply
		code       string
	}{
		{name: "at the top", body: `{"code":"SUCCESS",` + fields + `,"suplusTimes":7}`, want: card},
		{name: "as text", body: `{"code":"SUCCESS",` + fields + `,"suplusTimes":"7"}`, want: card},
		{name: "spelt right", body: `{"code":"SUCCESS",` + fields + `,"surplusTimes":7}`, want: card},
		{name: "under data", body: `{"code":"SUCCESS","data":{` + fields + `,"suplusTimes":7}}`, want: card},
		{name: "under data, in an array", body: `{"code":"SUCCESS","data":[{` + fields + `,"suplusTimes":7}]}`, want: card},
		{name: "top empty, data full", body: `{"code":"SUCCESS","cardNo":null,"data":{` + fields + `,"suplusTimes":7}}`, want: card},
		{name: "none left", body: `{"code":"SUCCESS","suplusTimes":0}`, want: CardReply{HasRemaining: true}},
		{name: "remaining not said", body: `{"code":"SUCCESS","suplusTimes":""}`},
		{name: "several cards", body: `{"code":"SUCCESS","data":[{"suplusTimes":1},{"suplusTimes":2}]}`},
		{name: "data is text", body: `{"code":"SUCCESS","data":"x"}`},
		{name: "half a time", body: `{"code":"SUCCESS","suplusTimes":1.5}`, code: "liantuofu.unreadable"},
		{name: "wrong signature", body: `{"code":"SUCCESS","suplusTimes":7,"sign":"00000000000000000000000000000000"}`, code: "liantuofu.signature"},
		{name: "another field unreadable", body: `{"code":"SUCCESS","suplusTimes":7,"cardName":{}}`, code: "liantuofu.unreadable"},
		{name: "field twice", body: `{"code":"SUCCESS","data":{"suplusTimes":1,"suplusTimes":9}}`, code: "liantuofu.unreadable"},
		{name: "refused", body: `{"code":"FAILED","msg":"卡不存在","suplusTimes":7}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := client(t, says(tt.body)).CardDetail(t.Context(), "914095353294404024")
			if fault.CodeOf(got.Err) != tt.code {
				t.Errorf("err %v", got.Err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(CardReply{}, "Reply")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzReply(f *testing.F) {
	for _, seed := range []string{
		success, `{"code":"FAILED","subCode":"USER_PAYING"}`, `{"code":"SUCCESS","totalAmount":1e60}`,
		`{"code":"SUCCESS","sign":"9e3c7ba343a5f5fe68c8d0f897298ded"}`, `{"code":1,"payTime":"/Date(1)/"}`, `{"a":1,"a":2}`, `<html>`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, fields := decodeReply(body, testKey, wire.China)
		switch {
		case r.Delivery != Answered:
			t.Fatalf("%q: delivery %v", body, r.Delivery)
		case fields == nil && (r.Err == nil || r.Code != ""):
			t.Fatalf("%q: no fields, yet %+v", body, r)
		case r.Err == nil && r.Code != CodeSuccess && r.Code != CodeFailed:
			t.Fatalf("%q: code %q without error", body, r.Code)
		case r.Signature == Invalid && r.Err == nil:
			t.Fatalf("%q: wrong signature without error", body)
		case !r.HasTotal && r.Total != 0 || !r.HasReceipt && r.Receipt != 0 || !r.HasRefund && r.Refund != 0:
			t.Fatalf("%q: an amount that was not given: %+v", body, r)
		}
	})
}

func FuzzCard(f *testing.F) {
	for _, seed := range []string{`{"code":"SUCCESS","suplusTimes":7}`, `{"code":"SUCCESS","data":[{"suplusTimes":"7"}]}`, `{"data":[]}`, `{"data":{"a":1,"a":2}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, fields := decodeReply(body, testKey, time.UTC)
		card := decodeCard(r, fields)
		if !card.HasRemaining && card.Remaining != 0 {
			t.Fatalf("%q: %+v", body, card)
		}
		if r.Err != nil && card.Err == nil {
			t.Fatalf("%q: the error of the reply was lost", body)
		}
	})
}
