package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cashier/services/hq"
)

// between lets a test change what passes from the till to HQ.
func (r *rig) between(handle func(w http.ResponseWriter, req *http.Request, hq http.Handler)) {
	r.t.Helper()
	target, err := url.Parse(r.servers.Endpoints().HQ)
	if err != nil {
		r.t.Fatal(err)
	}
	through := httputil.NewSingleHostReverseProxy(target)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { handle(w, req, through) }))
	r.t.Cleanup(s.Close)
	r.want(Done, r.run("", "config", "set", "hq.url", s.URL))
}

func TestStockIsReadToItsEnd(t *testing.T) {
	r := newRig(t).synced()
	list := func() []hq.Stock {
		return doc[[]hq.Stock](t, r.want(Done, r.run("", "--json", "stock", "list", "--limit", "150")).out)
	}
	whole := list()
	if len(whole) != 150 {
		t.Fatalf("%d rows", len(whole))
	}
	r.between(func(w http.ResponseWriter, req *http.Request, office http.Handler) {
		if q := req.URL.Query(); strings.HasSuffix(req.URL.Path, "getstockproductlist") {
			q.Set("pageSize", "40") // HQ's own idea of a page
			req.URL.RawQuery = q.Encode()
		}
		office.ServeHTTP(w, req)
	})
	if diff := cmp.Diff(whole, list()); diff != "" {
		t.Error(diff)
	}
	var asked atomic.Int32
	only := func(page string) {
		asked.Store(0)
		r.between(func(w http.ResponseWriter, req *http.Request, office http.Handler) {
			if !strings.HasSuffix(req.URL.Path, "getstockproductlist") {
				office.ServeHTTP(w, req)
				return
			}
			asked.Add(1)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, page)
		})
	}
	only(`{"data":[{"productId":1,"qty":"x"},{"productId":2,"qty":"x"}],"totalCount":2}`)
	r.want(Done, r.run("", "stock", "list", "--limit", "2"))
	if n := asked.Load(); n != 1 {
		t.Errorf("%d requests for one page", n)
	}
	for _, page := range []string{`{"data":[{"productId":1,"qty":1}],"totalCount":500}`, `{"data":[{"productId":1,"qty":"x"}]}`, `{"data":[{"productId":1,"qty":1},{"productId":2}],"totalCount":0}`} {
		only(page)
		r.want(RefusedExit, r.run("", "stock", "list"), "again and again")
		if n := asked.Load(); n != 2 {
			t.Errorf("%d requests: %s", n, page)
		}
	}
}

func TestClassesAreAddedToThoseKnown(t *testing.T) {
	r := newRig(t).synced()
	r.want(Done, r.run("", "config", "set", "hq.classes", "5=手工,777=手工二"))
	r.want(Done, r.run("", "hq", "classes", "--from", "5", "--to", "6", "--save"))
	saved := strings.TrimSpace(r.run("", "config", "get", "hq.classes").out)
	if !strings.Contains(saved, "777=手工二") || !strings.Contains(saved, "6=") || strings.Contains(saved, "5=手工,") || strings.Count(saved, "5=") != 1 {
		t.Errorf("%q", saved)
	}
	r.want(Done, r.run("", "hq", "classes", "--from", "500", "--to", "501", "--save"))
	if now := strings.TrimSpace(r.run("", "config", "get", "hq.classes").out); now != saved {
		t.Errorf("nothing found, and %q became %q", saved, now)
	}
	r.faults("getlist=status:601#3")
	got := r.want(RefusedExit, r.run("", "--json", "hq", "classes", "--to", "10"), "601")
	if found := doc[[]map[string]any](t, got.out); len(found) != 2 { // Unmarshal refuses a second document
		t.Errorf("%v", found)
	}
	r.faults("getlist=status:601#1")
	if e := doc[map[string]map[string]string](t, r.want(RefusedExit, r.run("", "--json", "hq", "classes", "--to", "10")).out); e["error"]["code"] == "" {
		t.Errorf("%v", e)
	}
}
