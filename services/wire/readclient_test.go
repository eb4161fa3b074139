package wire

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cashier/services/fault"
)

var quiet = log.New(io.Discard, "", 0)

func reader(t *testing.T, p ReadParams) *ReadClient {
	t.Helper()
	p.Service = acme
	p.Backoff = time.Millisecond
	c := NewReadClient(p)
	t.Cleanup(c.Close)
	return c
}

// script answers with the statuses in turn, the last one for ever.
func script(t *testing.T, statuses ...int) (url string, hits func() int) {
	t.Helper()
	var n atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		i := min(int(n.Add(1)), len(statuses)) - 1
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(statuses[i])
	}))
	t.Cleanup(srv.Close)
	return srv.URL, func() int { return int(n.Load()) }
}

func TestGetAsksAgainOnlyWhereItHelps(t *testing.T) {
	tests := []struct {
		name     string
		statuses []int
		status   int
		hits     int
	}{
		{"at once", []int{200}, 200, 1},
		{"after one 503", []int{503, 200}, 200, 2},
		{"after 500 and 429", []int{500, 429, 200}, 200, 3},
		{"gives up", []int{502}, 502, 3},
		{"not for 404", []int{404, 200}, 404, 1},
		{"not for 401", []int{401, 200}, 401, 1},
		{"not for 501", []int{501, 200}, 501, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			url, hits := script(t, tt.statuses...)
			reply, err := reader(t, ReadParams{}).Get(t.Context(), url, nil)
			if err != nil || reply.Status != tt.status || hits() != tt.hits {
				t.Errorf("status %d after %d requests, %v", reply.Status, hits(), err)
			}
		})
	}
}

func TestGetAsksAgainAfterReset(t *testing.T) {
	var n atomic.Int32
	addr, _ := rawServer(t, "127.0.0.1", func(conn net.Conn) {
		if n.Add(1) < 3 {
			_ = takeRequest(conn)
			reset(conn)
			return
		}
		answerWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")(conn)
	})
	reply, err := reader(t, ReadParams{}).Get(t.Context(), "http://"+addr, nil)
	if err != nil || string(reply.Body) != "ok" {
		t.Errorf("%q, %v", reply.Body, err)
	}
}

func TestGetFaults(t *testing.T) {
	hang, _ := rawServer(t, "127.0.0.1", func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	short, _ := rawServer(t, "127.0.0.1", answerWith("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"))
	tls := httptest.NewUnstartedServer(nil)
	tls.Config.ErrorLog = quiet
	tls.StartTLS()
	defer tls.Close()
	bomb := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		chunk := bytes.Repeat([]byte{0}, 1<<20)
		for range 64 {
			_, _ = z.Write(chunk)
		}
		_ = z.Close()
	}))
	defer bomb.Close()

	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	tests := []struct {
		name, url string
		kind      fault.Kind
		code      string
	}{
		{"silent", "http://" + hang, fault.Unreachable, "acme.no_answer"},
		{"cut short", "http://" + short, fault.Unreachable, "acme.no_answer"},
		{"nobody there", "http://" + closed.Addr().String(), fault.Unreachable, "acme.unreachable"},
		{"unknown certificate", tls.URL, fault.Unreachable, "acme.tls"},
		{"bomb", bomb.URL, fault.Contract, "acme.too_large"},
		{"plain http", "http://192.0.2.1/", fault.Invalid, "acme.insecure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reply := 10 * time.Second
			if tt.name == "silent" {
				reply = 100 * time.Millisecond
			}
			_, err := reader(t, ReadParams{Attempts: 2, Reply: reply}).Get(t.Context(), tt.url+"?token=canary-1", nil)
			wantFault(t, err, tt.kind, tt.code)
			var f *fault.Error
			if errors.As(err, &f) && strings.Contains(f.Detail(), "canary") {
				t.Errorf("the query is in the fault: %s", f.Detail())
			}
		})
	}
}

func TestGetCancelledIsNotAskedAgain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	addr, accepted := rawServer(t, "127.0.0.1", func(conn net.Conn) {
		_ = takeRequest(conn)
		cancel()
		_, _ = io.Copy(io.Discard, conn)
	})
	_, err := reader(t, ReadParams{}).Get(ctx, "http://"+addr, nil)
	if !errors.Is(err, context.Canceled) || accepted() != 1 {
		t.Errorf("%v after %d connections", err, accepted())
	}
}

func TestGetRedirects(t *testing.T) {
	var stolen atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	defer other.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/home":
			http.Redirect(w, r, "/final", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		default:
			_, _ = io.WriteString(w, r.Header.Get("X-Key"))
		}
	}))
	defer srv.Close()
	c := reader(t, ReadParams{})
	header := http.Header{"X-Key": {"k"}}

	if r, err := c.Get(t.Context(), srv.URL+"/away", header); err != nil || r.Status != 302 || stolen.Load() != 0 {
		t.Errorf("away: %d, %v, %d stolen", r.Status, err, stolen.Load())
	}
	if r, err := c.Get(t.Context(), srv.URL+"/home", header); err != nil || string(r.Body) != "k" || r.Moved != "/final" {
		t.Errorf("home: %+v, %v", r, err)
	}
	if r, err := c.Get(t.Context(), srv.URL+"/loop", header); err != nil || r.Status != 302 {
		t.Errorf("loop: %d, %v", r.Status, err)
	}
	if r, err := c.Get(t.Context(), srv.URL+"/final", header); err != nil || r.Moved != "" {
		t.Errorf("direct: moved %q, %v", r.Moved, err)
	}
}

func TestGetKeepsCookiesAndUnzips(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("s"); err != nil {
			http.SetCookie(w, &http.Cookie{Name: "s", Value: "1"})
			return
		}
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("gzip not asked for")
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, "known")
		_ = z.Close()
	}))
	defer srv.Close()
	jar, _ := cookiejar.New(nil)
	c := reader(t, ReadParams{Jar: jar})
	_, _ = c.Get(t.Context(), srv.URL, nil)
	if r, err := c.Get(t.Context(), srv.URL, nil); err != nil || string(r.Body) != "known" {
		t.Errorf("%q, %v", r.Body, err)
	}
}

func TestPublicOnly(t *testing.T) {
	for address, ok := range map[string]bool{
		"93.184.215.14:443": true, "[2606:4700::1111]:443": true,
		"127.0.0.1:80": false, "[::1]:80": false, "[::ffff:127.0.0.1]:80": false,
		"10.1.2.3:80": false, "172.16.0.1:80": false, "192.168.1.1:80": false, "100.64.9.9:80": false,
		"169.254.169.254:80": false, "0.0.0.0:80": false, "[fe80::1%eth0]:80": false, "[fd00::1]:80": false,
		"224.0.0.1:80": false, "nonsense": false, "0.1.2.3:80": false, "198.18.0.1:80": false, "240.0.0.1:80": false,
		"[64:ff9b::7f00:1]:80": false, "[64:ff9b::7f00:1%eth0]:80": false, "[2002:7f00:1::]:80": false, "[::127.0.0.1]:80": false,
		"[2001:0:1::]:80": false, "[fec0::1]:80": false, "203.0.113.7:80": false,
	} {
		if err := publicOnly("tcp", address, nil); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached") }))
	defer srv.Close()
	_, err := reader(t, ReadParams{PublicOnly: true}).Get(t.Context(), srv.URL, nil)
	wantFault(t, err, fault.Unreachable, "acme.unreachable")
}
