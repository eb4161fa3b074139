package contracttest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"cashier/services/fault"
)

// outcome is what must come out of a call: everything the server holds (the
// zero value), or a fault. code is without the service's name; "" is any.
type outcome struct {
	kind   fault.Kind
	code   string
	faulty bool
}

func fails(kind fault.Kind, code string) outcome {
	return outcome{kind: kind, code: code, faulty: true}
}

// expected are the outcomes of questions and of deeds.
type expected struct{ read, deed outcome }

func both(o outcome) expected { return expected{o, o} }

// quirk is one way of answering, and what it must lead to at each client. The
// two gateways never call an unreadable answer to a deed Unknown: their replies
// say so by the delivery, Answered, together with any error.
type quirk struct {
	name     string
	manner   func(testing.TB) manner // fresh for each try
	hq       expected
	gateways expected
	heavy    bool // tried on a few actions only
}

// tries reports whether the quirk is tried on the nth of some actions.
func (q quirk) tries(n int) bool { return !q.heavy || n%5 == 0 }

func plain(m manner) func(testing.TB) manner { return func(testing.TB) manner { return m } }

func reshaped(shape func(any) any) func(testing.TB) manner { return plain(manner{shape: shape}) }

// quirks are those that every contract can have.
func quirks() []quirk {
	return append(append(spellings(), transports()...), failures()...)
}

// spellings change the text and not the meaning.
func spellings() []quirk {
	return []quirk{
		{name: "as documented", manner: plain(manner{})},
		{name: "fields in another order", manner: reshaped(reversed)},
		{name: "numbers as strings", manner: reshaped(quotedNumbers)},
		{name: "strings as numbers", manner: reshaped(bareStrings)},
		{name: "flags as true", manner: reshaped(flagsAs(true, false))},
		{name: "flags as text", manner: reshaped(flagsAs("true", "false"))},
		{name: "flags as numbers", manner: reshaped(flagsAs(number("1"), number("0")))},
		{name: "fields nobody documents", manner: reshaped(stuffed)},
		{name: "byte order mark", manner: plain(manner{text: func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) }})},
		{name: "blanks and newlines around", manner: plain(manner{text: func(b []byte) []byte {
			return append(append([]byte(" \r\n\t"), b...), "\r\n\r\n \t\n"...)
		}})},
		{name: "charset GBK", manner: plain(manner{header: contentType("application/json; charset=GBK"), text: inGBK})},
		{name: "text escaped", manner: plain(manner{text: escaped})},
		{name: "content type text/html", manner: plain(manner{header: contentType("text/html; charset=utf-8")})},
		{name: "no content type", manner: plain(manner{send: byHand(func(r *rawReply) { r.header = r.header[1:] })})},
	}
}

// transports change how the reply travels.
func transports() []quirk {
	return []quirk{
		{name: "gzip", manner: plain(manner{
			header: append(contentType("application/json"), [2]string{"Content-Encoding", "gzip"}), text: zipped})},
		{name: "header names in lower case", manner: plain(manner{send: byHand(headerNames(strings.ToLower))})},
		{name: "header names in upper case", manner: plain(manner{send: byHand(headerNames(strings.ToUpper))})},
		{name: "chunked", manner: plain(manner{send: chunked})},
		{name: "length known by the end only", manner: plain(manner{send: unframed})},
		{name: "keep-alive promised and closed at once", manner: plain(manner{send: byHand(func(r *rawReply) {
			r.header = append(r.header, [2]string{"Connection", "keep-alive"})
		})})},
		{name: "early hints first", manner: plain(manner{send: hinted})},
		{name: "body in drops", manner: plain(manner{send: dripping})},
		{name: "redirect within the host", manner: plain(manner{first: func(w http.ResponseWriter, r request) bool {
			w.Header().Set("Location", "/moved"+originalPath(r))
			w.WriteHeader(http.StatusTemporaryRedirect)
			return true
		}}),
			hq:       expected{deed: fails(fault.Unknown, "uncertain")},
			gateways: expected{fails(fault.Contract, "redirect"), fails(fault.Unknown, "uncertain")}},
		{name: "redirect to another host", manner: elsewhere,
			hq:       expected{fails(fault.Contract, "redirect"), fails(fault.Unknown, "uncertain")},
			gateways: expected{fails(fault.Contract, "redirect"), fails(fault.Unknown, "uncertain")}},
		{name: "401 once", manner: once(http.StatusUnauthorized), gateways: both(fails(fault.Credentials, "credentials"))},
	}
}

