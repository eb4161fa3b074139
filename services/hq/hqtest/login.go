package hqtest

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"net/http"

	"cashier/services/shopdata/standin"
)

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
	if f.Kind == standin.Status && !f.Done {
		s.send(w, r, f, s.coded(f.N))
		return
	}
	who := s.account(q.Tenant, q.LoginName, q.Password)
	if err != nil || who < 0 || f.Kind == standin.Refused {
		s.send(w, r, f, s.refuse("企业标识、用户名或密码错误"))
		return
	}
	if s.Quirks().HeaderName == "" {
		s.begin(w, who)
	}
	if f.Kind == standin.Status {
		s.send(w, r, f, s.coded(f.N))
		return
	}
	s.send(w, r, f, s.result(200, "登录成功"))
}

// begin opens a session and gives its cookie.
func (s *Server) begin(w http.ResponseWriter, who int) {
	id := rand.Text()
	s.mu.Lock()
	s.sessions[id] = session{who, s.p.Now().Add(s.p.SessionTTL)}
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: Cookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
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

// caller is who asks. A header names no person, so its changes are head
// office's.
func (s *Server) caller(r *http.Request) (staff int, ok bool) {
	if q := s.Quirks(); q.HeaderName != "" {
		given := []byte(r.Header.Get(q.HeaderName))
		return headOffice, subtle.ConstantTimeCompare(given, []byte(q.HeaderValue)) == 1
	}
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

// EndSessions logs everybody out.
func (s *Server) EndSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}

const loginPage = "/Account/Login"

// deny turns away a caller who is not logged in.
func (s *Server) deny(w http.ResponseWriter, r *http.Request, f standin.Fault) {
	switch s.Quirks().Denied {
	case DeniedResult:
		// The documents have no status for it.
		s.send(w, r, f, s.result(500, "登录已过期，请重新登录"))
	case DeniedRedirect:
		http.Redirect(w, r, loginPage, http.StatusFound)
	case DeniedHTTP:
		// The wording and the status are those of ASP.NET Web API.
		s.send(w, r, f, outcome{http: http.StatusUnauthorized, v: problem{"Authorization has been denied for this request."}})
	}
}

func showLoginPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte("<!DOCTYPE html>\r\n<html><head><title>登录</title></head><body><form>用户名 密码</form></body></html>\r\n"))
}
