package wire

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cashier/services/fault"
)

const body = "outTradeNo=T1-00000001&totalAmount=0.01"

func post(t *testing.T, p MoneyParams, url string) (Reply, bool, error) {
	t.Helper()
	return postCtx(t.Context(), p, url)
}

func postCtx(ctx context.Context, p MoneyParams, url string) (Reply, bool, error) {
	p.Service = acme
	return NewMoneyTransport(p).Post(ctx, Call{URL: url, ContentType: "text/plain", Body: []byte(body)})
}

func wantFault(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	if fault.KindOf(err) != kind || fault.CodeOf(err) != code {
		t.Fatalf("got kind %d code %q (%v), want kind %d code %q", fault.KindOf(err), fault.CodeOf(err), err, kind, code)
	}
}

func TestPostIsOneFreshHTTP11Connection(t *testing.T) {
	remotes := map[string]bool{}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		remotes[r.RemoteAddr] = true
		got, _ := io.ReadAll(r.Body)
		if r.Proto != "HTTP/1.1" || !r.Close || string(got) != body || r.Header.Get("X-Ours") != "1" ||
			r.Header.Get("Content-Type") != "text/plain" || r.ContentLength != int64(len(body)) {
			t.Errorf("request %s close %v %q %v", r.Proto, r.Close, got, r.Header)
		}
		_, _ = io.WriteString(w, "ok")
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())

	transport := NewMoneyTransport(MoneyParams{Service: acme, RootCAs: roots})
	for range 3 {
		reply, sent, err := transport.Post(t.Context(), Call{
			URL: srv.URL, ContentType: "text/plain", Header: http.Header{"X-Ours": {"1"}}, Body: []byte(body),
		})
		if err != nil || !sent || reply.Status != 200 || string(reply.Body) != "ok" {
			t.Fatalf("reply %+v sent %v err %v", reply, sent, err)
		}
	}
	if len(remotes) != 3 {
		t.Errorf("3 calls used %d connections", len(remotes))
	}
}

func TestPostBodyCannotBeReplayed(t *testing.T) {
	u := &url.URL{Scheme: "https", Host: "example.com"}
	if request(t.Context(), u, Call{Body: []byte(body)}).GetBody != nil {
		t.Error("GetBody is set")
	}
}

func TestPostNotSent(t *testing.T) {
	oldTLS := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a request arrived over TLS 1.1")
	}))
	oldTLS.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	oldTLS.Config.ErrorLog = quiet
	oldTLS.StartTLS()
	defer oldTLS.Close()

	stranger := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a request arrived at a server with an unknown certificate")
	}))
	stranger.Config.ErrorLog = quiet
	stranger.StartTLS()
	defer stranger.Close()

	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer plain.Close()

	torn, _ := rawServer(t, "127.0.0.1", func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 64)) // part of the TLS hello
		reset(conn)
	})
	mute, _ := rawServer(t, "127.0.0.1", func(conn net.Conn) {
		_, _ = io.Copy(io.Discard, conn) // never shakes hands
	})

	roots := x509.NewCertPool()
	roots.AddCert(oldTLS.Certificate())
	// Closed last, or one of the servers above would be given its port.
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	tests := []struct {
		name, url, code string
	}{
		{"nobody listens", "http://" + closed.Addr().String(), "acme.unreachable"},
		{"TLS 1.1", oldTLS.URL, "acme.tls"},
		{"certificate unknown", stranger.URL, "acme.tls"},
		{"no TLS at all", strings.Replace(plain.URL, "http:", "https:", 1), "acme.tls"},
		{"reset during the handshake", "https://" + torn, "acme.unreachable"},
		{"handshake never ends", "https://" + mute, "acme.unreachable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := MoneyParams{}
			switch tt.name {
			case "TLS 1.1":
				p.RootCAs = roots
			case "handshake never ends":
				p.TLS = 100 * time.Millisecond
			}
			_, sent, err := post(t, p, tt.url)
			if sent {
				t.Error("counted as sent")
			}
			wantFault(t, err, fault.Unreachable, tt.code)
		})
	}
}

