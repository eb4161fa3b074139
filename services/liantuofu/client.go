package liantuofu

import (
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"strconv"
	"strings"
	"time"

	"cashier/services/fault"
	"cashier/services/wire"
)

// service is how the gateway appears in fault codes and sentences.
var service = wire.Service{Code: "liantuofu", Name: "Liantuofu"}

// DefaultBaseURL is the vendor's production address.
const DefaultBaseURL = "https://api.liantuofu.com/open/"

// Params configure a Client. AppID, MerchantCode and Key are required.
type Params struct {
	BaseURL       string                 // "": DefaultBaseURL
	AppID         string                 // 核心商户编号
	MerchantCode  string                 // the shop's own number, also where cards are consumed
	Key           func() (string, error) // asked for each call, never kept
	EmployeeID    string                 // who consumes a times card; "" is left out
	ConsumeSource string                 // of a times card: "0" phone, "1" plug-in, "2" web page; "": "1"
	AllowInsecure bool                   // plain http beyond loopback
	Random        func() string          // digits; nil: 12 from the system
	Zone          *time.Location         // of the gateway's times; nil: China

	Connect, TLS, Reply time.Duration // zero: 3 s, 3 s, 20 s
	RootCAs             *x509.CertPool
}

// Client speaks with the gateway for one merchant. Every call, questions
// included, has a connection of its own and is sent at most once: whether to
// ask again is the caller's policy. It is safe for concurrent use.
type Client struct {
	p    Params
	base wire.Address
	once *wire.MoneyTransport
}

// New checks the settings and makes a client; nothing is sent. Faults: Invalid.
func New(p Params) (*Client, error) {
	if p.BaseURL == "" {
		p.BaseURL = DefaultBaseURL
	}
	switch {
	case p.AppID == "":
		return nil, unset("app_id")
	case p.MerchantCode == "":
		return nil, unset("merchant_code")
	case p.Key == nil:
		return nil, unset("key")
	}
	if p.ConsumeSource == "" {
		p.ConsumeSource = "1"
	}
	if p.Random == nil {
		p.Random = digits
	}
	if p.Zone == nil {
		p.Zone = wire.China
	}
	base, err := wire.ParseAddress(service, p.BaseURL, p.AllowInsecure)
	if err != nil {
		return nil, err
	}
	return &Client{p: p, base: base, once: wire.NewMoneyTransport(wire.MoneyParams{
		Service: service, AllowInsecure: p.AllowInsecure,
		Connect: p.Connect, TLS: p.TLS, Reply: p.Reply, RootCAs: p.RootCAs,
	})}, nil
}

// Insecure reports plain http beyond this machine: a standing warning is due.
func (c *Client) Insecure() bool { return c.base.Insecure() }

func unset(setting string) error {
	return service.Fault(fault.Invalid, "setting_missing",
		"{service}'s {setting} is not set. Enter it in Settings.", nil, "setting", setting)
}

func invalid(field string) Reply {
	return Reply{Delivery: NotSent, Err: invalidField(field)}
}

// invalidField names the field and never its value, which may be a code.
func invalidField(field string) error {
	return service.Fault(fault.Invalid, "field",
		"The field “{field}” is missing or not as {service} needs it; nothing was sent. Correct it, then try again.", nil, "field", field)
}

// digits is the random parameter, which takes digits only (seed text of the
// times-card page; its own sample breaks the rule).
func digits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000_000_000))
	if err != nil {
		panic(err) // documented never to happen
	}
	s := strconv.FormatInt(n.Int64(), 10)
	return strings.Repeat("0", 12-len(s)) + s
}
