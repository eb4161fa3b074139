package contracttest

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/liantuofu"
	"cashier/services/money"
	"cashier/services/zvcms"
)

// toxic is one of Toxiproxy's, in its own words.
type toxic struct{ kind, stream, attributes string }

// spoil puts a proxy with toxics before a server. end stops it: from then on
// nobody listens at the address.
func spoil(t testing.TB, upstream string, toxics ...toxic) (url string, end func()) {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", strings.TrimPrefix(upstream, "http://"))
	for _, x := range toxics {
		doc := fmt.Sprintf(`{"type":%q,"stream":%q,"toxicity":1,"attributes":%s}`, x.kind, x.stream, x.attributes)
		if _, err := p.Toxics.AddToxicJson(strings.NewReader(doc)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return "http://" + p.Listen, p.Stop
}

// deal is a call about money that can be made over and over, each time as a
// new one, at whatever address.
type deal struct {
	name   string
	deed   bool
	server *stranger
	route  string // where the server counts what it did
	path   string // where the request comes in
	// try makes the call once, at the address.
	try func(t *testing.T, url string) heard
	// right says whether what came out is what the server holds.
	right func(heard) bool
}

// deals are all that move money or entitlement, and what tells of it.
func deals(t *testing.T) []deal {
	return append(append(gatewayDeals(t), memberDeals(t)...), priceDeal(t))
}

func gatewayDeals(t *testing.T) []deal {
	g := newGateway(t)
	g.cards[washCard].left = 1_000_000
	var n atomic.Int64
	fresh := func() string { return fmt.Sprintf("DEAL-%08d", n.Add(1)) }
	made := func(paid bool) string {
		no := fresh()
		g.put(no, 1230, paid)
		return no
	}
	gateway := func(route string, deed bool, do func(c *liantuofu.Client) (liantuofu.Reply, facts), right func(heard) bool) deal {
		return deal{name: route, deed: deed, server: &g.stranger, route: route, path: route, right: right, try: func(t *testing.T, url string) heard {
			return hear(do(ltfClient(t, url+"/open/")))
		}}
	}
	paid := func(h heard) bool { return h.facts[".orderstatus"] == "SUCCESS" && h.facts[".totalamount"] == "12.3" }
	always := func(heard) bool { return true }
	plain := func(r liantuofu.Reply) (liantuofu.Reply, facts) { return r, replyFacts(r) }
	return []deal{
		gateway("pay", true, func(c *liantuofu.Client) (liantuofu.Reply, facts) {
			return plain(c.Pay(t.Context(), liantuofu.PayRequest{OutTradeNo: fresh(), Total: 1230, AuthCode: codeRich}))
		}, paid),
		gateway("pay/query", false, func(c *liantuofu.Client) (liantuofu.Reply, facts) {
			return plain(c.Query(t.Context(), made(true)))
		}, paid),
		gateway("cancel", true, func(c *liantuofu.Client) (liantuofu.Reply, facts) {
			return plain(c.Cancel(t.Context(), made(true), "取消"))
		}, always),
		gateway("refundV2", true, func(c *liantuofu.Client) (liantuofu.Reply, facts) {
			no := made(true)
			return plain(c.RefundV2(t.Context(), liantuofu.RefundRequest{OutTradeNo: no, RefundNo: "R" + no, Amount: 30}))
		}, func(h heard) bool { return h.facts[".refundamount"] == "0.3" }),
		gateway("timescard/userTimesCardConsume", true, func(c *liantuofu.Client) (liantuofu.Reply, facts) {
			return plain(c.CardConsume(t.Context(), liantuofu.CardConsumeRequest{CardNo: washCard, Count: 1}))
		}, always),
		gateway("timescard/userTimesCardDetail", false, func(c *liantuofu.Client) (liantuofu.Reply, facts) {
			r := c.CardDetail(t.Context(), washCard)
			return r.Reply, cardFacts(r)
		}, func(h heard) bool { return h.facts[".suplustimes"] == itoa(g.left(washCard)) }),
	}
}

func memberDeals(t *testing.T) []deal {
	var all []deal
	for _, version := range zvVersions {
		z := newMemberService(t, version == "v3")
		z.recharge = 1_000_000_00
		var n atomic.Int64
		all = append(all, deal{name: "zvcms consume " + version, deed: true, server: &z.stranger, route: zvRoute(version, v2Consume, v3Consume), path: onWire(version, v3Consume),
			try: func(t *testing.T, url string) heard {
				r := zvClient(t, url, version, nil).Consume(t.Context(), zvcms.ConsumeRequest{
					BizID: fmt.Sprintf("BIZ-%08d", n.Add(1)), CustomerID: zvCustomer, Amount: 25})
				return hearMembers(r.Reply, consumeFacts(r))
			},
			right: func(h heard) bool { return h.facts[".total_amount"] == factsOf(yuanOf(z.total()))[""] },
		})
	}
	return all
}

func priceDeal(t *testing.T) deal {
	h := newHeadOffice(t)
	var n atomic.Int64
	var want atomic.Value
	return deal{name: "changeprice", deed: true, server: &h.stranger, route: productRoute + "changeprice", path: productRoute + "changeprice",
		try: func(t *testing.T, url string) heard {
			v := price(money.Fen(n.Add(1)).Yuan())
			want.Store(v.String())
			// The session is another connection's business.
			direct := hqClient(t, h.url)
			if err := direct.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			c, err := hq.New(hq.Params{BaseURL: url, ShopID: hqShopID, Reply: patience, Headers: map[string]string{"Cookie": hqCookie + "=" + h.current()}})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			err = c.ChangePrice(t.Context(), hq.Product{ID: 11, ShopID: 7, ProductID: 101, Price: v, MemberPrice: v})
			kind := fault.KindOf(err)
			return heard{err: err, sent: err == nil || kind != fault.Unreachable && kind != fault.Invalid}
		},
		right: func(heard) bool { return h.price("11") == want.Load() },
	}
}

// current is the session that holds now.
func (h *headOffice) current() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.session
}

// open reports a result from which nobody may conclude anything.
func (d deal) open(h heard) error {
	switch kind := fault.KindOf(h.err); {
	case h.err == nil:
		return fmt.Errorf("success: %v", h.facts)
	case !h.sent && d.deed:
		return fmt.Errorf("“not sent”, though it was: %w", h.err)
	case kind == fault.Unknown, kind == fault.Contract, kind == fault.Unreachable && !d.deed:
		return nil
	default:
		return fmt.Errorf("kind %d: %w", kind, h.err)
	}
}

// measured sends a whole reply in one piece and notes its size.
func measured(size *atomic.Int64, send func(net.Conn, rawReply)) manner {
	return manner{send: func(conn net.Conn, r rawReply) {
		var text recorder
		send(&text, r)
		size.Store(int64(text.Len()))
		_, _ = conn.Write(text.Bytes())
	}}
}

// recorder takes what would have gone out on a connection.
type recorder struct {
	net.Conn
	bytes.Buffer
}

func (r *recorder) Write(b []byte) (int, error) { return r.Buffer.Write(b) }
func (r *recorder) Read(b []byte) (int, error)  { return r.Buffer.Read(b) }

// TestCutReplies cuts the reply at every byte. The server has done the deed
// each time; the client may know it only when it has everything.
func TestCutReplies(t *testing.T) {
	t.Parallel()
	framings := map[string]func(net.Conn, rawReply){"length": byHand(func(*rawReply) {}), "chunks": chunked, "end": unframed}
	for _, d := range deals(t) {
		for framing, send := range framings {
			if framing != "length" && d.name != "pay" {
				continue
			}
			t.Run(d.name+" by "+framing, func(t *testing.T) {
				var size atomic.Int64
				d.server.behave(measured(&size, send), d.path)
				for at := int64(0); ; at++ {
					if d.cutAt(t, at, &size) {
						return
					}
					if t.Failed() || at > 4<<10 {
						t.Fatalf("stopped at byte %d of %d", at, size.Load())
					}
				}
			})
		}
	}
}

// cutAt makes one call whose reply ends after so many bytes, and reports that
// this was all of it.
func (d deal) cutAt(t *testing.T, at int64, size *atomic.Int64) (whole bool) {
	t.Helper()
	url, end := spoil(t, d.server.url, toxic{"limit_data", "downstream", fmt.Sprintf(`{"bytes":%d}`, at)})
	defer end()
	before := d.server.executed(d.route)
	got := d.try(t, url)
	if d.deed && d.server.executed(d.route) != before+1 {
		t.Errorf("byte %d: the server did it %d times", at, d.server.executed(d.route)-before)
	}
	if at >= size.Load() {
		if got.err != nil || !d.right(got) {
			t.Errorf("all %d bytes came, and yet: %v %v", at, got.facts, got.err)
		}
		return true
	}
	if err := d.open(got); err != nil {
		t.Errorf("byte %d of %d: %v", at, size.Load(), err)
	}
	return false
}

// TestCutRequests cuts the request on its way. Whatever the server made of it,
// the client must not know better.
func TestCutRequests(t *testing.T) {
	t.Parallel()
	const step = 23
	for _, d := range deals(t) {
		t.Run(d.name, func(t *testing.T) {
			for at := 0; ; at += step {
				url, end := spoil(t, d.server.url, toxic{"limit_data", "upstream", fmt.Sprintf(`{"bytes":%d}`, at)})
				before := d.server.executed(d.route)
				got := d.try(t, url)
				end()
				done := d.server.executed(d.route) - before
				if got.err == nil {
					if d.deed && done != 1 || !d.right(got) {
						t.Errorf("byte %d: success, done %d times, %v", at, done, got.facts)
					}
					return
				}
				if err := d.open(got); err != nil || done > 1 {
					t.Errorf("byte %d: done %d times, %v", at, done, err)
				}
				if at > 4<<10 {
					t.Fatal("the request has no end")
				}
			}
		})
	}
}

// TestBadNetworks are networks that lose nothing, lose the reply, or are not
// there.
func TestBadNetworks(t *testing.T) {
	t.Parallel()
	for _, d := range deals(t) {
		for name, one := range map[string]struct {
			toxics []toxic
			lost   bool
		}{
			"slow":            {toxics: []toxic{{"latency", "downstream", `{"latency":60,"jitter":20}`}, {"latency", "upstream", `{"latency":40}`}}},
			"narrow":          {toxics: []toxic{{"bandwidth", "downstream", `{"rate":8}`}}},
			"in small pieces": {toxics: []toxic{{"slicer", "downstream", `{"average_size":3,"size_variation":2,"delay":50}`}, {"slicer", "upstream", `{"average_size":5,"size_variation":4,"delay":50}`}}},
			"closing slowly":  {toxics: []toxic{{"slow_close", "downstream", `{"delay":80}`}}},
			"reset":           {lost: true, toxics: []toxic{{"reset_peer", "downstream", `{"timeout":0}`}}},
			"mute":            {lost: true, toxics: []toxic{{"timeout", "downstream", `{"timeout":120}`}}},
		} {
			t.Run(d.name+"/"+name, func(t *testing.T) {
				url, end := spoil(t, d.server.url, one.toxics...)
				defer end()
				before := d.server.executed(d.route)
				got := d.try(t, url)
				done := d.server.executed(d.route) - before
				if one.lost {
					if err := d.open(got); err != nil {
						t.Error(err)
					}
				} else if got.err != nil || !d.right(got) || d.deed && done != 1 {
					t.Errorf("done %d times, came out: %v %v", done, got.facts, got.err)
				}
			})
		}
		t.Run(d.name+"/nobody there", func(t *testing.T) { d.nobody(t, "http") })
		t.Run(d.name+"/no encryption there", func(t *testing.T) { d.nobody(t, "https") })
	}
}

// nobody calls where no conversation can begin: provably nothing was sent.
func (d deal) nobody(t *testing.T, scheme string) {
	t.Helper()
	url, end := spoil(t, d.server.url)
	if scheme == "http" {
		end()
	} else {
		defer end()
		url = "https" + strings.TrimPrefix(url, "http")
	}
	before := len(d.server.requests(d.path))
	got := d.try(t, url)
	if fault.KindOf(got.err) != fault.Unreachable || got.sent {
		t.Errorf("kind %d, sent %v: %v", fault.KindOf(got.err), got.sent, got.err)
	}
	if n := len(d.server.requests(d.path)) - before; n != 0 {
		t.Errorf("%d requests reached the server", n)
	}
}

// TestMuteForGood waits no longer than it was told to.
func TestMuteForGood(t *testing.T) {
	g := newGateway(t)
	url, end := spoil(t, g.url, toxic{"timeout", "downstream", `{"timeout":0}`})
	defer end()
	c, err := liantuofu.New(liantuofu.Params{BaseURL: url + "/open/", AppID: ltfAppID, MerchantCode: ltfMerchant,
		Key: func() (string, error) { return ltfKey, nil }, Reply: 150 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	r := c.Pay(t.Context(), liantuofu.PayRequest{OutTradeNo: newNo, Total: 990, AuthCode: codeRich})
	if r.Delivery != liantuofu.Silent || fault.KindOf(r.Err) != fault.Unknown || g.state(newNo) != "SUCCESS" {
		t.Errorf("%+v, the order is %q", r, g.state(newNo))
	}
}
