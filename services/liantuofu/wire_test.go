package liantuofu

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cashier/services/wire"
)

var update = flag.Bool("update", false, "write the recordings under testdata/wire anew")

// sending is one action as the till sends it: by its typed method, and with the
// same meaning by name.
type sending struct {
	typed func(*Client, context.Context)
	args  []wire.Arg
}

var sendings = map[string]sending{
	"pay": {
		func(c *Client, ctx context.Context) {
			c.Pay(ctx, PayRequest{
				OutTradeNo: "T01-1-000001", Total: 1230, AuthCode: authCode, Subject: "红富士 苹果",
				OrderRemark: "50% +券 /#?😀", OperatorID: "7", DeviceInfo: "T01",
			})
		},
		[]wire.Arg{
			{Name: "outTradeNo", Value: "T01-1-000001"},
			{Name: "totalAmount", Value: "12.30"},
			{Name: "authCode", Value: authCode},
			{Name: "subject", Value: "红富士 苹果"},
			{Name: "orderRemark", Value: "50% +券 /#?😀"},
			{Name: "operatorId", Value: "7"},
			{Name: "deviceInfo", Value: "T01"},
		},
	},
	"pay/query": {
		func(c *Client, ctx context.Context) { c.Query(ctx, "T01-1-000001") },
		[]wire.Arg{{Name: "outTradeNo", Value: "T01-1-000001"}},
	},
	"precreate": {
		func(c *Client, ctx context.Context) {
			c.Precreate(ctx, PrecreateRequest{
				OutTradeNo: "T01-1-000002", Total: 5, Channel: "ALIPAY", Subject: "苹果", OrderRemark: "备注",
				OperatorID: "7", NotifyURL: "https://shop.example/notify",
			})
		},
		[]wire.Arg{
			{Name: "outTradeNo", Value: "T01-1-000002"},
			{Name: "totalAmount", Value: "0.05"},
			{Name: "channel", Value: "ALIPAY"},
			{Name: "subject", Value: "苹果"},
			{Name: "orderRemark", Value: "备注"},
			{Name: "operatorId", Value: "7"},
			{Name: "notifyUrl", Value: "https://shop.example/notify"},
		},
	},
	"cancel": {
		func(c *Client, ctx context.Context) { c.Cancel(ctx, "T01-1-000001", "顾客取消") },
		[]wire.Arg{{Name: "outTradeNo", Value: "T01-1-000001"}, {Name: "reason", Value: "顾客取消"}},
	},
	"close": {
		func(c *Client, ctx context.Context) { c.Close(ctx, "T01-1-000002", "超时未付") },
		[]wire.Arg{{Name: "outTradeNo", Value: "T01-1-000002"}, {Name: "reason", Value: "超时未付"}},
	},
	"refundV2": {
		func(c *Client, ctx context.Context) {
			c.RefundV2(ctx, RefundRequest{OutTradeNo: "T01-1-000001", RefundNo: "T01-1-R00001", Amount: 5, OperatorID: "7"})
		},
		[]wire.Arg{
			{Name: "outTradeNo", Value: "T01-1-000001"},
			{Name: "refundNo", Value: "T01-1-R00001"},
			{Name: "refundAmount", Value: "0.05"},
			{Name: "operatorId", Value: "7"},
		},
	},
	"refund/queryV2": {
		func(c *Client, ctx context.Context) { c.RefundQueryV2(ctx, "T01-1-R00001") },
		[]wire.Arg{{Name: "refundNo", Value: "T01-1-R00001"}},
	},
	"bill": {
		// 16:30 UTC is half past midnight in China.
		func(c *Client, ctx context.Context) {
			from := time.Date(2026, 2, 28, 16, 30, 0, 0, time.UTC)
			c.Bill(ctx, BillQuery{From: from, To: from.Add(24 * time.Hour), Page: 1, OrderStatus: OrderSuccess})
		},
		[]wire.Arg{
			{Name: "billBeginTime", Value: "20260301003000"},
			{Name: "billEndTime", Value: "20260302003000"},
			{Name: "orderStatus", Value: "SUCCESS"},
		},
	},
	"member/get": {
		func(c *Client, ctx context.Context) { c.Member(ctx, MemberQuery{Code: "810000000000000001"}) },
		[]wire.Arg{{Name: "authPayCode", Value: "810000000000000001"}},
	},
	"timescard/userTimesCardDetail": {
		func(c *Client, ctx context.Context) { c.CardDetail(ctx, "914095353294404024") },
		[]wire.Arg{{Name: "cardNo", Value: "914095353294404024"}},
	},
	"timescard/userTimesCardConsume": {
		func(c *Client, ctx context.Context) {
			c.CardConsume(ctx, CardConsumeRequest{CardNo: "914095353294404024", Count: 1, Remark: "备注"})
		},
		[]wire.Arg{{Name: "cardNo", Value: "914095353294404024"}, {Name: "count", Value: "1"}, {Name: "remark", Value: "备注"}},
	},
}

