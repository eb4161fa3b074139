package liantuofu

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

const success = `{"code":"SUCCESS","msg":"成功","outTradeNo":"T01-1-000001","totalAmount":"12.30","orderStatus":"SUCCESS"}`

// rawGateway reads one whole request per connection, counts it, and lets serve
// answer as rudely as it likes.
func rawGateway(t *testing.T, serve func(net.Conn)) (c *Client, requests *atomic.Int32) {
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
	return clientAt(t, "http://"+ln.Addr().String()+"/open/"), requests
}

// answerWith writes a reply as it stands.
func answerWith(reply string) func(net.Conn) {
	return func(conn net.Conn) { _, _ = io.WriteString(conn, reply) }
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
			c, _ := rawGateway(t, func(conn net.Conn) { _, _ = io.WriteString(conn, full[:cut.Load()]) })
			for n := range len(full) + 1 {
				cut.Store(int32(n))
				got := pay(t, c)
				if n == len(full) {
					if got.Err != nil || got.Code != CodeSuccess || got.Total != 1230 {
						t.Fatalf("whole: %+v", got)
					}
					return
				}
				if got.Delivery == NotSent || got.Err == nil || got.Code != "" || got.HasTotal {
					t.Fatalf("cut at %d of %d: %+v", n, len(full), got)
				}
			}
		})
	}
}

func TestSilent(t *testing.T) {
	ended := make(chan struct{})
	for name, serve := range map[string]func(net.Conn){
		"closed": func(net.Conn) {},
		"reset": func(conn net.Conn) {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
		},
		"slow": func(net.Conn) { <-ended },
	} {
		t.Run(name, func(t *testing.T) {
			c, requests := rawGateway(t, serve)
			if name == "slow" {
				c = hurried(t, c)
				defer close(ended)
			}
			for what, call := range callsOf(t, c) {
				before := requests.Load()
				got := call.do()
				want := fault.Unreachable
				if call.deed {
					want = fault.Unknown
				}
				if got.Delivery != Silent || fault.KindOf(got.Err) != want || got.Code != "" || got.HTTPStatus != 0 {
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

// kindOfCall is a call, and whether it changes something at the gateway.
type kindOfCall struct {
	deed bool
	do   func() Reply
}

func callsOf(t *testing.T, c *Client) map[string]kindOfCall {
	t.Helper()
	const no, refund = "T01-1-000001", "T01-1-R00001"
	return map[string]kindOfCall{
		"pay":    {true, func() Reply { return pay(t, c) }},
		"query":  {false, func() Reply { return c.Query(t.Context(), no) }},
		"cancel": {true, func() Reply { return c.Cancel(t.Context(), no, "") }},
		"refund": {true, func() Reply {
			return c.RefundV2(t.Context(), RefundRequest{OutTradeNo: no, RefundNo: refund, Amount: 1})
		}},
		"refund query": {false, func() Reply { return c.RefundQueryV2(t.Context(), refund) }},
		"precreate": {true, func() Reply {
			return c.Precreate(t.Context(), PrecreateRequest{OutTradeNo: no, Total: 1, Channel: "WXPAY"}).Reply
		}},
		"close": {true, func() Reply { return c.Close(t.Context(), no, "") }},
		"bill": {false, func() Reply {
			return c.Bill(t.Context(), BillQuery{From: billDay, To: billDay.Add(time.Hour), Page: 1}).Reply
		}},
		"member":  {false, func() Reply { return c.Member(t.Context(), MemberQuery{Code: "13800000000"}).Reply }},
		"detail":  {false, func() Reply { return c.CardDetail(t.Context(), "9").Reply }},
		"consume": {true, func() Reply { return c.CardConsume(t.Context(), CardConsumeRequest{CardNo: "9", Count: 1}) }},
	}
}

// What is no envelope is an answer that nothing can be taken from, whichever
// action was asked for.
func TestNoActionTakesRubbishForAnAnswer(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "blank": " \r\n", "web page": "\ufeff<!doctype html>", "null": "null", "number": "200", "text": `"SUCCESS"`,
		"array": `[{"code":"SUCCESS"}]`, "cut": `{"code":"SUCCESS"`, "no code": `{}`, "code is null": `{"code":null}`,
		"code is a flag": `{"code":true}`, "unknown code": `{"code":"PARTIAL"}`, "twice": `{"code":"SUCCESS","code":"FAILED"}`,
		"a wrong sign": `{"code":"SUCCESS","sign":"00000000000000000000000000000000"}`,
	} {
		c := client(t, says(body))
		for what, call := range callsOf(t, c) {
			if got := call.do(); got.Delivery != Answered || fault.KindOf(got.Err) != fault.Contract {
				t.Errorf("%s, %s: %+v", name, what, got)
			}
		}
	}
}

// A server in trouble leaves a deed open; of a question it says that nothing
// was changed.
func TestServerFaultIsWordedByEffect(t *testing.T) {
	for _, status := range []int{408, 429, 500, 502} {
		c := client(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		for what, call := range callsOf(t, c) {
			got := call.do()
			asked := fault.KindOf(got.Err) == fault.Unreachable && strings.Contains(got.Err.Error(), "Nothing was changed")
			left := fault.KindOf(got.Err) == fault.Unknown && strings.Contains(got.Err.Error(), "may or may not")
			if got.Delivery != Answered || asked == call.deed || left != call.deed {
				t.Errorf("%d, %s: %v", status, what, got.Err)
			}
		}
	}
}

// hurried is the same client with little patience.
func hurried(t *testing.T, c *Client) *Client {
	t.Helper()
	p := params(c.base.URL().String())
	p.Reply = 150 * time.Millisecond
	h, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	return h
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
			p := params(base)
			if name == "TLS 1.1" {
				p.RootCAs = x509.NewCertPool()
				p.RootCAs.AddCert(old.Certificate())
			}
			c, err := New(p)
			if err != nil {
				t.Fatal(err)
			}
			got := pay(t, c)
			if got.Delivery != NotSent || fault.KindOf(got.Err) != fault.Unreachable {
				t.Errorf("%+v", got)
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
	p := params(srv.URL)
	p.RootCAs = x509.NewCertPool()
	p.RootCAs.AddCert(srv.Certificate())
	c, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	if got := pay(t, c); got.Err != nil || got.Code != CodeSuccess || got.Signature != Absent {
		t.Errorf("%+v", got)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer other.Close()
	for _, status := range []int{301, 302, 307, 308} {
		got := pay(t, client(t, http.RedirectHandler(other.URL, status).ServeHTTP))
		if got.Delivery != Answered || got.HTTPStatus != status || fault.KindOf(got.Err) != fault.Unknown {
			t.Errorf("%d: %+v", status, got)
		}
	}
}
