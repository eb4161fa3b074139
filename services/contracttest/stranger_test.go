package contracttest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// stranger is the common front of the three strange servers. It shares no code
// with this project's clients and stand-ins: what it knows, it has from the
// vendors' pages. It answers truthfully, in the manner its quirk asks for.
type stranger struct {
	url string

	mu     sync.Mutex
	manner manner
	aim    string // route the manner is kept for; "": every one
	asked  []request
	done   map[string]int // deeds really executed, by route
	answer func(request) reply
}

// manner is how replies go out. Its zero value is plain JSON.
type manner struct {
	shape  func(any) any       // of the document
	status int                 // 0: as the contract has it
	text   func([]byte) []byte // of the rendered body
	header [][2]string         // instead of the JSON content type
	first  func(http.ResponseWriter, request) bool
	send   func(net.Conn, rawReply) // by hand, on the bare connection
}

// request is what came in, whole.
type request struct {
	method string
	path   string
	route  string // path without the server's prefix
	query  url.Values
	header http.Header
	body   []byte
}

type reply struct {
	status int // 0: 200
	doc    any
	header [][2]string
	sign   func(any) any // seals the document once its shape is final
	html   string        // a page instead of a document
}

type rawReply struct {
	status int
	header [][2]string
	body   []byte
}

// open starts the server; prefix is what stands before every route.
func (s *stranger) open(t testing.TB, prefix string, answer func(request) reply) {
	t.Helper()
	s.answer, s.done = answer, map[string]int{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // half a request is none
		}
		path := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/moved"), prefix)
		s.serve(w, request{r.Method, r.URL.Path, path, r.URL.Query(), r.Header, body}, strings.HasPrefix(r.URL.Path, "/moved"))
	}))
	t.Cleanup(srv.Close)
	s.url = srv.URL
}

// behave sets the manner of all replies, or of those to one route.
func (s *stranger) behave(m manner, route string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manner, s.aim = m, route
}

// executed is how often the deed behind a route was really done.
func (s *stranger) executed(route string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done[route]
}

// requests are all that reached the server for a route.
func (s *stranger) requests(route string) []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []request
	for _, r := range s.asked {
		if r.route == route {
			out = append(out, r)
		}
	}
	return out
}

func (s *stranger) serve(w http.ResponseWriter, r request, moved bool) {
	s.mu.Lock()
	s.asked = append(s.asked, r)
	m := s.manner
	if s.aim != "" && s.aim != r.route {
		m = manner{}
	}
	s.mu.Unlock()
	if m.first != nil && !moved && m.first(w, r) {
		return
	}
	s.mu.Lock()
	given := s.answer(r)
	s.mu.Unlock()
	m.write(w, given)
}

func (m manner) write(w http.ResponseWriter, given reply) {
	out := rawReply{status: given.status, header: [][2]string{{"Content-Type", "application/json; charset=utf-8"}}}
	if m.status != 0 {
		out.status = m.status
	}
	if out.status == 0 {
		out.status = http.StatusOK
	}
	if m.header != nil {
		out.header = m.header
	}
	out.header = append(out.header[:len(out.header):len(out.header)], given.header...)
	doc := given.doc
	if m.shape != nil {
		doc = m.shape(doc)
	}
	if given.sign != nil {
		doc = given.sign(doc)
	}
	out.body = render(doc)
	if given.html != "" {
		out.header, out.body = [][2]string{{"Content-Type", "text/html; charset=utf-8"}}, []byte(given.html)
	}
	if m.text != nil {
		out.body = m.text(out.body)
	}
	if m.send != nil {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = conn.Close() }()
		m.send(conn, out)
		return
	}
	for _, h := range out.header {
		w.Header().Add(h[0], h[1])
	}
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body)
}
