package simulate

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"cashier/services/checkout"
	"cashier/services/money"
)

// gateway implements the checkout's gateways over the line to the bank.
type gateway struct{ w *world }

// pass lets time pass for a call; it is false if the call was given up.
func (g gateway) pass(ctx context.Context, d time.Duration) bool {
	t := g.w.tasks
	t.Wait(ctx, t.mono-t.born+checkout.Instant(d), nil)
	return ctx.Err() == nil
}

// ask carries a question to the bank and its answer back.
func (g gateway) ask(ctx context.Context, op checkout.Op, what, key string, at func() checkout.Answer) checkout.Answer {
	a := g.carry(ctx, op, what, key, at)
	if ctx.Err() == nil {
		g.w.line.tells(op, key, g.w.worth(key), a)
	}
	return a
}

func (g gateway) carry(ctx context.Context, op checkout.Op, what, key string, at func() checkout.Answer) checkout.Answer {
	f := g.w.line.fate(op)
	if f.unsent {
		g.pass(ctx, f.there)
		g.w.say("%s %s: cannot be reached", what, key)
		return checkout.Answer{Delivery: checkout.NotSent, Message: "unreachable"}
	}
	if op == checkout.OpReverse {
		g.w.books.reverses(key, g.w.tasks.born, g.w.tasks.mono)
	}
	if !g.pass(ctx, f.there) || f.lost && !g.pass(ctx, f.back) {
		return checkout.Answer{}
	}
	if f.lost {
		g.w.say("%s %s: lost", what, key)
		return checkout.Answer{}
	}
	a := spoil(at(), f.spoilt)
	if !g.pass(ctx, f.back) {
		return checkout.Answer{}
	}
	g.w.heard(what, key, a)
	return a
}

// request is what moves money, on the wire.
type request struct {
	op     checkout.Op
	what   string
	key    string
	amount money.Fen
	words  string // what its recorded hash is of
	code   string // the customer's payment code
}

// deed carries what moves money, as the request that was recorded. Once its bytes
// are written the books must have known of it.
func (g gateway) deed(ctx context.Context, r request, at func(delay time.Duration) checkout.Answer) checkout.Answer {
	what, key := r.what, r.key
	g.w.books.mayCall(key)
	f := g.w.line.fate(r.op)
	if f.unsent {
		g.pass(ctx, f.there)
		g.w.say("%s %s: cannot be reached", what, key)
		return checkout.Answer{Delivery: checkout.NotSent, Message: "unreachable"}
	}
	g.w.books.leaves(key, r.amount)
	g.w.books.hashed(key, r.words)
	if r.code != "" {
		g.w.books.coded(key, r.code)
	}
	g.w.line.deed(key)
	g.w.event(what + " " + key + " leaves")
	switch {
	case f.lost:
		g.pass(ctx, f.back)
		g.w.say("%s %s: lost", what, key)
		return checkout.Answer{}
	case f.late > 0:
		at(f.late)
		g.pass(ctx, f.back)
		g.w.say("%s %s: lost, and arrives %v after it was sent", what, key, f.late)
		return checkout.Answer{}
	}
	g.pass(ctx, f.there)
	a := at(0)
	if f.twice {
		a = at(0)
	}
	g.pass(ctx, f.back)
	a = spoil(a, f.spoilt)
	g.w.heard(what, key, a)
	return a
}

func (g gateway) Pay(ctx context.Context, c checkout.PayCall) checkout.Answer {
	return g.deed(ctx, request{checkout.OpPay, "pay", c.Key, c.Amount, c.Key + "|" + c.Amount.Yuan() + "|" + c.Code, c.Code}, func(delay time.Duration) checkout.Answer {
		return g.w.bank.pay(c.Key, c.Amount, delay)
	})
}

func (g gateway) Precreate(ctx context.Context, c checkout.PayCall) checkout.Answer {
	return g.deed(ctx, request{checkout.OpPrecreate, "precreate", c.Key, c.Amount, c.Key + "|" + c.Amount.Yuan() + "|qr", ""}, func(delay time.Duration) checkout.Answer {
		return g.w.bank.precreate(c.Key, c.Amount, delay)
	})
}

