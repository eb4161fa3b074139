package demo

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"cashier/assets/demoshop"
	"cashier/services/fault"
	"cashier/services/hq/hqtest"
	"cashier/services/liantuofu/liantuofutest"
	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
	"cashier/services/zvcms/zvcmstest"
)

// The credentials of the gateways. They are invented and open nothing.
const (
	AppID        = "EW_N0000000001"
	MerchantCode = "EW_N0000000002"
	Key          = "stand-in-liantuofu-key"
	OpenID       = "stand-in-open-id"
	GrantCode    = "stand-in-grant"
	OpenKey      = "stand-in-open-key"

	ReverseAction = "communal.user.consume-reverse" // assumed: no page names it
)

// Params is what Start can be told. The zero value is the built-in demo shop on
// a free port, without faults.
type Params struct {
	Listen    string // loopback host:port; "" picks a free port
	Shop      fs.FS  // a folder as services/shopdata describes it; nil is the built-in shop
	Faults    string // a text as services/shopdata/standin reads it
	Seed      uint64 // of faults with a chance
	StatePath string // "" keeps nothing
	Now       func() time.Time
	Log       *slog.Logger

	// Switches of the three, set before they start.
	HQ        func(*hqtest.Params)
	Liantuofu func(*liantuofutest.Params)
	ZVCMS     func(*zvcmstest.Params)
}

// Endpoints is what a till has to be told to use the stand-ins. As JSON it is
// the line that hqsim prints.
type Endpoints struct {
	HQ           string `json:"hq"`
	Liantuofu    string `json:"liantuofu"` // ends in /open/
	ZVCMS        string `json:"zvcms"`     // ends in /api/v2
	Tenant       string `json:"tenant"`
	Login        string `json:"login"`
	Password     string `json:"password"`
	ShopID       int64  `json:"shopId"`
	AppID        string `json:"liantuofuAppId"`
	MerchantCode string `json:"liantuofuMerchantCode"`
	Key          string `json:"liantuofuKey"`
	OpenID       string `json:"zvcmsOpenId"`
	GrantCode    string `json:"zvcmsGrantCode"`
	OpenKey      string `json:"zvcmsOpenKey"`
}

// Servers are the three stand-ins while they run.
type Servers struct {
	HQ        *hqtest.Server
	Liantuofu *liantuofutest.Server
	ZVCMS     *zvcmstest.Server
	Shop      *shopdata.Shop

	endpoints Endpoints
	store     *store
	http      *http.Server
	stop      context.CancelFunc // ends calls that hang
	served    chan struct{}
	closing   sync.Once
	closed    error
	arm       sync.Mutex
}

// Start loads the shop and the state and serves until Close or the end of ctx.
// Faults of kind fault.Invalid are about what the caller gave: "demo.listen"
// (not loopback), "demo.faults", "demo.shop", "demo.state" (not readable as a
// state, or of another shop); fault.Busy "demo.state-in-use" is another process
// on the same state, fault.Internal "demo.address" a port that is taken.
func Start(ctx context.Context, p Params) (*Servers, error) {
	if p.Listen == "" {
		p.Listen = "127.0.0.1:0"
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Shop == nil {
		p.Shop = demoshop.FS()
	}
	if err := loopback(p.Listen); err != nil {
		return nil, err
	}
	shop, err := shopdata.Load(p.Shop)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "demo.shop", "The shop cannot be used: {why}", "why", err.Error())
	}
	s := &Servers{Shop: shop, served: make(chan struct{})}
	if err := s.build(p); err != nil {
		return nil, err
	}
	if err := s.SetFaults(p.Faults); err != nil {
		return nil, err
	}
	if err := s.openStore(p); err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", p.Listen)
	if err != nil {
		_ = s.store.close() // nothing has changed yet
		return nil, fault.Wrap(err, fault.Internal, "demo.address", "Cannot listen on {address}: choose another port, or 0 for any.", "address", p.Listen)
	}
	s.serve(ctx, l)
	return s, nil
}

// loopback refuses an address that others could reach: the stand-ins take
// money from nobody, but they also protect nothing.
func loopback(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err == nil {
		if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() || host == "localhost" {
			return nil
		}
	}
	return fault.New(fault.Invalid, "demo.listen",
		"The stand-ins listen on this machine only: give a loopback address such as 127.0.0.1:8080, not {address}.", "address", listen)
}

