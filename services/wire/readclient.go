package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// ReadParams configure a ReadClient. Zero durations mean connect 5 s, TLS 5 s,
// reply 15 s per attempt, back-off 200 ms doubling to 3 s; zero Attempts means 3.
type ReadParams struct {
	Service       Service
	AllowInsecure bool           // plain http beyond loopback
	PublicOnly    bool           // refuse hosts that resolve to private addresses
	Resolver      *net.Resolver  // nil: the system's
	Jar           http.CookieJar // may be nil
	Connect       time.Duration
	TLS           time.Duration
	Reply         time.Duration // one attempt, connection included
	Attempts      int
	Backoff       time.Duration
	MaxBackoff    time.Duration // also the longest Retry-After that is honoured
	MaxBody       int64         // 0: MaxBody
	Raw           bool          // the body is no text: its bytes are left as they are, whatever its header says
	RootCAs       *x509.CertPool
	Stumbled      func(Reply) bool // says of a reply with a good status that the server failed; nil: never
}

// ReadClient asks idempotent questions, and asks again after 5xx, 429, replies
// that Stumbled and connection errors, with jittered back-off. It follows redirects within one
// origin only. It is safe for concurrent use; Close frees its connections.
type ReadClient struct {
	p         ReadParams
	http      *http.Client
	transport *http.Transport
	retry     retrypolicy.RetryPolicy[Reply]
}

// NewReadClient makes a client for reads.
func NewReadClient(p ReadParams) *ReadClient {
	p.Connect = orDefault(p.Connect, 5*time.Second)
	p.TLS = orDefault(p.TLS, 5*time.Second)
	p.Reply = orDefault(p.Reply, 15*time.Second)
	p.Backoff = orDefault(p.Backoff, 200*time.Millisecond)
	p.MaxBackoff = max(orDefault(p.MaxBackoff, 3*time.Second), 2*p.Backoff)
	if p.Attempts <= 0 {
		p.Attempts = 3
	}
	if p.MaxBody <= 0 {
		p.MaxBody = MaxBody
	}
	c := &ReadClient{p: p, transport: readTransport(p)}
	c.http = &http.Client{Transport: c.transport, Jar: p.Jar, CheckRedirect: sameOrigin}
	c.retry = retrypolicy.NewBuilder[Reply]().
		HandleIf(p.worthRetrying).
		WithMaxAttempts(p.Attempts).
		WithBackoff(p.Backoff, p.MaxBackoff).
		WithJitterFactor(.25).
		WithDelayFunc(p.retryAfter).
		ReturnLastFailure().
		Build()
	return c
}

// Get asks, at most Attempts times. err is nil for every complete reply,
// whatever its status. Otherwise it is a fault: Invalid (the address may not be
// used), Unreachable (no answer; nothing was changed) or Contract (too large).
func (c *ReadClient) Get(ctx context.Context, rawURL string, header http.Header) (Reply, error) {
	u, err := checkURL(c.p.Service, rawURL, c.p.AllowInsecure)
	if err != nil {
		return Reply{}, err
	}
	reply, err := failsafe.With(c.retry).WithContext(ctx).Get(func() (Reply, error) {
		return c.once(ctx, u, header)
	})
	if err == nil {
		return reply, nil
	}
	var dial *net.OpError
	switch {
	case errors.Is(err, errTooLarge):
		return Reply{}, c.p.Service.tooLarge(err)
	case errors.As(err, &dial) && dial.Op == "dial", isTLS(err):
		return Reply{}, c.p.Service.Unreachable(err)
	}
	return Reply{}, c.p.Service.Silent(Reads, err)
}

// Close drops idle connections.
func (c *ReadClient) Close() { c.transport.CloseIdleConnections() }

func (c *ReadClient) once(ctx context.Context, u *url.URL, header http.Header) (Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, c.p.Reply)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return Reply{}, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", userAgent)
	resp, err := c.http.Do(req) //nolint:bodyclose // readReply closes it
	if err != nil {
		return Reply{}, err
	}
	reply, err := readReply(resp, c.p.MaxBody, c.p.Raw)
	if err == nil && resp.Request != req {
		reply.Moved = resp.Request.URL.Path
	}
	return reply, err
}

func readTransport(p ReadParams) *http.Transport {
	dialer := &net.Dialer{Timeout: p.Connect, Resolver: p.Resolver}
	if p.PublicOnly {
		dialer.Control = publicOnly
	}
	return &http.Transport{
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: p.TLS,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: p.RootCAs},
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     time.Minute,
	}
}

// sameOrigin lets the 3xx itself be the reply when it leads elsewhere: the
// caller then says that the address in the settings is the wrong one.
func sameOrigin(req *http.Request, via []*http.Request) error {
	if len(via) > 3 || origin(req.URL) != origin(via[0].URL) {
		return http.ErrUseLastResponse
	}
	return nil
}

func (p ReadParams) worthRetrying(reply Reply, err error) bool {
	if err != nil {
		return !errors.Is(err, context.Canceled) && !errors.Is(err, errTooLarge) &&
			!errors.Is(err, errPrivate) && !isTLS(err)
	}
	switch {
	case reply.Status >= 200 && reply.Status < 300:
		return p.Stumbled != nil && p.Stumbled(reply)
	case reply.Status == http.StatusTooManyRequests:
		return true
	}
	return reply.Status >= 500 && reply.Status != http.StatusNotImplemented
}

// retryAfter honours the header up to MaxBackoff; -1 leaves it to the back-off.
func (p ReadParams) retryAfter(exec failsafe.ExecutionAttempt[Reply]) time.Duration {
	seconds, err := strconv.Atoi(exec.LastResult().Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return -1
	}
	return min(time.Duration(min(seconds, 3600))*time.Second, p.MaxBackoff)
}

var errPrivate = errors.New("address inside this network")

// publicOnly runs after name resolution, on the address really dialled, so
// that a public name cannot lead into the shop's own network.
func publicOnly(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return errPrivate
	}
	ip := ap.Addr().Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() ||
		slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return errPrivate
	}
	return nil
}

// notPublic is what the IANA registries of special addresses (RFC 6890) call
// not globally reachable and package netip does not, and the prefixes in which
// an IPv4 address, public or not, can hide.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // shared by carriers, RFC 6598
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"), // NAT64, RFC 6052
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), // Teredo and others
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4, RFC 3056
	netip.MustParsePrefix("fec0::/10"),
}