func TestPostRefusesPlainHTTPBeyondLoopback(t *testing.T) {
	ip := outsideIP(t)
	got := make(chan []byte, 1)
	addr, accepted := rawServer(t, ip, func(conn net.Conn) {
		b := make([]byte, 512)
		n, _ := conn.Read(b)
		got <- b[:n]
		_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	})
	_, sent, err := post(t, MoneyParams{}, "http://"+addr)
	wantFault(t, err, fault.Invalid, "acme.insecure")
	if sent || accepted() != 0 {
		t.Errorf("sent %v, %d connections", sent, accepted())
	}
	// The same address with the switch: the check above can fail.
	if _, sent, err := post(t, MoneyParams{AllowInsecure: true}, "http://"+addr); err != nil || !sent || len(<-got) == 0 {
		t.Errorf("allowed, but sent %v, err %v", sent, err)
	}
}

func TestPostIgnoresProxies(t *testing.T) {
	ip := outsideIP(t)
	trap, trapped := rawServer(t, "127.0.0.1", func(net.Conn) {})
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, "http://"+trap)
	}
	addr, _ := rawServer(t, ip, answerWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	if _, _, err := post(t, MoneyParams{AllowInsecure: true}, "http://"+addr); err != nil {
		t.Error(err)
	}
	c := NewReadClient(ReadParams{Service: acme, AllowInsecure: true})
	defer c.Close()
	if _, err := c.Get(t.Context(), "http://"+addr, nil); err != nil {
		t.Error(err)
	}
	if trapped() != 0 {
		t.Errorf("the proxy was used %d times", trapped())
	}
}

func TestPostDoesNotFollowRedirects(t *testing.T) {
	var hits atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := httptest.NewServer(http.RedirectHandler(other.URL, status))
		reply, sent, err := post(t, MoneyParams{}, srv.URL)
		srv.Close()
		if err != nil || !sent || reply.Status != status {
			t.Errorf("%d: reply %d sent %v err %v", status, reply.Status, sent, err)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("followed %d redirects", hits.Load())
	}
}

func TestPostReplyCutAtEveryByte(t *testing.T) {
	replies := map[string]string{
		"length":  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n{\"code\":\"SUCCESS\"}",
		"chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"code\":\"\r\n9\r\nSUCCESS\"}\r\n0\r\n\r\n",
	}
	for name, full := range replies {
		t.Run(name, func(t *testing.T) {
			var cut atomic.Int32
			addr, _ := rawServer(t, "127.0.0.1", func(conn net.Conn) { answerWith(full[:cut.Load()])(conn) })
			for n := range len(full) + 1 {
				cut.Store(int32(n))
				reply, sent, err := post(t, MoneyParams{}, "http://"+addr)
				if !sent {
					t.Fatalf("cut at %d: not sent", n)
				}
				if n == len(full) {
					if err != nil || string(reply.Body) != `{"code":"SUCCESS"}` {
						t.Fatalf("whole: %q, %v", reply.Body, err)
					}
					return
				}
				wantFault(t, err, fault.Unknown, "acme.silent")
			}
		})
	}
}

func TestPostSentButSilent(t *testing.T) {
	endless := func(conn net.Conn) {
		_ = takeRequest(conn)
		line := []byte("HTTP/1.1 200 OK\r\n")
		for {
			if _, err := conn.Write(line); err != nil {
				return
			}
			line = []byte("X-Pad: " + strings.Repeat("x", 4096) + "\r\n")
		}
	}
	hang := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	tests := map[string]func(net.Conn){
		"reset after the request":  func(conn net.Conn) { _ = takeRequest(conn); reset(conn) },
		"closed after the request": func(conn net.Conn) { _ = takeRequest(conn) },
		"no reply in time":         hang,
		"reply stops half-way": func(conn net.Conn) {
			answerWith("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")(conn)
			hang(conn)
		},
		"not HTTP":             answerWith("SSH-2.0-OpenSSH\r\n"),
		"headers without end":  endless,
		"only provisional":     answerWith(strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 9)),
		"gzip that is not":     answerWith("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
		"closed on connecting": func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)); reset(conn) },
	}
	for name, serve := range tests {
		t.Run(name, func(t *testing.T) {
			addr, accepted := rawServer(t, "127.0.0.1", serve)
			_, sent, err := post(t, MoneyParams{Reply: 300 * time.Millisecond}, "http://"+addr)
			if !sent {
				t.Error("not counted as sent")
			}
			wantFault(t, err, fault.Unknown, "acme.silent")
			if accepted() != 1 {
				t.Errorf("%d connections for one call", accepted())
			}
		})
	}
}

