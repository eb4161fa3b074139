package zvcms

import (
	"crypto/rand"
	"crypto/x509"
	"math"
	"math/big"
	"strings"
	"time"

	"cashier/services/fault"
	"cashier/services/wire"
)

// service is how the gateway appears in fault codes and sentences.
var service = wire.Service{Code: "zvcms", Name: "zvcms"}

// The vendor's production addresses. Version 2 has one address for everything
// (vendor page 620, there without TLS); below that of version 3 each action has
// its path. The latter is known from independent clients.
const (
	DefaultBaseURL   = "https://openapi.zvcms.com/api/v2"
	DefaultBaseURLV3 = "https://openapi.qmai.cn"
)

// Params configure a Client. OpenID, GrantCode and Key are required.
type Params struct {
	BaseURL   string                 // "": DefaultBaseURL, or DefaultBaseURLV3
	OpenID    string                 // 密钥Id
	GrantCode string                 // 授权code
	Key       func() (string, error) // the OpenKey; asked for each call, never kept
	ShopCode  string                 // multiMark, 门店编码; "" is left out

	// Switches for what the vendor's pages leave open.
	Version       string // "v2" ("" too) or "v3"
	UpperNames    bool   // in V2 the token signs GrantCode=… instead of grantCode=…
	ReverseAction string // name of the reversal's action in V2; in V3, whose path is known, any name turns it on; "": off

	OperatorID    int64  // 0 is left out
	OperatorName  string // "" is left out
	AllowInsecure bool   // plain http beyond loopback

	Now   func() time.Time // of the request's Timestamp and nothing else; nil: time.Now
	Nonce func() int64     // a positive number, new each time; nil: 31 bits from the system

	Connect, TLS, Reply time.Duration  // zero: 3 s, 3 s, 20 s
	RootCAs             *x509.CertPool // nil: the system's
}

// Client speaks with the gateway for one shop. Every call, questions included,
// has a connection of its own. It is safe for concurrent use.
type Client struct {
	p     Params
	base  wire.Address
	speak protocol
	once  *wire.MoneyTransport
}

// New checks the settings and makes a client; nothing is sent. Faults: Invalid.
func New(p Params) (*Client, error) {
	speak, err := p.protocol()
	if err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	if p.BaseURL == "" {
		p.BaseURL = speak.defaultBase()
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Nonce == nil {
		p.Nonce = nonce
	}
	base, err := wire.ParseAddress(service, p.BaseURL, p.AllowInsecure)
	if err != nil {
		return nil, err
	}
	return &Client{p: p, base: base, speak: speak, once: wire.NewMoneyTransport(wire.MoneyParams{
		Service: service, AllowInsecure: p.AllowInsecure,
		Connect: p.Connect, TLS: p.TLS, Reply: p.Reply, RootCAs: p.RootCAs,
	})}, nil
}

// Insecure reports plain http beyond this machine: a standing warning is due,
// because the token covers neither the action nor its parameters.
func (c *Client) Insecure() bool { return c.base.Insecure() }

// Address is where the gateway is asked, for a person to read.
func (c *Client) Address() string { return c.base.URL().String() }

func (p Params) protocol() (protocol, error) {
	switch strings.ToLower(p.Version) {
	case "", "v2":
		return v2{}, nil
	case "v3":
		return v3{}, nil
	}
	return nil, unusable("version")
}

func (p Params) check() error {
	switch {
	case p.OpenID == "":
		return unset("open_id")
	case p.GrantCode == "":
		return unset("grant_code")
	case p.Key == nil:
		return unset("open_key")
	case !signable(p.OpenID):
		return unusable("open_id")
	case !signable(p.GrantCode):
		return unusable("grant_code")
	case !signable(p.ReverseAction):
		return unusable("reverse_action")
	case !clean(p.ShopCode):
		return unusable("shop_code")
	case !clean(p.OperatorName):
		return unusable("operator_name")
	}
	return nil
}

// nonce is the 随机正整数: positive, and small enough for a 32-bit reader.
func nonce() int64 {
	n, err := rand.Int(rand.Reader, big.NewInt(math.MaxInt32))
	if err != nil {
		panic(err) // documented never to happen
	}
	return n.Int64() + 1
}

func unset(setting string) error {
	return service.Fault(fault.Invalid, "setting_missing",
		"{service}'s {setting} is not set. Enter it in Settings.", nil, "setting", setting)
}

func unusable(setting string) error {
	return service.Fault(fault.Invalid, "setting_value",
		"{service}'s {setting} cannot be used as it is. Correct it in Settings.", nil, "setting", setting)
}
