package hqtest

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"cashier/services/shopdata/standin"
)

// call is a request with its session.
type call struct {
	args  url.Values // of a GET
	body  []byte     // of a POST
	who   int        // index of the member of staff, or headOffice
	fault standin.Fault
}

// outcome is a reply: v is encoded as JSON.
type outcome struct {
	v       any
	http    int // status, 200 when 0
	changed bool
}

const (
	productPrefix = "/api/shop/shopproduct/"
	uploadPrefix  = "/api/shop/shopupload/"
	// The weixin page gives no routes; these are placeholders in its style.
	weixinPrefix = "/api/weixin/"
)

func (s *Server) routes() {
	s.mountBench()
	s.mux.HandleFunc("GET /pictures/", s.picture)
	s.mux.HandleFunc("GET "+loginPage, showLoginPage)
	s.mount(s.p.WeixinPrefix+"login", http.MethodPost, s.login)
	for _, a := range actions {
		prefix := productPrefix
		switch a.page {
		case weixinPage:
			prefix = s.p.WeixinPrefix
		case uploadPage:
			prefix = uploadPrefix
		}
		s.mount(prefix+a.name, a.method, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, a) })
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "No HTTP resource was found that matches the request URI '"+r.URL.Path+"'.")
	})
}

// mount words what ASP.NET Web API says before it comes to an action.
func (s *Server) mount(path, method string, h http.HandlerFunc) {
	s.mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
		if t := r.Header.Get("Content-Type"); method == http.MethodPost && t != "" && !isJSON(t) {
			fail(w, http.StatusUnsupportedMediaType, "The request entity's media type '"+t+"' is not supported for this resource.")
			return
		}
		h(w, r)
	})
	s.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", method)
		fail(w, http.StatusMethodNotAllowed, "The requested resource does not support http method '"+r.Method+"'.")
	})
}

// isJSON knows the two types above each sample of the pages.
func isJSON(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && (t == "application/json" || t == "text/json")
}

func fail(w http.ResponseWriter, status int, message string) {
	standin.WriteJSON(w, status, problem{message})
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, a action) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 32<<20))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	f := s.faults.Pick(a.name, "")
	if f.Kind == standin.SessionExpiry {
		s.endSession(r)
	}
	who, ok := s.caller(r)
	if !ok || f.Kind == standin.SessionExpiry {
		s.deny(w, r, standin.None)
		return
	}
	if standin.Intercept(w, f) {
		return
	}
	o := s.answer(a, call{args: r.URL.Query(), body: body, who: who, fault: f})
	if o.changed {
		s.p.OnChange(true) // a price that was said to be changed survives kill -9
	}
	s.send(w, r, f, o)
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, f standin.Fault, o outcome) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(o.v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	body := s.Quirks().mangle(bytes.TrimSpace(b.Bytes()))
	standin.Send(w, r, f, standin.Reply{Status: o.http, Body: body}, s.p.Sleep)
}

// picture serves files below pictures/ without a session, as picture servers
// do; folders are not listed.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) {
	f := s.faults.Pick("pictures", "")
	if standin.Intercept(w, f) {
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if s.p.Pictures == nil || !fs.ValidPath(name) {
		http.NotFound(w, r)
		return
	}
	info, err := fs.Stat(s.p.Pictures, name)
	if err != nil || !info.Mode().IsRegular() {
		http.NotFound(w, r)
		return
	}
	if f != standin.None {
		b, err := fs.ReadFile(s.p.Pictures, name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		standin.Send(w, r, f, standin.Reply{Type: http.DetectContentType(b), Body: b}, s.p.Sleep)
		return
	}
	http.ServeFileFS(w, r, s.p.Pictures, name)
}
