package app

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"cashier/services/fault"
	"cashier/services/liantuofu"
	"cashier/services/zvcms"
)

func litBy(t *testing.T, err error) Light {
	t.Helper()
	return judged(t.Context(), "x", "http://127.0.0.1:9/", err, true).State
}

// Only an answer about nothing shows that the gateway knows this till.
func TestAGatewayThatRefusesIsNotGreen(t *testing.T) {
	no := func(sub, msg string) liantuofu.Reply {
		return liantuofu.Reply{Delivery: liantuofu.Answered, HTTPStatus: 200, Code: liantuofu.CodeFailed, SubCode: sub, SubMsg: msg}
	}
	forged := no("", "")
	forged.Err = fault.New(fault.Contract, "liantuofu.signature", "wrong")
	for name, tt := range map[string]struct {
		reply liantuofu.Reply
		want  Light
	}{
		"no such order":          {no("", "订单不存在"), Green},
		"no such order, by code": {no("ORDER_NOT_EXIST", ""), Green},
		"not found":              {no("NOT_FOUND", "交易不存在"), Green},
		"found":                  {liantuofu.Reply{Delivery: liantuofu.Answered, Code: liantuofu.CodeSuccess}, Green},
		"signature, in words":    {no("", "验签失败，请检查密钥"), Red},
		"signature, by code":     {no("SIGN_ERROR", ""), Red},
		"login":                  {no(liantuofu.SubLoginError, ""), Red},
		"app":                    {no("PARAMETER_ERROR", "appId不存在"), Red},
		"shop":                   {no("NOT_EXIST", "商户不存在"), Amber},
		"shop, by code":          {no("MERCHANT_NOT_EXIST", ""), Amber},
		"stopped":                {no("", "商户已停用"), Amber},
		"no reason":              {no("", ""), Amber},
		"forged":                 {forged, Red},
		"HTTP 400":               {liantuofu.Reply{Delivery: liantuofu.Answered, HTTPStatus: 400, Err: fault.New(fault.Refused, "liantuofu.rejected", "no")}, Red},
		"unreachable":            {liantuofu.Reply{Err: fault.New(fault.Unreachable, "liantuofu.unreachable", "gone")}, Red},
	} {
		if got := litBy(t, payTrouble(tt.reply)); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	says := func(status bool, code, message string) zvcms.Reply {
		return zvcms.Reply{Delivery: zvcms.Answered, HTTPStatus: 200, Outer: zvcms.Verdict{Status: status, HasStatus: true, Code: code}, Message: message}
	}
	for name, tt := range map[string]struct {
		reply zvcms.Reply
		want  Light
	}{
		"found":               {says(true, "0", ""), Green},
		"the page's sample":   {says(true, "异常编码,根据不同的业务返回编码", "异常说明:查询的信息不存在"), Green},
		"no such member":      {says(true, "200404", "会员不存在"), Green},
		"a grant that is old": {says(false, "100001", "授权码GrantCode无效"), Red},
		"token":               {says(false, "110004", ""), Red},
		"nonce":               {says(false, "110007", "请求已失效"), Red},
		"its own fault":       {says(false, "999999", "系统繁忙"), Amber},
		"shop":                {says(true, "200001", "门店不存在"), Amber},
		"no envelope":         {zvcms.Reply{Err: fault.New(fault.Contract, "zvcms.envelope", "odd")}, Red},
	} {
		if got := litBy(t, memberTrouble(tt.reply)); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// The environment's proxy is read once in a process, hence one of its own. With
// it, a host that does not exist would answer.
func TestTheClockIsNotReadOffAProxy(t *testing.T) {
	if os.Getenv("CLOCK_WITH_PROXY") != "" {
		if off, known := clockOff(t.Context(), "http://till.invalid/"); known {
			t.Errorf("a proxy's time was read: %s", off)
		}
		return
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	defer proxy.Close()
	if _, known := clockOff(t.Context(), proxy.URL); !known {
		t.Fatal("this server's time is not read at all")
	}
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTheClockIsNotReadOffAProxy$")
	again.Env = append(os.Environ(), "CLOCK_WITH_PROXY=1", "HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL)
	again.WaitDelay = time.Minute
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
