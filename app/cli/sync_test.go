package cli

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"cashier/services/money"
)

// at sets a price at HQ, as its own people do.
func (r *rig) atHQ(code string, price, member money.Fen) productJSON {
	r.t.Helper()
	p := r.product(code)
	if !r.servers.HQ.SetPrice(p.ShopID, p.ProductID, price, member) {
		r.t.Fatalf("HQ does not sell %s", code)
	}
	return p
}

func TestAHeldPriceIsAcceptedByAManager(t *testing.T) {
	r := newRig(t).synced()
	p := r.atHQ("10197", r.product("10197").Price*10, 0)
	id := strconv.FormatInt(p.ProductID, 10)
	report := doc[map[string]any](t, r.want(Done, r.run("", "--json", "sync"), "until a manager accepts").out)
	if report["held"] != 1.0 || report["changed"] != 0.0 || r.product("10197").Price != p.Price {
		t.Errorf("%v", report)
	}
	type waiting struct {
		Delivery map[string]any
		Products []setAsideJSON
	}
	held := doc[waiting](t, r.want(Done, r.run("", "--json", "sync", "held")).out)
	if held.Delivery != nil || len(held.Products) != 1 || held.Products[0].ProductID != p.ProductID || !held.Products[0].Held {
		t.Errorf("%+v", held)
	}
	r.want(Done, r.run("", "doctor"), "set aside")
	r.want(Usage, r.run("", "sync", "accept"))
	r.want(Usage, r.run("", "sync", "accept", "--all", "--product", id))
	r.want(RefusedExit, r.run("", "sync", "accept", "--all"), "Say why")
	r.want(RefusedExit, r.run("", "sync", "accept", "--product", id+",999", "--reason", "新包装"), "1 have no change")
	r.want(Done, r.run("", "sync", "accept", "--product", id, "--reason", "新包装"))
	if now := r.product("10197").Price; now != p.Price*10 {
		t.Errorf("%s", now)
	}
	r.want(RefusedExit, r.run("", "sync", "accept", "--all", "--reason", "again"), "no change of price")
	history := doc[[]priceEntryJSON](t, r.want(Done, r.run("", "--json", "price", "history", "--product", "10197")).out)
	if len(history) != 2 || history[0].By == "" || history[0].Sync != 2 || history[0].Was != p.Price.Yuan() || history[0].Price != (p.Price*10).Yuan() || history[1].Was != "" {
		t.Errorf("%+v", history)
	}
	r.want(Done, r.run("", "verify"), "0 broken")
}

func TestWhatBecameOfPricesIsAsked(t *testing.T) {
	r := newRig(t).synced()
	p := r.product("10197")
	all := doc[[]priceEntryJSON](t, r.want(Done, r.run("", "--json", "price", "history", "--limit", "0")).out)
	if len(all) < 200 {
		t.Errorf("%d entries of the first sync", len(all))
	}
	r.atHQ("10197", p.Price+1, p.MemberPrice)
	r.want(Done, r.run("", "sync"))
	newest := doc[[]priceEntryJSON](t, r.want(Done, r.run("", "--json", "price", "history", "--since", "1h", "--limit", "1")).out)
	if len(newest) != 1 || newest[0].ProductID != p.ProductID || newest[0].Sync != 2 {
		t.Errorf("%+v", newest)
	}
	id := strconv.FormatInt(p.ProductID, 10)
	r.want(Done, r.run("remove\n", "product", "remove", "--product", id))
	r.want(Done, r.run("", "sync"))
	gone := doc[[]priceEntryJSON](t, r.want(Done, r.run("", "--json", "price", "history", "--product", id)).out)
	if len(gone) != 3 || gone[0].Price != "" || gone[0].Was == "" || gone[0].Name != p.Name {
		t.Errorf("%+v", gone)
	}
	r.want(Done, r.run("", "price", "history", "--product", id), "→ –")
	for _, wrong := range [][]string{{"--limit", "-1"}, {"--product", "1", "--since", "1h"}, {"--since", "gestern"}} {
		r.want(Usage, r.run("", append([]string{"price", "history"}, wrong...)...))
	}
	r.want(RefusedExit, r.run("", "price", "history", "--product", "没有"))
}

func TestStockIsKept(t *testing.T) {
	r := newRig(t).synced()
	p := r.product("10197")
	if p.Stock != nil {
		t.Errorf("stock %s that nobody has read", *p.Stock)
	}
	first := doc[map[string]any](t, r.want(Done, r.run("", "--json", "sync", "stock")).out)
	if first["products"].(float64) < 200 || first["rowsWritten"] != first["products"] {
		t.Errorf("%v", first)
	}
	if again := doc[map[string]any](t, r.want(Done, r.run("", "--json", "sync", "stock")).out); again["rowsWritten"] != 0.0 {
		t.Errorf("%v", again)
	}
	if now := doc[map[string]any](t, r.want(Done, r.run("", "--json", "product", "show", "10197")).out); now["stockQty"] == nil {
		t.Errorf("%v", now)
	}
	r.want(Done, r.run("", "product", "show", "10197"), "stock ")
}

func TestAFullSyncIsAManagersAct(t *testing.T) {
	r := newRig(t).synced()
	full := doc[map[string]any](t, r.want(Done, r.run("", "--json", "sync", "--full")).out)
	if full["rowsWritten"] != full["products"] || full["changed"] != 0.0 {
		t.Errorf("%v", full)
	}
	r.faults("getlist=empty-list")
	r.want(RefusedExit, r.run("", "sync"), "would remove")
	r.want(Done, r.run("", "sync", "held"), "nothing of it was applied")
	r.want(Done, r.run("", "doctor"), "is held")
	r.faults("")
	r.want(Done, r.run("", "sync"))
	r.want(Done, r.run("", "sync", "held"), "0 products set aside")
}

// Whoever presses Ctrl-C is told that, and not that HQ does not answer.
func TestASyncThatIsStoppedSaysSo(t *testing.T) {
	r := newRig(t).synced()
	was := r.product("10197")
	var ctx context.Context
	var stop context.CancelFunc
	hq := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body) // or the server would not see who asks go
		stop()
		<-req.Context().Done()
	}))
	defer hq.Close()
	r.want(Done, r.run("", "config", "set", "hq.url", hq.URL))
	for _, words := range [][]string{{"sync"}, {"sync", "--full"}, {"sync", "stock"}} {
		ctx, stop = context.WithCancel(t.Context())
		var out, diag bytes.Buffer
		code := Run(ctx, append([]string{"--data", r.dir}, words...), IO{In: strings.NewReader(""), Out: &out, Err: &diag}, Options{TimerDiv: 20, VaultCost: 4})
		stop()
		got := r.want(RefusedExit, result{code, out.String(), diag.String()}, "cancelled; nothing changed")
		if strings.Contains(got.err, "answer") {
			t.Errorf("%v: %s", words, got.err)
		}
	}
	if now := r.product("10197"); now.Price != was.Price {
		t.Errorf("%s, was %s", now.Price, was.Price)
	}
}