// failures are replies from which nothing may be concluded.
func failures() []quirk {
	page := []byte("<!DOCTYPE html><html><head><title>SUCCESS</title></head><body>{\"status\":200,\"code\":\"SUCCESS\"}</body></html>")
	html := func([]byte) []byte { return page }
	unreadable := func(code string) (hq, gateways expected) {
		return expected{fails(fault.Contract, code), fails(fault.Unknown, "")}, both(fails(fault.Contract, code))
	}
	broken := func(name, code string, m manner) quirk {
		q := quirk{name: name, manner: plain(m)}
		q.hq, q.gateways = unreadable(code)
		return q
	}
	down := expected{fails(fault.Unreachable, "server"), fails(fault.Unknown, "uncertain")}
	return []quirk{
		broken("web page with 200", "web_page", manner{header: contentType("text/html"), text: html}),
		broken("web page called JSON", "web_page", manner{text: html}),
		{name: "web page with 502", manner: plain(manner{status: http.StatusBadGateway, header: contentType("text/html"), text: html}), hq: down, gateways: down},
		{name: "good answer with 500", manner: plain(manner{status: http.StatusInternalServerError}), hq: down, gateways: down},
		broken("empty body", "empty", manner{text: func([]byte) []byte { return nil }}),
		broken("nothing but blanks", "empty", manner{text: func([]byte) []byte { return []byte("\xef\xbb\xbf \r\n") }}),
		broken("half a document", "unreadable", manner{text: func(b []byte) []byte { return b[:len(b)/2] }}),
		broken("two documents", "unreadable", manner{text: func(b []byte) []byte { return append(append(b[:len(b):len(b)], '\n'), b...) }}),
		broken("a text", "unreadable", manner{text: func([]byte) []byte { return []byte(`"SUCCESS"`) }}),
		broken("a number", "unreadable", manner{text: func([]byte) []byte { return []byte(`200`) }}),
		heavy(broken("more than ten megabytes", "too_large", manner{send: endless})),
		heavy(broken("a small archive of a large body", "too_large", manner{
			header: append(contentType("application/json"), [2]string{"Content-Encoding", "gzip"}),
			text:   func([]byte) []byte { return bomb() }})),
	}
}

func heavy(q quirk) quirk {
	q.heavy = true
	return q
}

func contentType(s string) [][2]string { return [][2]string{{"Content-Type", s}} }

func inGBK(b []byte) []byte {
	out, err := simplifiedchinese.GBK.NewEncoder().Bytes(b)
	if err != nil {
		panic(err)
	}
	return out
}

