package app

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/liantuofu"
	"cashier/services/zvcms"
)

// This file asks the three services whether they are there, whether they know
// us, and what time they think it is. "Not reachable", "wrong key" and "wrong
// clock" call for three different people, so they are told apart.

func (t *Till) checkHQ(ctx context.Context) Check {
	if t.hq == nil {
		return bad("hq", Red, t.hqErr)
	}
	url := t.Settings.Get("hq.url")
	if t.Settings.Get("hq.header_name") == "" || t.Settings.Get("hq.login") != "" {
		if _, err := t.secret("hq.password")(); err != nil {
			return bad("hq", Red, err) // its own words: HQ's client knows only that there is none
		}
	}
	err := t.hq.Login(ctx)
	if err == nil { // a fixed header is not proven by a login
		_, err = t.hq.List(ctx, hq.ListQuery{PageSize: 1})
	}
	var said *hq.StatusError // HQ's own word about the login has nothing to do with the time
	return judged(ctx, "hq", url, err, !errors.As(err, &said))
}

// judged is a service's check. Where it did not accept us and the time may be
// why, a wrong clock is named before the key. A refusal shows that it is there,
// and not that it knows this till.
func judged(ctx context.Context, name, url string, err error, timed bool) Check {
	if err == nil {
		return Check{Name: name, State: Green, Reason: url + " answers and knows this till"}
	}
	if fault.CodeOf(err) == refusedCode {
		return bad(name, Amber, err)
	}
	if timed && fault.KindOf(err) == fault.Credentials {
		if off, known := clockOff(ctx, url); known && off.Abs() > clockSlack {
			return bad(name, Red, fault.Wrap(err, fault.Credentials, "doctor.clock_off",
				"This machine's clock is {off} off from the service's: set it right, then look again. {why}", "off", off.String(), "why", err.Error()))
		}
	}
	return bad(name, Red, err)
}

// refusedCode is that of a gateway that refuses what any till may ask.
const refusedCode = "doctor.refused"

func refusedUs(service, words string) error {
	return fault.New(fault.Refused, "doctor.refused", "{service} answers and refuses this till's question: {why}. Ask it what it means by that.", "service", service, "why", words)
}

// clockSlack is how far the clock may be off before signatures and business
// dates are at risk.
const clockSlack = 2 * time.Minute

// clockOff is how far this machine is ahead of a server, by the Date header of
// any answer of its.
func clockOff(ctx context.Context, url string) (time.Duration, bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
	if err != nil {
		return 0, false
	}
	// A proxy would tell its own time, and is used for nothing else here either.
	transport := &http.Transport{DisableKeepAlives: true}
	client := http.Client{Transport: transport, Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return 0, false
	}
	_ = res.Body.Close()
	theirs, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return 0, false
	}
	return time.Since(theirs).Round(time.Second), true
}

// checkClock compares with the first service that says what time it is.
func (t *Till) checkClock(ctx context.Context) Check {
	var urls []string
	if t.hq != nil {
		urls = append(urls, t.Settings.Get("hq.url"))
	}
	if t.pay != nil {
		urls = append(urls, t.Settings.Get("liantuofu.url"))
	}
	if t.member != nil {
		urls = append(urls, t.member.Address())
	}
	for _, url := range urls {
		off, known := clockOff(ctx, url)
		switch {
		case known && off.Abs() > clockSlack:
			return said("clock", Red, "doctor.clock", "This machine's clock is {off} off from that of {url}; set it right, or payments may be refused.", "off", off.String(), "url", url)
		case known:
			return Check{Name: "clock", State: Green, Reason: time.Now().In(t.Zone).Format(time.DateTime)}
		}
	}
	return said("clock", Amber, "doctor.clock_alone", "There is nothing to compare this machine's clock with.")
}

