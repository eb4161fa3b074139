package zvcms

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/wire"
)

// sending is how far a call came. answer is whole when err is nil.
type sending struct {
	answer   wire.Reply
	delivery Delivery
	secrets  secrets
	err      error
}

func notSent(err error) sending { return sending{delivery: NotSent, err: err} }

// ask sends an action of the contract and reads the envelope of its reply.
func (c *Client) ask(ctx context.Context, name string, args []wire.Arg) (Reply, json.RawMessage, secrets) {
	a, _ := find(name)
	s := c.send(ctx, a, args)
	if s.err != nil {
		return Reply{Delivery: s.delivery, Err: s.err}, nil, s.secrets
	}
	r, data := s.read(a.Effect)
	r.Message = s.secrets.hide(r.Message)
	return r, data, s.secrets
}

// read takes the envelope of a whole answer.
func (s sending) read(effect wire.Effect) (Reply, json.RawMessage) {
	r := Reply{Delivery: s.delivery, HTTPStatus: s.answer.Status}
	if r.Err = service.Status(effect, s.answer.Status); r.Err != nil {
		return r, nil
	}
	body, err := service.JSON(s.answer)
	if err != nil {
		r.Err = err
		return r, nil
	}
	r, data := decodeReply(body, effect)
	r.HTTPStatus = s.answer.Status
	return r, data
}

// send is the one way out. A question that the gateway found wrongly signed or
// out of time is asked once more, with a new nonce and timestamp, as independent
// clients do; a deed never is.
func (c *Client) send(ctx context.Context, a action, args []wire.Arg) sending {
	params, err := c.ready(a, args)
	if err != nil {
		return notSent(err)
	}
	s := c.post(ctx, a, params)
	if a.Effect == wire.Reads && s.badStamp() {
		s = c.post(ctx, a, params)
	}
	s.secrets = append(s.secrets, secretsOf(args)...)
	return s
}

// ready is what an action sends, once it may be sent at all.
func (c *Client) ready(a action, args []wire.Arg) (json.RawMessage, error) {
	if a.Name == ActionReverse && c.p.ReverseAction == "" {
		return nil, service.Fault(fault.Refused, "reverse_off",
			"Taking back a consume at {service} is switched off, so nothing was sent. Have the member's account corrected at {service}, or switch it on in Settings once the vendor has confirmed it.", nil)
	}
	params, err := c.params(a, args)
	if err == nil && a.Name == ActionConsume {
		err = takesSomething(args)
	}
	return params, err
}

// takesSomething refuses a consume of nothing, and an amount that is none (vendor
// page 620: at least one of them, two decimals).
func takesSomething(args []wire.Arg) error {
	some := false
	for _, arg := range args {
		value := strings.TrimSpace(arg.Value)
		switch arg.Name {
		case "amount":
			amount, err := money.ParseFen(value)
			if value != "" && (err != nil || amount < 0) {
				return invalid("amount").Err
			}
			some = some || amount > 0
		case "points", "couponsCardList":
			some = some || value != "" && value != "0"
		}
	}
	if !some {
		return invalid("amount").Err
	}
	return nil
}

func (c *Client) key() (string, error) {
	key, err := c.p.Key()
	if err != nil || key == "" {
		return "", service.Fault(fault.Credentials, "key_missing",
			"The key for {service} could not be read; nothing was sent. Enter it again in Settings.", err)
	}
	return key, nil
}

// params is the action's own object, checked and completed.
func (c *Client) params(a action, args []wire.Arg) (json.RawMessage, error) {
	if err := a.Check(service, args); err != nil {
		return nil, err
	}
	for _, arg := range args {
		if !clean(arg.Value) {
			return nil, service.Fault(fault.Invalid, "value",
				"The field “{field}” holds a character that {service} cannot take. Enter it again, then try again.", nil, "field", arg.Name)
		}
	}
	return a.JSON(service, c.complete(a, args))
}

