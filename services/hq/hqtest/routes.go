package hqtest

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cashier/services/shopdata/standin"
)

// call is a request with its session.
type call struct {
	args  url.Values // of a GET
	body  []byte     // of a POST
	who   int        // index of the member of staff
	fault standin.Fault
}

// outcome is a reply: v is encoded as JSON.
type outcome struct {
	v       any
	changed bool
}

// result is {status, message}: 200 is success, 500 everything else this
// stand-in refuses.
type result struct {
	Status  any    `json:"status"`
	Message string `json:"message"`
}

func (s *Server) result(status int, message string) outcome {
	if s.p.StatusAsString {
		return outcome{v: result{strconv.Itoa(status), message}}
	}
	return outcome{v: result{status, message}}
}

func (s *Server) refuse(message string) outcome { return s.result(500, message) }

// done is the success of a writing action.
func (s *Server) done() outcome {
	o := s.result(200, "操作成功")
	o.changed = true
	return o
}

const (
	productPrefix = "/api/shop/shopproduct/"
	// The weixin page gives no routes; these are placeholders in its style.
	weixinPrefix = "/api/weixin/"
)

func (s *Server) routes() {
	s.mux.Handle("/_sim/", standin.Bench(s))
	s.mux.HandleFunc("POST /_sim/price", s.benchPrice)
	s.mux.HandleFunc("GET /pictures/", s.picture)
	s.mux.HandleFunc("POST "+weixinPrefix+"login", s.login)
	reads := map[string]func(call) outcome{
		"get": s.get, "getbyproductid": s.getByProductID, "getlist": s.getList, "getlistbyclass": s.getListByClass,
		"getlistbyproductids": s.getListByProductIDs, "getstockproductlist": s.getStockList,
		"getstockproductlistbyclass": s.getStockListByClass, "getshoplist": s.getShopList,
	}
	writes := map[string]func(call) outcome{
		"addproduct": s.addProduct, "addproductbyclass": s.addProductByClass, "changeprice": s.changePrice,
		"changeprices": s.changePrices, "unifychangeprice": s.unifyChangePrice, "delete": s.remove,
		"deleteall": s.removeAll, "resetdownload": s.resetDownload,
	}
	s.mount("GET "+productPrefix, reads)
	s.mount("POST "+productPrefix, writes)
	s.mount("GET "+weixinPrefix, map[string]func(call) outcome{
		"getappconfig": s.getApp, "getmembercardconfig": s.getCard,
	})
	s.mount("POST "+weixinPrefix, map[string]func(call) outcome{
		"saveappconfig": s.saveApp, "savemembercardconfig": s.saveCard,
	})
}

func (s *Server) mount(prefix string, actions map[string]func(call) outcome) {
	for name, run := range actions {
		s.mux.HandleFunc(prefix+name, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, name, run) })
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, name string, run func(call) outcome) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 32<<20))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	f := s.faults.Pick(name, "")
	if f.Kind == standin.SessionExpiry {
		s.endSession(r)
	}
	who, ok := s.session(r)
	if !ok {
		// The wording and the status are those of ASP.NET Web API.
		standin.WriteJSON(w, http.StatusUnauthorized, map[string]string{"message": "Authorization has been denied for this request."})
		return
	}
	if standin.Intercept(w, f) {
		return
	}
	var o outcome
	switch f.Kind {
	case standin.Refused:
		o = s.refuse("内部错误")
	case standin.Lies:
		o = s.result(200, "操作成功")
	default:
		o = run(call{args: r.URL.Query(), body: body, who: who, fault: f})
	}
	if o.changed {
		s.p.OnChange(false)
	}
	s.send(w, r, f, o.v)
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, f standin.Fault, v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	standin.Send(w, r, f, standin.Reply{Body: bytes.TrimSpace(b.Bytes())}, s.p.Sleep)
}

// login answers a right password with a cookie. The weixin page shows only
// status and message in the reply, so a cookie is what is left to carry a
// session.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Tenant    string `json:"tenant"`
		LoginName string `json:"loginName"`
		Password  string `json:"password"`
		OpenID    string `json:"openid"`
		App       string `json:"app"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&q)
	f := s.faults.Pick("login", "")
	if standin.Intercept(w, f) {
		return
	}
	who := s.account(q.Tenant, q.LoginName, q.Password)
	if err != nil || who < 0 || f.Kind == standin.Refused {
		s.send(w, r, f, s.refuse("企业标识、用户名或密码错误").v)
		return
	}
	id := rand.Text()
	s.mu.Lock()
	s.sessions[id] = session{who, s.p.Now().Add(s.p.SessionTTL)}
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: Cookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	s.send(w, r, f, s.result(200, "登录成功").v)
}

// account is the index of the member of staff, -1 if there is none.
func (s *Server) account(tenant, login, password string) int {
	if tenant != s.p.Shop.Tenant {
		return -1
	}
	for i, a := range s.p.Shop.Staff {
		if a.Login == login && subtle.ConstantTimeCompare([]byte(a.Password), []byte(password)) == 1 {
			return i
		}
	}
	return -1
}

func (s *Server) session(r *http.Request) (staff int, ok bool) {
	c, err := r.Cookie(Cookie)
	if err != nil {
		return 0, false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, ok := s.sessions[c.Value]
	return v.staff, ok && s.p.Now().Before(v.expire)
}

func (s *Server) endSession(r *http.Request) {
	if c, err := r.Cookie(Cookie); err == nil {
		s.mu.Lock()
		delete(s.sessions, c.Value)
		s.mu.Unlock()
	}
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