func (g gateway) Query(ctx context.Context, key string) checkout.Answer {
	g.w.books.asks(key)
	return g.ask(ctx, checkout.OpQuery, "query", key, func() checkout.Answer { return g.w.line.query(key) })
}

func (g gateway) Reverse(ctx context.Context, key string) checkout.Answer {
	return g.ask(ctx, checkout.OpReverse, "reverse", key, func() checkout.Answer { return g.w.bank.reverse(key) })
}

func (g gateway) Refund(ctx context.Context, c checkout.RefundCall) checkout.Answer {
	return g.deed(ctx, request{checkout.OpRefund, "refund", c.Key, c.Amount, c.Key + "|" + c.Amount.Yuan() + "|" + c.Of, ""}, func(delay time.Duration) checkout.Answer {
		return g.w.bank.refund(c.Key, c.Of, c.Amount, delay)
	})
}

func (g gateway) RefundQuery(ctx context.Context, key string) checkout.Answer {
	g.w.books.asks(key)
	return g.ask(ctx, checkout.OpRefundQuery, "refund query", key, func() checkout.Answer { return g.w.bank.refundQuery(key) })
}

func (g gateway) Redeem(ctx context.Context, c checkout.RedeemCall) checkout.Answer {
	g.w.books.takes(c.Remark, c.Count)
	words := c.Remark + "|" + strconv.FormatInt(c.Count, 10) + "|" + c.Card
	return g.deed(ctx, request{checkout.OpTake, "redeem", c.Remark, g.w.worth(c.Remark), words, ""}, func(time.Duration) checkout.Answer {
		if g.w.bank.take(c.Remark) {
			return yes()
		}
		return no("CARD", "次数不足")
	})
}

func (g gateway) Card(ctx context.Context, _ string) (checkout.Card, checkout.Answer) {
	a := g.carry(ctx, checkout.OpEvidence, "card", "", yes)
	a.Remaining, a.HasRemains = 5, a.Verdict == "SUCCESS"
	return checkout.Card{Remaining: 5}, a
}

func (g gateway) Consume(ctx context.Context, c checkout.ConsumeCall) checkout.Answer {
	g.w.books.takes(c.Key, c.Points)
	account, err := json.Marshal(c.Account)
	if err != nil {
		panic(err)
	}
	words := c.Key + "|" + c.Amount.Yuan() + "|" + strconv.FormatInt(c.Points, 10) + "|" + string(account)
	return g.deed(ctx, request{checkout.OpTake, "consume", c.Key, c.Amount, words, ""}, func(time.Duration) checkout.Answer {
		if !g.w.bank.take(c.Key) {
			a := yes()
			a.Verdict, a.Code = "true", "605"
			return a
		}
		a := yes()
		a.Verdict, a.Code, a.Inner = "true", "0", &checkout.Inner{Verdict: "true", Code: "0"}
		a.ProviderNo, a.Amount, a.HasAmount = c.Key, c.Amount, true
		return a
	})
}

func (g gateway) Evidence(ctx context.Context, _ checkout.MemberAccount) checkout.Answer {
	return g.carry(ctx, checkout.OpEvidence, "account", "", func() checkout.Answer { return checkout.Answer{} })
}

// What customers show, and nobody may find written down.
const (
	codes    = "1345000" // a payment code begins so
	cardNo   = "62140000915"
	memberNo = "2000001"
	password = "open-sesame"
)

var secrets = [...]string{codes, cardNo, memberNo, password}

// vault seals so that nothing shows, and digests so that equal texts are equal.
type vault struct{}

func digest(text string) string {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return strconv.FormatUint(h, 36)
}

func (vault) Digest(code string) string { return digest(code) }

func (vault) Seal(s string) (string, error) { return turned(s), nil }

func (vault) Unseal(sealed string) (string, error) { return turned(sealed), nil }

// turned is a text that nobody reads, and that turned again is the text.
func turned(s string) string {
	t := []byte(s)
	for i := range t {
		t[i] ^= 0x15
	}
	return string(t)
}
