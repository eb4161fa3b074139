package redeem_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/redeem"
)

const cardNo = "914095353294404024"

// cards is a provider that gives one answer about every card.
type cards struct {
	card   checkout.Card
	answer checkout.Answer
	err    error
}

func (c cards) Card(context.Context, string) (checkout.Card, checkout.Answer) {
	return c.card, c.answer
}

func (c cards) Redeem(context.Context, checkout.RedeemCall) checkout.Answer { panic("not asked for") }

// telling is cards whose reading also gives its fault.
type telling struct{ cards }

func (c telling) ReadCard(context.Context, string) (checkout.Card, checkout.Answer, error) {
	return c.card, c.answer, c.err
}

// desk remembers what it was asked to redeem.
type desk struct {
	calls  int
	card   checkout.Card
	before int64
	count  int64
}

func (d *desk) Redeem(_ context.Context, _ access.Actor, card checkout.Card, before, count int64) (checkout.Sale, error) {
	d.calls++
	d.card, d.before, d.count = card, before, count
	return checkout.Sale{ID: "s1"}, nil
}

func (d *desk) Wait(_ context.Context, id string) (checkout.Sale, error) {
	return checkout.Sale{ID: id}, nil
}

func service(t *testing.T, gateway checkout.CardGateway, d *desk) *redeem.Service {
	t.Helper()
	s, err := redeem.New(redeem.Params{
		Cards: gateway, Desk: d,
		Today: func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func success(change func(*cards)) cards {
	c := cards{
		card:   checkout.Card{No: "other", Name: "洗车卡", EndDate: "2026-12-31 23:59:59", Remaining: 7},
		answer: checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS", Message: "成功", Remaining: 7, HasRemains: true},
	}
	if change != nil {
		change(&c)
	}
	return c
}

// Where the times left are not known, the card is redeemed as unread, and what
// it had before is not made up.
func TestLookAndRedeem(t *testing.T) {
	unread := func(c *cards) { c.answer.Remaining, c.answer.HasRemains, c.card.Remaining = 0, false, 0 }
	for name, tt := range map[string]struct {
		change   func(*cards)
		readable bool
		before   int64
		why      string // code of View.Why
		note     string
		refused  string // code of the fault on redeeming 2 times
	}{
		"read":                           {nil, true, 7, "", "", ""},
		"one left":                       {func(c *cards) { c.answer.Remaining, c.card.Remaining = 1, 1 }, true, 0, "", "", "redeem.too_few"},
		"none left":                      {func(c *cards) { c.answer.Remaining, c.card.Remaining = 0, 0 }, true, 0, "", "", "redeem.too_few"},
		"no number":                      {unread, false, -1, "redeem.no_count", "times", ""},
		"below nothing":                  {func(c *cards) { c.answer.Remaining, c.card.Remaining = -1, -1 }, false, -1, "redeem.no_count", "times", ""},
		"only a success":                 {func(c *cards) { unread(c); c.card = checkout.Card{} }, false, -1, "redeem.no_count", "times", ""},
		"wrong signature":                {func(c *cards) { unread(c); c.answer.Signature = checkout.Forged }, false, -1, "redeem.forged", "signature", ""},
		"number under a wrong signature": {func(c *cards) { c.answer.Signature = checkout.Forged }, false, -1, "redeem.forged", "signature", ""},
		"dynamic code":                   {func(c *cards) { c.answer.Verdict, c.answer.Message = "FAILED", "卡不存在" }, false, -1, "", "卡不存在", ""},
		"expired":                        {func(c *cards) { c.card.EndDate = "2026-11-21" }, true, 0, "", "", "redeem.expired"},
		"expired, no number":             {func(c *cards) { unread(c); c.card.EndDate = "2026-11-21" }, false, 0, "redeem.no_count", "times", "redeem.expired"},
		"on its last day":                {func(c *cards) { c.card.EndDate = "2026-11-22" }, true, 7, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := &desk{}
			s := service(t, success(tt.change), d)
			v, err := s.Look(t.Context(), cardNo)
			if err != nil || v.Readable != tt.readable || v.Card.No != cardNo || !strings.Contains(v.Note, tt.note) || fault.CodeOf(v.Why) != tt.why {
				t.Fatalf("%+v, %v", v, err)
			}
			if !v.Readable && v.Card.Remaining != 0 {
				t.Errorf("shows %d times that nobody read", v.Card.Remaining)
			}
			_, err = s.Redeem(t.Context(), access.Actor{}, v, 2)
			if fault.CodeOf(err) != tt.refused {
				t.Fatal(err)
			}
			if tt.refused != "" && d.calls != 0 {
				t.Error("refused, yet redeemed")
			}
			if tt.refused == "" && (d.before != tt.before || d.count != 2 || d.card.No != cardNo) {
				t.Errorf("%+v", d)
			}
		})
	}
}

func TestLookTellsOurFaultsFromTheNetworks(t *testing.T) {
	key := fault.New(fault.Credentials, "liantuofu.key_missing", "The key could not be read. Enter it again in Settings.")
	field := fault.New(fault.Invalid, "liantuofu.field", "The field is not usable.")
	down := fault.New(fault.Unreachable, "liantuofu.unreachable", "Liantuofu cannot be reached.")
	notSent := checkout.Answer{Delivery: checkout.NotSent}
	for name, tt := range map[string]struct {
		gateway checkout.CardGateway
		kind    fault.Kind
		code    string
	}{
		"key":                  {telling{cards{answer: notSent, err: key}}, fault.Credentials, "liantuofu.key_missing"},
		"field":                {telling{cards{answer: notSent, err: field}}, fault.Invalid, "liantuofu.field"},
		"network":              {telling{cards{answer: notSent, err: down}}, fault.Unreachable, "redeem.unreachable"},
		"silence":              {telling{cards{answer: checkout.Answer{Delivery: checkout.Silent}, err: down}}, fault.Unreachable, "redeem.unreachable"},
		"no cause given":       {cards{answer: notSent}, fault.Unreachable, "redeem.unreachable"},
		"401":                  {cards{answer: checkout.Answer{Delivery: checkout.Answered, HTTP: 401}}, fault.Credentials, "redeem.credentials"},
		"neither yes nor no":   {cards{answer: checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "OK"}}, fault.Contract, "redeem.unreadable"},
		"HTTP 500":             {cards{answer: checkout.Answer{Delivery: checkout.Answered, HTTP: 500}}, fault.Contract, "redeem.unreadable"},
		"Liantuofu not set up": {nil, fault.Invalid, "liantuofu.not_set_up"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := service(t, tt.gateway, &desk{}).Look(t.Context(), cardNo)
			if fault.KindOf(err) != tt.kind || fault.CodeOf(err) != tt.code {
				t.Errorf("%v (%s)", err, fault.CodeOf(err))
			}
		})
	}
}

func TestBadInputIsRefusedBeforeAnyoneIsAsked(t *testing.T) {
	d := &desk{}
	s := service(t, success(nil), d)
	for _, no := range []string{"", "12345", strings.Repeat("1", 65), "914095 3532", "卡123456"} {
		if _, err := s.Look(t.Context(), no); fault.CodeOf(err) != "redeem.bad_code" {
			t.Errorf("%q: %v", no, err)
		}
	}
	v, err := s.Look(t.Context(), cardNo)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{-1, 0, 1000} {
		if _, err := s.Redeem(t.Context(), access.Actor{}, v, n); fault.CodeOf(err) != "redeem.count_range" || d.calls != 0 {
			t.Errorf("%d: %v", n, err)
		}
	}
}
