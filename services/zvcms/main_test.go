package zvcms

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The identity and the time of the published vector; none of it is real.
const (
	testOpenID = "fake-open-id-for-test-only-0001"
	testGrant  = "fake-grant-code-0001"
	testKey    = "fake-open-key-for-test-only-0001"
	testNonce  = 24680
	testTime   = 1712563200
	testToken  = "ySypL4SRFMmfSrCqOiFE01LK3ks%3D"
)

const (
	customer = "700000001"
	coupon   = "390962138708451328"
	scanned  = "660000000001"
	password = "pw-738291"
)

func params(base string) Params {
	return Params{
		BaseURL: base, OpenID: testOpenID, GrantCode: testGrant, ShopCode: "S001",
		Key:   func() (string, error) { return testKey, nil },
		Now:   func() time.Time { return time.Unix(testTime, 0) },
		Nonce: func() int64 { return testNonce },
	}
}

func clientWith(t testing.TB, base string, changes ...func(*Params)) *Client {
	t.Helper()
	p := params(base)
	for _, change := range changes {
		change(&p)
	}
	c, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// client is a Client for a server that gives every request to serve.
func client(t testing.TB, serve http.HandlerFunc, changes ...func(*Params)) *Client {
	t.Helper()
	srv := httptest.NewServer(serve)
	t.Cleanup(srv.Close)
	return clientWith(t, srv.URL+"/api/v2", changes...)
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func version3(p *Params)   { p.Version = "v3" }
func reversible(p *Params) { p.ReverseAction = ActionReverse }

// request is a consume of everything at once.
func consumeAll() ConsumeRequest {
	return ConsumeRequest{
		BizID: "T01-1-000001", CustomerID: customer, Amount: 1230, Points: 50, Coupons: []string{coupon, "390962138708451329"},
		PayPassword: password, ProductName: "红富士 苹果", Reason: "消费", Remark: "收银台 1", DeviceSN: "T01",
	}
}

func consume(t *testing.T, c *Client) ConsumeReply {
	t.Helper()
	return c.Consume(t.Context(), consumeAll())
}

func scan() ConsumeRequest {
	return ConsumeRequest{BizID: "T01-1-000002", Coupons: []string{scanned}, Scanned: true}
}
