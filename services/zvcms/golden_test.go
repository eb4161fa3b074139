package zvcms

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cashier/services/wire"
)

var update = flag.Bool("update", false, "write the recordings under testdata/wire anew")

// recorder answers every request with success and writes it down for the eye:
// the request line, every header, and the body as it came, only indented.
func recorder(t *testing.T, into *strings.Builder) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		fmt.Fprintf(into, "%s %s %s\nHost: gateway.test\n", r.Method, r.RequestURI, r.Proto)
		names := make([]string, 0, len(r.Header))
		for name := range r.Header {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			fmt.Fprintf(into, "%s: %s\n", name, strings.Join(r.Header[name], " | "))
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, body, "", "  "); err != nil {
			t.Errorf("%q: %v", body, err)
		}
		fmt.Fprintf(into, "\n%s\n\n", indented.Bytes())
		_, _ = io.WriteString(w, `{"status":true,"code":0,"message":"","data":{"bizId":"1"}}`)
	}
}

type shot struct {
	title string
	do    func(context.Context, *Client)
}

// One file per action and version. To judge a change, read the file beside the
// vendor's page.
func TestRequestsOnTheWire(t *testing.T) {
	actions := map[string][]shot{
		ActionConsume: {
			{"balance, points and coupons of a member", func(ctx context.Context, c *Client) { c.Consume(ctx, consumeAll()) }},
			{"balance only", func(ctx context.Context, c *Client) {
				c.Consume(ctx, ConsumeRequest{BizID: "T01-1-000003", CustomerID: customer, Amount: 5})
			}},
			{"scanned redemption code", func(ctx context.Context, c *Client) { c.Consume(ctx, scan()) }},
		},
		ActionReverse: {{"by the returned bizId", func(ctx context.Context, c *Client) { c.Reverse(ctx, "ZM000000000001", customer) }}},
		ActionMember: {{"by mobile", func(ctx context.Context, c *Client) {
			c.Member(ctx, MemberQuery{Identifier: "13800000011", Type: 2})
		}}},
		ActionCoupons: {
			{"all", func(ctx context.Context, c *Client) { c.Coupons(ctx, CouponQuery{CustomerID: customer}) }},
			{"one, unused", func(ctx context.Context, c *Client) {
				c.Coupons(ctx, CouponQuery{CustomerID: customer, CardID: coupon, UseStatus: "0"})
			}},
		},
	}
	for _, a := range Actions() {
		shots := actions[a.Name]
		if len(shots) == 0 {
			t.Errorf("%s is not recorded", a.Name)
		}
		for _, version := range []string{"", "v3"} {
			name := strings.TrimSuffix(a.Name+"."+version, ".") + ".txt"
			t.Run(name, func(t *testing.T) {
				var got strings.Builder
				for _, s := range shots {
					fmt.Fprintf(&got, "# %s\n", s.title)
					s.do(t.Context(), client(t, recorder(t, &got), reversible, func(p *Params) {
						p.Version, p.OperatorID, p.OperatorName = version, 11, "王"
						if version == "v3" {
							p.BaseURL = strings.TrimSuffix(p.BaseURL, "/api/v2")
						}
					}))
				}
				compare(t, filepath.Join("testdata", "wire", name), got.String())
			})
		}
	}
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
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
}

// What Call sends for the same fields is what the typed method sends, byte for
// byte.
func TestCallSendsWhatTheMethodSends(t *testing.T) {
	for _, change := range []func(*Params){func(*Params) {}, version3} {
		record := func(do func(*Client)) string {
			var got strings.Builder
			do(client(t, recorder(t, &got), change, reversible))
			return got.String()
		}
		q := consumeAll()
		pairs := map[string][2]func(*Client){
			ActionConsume: {
				func(c *Client) { c.Consume(t.Context(), q) },
				func(c *Client) { call(t, c, ActionConsume, q.args()...) },
			},
			ActionReverse: {
				func(c *Client) { c.Reverse(t.Context(), "ZM1", customer) },
				func(c *Client) {
					call(t, c, ActionReverse, wire.Arg{Name: "customerId", Value: customer}, wire.Arg{Name: "bizId", Value: "ZM1"})
				},
			},
			ActionMember: {
				func(c *Client) { c.Member(t.Context(), MemberQuery{Identifier: "9", Type: 3}) },
				func(c *Client) {
					call(t, c, ActionMember, wire.Arg{Name: "identifierNumber", Value: "9"}, wire.Arg{Name: "type", Value: "3"})
				},
			},
			ActionCoupons: {
				func(c *Client) { c.Coupons(t.Context(), CouponQuery{CustomerID: customer, UseStatus: "1"}) },
				func(c *Client) {
					call(t, c, ActionCoupons, wire.Arg{Name: "customerId", Value: customer}, wire.Arg{Name: "useStatus", Value: "1"})
				},
			},
		}
		for name, pair := range pairs {
			if diff := cmp.Diff(record(pair[0]), record(pair[1])); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

func call(t *testing.T, c *Client, name string, args ...wire.Arg) wire.Said {
	t.Helper()
	said, err := c.Call(t.Context(), name, args)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return said
}