func TestPostSkipsProvisionalReplies(t *testing.T) {
	addr, _ := rawServer(t, "127.0.0.1", answerWith("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	reply, _, err := post(t, MoneyParams{}, "http://"+addr)
	if err != nil || string(reply.Body) != "ok" {
		t.Errorf("%+v, %v", reply, err)
	}
}

func TestPostCancelled(t *testing.T) {
	arrived := make(chan struct{})
	addr, accepted := rawServer(t, "127.0.0.1", func(conn net.Conn) {
		_ = takeRequest(conn)
		close(arrived)
		_, _ = io.Copy(io.Discard, conn)
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, sent, err := postCtx(ctx, MoneyParams{}, "http://"+addr)
	wantFault(t, err, fault.Unreachable, "acme.unreachable")
	if sent || accepted() != 0 {
		t.Errorf("cancelled before: sent %v, %d connections", sent, accepted())
	}

	ctx, cancel = context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, sent, err = postCtx(ctx, MoneyParams{}, "http://"+addr)
	wantFault(t, err, fault.Unknown, "acme.silent")
	if !sent || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while waiting: sent %v, err %v", sent, err)
	}
}

func TestPostLimitAndGzip(t *testing.T) {
	zipped := func(n int) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(bytes.Repeat([]byte("a"), n))
		_ = w.Close()
		return b.Bytes()
	}
	for _, gz := range []bool{false, true} {
		for _, n := range []int{0, 1, MaxBody, MaxBody + 1, 3 * MaxBody} {
			t.Run(fmt.Sprintf("gzip %v %d", gz, n), func(t *testing.T) {
				srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if gz {
						w.Header().Set("Content-Encoding", "gzip")
						_, _ = w.Write(zipped(n))
						return
					}
					_, _ = w.Write(bytes.Repeat([]byte("a"), n))
				}))
				defer srv.Close()
				reply, sent, err := post(t, MoneyParams{}, srv.URL)
				if !sent {
					t.Error("not sent")
				}
				if n > MaxBody {
					wantFault(t, err, fault.Contract, "acme.too_large")
					return
				}
				if err != nil || len(reply.Body) != n {
					t.Errorf("%d bytes, %v", len(reply.Body), err)
				}
			})
		}
	}
}

// brokenConn fails its first write without saying how much got through.
type brokenConn struct{ net.Conn }

func (brokenConn) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestFailedWriteCountsAsSent(t *testing.T) {
	c := &countingConn{Conn: brokenConn{}}
	_, _ = c.Write([]byte("x"))
	if c.written == 0 {
		t.Error("a failed write counted as nothing sent")
	}
}

// The caller gave up after the connection stood and before anything was
// written: that must still be "not sent".
func TestGivenUpBeforeTheFirstByte(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := &countingConn{Conn: brokenConn{}}
	u := &url.URL{Scheme: "http", Host: "127.0.0.1"}
	_, err := NewMoneyTransport(MoneyParams{Service: acme}).talk(ctx, c, request(ctx, u, Call{Body: []byte(body)}))
	if !errors.Is(err, context.Canceled) || c.written != 0 {
		t.Errorf("%v after %d bytes", err, c.written)
	}
}
