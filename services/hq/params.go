package hq

import (
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"time"

	"cashier/services/fault"
	"cashier/services/wire"
)

// service is how HQ appears in fault codes and sentences.
var service = wire.Service{Code: "hq", Name: "HQ"}

// Params configure a Client. BaseURL and ShopID are required; Login and
// Password are unless Headers carry the proof of identity.
type Params struct {
	BaseURL  string
	Tenant   string // 企业标识
	Login    string
	Password func() (string, error) // asked at each login, never kept; nil: Headers alone prove who we are
	OpenID   string
	App      string
	ShopID   int64

	// Switches for what the help pages leave open.
	ZeroBasedPages bool              // HQ counts pages from 0; unset: from 1
	Routes         map[string]string // action → path below BaseURL, for those that differ
	QuantityName   string            // field of an uploaded line's quantity; unset: qty
	Headers        map[string]string // sent to HQ's own origin with every request, such as an app key
	AllowInsecure  bool              // plain http beyond loopback
	PictureOrigins []string          // further origins pictures may come from, as "https://img.example.com"
	Zone           *time.Location    // of times that HQ writes without one; nil: China

	// Timeouts and retries; zero values are the defaults of package wire.
	Connect, TLS, Reply time.Duration
	Backoff             time.Duration
	Attempts            int
	RootCAs             *x509.CertPool // nil: the system's
	Resolver            *net.Resolver  // of reads; nil: the system's
}

func (p Params) check() error {
	missing := func(what string) error {
		return service.Fault(fault.Invalid, "setting_missing", "HQ's {setting} is not set. Enter it in Settings.", nil, "setting", what)
	}
	switch {
	case strings.TrimSpace(p.BaseURL) == "":
		return missing("url")
	case p.ShopID <= 0:
		return missing("shop_id")
	case p.Password == nil && len(p.Headers) == 0:
		return missing("password")
	case p.Password != nil && p.Login == "":
		return missing("login")
	}
	return nil
}

func (p Params) header() http.Header {
	h := http.Header{}
	for name, value := range p.Headers {
		h.Set(name, value)
	}
	return h
}
