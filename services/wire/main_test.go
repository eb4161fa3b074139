package wire

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var acme = Service{Code: "acme", Name: "Acme"}

// rawServer accepts connections and hands each to serve, in its own goroutine,
// until the test ends. It gives back its address and how many it accepted.
func rawServer(t *testing.T, ip string, serve func(net.Conn)) (addr string, accepted func() int) {
	t.Helper()
	ln, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
	if err != nil {
		t.Fatal(err)
	}
	var (
		mu    sync.Mutex
		n     int
		conns sync.WaitGroup
	)
	conns.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			n++
			mu.Unlock()
			conns.Go(func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		conns.Wait()
	})
	return ln.Addr().String(), func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

// takeRequest reads one whole HTTP request off the connection.
func takeRequest(conn net.Conn) error {
	req, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return err
	}
	buf := make([]byte, 1024)
	for {
		if _, err := req.Body.Read(buf); err != nil {
			return nil //nolint:nilerr // the end of the body is what is waited for
		}
	}
}

// answerWith serves one fixed reply to one whole request.
func answerWith(reply string) func(net.Conn) {
	return func(conn net.Conn) {
		if takeRequest(conn) == nil {
			_, _ = conn.Write([]byte(reply))
		}
	}
}

// reset ends a connection the rude way.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// outsideIP is an address of this machine that is not loopback, where there is
// one: only there do proxies and the https rule apply.
func outsideIP(t *testing.T) string {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Skip("no interfaces:", err)
	}
	for _, a := range addrs {
		if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	t.Skip("this machine has loopback only")
	return ""
}
