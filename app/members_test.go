package app

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"cashier/services/checkout"
	"cashier/services/zvcms"
)

// zvcmsSaying is a member gateway that gives the same answer to everything.
func zvcmsSaying(t *testing.T, body string) memberGateway {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	c, err := zvcms.New(zvcms.Params{BaseURL: s.URL, OpenID: "o", GrantCode: "g", Key: func() (string, error) { return "k", nil }})
	if err != nil {
		t.Fatal(err)
	}
	return memberGateway{c}
}

func TestAnAnswerThatNamesFewerCouponsLacksSome(t *testing.T) {
	call := checkout.ConsumeCall{Key: "T1-1-000000001", Account: checkout.MemberAccount{Customer: "7", Coupons: []string{"390962138708451328", "390962138708451329"}}}
	for list, lacks := range map[string]bool{
		`[390962138708451328,390962138708451329]`:     false,
		`["390962138708451329","390962138708451328"]`: false,
		`""`:                     false, // as the page's own sample has it
		`[390962138708451328]`:   true,
		`["390962138708451000"]`: true,
	} {
		g := zvcmsSaying(t, `{"status":true,"code":0,"message":"ok","data":{"status":true,"code":0,"bizId":"B1","couponsCardList":`+list+`}}`)
		if a := g.Consume(t.Context(), call); a.Lacks != lacks || a.Verdict != "true" || a.ProviderNo != "B1" {
			t.Errorf("%s: %+v", list, a)
		}
	}
}

// The words of the question must not pass for those of the consumption.
func TestEvidenceIsTheCouponsStateAlone(t *testing.T) {
	account := checkout.MemberAccount{Customer: "7", Coupons: []string{"390962138708451328"}}
	for body, want := range map[string]string{
		`{"status":true,"code":0,"message":"操作成功","data":[{"cardId":"390962138708451328","useStatus":1}]}`: "…1328=1",
		`{"status":true,"code":0,"message":"操作成功","data":[{"cardId":"390962138708451328","useStatus":0}]}`: "…1328=0",
		`{"status":true,"code":0,"message":"操作成功","data":[]}`:                                              "…1328=?",
		`{"status":true,"code":200002,"message":"会员不存在"}`:                                                  "…1328=?",
		`<html>`: "…1328=?",
	} {
		if a := zvcmsSaying(t, body).Evidence(t.Context(), account); a.Message != want {
			t.Errorf("%s: %q, want %q", body, a.Message, want)
		}
	}
	if a := zvcmsSaying(t, `{}`).Evidence(t.Context(), checkout.MemberAccount{Customer: "7"}); a.Message != "" {
		t.Errorf("without coupons: %q", a.Message)
	}
}

func TestABadRequestIsOurFaultAndADeadNetworkIsNot(t *testing.T) {
	g := zvcmsSaying(t, `{}`)
	a := g.Consume(t.Context(), checkout.ConsumeCall{Key: "T1-1-000000001", Account: checkout.MemberAccount{Customer: "7"}, Amount: 1, Password: "a\tb"})
	if a.Delivery != checkout.NotSent || !a.OurFault {
		t.Errorf("%+v", a)
	}
	c, err := zvcms.New(zvcms.Params{BaseURL: "http://127.0.0.1:9", OpenID: "o", GrantCode: "g", Key: func() (string, error) { return "k", nil }})
	if err != nil {
		t.Fatal(err)
	}
	a = memberGateway{c}.Consume(t.Context(), checkout.ConsumeCall{Key: "T1-1-000000001", Account: checkout.MemberAccount{Customer: "7"}, Amount: 1})
	if a.Delivery != checkout.NotSent || a.OurFault {
		t.Errorf("%+v", a)
	}
}
