package hq

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cashier/services/fault"
	"cashier/services/wire"
)

// dot is a PNG of one pixel.
var dot, _ = base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")

func TestPicture(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host was asked") }))
	defer other.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/img/苹果.png", "/hq/rel.png":
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write(dot)
		case "/img/big.png":
			_, _ = w.Write(append(bytes.Clone(dot), make([]byte, maxPicture)...))
		case "/img/page":
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write([]byte("<html><script>"))
		case "/img/svg":
			_, _ = w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
		case "/img/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		default:
			w.WriteHeader(404)
		}
	}))
	defer srv.Close()
	p := (&office{url: srv.URL + "/hq"}).params()
	p.PictureOrigins = []string{"https://img.example.com/", "http://127.0.0.1:9"}
	c := dial(t, p)

	tests := []struct {
		ref  string
		kind fault.Kind
		code string // "" if it is a picture
	}{
		{ref: "/img/苹果.png"},
		{ref: `\img\苹果.png`},
		{ref: "rel.png"},
		{ref: srv.URL + "/img/%E8%8B%B9%E6%9E%9C.png"},
		{"/img/big.png", fault.Contract, "hq.picture_size"},
		{"/img/page", fault.Contract, "hq.picture_kind"},
		{"/img/svg", fault.Contract, "hq.picture_kind"},
		{"/img/away", fault.Contract, "hq.redirect"},
		{"/img/none.png", fault.Contract, "hq.route"},
		{"", fault.Invalid, "hq.picture_address"},
		{"%zz", fault.Invalid, "hq.picture_address"},
		{other.URL + "/a.png", fault.Invalid, "hq.picture_address"},
		{strings.Replace(other.URL, "http:", "", 1), fault.Invalid, "hq.picture_address"},
		{"https://img.example.com.evil.example/a.png", fault.Invalid, "hq.picture_address"},
		{"http://img.example.com/a.png", fault.Invalid, "hq.insecure"},
		{"https://u:p@img.example.com/a.png", fault.Invalid, "hq.address"},
		{"file:///etc/passwd", fault.Invalid, "hq.address"},
		{"data:image/png;base64,AAAA", fault.Invalid, "hq.address"},
		// Allowed by name, yet inside this machine.
		{"http://127.0.0.1:9/a.png", fault.Unreachable, "hq.unreachable"},
	}
	for _, tt := range tests {
		p, err := c.Picture(t.Context(), tt.ref, "", "")
		if tt.code == "" {
			if err != nil || p.Kind != "image/png" || !bytes.Equal(p.Body, dot) {
				t.Errorf("%q: %q, %d bytes, %v", tt.ref, p.Kind, len(p.Body), err)
			}
			continue
		}
		if fault.CodeOf(err) != tt.code || fault.KindOf(err) != tt.kind || p.Body != nil {
			t.Errorf("%q: %v (%s)", tt.ref, err, fault.CodeOf(err))
		}
	}
}

// Neither cookie nor header of ours may reach a picture host.
func TestPictureHostsLearnNothing(t *testing.T) {
	var seen http.Header
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header
		_, _ = w.Write(dot)
	}))
	defer other.Close()
	// Cookies do not know ports, so that the one of HQ would fit this host too.
	o := newOffice(t, says(emptyPage))
	p := o.params()
	p.Headers, p.PictureOrigins = map[string]string{"X-App-Key": "k1"}, []string{other.URL}
	c := dial(t, p)
	if err := list(t, c); err != nil {
		t.Fatal(err)
	}
	asked := foreign(wire.ReadParams{Service: service, Jar: c.jar})
	if !asked.PublicOnly {
		t.Error("private addresses are allowed")
	}
	asked.PublicOnly = false // the only way to reach a test server
	c.outside = wire.NewReadClient(asked)
	if _, err := c.Picture(t.Context(), other.URL+"/a.png", "", ""); err != nil {
		t.Fatal(err)
	}
	if seen.Get("Cookie") != "" || seen.Get("X-App-Key") != "" {
		t.Error(seen)
	}
}
