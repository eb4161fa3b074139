package zvcms

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cashier/services/fault"
)

const success = `{"status":true,"code":0,"message":"操作成功","data":{"status":true,"code":0,"bizId":"T01-1-000001","change_recharge_amount":"12.30"}}`

// rawGateway reads one whole request per connection, counts it, and lets serve
// answer as rudely as it likes.
func rawGateway(t *testing.T, serve func(io.Writer)) (c *Client, requests *atomic.Int32) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	requests = new(atomic.Int32)
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer func() { _ = conn.Close() }()
				req, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, req.Body)
				requests.Add(1)
				serve(conn)
			})
		}
	})
	t.Cleanup(func() { _ = ln.Close(); conns.Wait() })
	return clientWith(t, "http://"+ln.Addr().String()+"/api/v2", reversible), requests
}

// However a reply is cut, it must not look like one, in any of the three ways
// HTTP has of ending a body.
func TestReplyCutAtEveryByte(t *testing.T) {
	half := len(success) / 2
	replies := map[string]string{
		"length":  fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(success), success),
		"chunked": fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", half, success[:half], len(success)-half, success[half:]),
		"closed":  "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + success,
	}
	for name, full := range replies {
		t.Run(name, func(t *testing.T) {
			var cut atomic.Int32
			c, _ := rawGateway(t, func(w io.Writer) { _, _ = io.WriteString(w, full[:cut.Load()]) })
			for n := range len(full) + 1 {
				cut.Store(int32(n))
				got := consume(t, c)
				if n == len(full) {
					if got.Err != nil || !got.Outer.OK() || !got.Inner.OK() || got.RechargeTaken != 1230 {
						t.Fatalf("whole: %+v", got)
					}
					return
				}
				if got.Delivery == NotSent || got.Err == nil || got.Outer.HasStatus || got.HasRechargeTaken || got.BizID != "" {
					t.Fatalf("cut at %d of %d: %+v", n, len(full), got)
				}
			}
		})
	}
}

// kindOfCall is a call, and whether it changes something at the gateway.
type kindOfCall struct {
	deed bool
	do   func() Reply
}

func callsOf(t *testing.T, c *Client) map[string]kindOfCall {
	t.Helper()
	return map[string]kindOfCall{
		"consume": {true, func() Reply { return consume(t, c).Reply }},
		"scan":    {true, func() Reply { return c.Consume(t.Context(), scan()).Reply }},
		"reverse": {true, func() Reply { return c.Reverse(t.Context(), "ZM1", customer) }},
		"member":  {false, func() Reply { return c.Member(t.Context(), MemberQuery{Identifier: "9", Type: 1}).Reply }},
		"coupons": {false, func() Reply { return c.Coupons(t.Context(), CouponQuery{CustomerID: customer}).Reply }},
	}
}

func TestSilent(t *testing.T) {
	ended := make(chan struct{})
	for name, serve := range map[string]func(io.Writer){
		"closed": func(io.Writer) {},
		"reset": func(w io.Writer) {
			if tcp, ok := w.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
		},
		"slow": func(io.Writer) { <-ended },
	} {
		t.Run(name, func(t *testing.T) {
			c, requests := rawGateway(t, serve)
			if name == "slow" {
				c = clientWith(t, c.base.URL().String(), reversible, func(p *Params) { p.Reply = 150 * time.Millisecond })
				defer close(ended)
			}
			for what, call := range callsOf(t, c) {
				before := requests.Load()
				got := call.do()
				want := fault.Unreachable
				if call.deed {
					want = fault.Unknown
				}
				if got.Delivery != Silent || fault.KindOf(got.Err) != want || got.Outer != (Verdict{}) || got.HTTPStatus != 0 {
					t.Errorf("%s: %+v", what, got)
				}
				if said := strings.Contains(got.Err.Error(), "Do not repeat"); said != call.deed {
					t.Errorf("%s: %v", what, got.Err)
				}
				if n := requests.Load() - before; n != 1 {
					t.Errorf("%s was sent %d times", what, n)
				}
			}
		})
	}
}

// A server in trouble leaves a deed open; of a question it says that nothing
// was changed. Its body must not pass for an answer.
func TestServerFaultIsWordedByEffect(t *testing.T) {
	for _, status := range []int{408, 429, 500, 502} {
		c := client(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, success)
		}, reversible)
		for what, call := range callsOf(t, c) {
			got := call.do()
			asked := fault.KindOf(got.Err) == fault.Unreachable && strings.Contains(got.Err.Error(), "Nothing was changed")
			left := fault.KindOf(got.Err) == fault.Unknown && strings.Contains(got.Err.Error(), "may or may not")
			if got.Delivery != Answered || asked == call.deed || left != call.deed || got.Outer.HasStatus || got.BizID != "" {
				t.Errorf("%d, %s: %+v", status, what, got)
			}
		}
	}
}

func TestHTTPStatus(t *testing.T) {
	for status, kind := range map[int]fault.Kind{
		302: fault.Unknown, 400: fault.Refused, 401: fault.Credentials, 403: fault.Credentials, 404: fault.Contract,
		408: fault.Unknown, 409: fault.Unknown, 429: fault.Unknown, 500: fault.Unknown, 503: fault.Unknown,
	} {
		got := consume(t, client(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/api/v2")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, success)
		}))
		if got.Delivery != Answered || got.HTTPStatus != status || got.Outer.HasStatus || fault.KindOf(got.Err) != kind {
			t.Errorf("%d: %+v", status, got)
		}
	}
}

func TestNotSent(t *testing.T) {
	quiet := log.New(io.Discard, "", 0)
	unwanted := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	old := httptest.NewUnstartedServer(unwanted)
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	old.Config.ErrorLog = quiet
	old.StartTLS()
	defer old.Close()
	stranger := httptest.NewUnstartedServer(unwanted)
	stranger.Config.ErrorLog = quiet
	stranger.StartTLS()
	defer stranger.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()

	for name, base := range map[string]string{
		"TLS 1.1": old.URL, "unknown certificate": stranger.URL, "nobody there": "http://" + closed.Addr().String(),
	} {
		t.Run(name, func(t *testing.T) {
			c := clientWith(t, base, reversible, func(p *Params) {
				if name == "TLS 1.1" {
					p.RootCAs = x509.NewCertPool()
					p.RootCAs.AddCert(old.Certificate())
				}
			})
			for what, call := range callsOf(t, c) {
				if got := call.do(); got.Delivery != NotSent || fault.KindOf(got.Err) != fault.Unreachable {
					t.Errorf("%s: %+v", what, got)
				}
			}
		})
	}
}

func TestOverTLSAndGzip(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, success)
		_ = z.Close()
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(b.Bytes())
	}))
	defer srv.Close()
	c := clientWith(t, srv.URL, func(p *Params) {
		p.RootCAs = x509.NewCertPool()
		p.RootCAs.AddCert(srv.Certificate())
	})
	if got := consume(t, c); got.Err != nil || !got.Outer.OK() || got.BizID != "T01-1-000001" {
		t.Errorf("%+v", got)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer other.Close()
	for _, status := range []int{301, 302, 307, 308} {
		got := consume(t, client(t, http.RedirectHandler(other.URL, status).ServeHTTP))
		if got.Delivery != Answered || got.HTTPStatus != status || fault.KindOf(got.Err) != fault.Unknown {
			t.Errorf("%d: %+v", status, got)
		}
	}
}
