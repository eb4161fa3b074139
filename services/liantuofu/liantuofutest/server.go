package liantuofutest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"cashier/services/money"
	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

// Base is the path every address begins with.
const Base = "/open/"

// Signing says which replies carry a sign.
type Signing int

// The vendor pages list sign among the reply fields of payments only.
const (
	SignAll      Signing = iota
	SignPayments         // pay, query, precreate and refunds alone
	SignNone
)

// Empties says what an empty value of a request does.
type Empties int

// The vendor's clients disagree: some leave blanks out, some sign them.
const (
	EmptyIgnored Empties = iota // as if it had not been sent
	EmptySigned                 // counts in the signature as name=
	EmptyRefused
)

// NoSubCode is the BadSignSubCode of a refusal without a subCode.
const NoSubCode = "-"

// Params is what a Server is made of. AppID, MerchantCode, Key and Shop are
// required.
type Params struct {
	AppID        string
	MerchantCode string
	Key          string
	Shop         *shopdata.Shop // times cards, wallets, members and staff

	Signing        Signing
	Empties        Empties
	BadSignSubCode string    // of a wrong sign; "" means SIGN_ERROR
	DefaultBalance money.Fen // of a wallet the shop does not list; 0 means 2000.00

	CancelUnknownFails bool // cancel of an order never seen: FAILED NOT_FOUND instead of closing its number
	CancelWaits        bool // cancel is refused while the customer is typing a password
	CancelRevokes      bool // a cancelled payment is REVOKED, which a public client knows, instead of REFUND
	CloseIsForQR       bool // close refuses the order of a payment code
	RefundingIsHidden  bool // a refund in progress is not found; with returnRefundType=1 it reads as one that is done

	RemarkIsIdempotent bool          // a consume repeated with card and remark takes nothing and succeeds
	CardDetailIsNested bool          // the card's fields inside "data"; then the reply is unsigned
	CardDetailByCode   bool          // a dynamic code finds its card's detail too
	CardCodeTTL        time.Duration // how long a dynamic code lasts; 0 means a minute

	BillNesting   Nesting
	MemberIsFlat  bool // the member's fields on top instead of inside "member"
	LoginUnsigned bool // login needs no appId, random and sign, since its reply brings the key

	Seed     uint64 // of faults with a chance
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration)
	OnChange func(money bool) // after a change and before its reply; money when something was charged or given back
}

// Server is the stand-in, an http.Handler. It is safe for concurrent use.
type Server struct {
	p      Params
	faults *standin.Faults
	mux    *http.ServeMux

	mu      sync.Mutex
	seq     int64
	orders  map[string]*order
	refunds map[string]*refund
	used    map[string]bool // hashes of auth codes that reached a wallet
	wallets map[string]money.Fen
	cards   map[string]*card
	codes   map[string]*cardCode
	remarks map[string]bool // card and remark of every consume
	late    []*order        // to be charged when their time comes
	charges []standin.Charge
}

