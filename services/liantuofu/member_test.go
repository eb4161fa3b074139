package liantuofu

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cashier/services/fault"
	"cashier/services/wire"
)

// The vendor's rule for one box, by length and first digits.
func TestMemberBox(t *testing.T) {
	var sent map[string]string
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		sent = map[string]string{}
		for name := range r.PostForm {
			sent[name] = r.PostForm.Get(name)
		}
		for _, name := range []string{"appId", "random", "sign"} {
			delete(sent, name)
		}
		_, _ = io.WriteString(w, `{"code":"FAILED"}`)
	})
	shop := func(field string) map[string]string {
		return map[string]string{"shopNo": "EW_N0000000002", "authPayCode": field}
	}
	for code, want := range map[string]map[string]string{
		"13800000000":          {"mobile": "13800000000"},
		" 13800000000\r\n":     {"mobile": "13800000000"}, //nolint:gocritic // as a scanner sends it
		"23800000000":          {"physicalCardUid": "23800000000"},
		"1380000000":           {"physicalCardUid": "1380000000"},
		"134567890123456789":   shop("134567890123456789"),
		"284567890123456789":   shop("284567890123456789"),
		"814567890123456789":   shop("814567890123456789"),
		"804567890123456789":   {"memberCardNo": "804567890123456789"},
		"824567890123456789":   {"physicalCardUid": "824567890123456789"},
		"914095353294404024":   {"physicalCardUid": "914095353294404024"},
		"8145678901234567890":  {"physicalCardUid": "8145678901234567890"},
		"13456789012345678":    {"physicalCardUid": "13456789012345678"},
		"13456789012345678A":   {"physicalCardUid": "13456789012345678A"},
		"1３800000000":          {"physicalCardUid": "1３800000000"},
		"04:A2:2F:B2":          {"physicalCardUid": "04:A2:2F:B2"},
		"1380000000\u0661":     {"physicalCardUid": "1380000000\u0661"},
		"80456789012345678012": {"physicalCardUid": "80456789012345678012"},
	} {
		c.Member(t.Context(), MemberQuery{Code: code})
		if diff := cmp.Diff(want, sent); diff != "" {
			t.Errorf("%q: %s", code, diff)
		}
	}
	c.Member(t.Context(), MemberQuery{Code: authCode, ShopNo: "EW_N0000000009"})
	if sent["shopNo"] != "EW_N0000000009" {
		t.Errorf("%v", sent)
	}
	c.Member(t.Context(), MemberQuery{Code: "13800000000", ShopNo: "EW_N0000000009"})
	if sent["shopNo"] != "" {
		t.Errorf("%v", sent)
	}
	sent = nil
	if got := c.Member(t.Context(), MemberQuery{Code: " \t"}); got.Delivery != NotSent || sent != nil {
		t.Errorf("%+v", got)
	}
}

