package hqtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

// Cookie is the name of the session's cookie.
const Cookie = "HQSESSION"

// Params is what a Server is made of. Shop is required.
type Params struct {
	Shop     *shopdata.Shop
	Pictures fs.FS // the shop's folder; nil serves no pictures

	Quirks                     // to begin with
	SessionTTL   time.Duration // 0 means twelve hours
	MaxPageSize  int           // longer pages are cut to this; 0 means never
	WeixinPrefix string        // of the routes that the weixin page does not give; "" is /api/weixin/

	Seed     uint64 // of faults with a chance
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration)
	OnChange func(money bool) // after a change and before its reply; HQ moves no money
}

// Server is the stand-in, an http.Handler. It is safe for concurrent use.
type Server struct {
	p        Params
	faults   *standin.Faults
	mux      *http.ServeMux
	classes  map[int64]string
	products map[int64]*shopdata.Product // what the tenant sells, listed or not
	quirks   atomic.Pointer[Quirks]

	mu       sync.RWMutex
	shops    []*shop
	sessions map[string]session
	logs     []priceLog
	logSeq   int64
	resets   int
	app      appConfig
	card     cardConfig
	bills    Bills
}

type session struct {
	staff  int // index into the shop's staff
	expire time.Time
}

// New returns a Server in which every shop sells what its description lists, at
// the prices there.
func New(p Params) (*Server, error) {
	if p.Shop == nil {
		return nil, errors.New("hqtest: Shop is required")
	}
	if p.SessionTTL == 0 {
		p.SessionTTL = 12 * time.Hour
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
	if p.WeixinPrefix == "" {
		p.WeixinPrefix = weixinPrefix
	}
	s := &Server{
		p: p, faults: standin.NewFaults(menu, p.Seed), mux: http.NewServeMux(),
		classes: make(map[int64]string), products: make(map[int64]*shopdata.Product, len(p.Shop.Products)),
		sessions: make(map[string]session),
		card:     cardConfig{ID: 1, Phone: "400-000-0000", Prerogative: "会员价", Description: p.Shop.ShopName},
		app:      appConfig{AppID: "wx0000000000000000", AppSecret: "not-a-real-secret"},
	}
	for _, c := range p.Shop.Classes {
		s.classes[c.ID] = c.Name
	}
	if err := s.fill(); err != nil {
		return nil, err
	}
	if err := s.SetQuirks(p.Quirks); err != nil {
		return nil, err
	}
	s.routes()
	return s, nil
}

// fill opens the shops of the description.
func (s *Server) fill() error {
	d := s.p.Shop
	for i := range d.Products {
		if d.Products[i].ProductID >= perShop {
			return errors.New("hqtest: a productId has more than eleven digits")
		}
		s.products[d.Products[i].ProductID] = &d.Products[i]
	}
	s.shops = append(s.shops, newShop(d.ShopID, d.ShopName, nil))
	for _, b := range d.Branches {
		s.shops = append(s.shops, newShop(b.ShopID, b.ShopName, b.Prices))
	}
	for _, sh := range s.shops {
		if sh.id > largestShopID {
			return fmt.Errorf("hqtest: shopId %d is larger than %d", sh.id, largestShopID)
		}
		sh.open(d.Products)
	}
	return nil
}

// ServeHTTP answers as HQ would, and the test bench below /_sim/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// SetFaults replaces the faults. An error leaves them as they were.
func (s *Server) SetFaults(spec string) error { return s.faults.Set(spec) }

// ArmFaults is SetFaults for rules that have been read already.
func (s *Server) ArmFaults(rules []standin.Rule) error { return s.faults.Arm(rules) }

// Menu is what SetFaults accepts.
func (s *Server) Menu() standin.Menu { return menu }

// Faults are the rules in force.
func (s *Server) Faults() []standin.Rule { return s.faults.Rules() }

// Charges is always empty: nobody pays at HQ.
func (s *Server) Charges() []standin.Charge { return nil }

// Resets is how often a reset of the download was asked for.
func (s *Server) Resets() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.resets
}
