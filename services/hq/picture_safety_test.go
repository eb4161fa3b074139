package hq

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cashier/services/fault"
)

// resolver answers every question for an IPv4 address with the next of answers,
// the last one again and again, and counts the questions.
func resolver(t *testing.T, answers ...[]net.IP) (*net.Resolver, *atomic.Int32) {
	t.Helper()
	pc, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			q := buf[:n]
			end := 12
			for end < n && q[end] != 0 {
				end += int(q[end]) + 1
			}
			question := q[12 : end+5]
			var ips []net.IP
			if binary.BigEndian.Uint16(question[len(question)-4:]) == 1 {
				ips = answers[min(int(asked.Add(1)), len(answers))-1]
			}
			reply := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, byte(len(ips)), 0, 0, 0, 0}, question...)
			for _, ip := range ips {
				reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
				reply = append(reply, ip.To4()...)
			}
			_, _ = pc.WriteTo(reply, from)
		}
	}()
	t.Cleanup(func() { _ = pc.Close(); <-done })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}, &asked
}

// trap is a server inside this machine that must never be reached.
func trap(t *testing.T) (port string) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a private address was asked") }))
	t.Cleanup(srv.Close)
	return srv.URL[strings.LastIndexByte(srv.URL, ':')+1:]
}

// A public name, HQ's own or a listed one, that leads into this network is not
// followed there, whatever it says the next time.
func TestPictureNamesThatLeadInside(t *testing.T) {
	port := trap(t)
	for name, answers := range map[string][][]net.IP{
		"loopback": {{net.IPv4(127, 0, 0, 1)}},
		"several":  {{net.IPv4(10, 0, 0, 1), net.IPv4(127, 0, 0, 1), net.IPv4(192, 168, 1, 1)}},
		"rebound":  {{net.IPv4(169, 254, 169, 254)}, {net.IPv4(127, 0, 0, 1)}},
	} {
		dns, asked := resolver(t, answers...)
		p := (&office{url: "http://hq.example.com:" + port}).params()
		p.AllowInsecure, p.Resolver, p.PictureOrigins = true, dns, []string{"http://img.example.com:" + port}
		c := dial(t, p)
		for _, ref := range []string{"/a.png", "http://img.example.com:" + port + "/a.png"} {
			for range 2 {
				if _, err := c.Picture(t.Context(), ref, "", ""); fault.CodeOf(err) != "hq.unreachable" {
					t.Errorf("%s: %s: %v", name, ref, err)
				}
			}
		}
		if asked.Load() == 0 {
			t.Errorf("%s: the name was never looked up", name)
		}
	}
}

// HQ may be inside: where it is set up by an address or a name that only this
// network knows.
func TestPicturesOfAnHQInside(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(dot) }))
	defer srv.Close()
	port := srv.URL[strings.LastIndexByte(srv.URL, ':')+1:]
	dns, _ := resolver(t, []net.IP{net.IPv4(127, 0, 0, 1)})
	for host, inside := range map[string]bool{
		"127.0.0.1": true, "localhost": true, "hq": true, "hq.lan": true, "HQ.Local.": true, "hq.corp.internal": true, "hq.example.com": false,
	} {
		p := (&office{url: "http://" + host + ":" + port}).params()
		p.AllowInsecure, p.Resolver = true, dns
		if _, err := dial(t, p).Picture(t.Context(), "/a.png", "", ""); (err == nil) != inside {
			t.Errorf("%s: %v", host, err)
		}
	}
	for host, inside := range map[string]bool{"10.1.2.3": true, "192.168.0.9": true, "fd00::1": true, "93.184.215.14": false, "local": true, "": true} {
		if insideName(host) != inside {
			t.Error(host)
		}
	}
}

// No picture is more than 2 MB, however it is sent, and none takes longer than
// its time; nobody is asked twice.
func TestPictureLimits(t *testing.T) {
	var sent, asked atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch r.URL.Path {
		case "/endless":
			_, _ = w.Write(dot)
			for chunk := make([]byte, 64<<10); ; {
				n, err := w.Write(chunk)
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		case "/slow":
			_, _ = w.Write(dot[:20])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case "/exact":
			_, _ = w.Write(append(bytes.Clone(dot), make([]byte, maxPicture-len(dot))...))
		case "/short":
			w.Header().Set("Content-Length", "4000")
			_, _ = w.Write(dot)
		case "/gbk":
			w.Header().Set("Content-Type", "text/plain; charset=gb2312")
			_, _ = w.Write(append(bytes.Clone(dot), 0xb0, 0xa1)) // a character in that code
		case "/sick":
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer srv.Close()
	p := (&office{url: srv.URL}).params()
	p.Reply = 300 * time.Millisecond
	p.Attempts = 5
	c := dial(t, p)
	for path, code := range map[string]string{
		"/endless": "hq.picture_size", "/slow": "hq.no_answer", "/exact": "", "/short": "hq.no_answer", "/gbk": "", "/sick": "hq.server", "/empty": "hq.picture_kind",
	} {
		asked.Store(0)
		got, err := c.Picture(t.Context(), path, "", "")
		if fault.CodeOf(err) != code || asked.Load() != 1 {
			t.Errorf("%s: %v after %d questions", path, err, asked.Load())
		}
		if path == "/gbk" && !bytes.Equal(got.Body, append(bytes.Clone(dot), 0xb0, 0xa1)) {
			t.Error("the bytes were taken for text")
		}
	}
	if n := sent.Load(); n > 16<<20 { // what the system's buffers hold
		t.Errorf("%d bytes were sent before it was cut off", n)
	}
}

func TestPictureUnchanged(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		http.ServeContent(w, r, "a.png", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), io.NewSectionReader(bytes.NewReader(dot), 0, int64(len(dot))))
	}))
	defer srv.Close()
	c := dial(t, (&office{url: srv.URL}).params())
	first, err := c.Picture(t.Context(), "/a.png", "", "")
	if err != nil || first.ETag != `"v1"` || first.Modified != "Fri, 02 Jan 2026 03:04:05 GMT" || first.Unchanged {
		t.Fatalf("%+v, %v", first, err)
	}
	for _, have := range [][2]string{{first.ETag, first.Modified}, {first.ETag, ""}, {"", first.Modified}} {
		again, err := c.Picture(t.Context(), "/a.png", have[0], have[1])
		if err != nil || !again.Unchanged || again.Body != nil {
			t.Errorf("%q: %+v, %v", have, again, err)
		}
	}
	if other, err := c.Picture(t.Context(), "/a.png", `"v0"`, ""); err != nil || other.Unchanged || !bytes.Equal(other.Body, dot) {
		t.Errorf("%+v, %v", other, err)
	}
}

// A 304 that nobody asked for is no picture.
func TestPictureUnaskedNotModified(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }))
	defer srv.Close()
	if p, err := dial(t, (&office{url: srv.URL}).params()).Picture(t.Context(), "/a.png", "", ""); err == nil {
		t.Errorf("%+v", p)
	}
}