// escaped writes everything beyond ASCII as \u, as .NET and PHP do.
func escaped(b []byte) []byte {
	var out bytes.Buffer
	for _, r := range string(b) {
		if r < 0x80 {
			out.WriteRune(r)
			continue
		}
		fmt.Fprintf(&out, `\u%04x`, r)
	}
	return bytes.ReplaceAll(out.Bytes(), []byte("/"), []byte(`\/`))
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// bomb is twelve megabytes of blanks in a few kilobytes, behind a good answer.
var bomb = sync.OnceValue(func() []byte {
	return zipped(append([]byte(`{"status":200,"code":"SUCCESS","message":"`), append(bytes.Repeat([]byte(" "), 12<<20), `"}`...)...))
})

func originalPath(r request) string {
	if q := r.query.Encode(); q != "" {
		return r.path + "?" + q
	}
	return r.path
}

// elsewhere points to a host that must never be asked.
func elsewhere(t testing.TB) manner {
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(func() {
		other.Close()
		if n := asked.Load(); n != 0 {
			t.Errorf("the other host was asked %d times", n)
		}
	})
	return manner{first: func(w http.ResponseWriter, _ request) bool {
		w.Header().Set("Location", other.URL+"/api")
		w.WriteHeader(http.StatusFound)
		return true
	}}
}

// once turns the first request away, without doing what it asks.
func once(status int) func(testing.TB) manner {
	return func(testing.TB) manner {
		var turned atomic.Bool
		return manner{first: func(w http.ResponseWriter, _ request) bool {
			if turned.Swap(true) {
				return false
			}
			w.WriteHeader(status)
			return true
		}}
	}
}

// The ways of writing a reply by hand. Errors of writing are those of a client
// that has gone, which is its right.

func byHand(change func(*rawReply)) func(net.Conn, rawReply) {
	return func(conn net.Conn, r rawReply) {
		r.header = append(r.header[:len(r.header):len(r.header)], [2]string{"Content-Length", strconv.Itoa(len(r.body))})
		change(&r)
		w := bufio.NewWriter(conn)
		r.head(w)
		_, _ = w.Write(r.body)
		_ = w.Flush()
	}
}

func (r rawReply) head(w *bufio.Writer) {
	fmt.Fprintf(w, "HTTP/1.1 %d %s\r\n", r.status, http.StatusText(r.status))
	for _, h := range r.header {
		fmt.Fprintf(w, "%s: %s\r\n", h[0], h[1])
	}
	_, _ = w.WriteString("\r\n")
}

func headerNames(spell func(string) string) func(*rawReply) {
	return func(r *rawReply) {
		for i := range r.header {
			r.header[i][0] = spell(r.header[i][0])
		}
	}
}

func chunked(conn net.Conn, r rawReply) {
	r.header = append(r.header, [2]string{"Transfer-Encoding", "chunked"})
	w := bufio.NewWriter(conn)
	r.head(w)
	for rest := r.body; len(rest) > 0; {
		n := min(7, len(rest))
		fmt.Fprintf(w, "%x;name=value\r\n%s\r\n", n, rest[:n])
		rest = rest[n:]
	}
	_, _ = w.WriteString("0\r\nX-Trailer: 1\r\n\r\n")
	_ = w.Flush()
}

func unframed(conn net.Conn, r rawReply) {
	r.header = append(r.header, [2]string{"Connection", "close"})
	w := bufio.NewWriter(conn)
	r.head(w)
	_, _ = w.Write(r.body)
	_ = w.Flush()
}

func hinted(conn net.Conn, r rawReply) {
	_, _ = conn.Write([]byte("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"))
	byHand(func(*rawReply) {})(conn, r)
}

// dripping sends small packets with pauses between them.
func dripping(conn net.Conn, r rawReply) {
	var whole bytes.Buffer
	w := bufio.NewWriter(&whole)
	r.header = append(r.header, [2]string{"Content-Length", strconv.Itoa(len(r.body))})
	r.head(w)
	_, _ = w.Write(r.body)
	_ = w.Flush()
	for rest := whole.Bytes(); len(rest) > 0; {
		n := min(23, len(rest))
		if _, err := conn.Write(rest[:n]); err != nil {
			return
		}
		rest = rest[n:]
		time.Sleep(100 * time.Microsecond)
	}
}

// eaten is how much of the endless bodies was taken in, at most.
var eaten atomic.Int64

// endless offers ten times what a client may take.
func endless(conn net.Conn, r rawReply) {
	w := bufio.NewWriterSize(conn, 64<<10)
	r.header = append(r.header, [2]string{"Transfer-Encoding", "chunked"})
	r.head(w)
	chunk := bytes.Repeat([]byte(" "), 64<<10)
	for sent := int64(0); sent < 100<<20; sent += int64(len(chunk)) {
		if _, err := fmt.Fprintf(w, "%x\r\n%s\r\n", len(chunk), chunk); err != nil {
			break
		}
		raise(&eaten, sent)
	}
	_ = w.Flush()
}

func raise(most *atomic.Int64, n int64) {
	for {
		old := most.Load()
		if n <= old || most.CompareAndSwap(old, n) {
			return
		}
	}
}