// New returns a Server with the shop's cards and wallets and no orders.
func New(p Params) (*Server, error) {
	if p.AppID == "" || p.MerchantCode == "" || p.Key == "" || p.Shop == nil {
		return nil, errors.New("liantuofutest: AppID, MerchantCode, Key and Shop are required")
	}
	if p.DefaultBalance == 0 {
		p.DefaultBalance = 2000_00
	}
	if p.BadSignSubCode == "" {
		p.BadSignSubCode = subSign
	}
	if p.CardCodeTTL == 0 {
		p.CardCodeTTL = time.Minute
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Sleep == nil {
		p.Sleep = standin.Sleep
	}
	if p.OnChange == nil {
		p.OnChange = func(bool) {}
	}
	s := &Server{
		p: p, faults: standin.NewFaults(menu, p.Seed), mux: http.NewServeMux(),
		orders: make(map[string]*order), refunds: make(map[string]*refund),
		used: make(map[string]bool), wallets: make(map[string]money.Fen),
		cards: make(map[string]*card), codes: make(map[string]*cardCode), remarks: make(map[string]bool),
	}
	for _, w := range p.Shop.Wallets {
		s.wallets[w.ID] = w.Balance
	}
	for _, c := range p.Shop.TimesCards {
		end, err := c.Expires()
		if err != nil {
			return nil, err
		}
		s.cards[c.CardNo] = &card{TimesCard: c, end: end}
	}
	s.routes()
	return s, nil
}

// payKinds are what a gateway can do to the one request that takes money.
var payKinds = slices.Concat(standin.WireKinds, []standin.Kind{
	standin.Refused, standin.ExpiredCode, standin.PayingThenPaid, standin.PayingForever,
	standin.WrongAmount, standin.WrongKey, standin.Unsigned, standin.BadSignature,
	standin.Duplicate, standin.LateMoney,
})

var menu = standin.Menu{
	Gateway: "liantuofu",
	Actions: map[string][]standin.Kind{
		"pay":    payKinds,
		"query":  with(standin.WrongAmount, standin.WrongKey, standin.Refused),
		"cancel": with(standin.Refused, standin.Lies),
		"close":  with(standin.Refused, standin.Lies),
		"precreate": with(standin.Refused, standin.Lies, standin.Duplicate, standin.WrongKey,
			standin.PayingThenPaid, standin.PayingForever),
		"bill":         with(standin.Refused, standin.WrongAmount, standin.PageShift, standin.EmptyList),
		"member-get":   with(standin.Refused, standin.ExpiredCode),
		"login":        with(standin.Refused),
		"refund":       with(standin.Refused, standin.Lies, standin.Refunding),
		"refund-query": with(standin.Refused),
		"card-detail":  with(standin.Refused),
		"card-consume": with(standin.Refused, standin.ExpiredCode, standin.Lies),
	},
	Aliases: map[string]string{
		"pay/query": "query", "member/get": "member-get", "refundV2": "refund", "refund/queryV2": "refund-query",
		"timescard/userTimesCardDetail": "card-detail", "userTimesCardDetail": "card-detail",
		"timescard/userTimesCardConsume": "card-consume", "userTimesCardConsume": "card-consume",
	},
	Tailed: []string{"pay", "cancel", "card-consume", "member-get"},
}

func with(more ...standin.Kind) []standin.Kind {
	return slices.Concat(standin.WireKinds, []standin.Kind{standin.Unsigned, standin.BadSignature}, more)
}

func (s *Server) routes() {
	s.mux.Handle("/_sim/", standin.Bench(s))
	s.mux.HandleFunc("POST /_sim/scan", s.benchScan)
	s.mux.HandleFunc("POST /_sim/pay-qr", s.benchScan) // the same under its older name
	s.mux.HandleFunc("POST /_sim/card-code", s.benchCardCode)
	for path, a := range map[string]action{
		"pay":                            {"pay", true, "merchantCode outTradeNo totalAmount authCode", s.pay},
		"pay/query":                      {"query", true, "merchantCode", s.query},
		"cancel":                         {"cancel", false, "merchantCode outTradeNo", s.cancel},
		"close":                          {"close", false, "merchantCode outTradeNo", s.closeOrder},
		"precreate":                      {"precreate", true, "merchantCode outTradeNo totalAmount channel tradeType", s.precreate},
		"refundV2":                       {"refund", true, "merchantCode refundNo", s.refund},
		"refund/queryV2":                 {"refund-query", true, "merchantCode refundNo", s.refundQuery},
		"bill":                           {"bill", false, "merchantCode billBeginTime billEndTime", s.bill},
		"member/get":                     {"member-get", false, "", s.memberGet},
		"login":                          {"login", false, "userName passWord", s.login},
		"timescard/userTimesCardDetail":  {"card-detail", false, "cardNo", s.cardDetail},
		"timescard/userTimesCardConsume": {"card-consume", false, "cardNo count consumeSource consumeMerchantCode", s.cardConsume},
	} {
		s.mux.HandleFunc("POST "+Base+path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, a) })
	}
}

// ServeHTTP answers as the gateway would, below Base; and the test bench below
// /_sim/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// SetFaults replaces the faults. An error leaves them as they were.
func (s *Server) SetFaults(spec string) error { return s.faults.Set(spec) }

// ArmFaults is SetFaults for rules that have been read already.
func (s *Server) ArmFaults(rules []standin.Rule) error { return s.faults.Arm(rules) }

// Menu is what SetFaults accepts.
func (s *Server) Menu() standin.Menu { return menu }

// Faults are the rules in force.
func (s *Server) Faults() []standin.Rule { return s.faults.Rules() }

// Charges is everything that was really charged and given back, oldest first.
func (s *Server) Charges() []standin.Charge {
	s.mu.Lock()
	moved := s.settleLate()
	list := slices.Clone(s.charges)
	s.mu.Unlock()
	if moved {
		s.p.OnChange(true)
	}
	return list
}

// Balance is what is left in a wallet.
func (s *Server) Balance(wallet string) money.Fen {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleLate()
	return s.balance(wallet)
}

// Remaining is what is left on a times card; ok is false for an unknown card.
func (s *Server) Remaining(cardNo string) (times int64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.cards[cardNo]
	if !ok {
		return 0, false
	}
	return c.Remaining, true
}