// record is every byte of the one request that send makes.
func record(t *testing.T, send func(*Client)) []byte {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	recorded := make(chan []byte, 1)
	go func() {
		defer close(recorded)
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		var raw bytes.Buffer
		req, err := http.ReadRequest(bufio.NewReader(io.TeeReader(conn, &raw)))
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		recorded <- bytes.ReplaceAll(raw.Bytes(), []byte(ln.Addr().String()), []byte("GATEWAY"))
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"+success)
	}()
	send(clientAt(t, "http://"+ln.Addr().String()+"/open/"))
	_ = ln.Close() // ends the wait when nothing was sent
	raw, ok := <-recorded
	if !ok {
		t.Fatal("nothing arrived")
	}
	return raw
}

// legible adds to a recording what a person compares with the vendor's page:
// the form decoded, and the text whose MD5 is its sign.
func legible(t *testing.T, raw []byte) string {
	t.Helper()
	_, body, _ := strings.Cut(string(raw), "\r\n\r\n")
	form, err := url.ParseQuery(body)
	if err != nil {
		t.Fatal(err)
	}
	var listed, signed strings.Builder
	for _, name := range sortedKeys(form) {
		if len(form[name]) != 1 || form[name][0] == "" {
			t.Errorf("%s is sent as %q", name, form[name])
		}
		fmt.Fprintf(&listed, "%s = %s\n", name, form.Get(name))
		if name != "sign" {
			fmt.Fprintf(&signed, "%s=%s&", name, form.Get(name))
		}
	}
	text := signed.String() + "key=" + testKey
	if sum := md5.Sum([]byte(text)); hex.EncodeToString(sum[:]) != form.Get("sign") {
		t.Errorf("sign %s is not the MD5 of %s", form.Get("sign"), text)
	}
	return strings.ReplaceAll(string(raw), "\r\n", "\n") + "\n\n# decoded\n" + listed.String() + "\n# sign is the MD5 of\n" + text + "\n"
}

func sortedKeys(form url.Values) []string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// The recordings are the contract as bytes; they were compared with the vendor
// pages by eye, and their signatures with md5sum.
func TestRecordings(t *testing.T) {
	for _, a := range Actions() {
		t.Run(a.Name, func(t *testing.T) {
			s, ok := sendings[a.Name]
			if !ok {
				t.Fatal("no recording is made of it")
			}
			got := legible(t, record(t, func(c *Client) { s.typed(c, t.Context()) }))
			path := filepath.Join("testdata", "wire", strings.ReplaceAll(a.Name, "/", "-")+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// By name, an action leaves in the same bytes as by its method.
func TestCallSendsTheSameBytes(t *testing.T) {
	for name, s := range sendings {
		t.Run(name, func(t *testing.T) {
			typed := record(t, func(c *Client) { s.typed(c, t.Context()) })
			backwards := slices.Clone(s.args)
			slices.Reverse(backwards)
			padded := append(slices.Clone(s.args), wire.Arg{Name: "nothing"})
			for what, args := range map[string][]wire.Arg{"as listed": s.args, "backwards": backwards, "with an empty one": padded} {
				called := record(t, func(c *Client) {
					if _, err := c.Call(t.Context(), name, args); err != nil {
						t.Error(err)
					}
				})
				if diff := cmp.Diff(string(typed), string(called)); diff != "" {
					t.Errorf("%s: %s", what, diff)
				}
			}
		})
	}
}

// The vendor's sample request, all but its sign, which only the vendor's own
// key gives.
func TestSeedRequest(t *testing.T) {
	text, err := os.ReadFile("testdata/seed/consume-request.txt")
	if err != nil {
		t.Fatal(err)
	}
	want, err := url.ParseQuery(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	like := func(c *Client) *Client {
		c.p.AppID, c.p.MerchantCode, c.p.EmployeeID, c.p.ConsumeSource = want.Get("appId"), want.Get("consumeMerchantCode"), want.Get("consumeEmployeeId"), want.Get("consumeSource")
		c.p.Random = func() string { return want.Get("random") }
		return c
	}
	for name, send := range map[string]func(*Client){
		"typed": func(c *Client) {
			like(c).CardConsume(t.Context(), CardConsumeRequest{CardNo: want.Get("cardNo"), Count: 6, Remark: want.Get("remark")})
		},
		"by name, everything given": func(c *Client) {
			var args []wire.Arg
			for _, name := range sortedKeys(want) {
				if name != "appId" && name != "random" && name != "sign" {
					args = append(args, wire.Arg{Name: name, Value: want.Get(name)})
				}
			}
			c.p.AppID = want.Get("appId")
			c.p.Random = func() string { return want.Get("random") }
			if _, err := c.Call(t.Context(), actCardConsume, args); err != nil {
				t.Error(err)
			}
		},
	} {
		_, body, _ := strings.Cut(string(record(t, send)), "\r\n\r\n")
		got, err := url.ParseQuery(body)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Get("sign")) != len(want.Get("sign")) {
			t.Errorf("%s: sign %q", name, got.Get("sign"))
		}
		got.Set("sign", want.Get("sign"))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
