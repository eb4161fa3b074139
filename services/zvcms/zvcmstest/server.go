package zvcmstest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cashier/services/money"
	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

// Path is the one address of version 2; PathV3 is what every route of version 3
// begins with.
const (
	Path   = "/api/v2"
	PathV3 = "/v3/"
)

// Repeat says what a bizId does that was consumed before.
type Repeat int

// The pages do not say which it is.
const (
	RepeatCharges Repeat = iota // consumes again
	RepeatAnswers               // consumes nothing and returns the first answer
	RepeatRefused               // is refused as a duplicate
)

// Params is what a Server is made of. OpenID, GrantCode, OpenKey and Shop are
// required.
type Params struct {
	OpenID    string
	GrantCode string
	OpenKey   string
	Shop      *shopdata.Shop // members

	UpperCamelSign bool   // version 2 signs GrantCode=… instead of grantCode=…
	StatusAsString bool   // "true" instead of true
	CodeAsString   bool   // "0" instead of 0
	RepeatedBizID  Repeat // also across the actions that consume
	OwnBizID       bool   // the reply carries a bizId of the gateway's making
	ReverseAction  string // version 2 takes a consume back when not ""; its real name is not public

	PayPasswords      map[string]string // by customerId: such a member consumes with payPassword only
	PointsNeedCompany bool              // points alone are refused: page 620 asks for amount or coupons
	CouponsAsNumbers  bool              // couponsCardList of a reply holds numbers, as page 620's text has them
	NoCouponsAsText   bool              // "" instead of an empty couponsCardList, as page 620's sample has it

	CamelData         bool // version 3 answers a consume with giftAmount instead of gift_amount
	MembersListed     bool // version 3 answers allCustomerInfo with {list,total} instead of the member
	QueryFindsConsume bool // version 3: getDecreaseBalanceBiz also knows consumes

	Window   time.Duration // how far a Timestamp may be off; 0 means five minutes
	Seed     uint64        // of faults with a chance
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration)
	OnChange func(money bool) // after a change and before its reply
}

// Server is the stand-in, an http.Handler. It is safe for concurrent use.
type Server struct {
	p      Params
	faults *standin.Faults
	mux    *http.ServeMux

	traces atomic.Int64 // traceIds so far

	mu      sync.Mutex
	seq     int64
	members map[string]*member
	order   []string // customerIds as the shop lists them
	coupons map[string]*coupon
	byCode  map[string]*coupon
	log     []*consumed
	consume map[string]*consumed // by the bizId in the reply, the last one
	byBiz   map[string]*consumed // the first one of each bizId in a request
	nonces  map[string]time.Time
	forgot  time.Time // when nonces were last dropped
	charges []standin.Charge
}

// New returns a Server with the shop's members as they are in the shop.
func New(p Params) (*Server, error) {
	if p.OpenID == "" || p.GrantCode == "" || p.OpenKey == "" || p.Shop == nil {
		return nil, errors.New("zvcmstest: OpenID, GrantCode, OpenKey and Shop are required")
	}
	if p.Window == 0 {
		p.Window = 5 * time.Minute
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
		members: make(map[string]*member), coupons: make(map[string]*coupon), byCode: make(map[string]*coupon),
		consume: make(map[string]*consumed), byBiz: make(map[string]*consumed), nonces: make(map[string]time.Time),
	}
	for _, m := range p.Shop.Members {
		own := &member{CustomerID: m.CustomerID, Recharge: m.Recharge, Gift: m.Gift, Points: m.Points, about: m}
		s.members[m.CustomerID] = own
		s.order = append(s.order, m.CustomerID)
		for _, c := range m.Coupons {
			k := &coupon{Coupon: c, id: int64(len(s.coupons)) + 1, owner: own}
			s.coupons[c.CardID], s.byCode[c.ScanCode()] = k, k
		}
	}
	s.mux.Handle("/_sim/", standin.Bench(s))
	s.mux.HandleFunc("POST "+Path, s.serveV2)
	s.mux.HandleFunc("POST "+PathV3+"{route...}", s.serveV3)
	return s, nil
}

// takes are the kinds of the actions that consume.
var takes = with(standin.WrongAmount, standin.WrongKey, standin.SampleSuccess)

var menu = standin.Menu{
	Gateway: "zvcms",
	Actions: map[string][]standin.Kind{
		"member-consume":   takes,
		"member-reverse":   with(standin.Lies),
		"member-info":      with(),
		"coupon-status":    with(),
		"balance":          with(standin.WrongAmount),
		"coupon-writeoff":  takes,
		"coupon-reverse":   with(standin.Lies),
		"balance-decrease": takes,
		"balance-reverse":  with(standin.Lies),
		"decrease-query":   with(standin.WrongAmount, standin.WrongKey),
	},
	Aliases: map[string]string{
		ActionConsume: "member-consume", ActionMember: "member-info", ActionCoupons: "coupon-status",
		"consume":    "member-consume",
		RouteConsume: "member-consume", RouteReverse: "member-reverse", RouteMember: "member-info",
		RouteBalance: "balance", RouteCoupons: "coupon-status", RouteWriteOff: "coupon-writeoff",
		RouteCouponReverse: "coupon-reverse", RouteDecrease: "balance-decrease", RouteDecreaseBack: "balance-reverse",
		RouteDecreaseQuery: "decrease-query",
	},
	Tailed: []string{"member-consume", "coupon-writeoff", "balance-decrease"},
}

func with(more ...standin.Kind) []standin.Kind {
	return slices.Concat(standin.WireKinds, []standin.Kind{
		standin.Refused, standin.SystemError, standin.InnerFailed, standin.SignError, standin.Replayed,
		standin.SampleException, standin.SampleSystemError,
	}, more)
}

// ServeHTTP answers at Path and below PathV3, and the test bench below /_sim/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// SetFaults replaces the faults. An error leaves them as they were.
func (s *Server) SetFaults(spec string) error { return s.faults.Set(spec) }

// ArmFaults is SetFaults for rules that have been read already.
func (s *Server) ArmFaults(rules []standin.Rule) error { return s.faults.Arm(rules) }

// Menu is what SetFaults accepts.
func (s *Server) Menu() standin.Menu { return menu }

// Faults are the rules in force.
func (s *Server) Faults() []standin.Rule { return s.faults.Rules() }

// Charges is everything that was really consumed and given back, oldest first.
func (s *Server) Charges() []standin.Charge {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.charges)
}

// Account is what a member has left.
type Account struct {
	Recharge, Gift money.Fen
	Points         int64
}

// Account tells what a member has left; ok is false for an unknown one.
func (s *Server) Account(customerID string) (a Account, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.members[customerID]
	if !ok {
		return Account{}, false
	}
	return Account{m.Recharge, m.Gift, m.Points}, true
}