// IsUsage tells an error of Start about the caller's own words (address, fault
// text) from one about what they point at (shop, state, port).
func IsUsage(err error) bool {
	code := fault.CodeOf(err)
	return code == "demo.listen" || code == "demo.faults"
}

func (s *Servers) build(p Params) (err error) {
	s.store = newStore(p.StatePath, p.Log)
	hq := hqtest.Params{Shop: s.Shop, Pictures: p.Shop, Seed: p.Seed, Now: p.Now, OnChange: s.store.changed("hq")}
	lt := liantuofutest.Params{
		AppID: AppID, MerchantCode: MerchantCode, Key: Key, Shop: s.Shop,
		Seed: p.Seed + 1, Now: p.Now, OnChange: s.store.changed("liantuofu"),
	}
	zv := zvcmstest.Params{
		OpenID: OpenID, GrantCode: GrantCode, OpenKey: OpenKey, ReverseAction: ReverseAction, Shop: s.Shop,
		Seed: p.Seed + 2, Now: p.Now, OnChange: s.store.changed("zvcms"),
	}
	if p.HQ != nil {
		p.HQ(&hq)
	}
	if p.Liantuofu != nil {
		p.Liantuofu(&lt)
	}
	if p.ZVCMS != nil {
		p.ZVCMS(&zv)
	}
	if s.HQ, err = hqtest.New(hq); err != nil {
		return err
	}
	if s.Liantuofu, err = liantuofutest.New(lt); err != nil {
		return err
	}
	if s.ZVCMS, err = zvcmstest.New(zv); err != nil {
		return err
	}
	owner := s.Shop.Owner()
	s.endpoints = Endpoints{
		Tenant: s.Shop.Tenant, Login: owner.Login, Password: owner.Password, ShopID: s.Shop.ShopID,
		AppID: lt.AppID, MerchantCode: lt.MerchantCode, Key: lt.Key,
		OpenID: zv.OpenID, GrantCode: zv.GrantCode, OpenKey: zv.OpenKey,
	}
	return nil
}

func (s *Servers) openStore(p Params) error {
	err := s.store.open(s.Shop, []section{{"hq", s.HQ}, {"liantuofu", s.Liantuofu}, {"zvcms", s.ZVCMS}})
	switch {
	case errors.Is(err, errInUse):
		return fault.Wrap(err, fault.Busy, "demo.state-in-use", "Another process is using {file}: stop it or name another file.", "file", p.StatePath)
	case err != nil:
		return fault.Wrap(err, fault.Invalid, "demo.state",
			"{file} cannot be used: {why}. Move it away to start afresh.", "file", p.StatePath, "why", err.Error())
	}
	return nil
}

func (s *Servers) serve(ctx context.Context, l net.Listener) {
	base := "http://" + l.Addr().String()
	s.endpoints.HQ = base
	s.endpoints.Liantuofu = base + liantuofutest.Base
	s.endpoints.ZVCMS = base + zvcmstest.Path

	calls, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.http = &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 1 << 16,
		BaseContext: func(net.Listener) context.Context { return calls },
	}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(l) // always ends with ErrServerClosed, after Close
	}()
	unhook := context.AfterFunc(ctx, func() { _ = s.Close() })
	s.http.RegisterOnShutdown(func() { unhook() })
}

func (s *Servers) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(liantuofutest.Base, s.Liantuofu)
	mux.Handle(zvcmstest.Path, s.ZVCMS)
	mux.Handle(zvcmstest.PathV3, s.ZVCMS)
	mux.Handle("/_sim/", standin.Bench(s))
	for _, bench := range []string{"scan", "pay-qr", "card-code"} {
		mux.Handle("POST /_sim/"+bench, s.Liantuofu)
	}
	mux.Handle(hqtest.Bench, s.HQ)
	mux.Handle("POST /_sim/price", s.HQ)
	mux.Handle("/", s.HQ)
	return mux
}

// Endpoints are the addresses and credentials.
func (s *Servers) Endpoints() Endpoints { return s.endpoints }

// Charges is what really happened at both gateways, oldest first within each.
func (s *Servers) Charges() []standin.Charge {
	return append(s.Liantuofu.Charges(), s.ZVCMS.Charges()...)
}

// Close stops serving, ends calls that hang, and saves the state once more. The
// error is that of the last saving, if it failed.
func (s *Servers) Close() error {
	s.closing.Do(func() {
		s.stop()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if s.http.Shutdown(ctx) != nil {
			_ = s.http.Close() // callers that hold on are cut off
		}
		<-s.served
		s.closed = s.store.close()
	})
	return s.closed
}