// checkPay asks about a payment that does not exist. Green is only the answer
// that says so: any other refusal may be one of this till.
func (t *Till) checkPay(ctx context.Context) Check {
	if err := t.PayError(); err != nil {
		return bad("liantuofu", Red, err)
	}
	err := payTrouble(t.pay.Query(ctx, "doctor-"+newID()))
	code := fault.CodeOf(err) // its signature holds no time
	return judged(ctx, "liantuofu", t.Settings.Get("liantuofu.url"), err, code != "doctor.liantuofu_key" && code != "doctor.liantuofu_forged")
}

// payTrouble is what is wrong by an answer about a payment that does not exist.
func payTrouble(r liantuofu.Reply) error {
	words := strings.TrimSpace(strings.Join([]string{r.SubCode, r.Msg, r.SubMsg}, " "))
	refused := r.Code == liantuofu.CodeFailed
	switch {
	case refused && (strings.Contains(r.SubCode, "SIGN") || r.SubCode == liantuofu.SubLoginError || speaksOfKey(words)):
		return fault.New(fault.Credentials, "doctor.liantuofu_key", "Liantuofu is there and does not accept this till's key: enter liantuofu.app_id and the key again. ({why})", "why", words)
	case r.Err != nil && (refused || r.Code == liantuofu.CodeSuccess):
		return fault.New(fault.Credentials, "doctor.liantuofu_forged", "Liantuofu's answers cannot be believed. ({why})", "why", r.Err.Error())
	case r.Err != nil:
		return r.Err
	case refused && !saysNothingThere(words, "订单", "交易"):
		return refusedUs("Liantuofu", words)
	}
	return nil
}

// checkMembers asks for a member who does not exist. A till without a member
// gateway is none the worse for it.
func (t *Till) checkMembers(ctx context.Context) Check {
	if t.member == nil && t.Settings.Get("zvcms.open_id") == "" {
		return bad("zvcms", Amber, t.memberErr)
	}
	if err := t.MemberError(); err != nil {
		return bad("zvcms", Red, err)
	}
	return judged(ctx, "zvcms", t.member.Address(), memberTrouble(t.member.Member(ctx, zvcms.MemberQuery{Identifier: "00000000000", Type: 2}).Reply), true)
}

// memberTrouble is what is wrong by an answer about a member who does not exist.
func memberTrouble(r zvcms.Reply) error {
	yes := r.Outer.OK() && (!r.HasInner || r.Inner.OK())
	words := strings.TrimSpace(r.Outer.Code + " " + r.Message)
	switch {
	case r.Outer.KeyOrClock(), r.Err == nil && !yes && speaksOfKey(words):
		return fault.New(fault.Credentials, "doctor.zvcms_key", "The member gateway is there and does not accept this till's key, or its clock: check zvcms.open_id, zvcms.grant_code, zvcms.name_case, the key and this machine's time. ({why})", "why", words)
	case r.Err != nil:
		return r.Err
	case !yes && !saysNothingThere(words, "查询的信息", "会员", "用户", "客户"):
		return refusedUs("zvcms", words)
	}
	return nil
}

// saysNothingThere recognises that what was asked for does not exist; a shop or
// an app that does not is another matter. No list of codes is published, hence
// the words: those of the vendor pages, and what such gateways write elsewhere.
func saysNothingThere(words string, nouns ...string) bool {
	code := strings.ReplaceAll(strings.ToUpper(words), "_", "")
	for _, us := range []string{"商户", "门店", "应用", "MERCHANT", "SHOP", "STORE", "APP"} {
		if strings.Contains(code, us) {
			return false
		}
	}
	for _, noun := range nouns {
		if strings.Contains(words, noun+"不存在") || strings.Contains(words, noun+"信息不存在") {
			return true
		}
	}
	return strings.Contains(code, "NOTEXIST") || strings.Contains(code, "NOTFOUND")
}

// speaksOfKey recognises that the gateway does not know who asks.
func speaksOfKey(words string) bool {
	words = strings.ToLower(words)
	for _, word := range []string{"签名", "验签", "密钥", "秘钥", "授权", "鉴权", "appid", "grantcode", "openid", "token", "时间戳", "signature", "api key"} {
		if strings.Contains(words, word) {
			return true
		}
	}
	return false
}