// complete adds what the settings know and the action takes, unless given.
func (c *Client) complete(a action, args []wire.Arg) []wire.Arg {
	known := []wire.Arg{{Name: "multiMark", Value: c.p.ShopCode}, {Name: "operatorName", Value: c.p.OperatorName}}
	if c.p.OperatorID != 0 {
		known = append(known, wire.Arg{Name: "operatorId", Value: strconv.FormatInt(c.p.OperatorID, 10)})
	}
	all := slices.Clone(args)
	for _, k := range known {
		takes := slices.ContainsFunc(a.Fields, func(f wire.Field) bool { return f.Name == k.Name })
		given := slices.ContainsFunc(args, func(g wire.Arg) bool { return g.Name == k.Name })
		if takes && !given && k.Value != "" {
			all = append(all, k)
		}
	}
	return all
}

// post signs and sends once.
func (c *Client) post(ctx context.Context, a action, params json.RawMessage) sending {
	key, err := c.key()
	if err != nil {
		return notSent(err)
	}
	q := request{openID: c.p.OpenID, grantCode: c.p.GrantCode, action: a.Name, params: params, stamp: c.stamp()}
	q.token = sign(key, q.openID, q.grantCode, q.stamp, c.speak.upperNames(c.p.UpperNames))
	if a.Name == ActionReverse {
		q.action = c.p.ReverseAction
	}
	target, err := c.speak.address(c.base, a)
	if err != nil {
		return notSent(err)
	}
	body, err := json.Marshal(c.speak.envelope(q))
	if err != nil {
		return notSent(service.Fault(fault.Internal, "payload", "The request could not be written. Check the values.", err))
	}
	answer, sent, err := c.once.Post(ctx, wire.Call{
		URL: target, Question: a.Effect == wire.Reads, ContentType: "application/json", Body: body,
	})
	s := sending{answer: answer, delivery: Answered, secrets: secrets{key, q.token, c.p.GrantCode}, err: err}
	switch {
	case !sent:
		s.delivery = NotSent
	case err != nil && fault.KindOf(err) != fault.Contract:
		// Too large to read is an answer, though not one to rely on.
		s.delivery = Silent
	}
	return s
}

func (c *Client) stamp() stamp {
	return stamp{
		nonce:     strconv.FormatInt(c.p.Nonce(), 10),
		timestamp: strconv.FormatInt(c.p.Now().Unix(), 10),
	}
}

func (s sending) badStamp() bool {
	if s.err != nil || s.answer.Status < 200 || s.answer.Status > 299 {
		return false
	}
	body, err := service.JSON(s.answer)
	if err != nil {
		return false
	}
	r, _ := decodeReply(body, wire.Reads)
	return r.Outer.KeyOrClock()
}

// secrets are the texts of one call that must not come back out of it.
type secrets []string

// secretsOf are those among the fields: a password, and codes that redeem a
// coupon for whoever shows them (vendor page 620, type 1).
func secretsOf(args []wire.Arg) secrets {
	var s secrets
	value := func(name string) string {
		i := slices.IndexFunc(args, func(a wire.Arg) bool { return a.Name == name })
		if i < 0 {
			return ""
		}
		return args[i].Value
	}
	s = append(s, value("payPassword"))
	if strings.TrimSpace(value("type")) == "1" {
		for code := range strings.SplitSeq(value("couponsCardList"), ",") {
			s = append(s, strings.TrimSpace(code))
		}
	}
	return s
}

const hidden = "***"

// hide takes them out of a text, also as JSON would write them.
func (s secrets) hide(text string) string {
	for _, secret := range s {
		if secret == "" {
			continue
		}
		text = strings.ReplaceAll(text, secret, hidden)
		if quoted, err := json.Marshal(secret); err == nil {
			text = strings.ReplaceAll(text, string(quoted[1:len(quoted)-1]), hidden)
		}
	}
	return text
}
