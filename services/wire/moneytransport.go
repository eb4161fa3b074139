package wire

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// MoneyParams configure a MoneyTransport. Zero durations mean connect 3 s,
// TLS 3 s, reply 20 s.
type MoneyParams struct {
	Service       Service
	AllowInsecure bool           // plain http beyond loopback
	Connect       time.Duration  // name lookup and TCP
	TLS           time.Duration  // handshake
	Reply         time.Duration  // from the first byte sent to the last received
	MaxBody       int64          // 0: MaxBody
	RootCAs       *x509.CertPool // nil: the system's
}

// MoneyTransport sends a deed at most once, and knows whether it was sent.
//
// It does not build on http.Client or http.Transport, on purpose: those may
// reuse, redirect, negotiate or send again. Here one call is one connection,
// one request written and one reply read, in the caller's goroutine, with no
// proxy whatever the environment says. It is safe for concurrent use.
type MoneyTransport struct {
	p MoneyParams
}

// Call is one POST. Header may add to the usual headers, but not replace the
// content type or the length. Question says that it changes nothing on the
// other side, so that silence is not worded as a deed; unset, it is a deed.
type Call struct {
	URL         string
	Question    bool
	ContentType string
	Header      http.Header
	Body        []byte
}

// NewMoneyTransport makes a transport for deeds.
func NewMoneyTransport(p MoneyParams) *MoneyTransport {
	p.Connect = orDefault(p.Connect, 3*time.Second)
	p.TLS = orDefault(p.TLS, 3*time.Second)
	p.Reply = orDefault(p.Reply, 20*time.Second)
	if p.MaxBody <= 0 {
		p.MaxBody = MaxBody
	}
	return &MoneyTransport{p: p}
}

// Post sends the call once. sent is false only when no byte of the request was
// handed to the connection, which proves that the other side saw nothing.
//
// err is nil for every complete reply, whatever its status, redirects
// included: what a status means is for the caller. Otherwise it is a fault:
// Invalid (the address may not be used, not sent), Unreachable (not sent, or a
// question without a complete answer), Unknown (a deed sent, no complete answer)
// or Contract (sent, answer over the limit).
func (t *MoneyTransport) Post(ctx context.Context, call Call) (reply Reply, sent bool, err error) {
	s := t.p.Service
	u, err := checkURL(s, call.URL, t.p.AllowInsecure)
	if err != nil {
		return Reply{}, false, err
	}
	raw, conn, err := t.connect(ctx, u)
	if err != nil {
		return Reply{}, false, s.Unreachable(err)
	}
	defer func() { _ = raw.Close() }()

	counted := &countingConn{Conn: conn}
	reply, err = t.exchange(ctx, raw, counted, u, call)
	sent = counted.written > 0
	switch {
	case err == nil:
		return reply, sent, nil
	case !sent:
		return Reply{}, false, s.Unreachable(err)
	case errors.Is(err, errTooLarge):
		return Reply{}, true, s.tooLarge(err)
	}
	return Reply{}, true, s.Silent(Effect(!call.Question), err)
}

// connect gives the TCP connection and, above it, what the request is written
// to. They differ under TLS: closing the former never waits for the other side.
func (t *MoneyTransport) connect(ctx context.Context, u *url.URL) (raw, conn net.Conn, err error) {
	dialer := net.Dialer{Timeout: t.p.Connect}
	raw, err = dialer.DialContext(ctx, "tcp", hostPort(u))
	if err != nil {
		return nil, nil, err
	}
	if u.Scheme != "https" {
		return raw, raw, nil
	}
	shake, cancel := context.WithTimeout(ctx, t.p.TLS)
	defer cancel()
	secure := tls.Client(raw, &tls.Config{
		ServerName: u.Hostname(),
		MinVersion: tls.VersionTLS12,
		RootCAs:    t.p.RootCAs,
		NextProtos: []string{"http/1.1"},
	})
	if err := secure.HandshakeContext(shake); err != nil {
		_ = raw.Close()
		return nil, nil, err
	}
	return raw, secure, nil
}

func (t *MoneyTransport) exchange(ctx context.Context, raw, conn net.Conn, u *url.URL, call Call) (Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, t.p.Reply)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()

	reply, err := t.talk(ctx, conn, request(ctx, u, call))
	if err != nil && ctx.Err() != nil {
		// The closed connection is only how the end of waiting was enforced.
		return Reply{}, fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return reply, err
}

func (t *MoneyTransport) talk(ctx context.Context, conn net.Conn, req *http.Request) (Reply, error) {
	// A caller who has already given up must find that nothing was sent.
	if err := ctx.Err(); err != nil {
		return Reply{}, err
	}
	if err := req.Write(conn); err != nil {
		return Reply{}, err
	}
	// The headers are bounded too: nothing else limits them here.
	const headers = 1 << 20
	in := bufio.NewReader(io.LimitReader(conn, t.p.MaxBody+headers))
	for range 5 {
		resp, err := http.ReadResponse(in, req) //nolint:bodyclose // readReply reads it to the end, and the connection is closed with it
		if err != nil {
			return Reply{}, err
		}
		// 1xx only announces the answer.
		if resp.StatusCode >= 200 {
			return readReply(resp, t.p.MaxBody, false)
		}
	}
	return Reply{}, errors.New("only provisional replies")
}

// request has a body that cannot be replayed and closes its connection.
func request(ctx context.Context, u *url.URL, call Call) *http.Request {
	header := call.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", call.ContentType)
	header.Set("Accept", "application/json")
	header.Set("User-Agent", userAgent)
	req := &http.Request{
		Method: http.MethodPost, URL: u, Host: u.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader(call.Body)), ContentLength: int64(len(call.Body)),
		Close: true,
	}
	if len(call.Body) == 0 {
		req.Body = http.NoBody
	}
	return req.WithContext(ctx)
}

// countingConn counts what is handed down before handing it down: a write that
// fails half-way must count as sent.
type countingConn struct {
	net.Conn
	written int64
}

func (c *countingConn) Write(b []byte) (int, error) {
	c.written += int64(len(b))
	return c.Conn.Write(b)
}

const userAgent = "cashier"

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func orDefault(d, other time.Duration) time.Duration {
	if d <= 0 {
		return other
	}
	return d
}