func TestMember(t *testing.T) {
	const fields = `"memberId":9007199254740993,"memberCardNo":"800000000000000001","nickName":"王","mobile":"13800000000","levelName":"金卡","totalBalance":"88.8000","point":120,"couponCount":"3","headImgUrl":null`
	full := MemberReply{
		MemberID: "9007199254740993", CardNo: "800000000000000001", Name: "王", Mobile: "13800000000", Level: "金卡",
		Balance: 8880, HasBalance: true, Points: 120, HasPoints: true, Coupons: 3, HasCoupons: true,
	}
	tests := []struct {
		name, body string
		want       MemberReply
		code       string
	}{
		{name: "as the vendor's own clients read it", body: `{"code":"SUCCESS","member":{` + fields + `}}`, want: full},
		{name: "signed, member not covered", body: `{"code":"SUCCESS","msg":"查询成功","member":{` + fields + `},"sign":"657230a2db6f7d2ef03e506fd899318c"}`, want: full},
		{name: "under data", body: `{"code":"SUCCESS","data":{` + fields + `}}`, want: full},
		{name: "under data, alone in a list", body: `{"code":"SUCCESS","data":[{` + fields + `}]}`, want: full},
		{name: "under data.member", body: `{"code":"SUCCESS","data":{"member":{` + fields + `}}}`, want: full},
		{name: "at the top", body: `{"code":"SUCCESS",` + fields + `}`, want: full},
		{name: "other names", body: `{"code":"SUCCESS","memberNo":"1","name":"李","memberMobile":"139","memberLevelName":"银","balance":1,"points":"2"}`, want: MemberReply{
			CardNo: "1", Name: "李", Mobile: "139", Level: "银", Balance: 100, HasBalance: true, Points: 2, HasPoints: true,
		}},
		{name: "no balance told", body: `{"code":"SUCCESS","member":{"mobile":"13800000000","totalBalance":null,"point":""}}`, want: MemberReply{Mobile: "13800000000"}},
		{name: "balance of nothing", body: `{"code":"SUCCESS","member":{"mobile":"13800000000","totalBalance":0}}`, want: MemberReply{Mobile: "13800000000", HasBalance: true}},
		{name: "half a point", body: `{"code":"SUCCESS","member":{"mobile":"13800000000","point":1.5}}`, want: MemberReply{Mobile: "13800000000"}},
		{name: "finer than a fen", body: `{"code":"SUCCESS","member":{"mobile":"13800000000","totalBalance":1.005}}`, want: MemberReply{Mobile: "13800000000"}, code: "unreadable"},
		{name: "another field unreadable", body: `{"code":"SUCCESS","member":{"mobile":"13800000000","totalBalance":1,"levelName":{}}}`, want: MemberReply{Mobile: "13800000000"}, code: "unreadable"},
		{name: "field twice", body: `{"code":"SUCCESS","member":{"totalBalance":1,"totalBalance":100}}`, code: "unreadable"},
		{name: "nobody", body: `{"code":"SUCCESS","member":null}`, code: "member_unnamed"},
		{name: "nobody with a balance", body: `{"code":"SUCCESS","member":{"totalBalance":"5.00"}}`, code: "member_unnamed"},
		{name: "wrong sign", body: `{"code":"SUCCESS","member":{` + fields + `},"sign":"657230a2db6f7d2ef03e506fd899318d"}`, code: "signature"},
		{name: "not a member", body: `{"code":"FAILED","msg":"会员不存在","member":{` + fields + `}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := client(t, says(tt.body)).Member(t.Context(), MemberQuery{Code: "13800000000"})
			if tt.code == "" && got.Err != nil || tt.code != "" && fault.CodeOf(got.Err) != "liantuofu."+tt.code {
				t.Errorf("err %v", got.Err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(MemberReply{}, "Reply")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a customer shows can pay, so it is in no print, log, error or message.
func TestMemberCodeIsNeverPrinted(t *testing.T) {
	for _, code := range []string{"13800000000", "814567890123456789", "04A22FB2"} {
		q := MemberQuery{Code: code, ShopNo: "EW_N0000000002"}
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("asked", "query", q, "in", []MemberQuery{q})
		text := log.String() + fmt.Sprintf("%v %+v %#v %s %q %d", q, q, &q, q, q, q)
		for _, serve := range []http.HandlerFunc{
			says(`{"code":"FAILED","msg":"会员` + code + `不存在","subMsg":"` + code + `"}`),
			says(`{"code":"SUCCESS","member":{"totalBalance":"` + code + `"}}`),
			says(code),
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) },
		} {
			r := client(t, serve).Member(t.Context(), q)
			text += fmt.Sprintf(" %+v", r)
			if f, ok := r.Err.(*fault.Error); ok { //nolint:errorlint // the outermost is meant
				text += f.Detail()
			}
		}
		r := clientAt(t, "http://127.0.0.1:1/").Member(t.Context(), MemberQuery{Code: code + "&"})
		text += fmt.Sprintf(" %+v", r)
		if strings.Contains(text, code) {
			t.Errorf("%s is in %s", code, text)
		}
	}
}

func FuzzMember(f *testing.F) {
	for _, seed := range []string{
		`{"code":"SUCCESS","member":{"mobile":"13800000000","totalBalance":"1.00","point":1}}`, `{"code":"SUCCESS","data":[{"memberId":1}]}`,
		`{"code":"SUCCESS","data":{"member":{"memberNo":"1"}}}`, `{"code":"SUCCESS","member":[{},{}]}`, `{"code":"FAILED"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, fields := decodeReply(body, testKey, wire.China)
		m := decodeMember(r, fields)
		switch {
		case r.Err != nil && m.Err == nil:
			t.Fatalf("%q: the error of the reply was lost", body)
		case !m.HasBalance && m.Balance != 0 || !m.HasPoints && m.Points != 0 || m.Points < 0 || m.Coupons < 0:
			t.Fatalf("%q: %+v", body, m)
		case m.HasBalance && (m.Err != nil || m.Code != CodeSuccess):
			t.Fatalf("%q: a balance of nobody", body)
		case m.Err == nil && m.Code == CodeSuccess && m.MemberID+m.CardNo+m.Mobile == "":
			t.Fatalf("%q: nobody without error", body)
		}
	})
}

func FuzzMemberField(f *testing.F) {
	for _, seed := range []string{"13800000000", "814567890123456789", "804567890123456789", "1", "", "８1"} {
		f.Add(seed)
	}
	known := map[string]bool{}
	for _, a := range Actions() {
		for _, field := range a.Fields {
			known[field.Name] = known[field.Name] || a.Name == actMember
		}
	}
	f.Fuzz(func(t *testing.T, code string) {
		field := memberField(code)
		if !known[field] {
			t.Fatalf("%q goes to %q", code, field)
		}
		// Only what could be a payment code may be sent as one.
		if b, err := json.Marshal(code); err != nil || field == "authPayCode" && len(b) != 20 {
			t.Fatalf("%q, %v", code, err)
		}
	})
}
