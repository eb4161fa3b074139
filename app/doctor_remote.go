package app

import (
	"context"
	"fmt"
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
		return Check{"hq", Red, t.hqErr.Error()}
	}
	url := t.Settings.Get("hq.url")
	if t.Settings.Get("hq.header_name") == "" || t.Settings.Get("hq.login") != "" {
		if _, err := t.secret("hq.password")(); err != nil {
			return Check{"hq", Red, err.Error()} // its own words: HQ's client knows only that there is none
		}
	}
	err := t.hq.Login(ctx)
	if err == nil { // a fixed header is not proven by a login
		_, err = t.hq.List(ctx, hq.ListQuery{PageSize: 1})
	}
	return t.judged(ctx, "hq", url, err)
}

// judged is a service's check. Where it did not accept us, a wrong clock is
// named before the key: signatures and sessions hang on both.
func (t *Till) judged(ctx context.Context, name, url string, err error) Check {
	if err == nil {
		return Check{name, Green, url + " answers and knows this till"}
	}
	if fault.KindOf(err) == fault.Credentials {
		if off, known := clockOff(ctx, url); known && off.Abs() > clockSlack {
			return Check{name, Red, fmt.Sprintf("This machine's clock is %s off from the service's: set it right, then look again. %s", off, err)}
		}
	}
	return Check{name, Red, err.Error()}
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
	client := http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
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
			return Check{"clock", Red, fmt.Sprintf("This machine's clock is %s off from that of %s; set it right, or payments may be refused.", off, url)}
		case known:
			return Check{"clock", Green, time.Now().In(t.Zone).Format(time.DateTime)}
		}
	}
	return Check{"clock", Amber, "There is nothing to compare this machine's clock with."}
}

// checkPay asks about a payment that does not exist: any clear answer shows
// that the gateway is there, and its words say whether it knows our key.
func (t *Till) checkPay(ctx context.Context) Check {
	if err := t.PayError(); err != nil {
		return Check{"liantuofu", Red, err.Error()}
	}
	r := t.pay.Query(ctx, "doctor-"+newID())
	known := r.Code == liantuofu.CodeSuccess || r.Code == liantuofu.CodeFailed
	err := r.Err
	switch {
	case strings.Contains(r.SubCode, "SIGN") || r.SubCode == liantuofu.SubLoginError:
		err = fault.New(fault.Credentials, "doctor.liantuofu_key", "Liantuofu is there and does not accept this till's key: enter liantuofu.app_id and the key again. ({why})", "why", answer(r).Message)
	case known && err != nil:
		err = fault.New(fault.Credentials, "doctor.liantuofu_forged", "Liantuofu's answers cannot be believed. ({why})", "why", err.Error())
	case err == nil && (r.Delivery != liantuofu.Answered || !known):
		err = fault.New(fault.Contract, "doctor.liantuofu", "Liantuofu gives no usable answer. ({why})", "why", answer(r).Message)
	}
	return t.judged(ctx, "liantuofu", t.Settings.Get("liantuofu.url"), err)
}

// checkMembers asks for a member who does not exist. A till without a member
// gateway is none the worse for it.
func (t *Till) checkMembers(ctx context.Context) Check {
	if t.member == nil && t.Settings.Get("zvcms.open_id") == "" {
		return Check{"zvcms", Amber, t.memberErr.Error()}
	}
	if err := t.MemberError(); err != nil {
		return Check{"zvcms", Red, err.Error()}
	}
	r := t.member.Member(ctx, zvcms.MemberQuery{Identifier: "00000000000", Type: 2})
	err := r.Err
	switch {
	case r.Outer.KeyOrClock():
		err = fault.New(fault.Credentials, "doctor.zvcms_key", "The member gateway is there and does not accept this till's key, or its clock: check zvcms.open_id, zvcms.grant_code, zvcms.key_case, the key and this machine's time. ({why})", "why", r.Message)
	case err == nil && !r.Outer.HasStatus:
		err = fault.New(fault.Contract, "doctor.zvcms", "The member gateway gives no usable answer. ({why})", "why", r.Message)
	}
	return t.judged(ctx, "zvcms", t.member.Address(), err)
}
