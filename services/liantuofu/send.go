package liantuofu

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"

	"cashier/services/fault"
	"cashier/services/wire"
)

// Call sends any single action of the contract by its name, for diagnosis, just
// as the typed method does: checked, filled in, signed, once. What came back is
// given whatever it says, an HTTP error or FAILED included, with what it proves.
// An empty value is one not given.
//
// Faults: Invalid, Credentials (our key could not be read) and Unreachable when
// nothing was sent or a question has no answer; Unknown when a deed has none or
// one too large to read; Contract when that of a question is.
func (c *Client) Call(ctx context.Context, action string, args []wire.Arg) (wire.Said, error) {
	a, q, err := c.ready(action, args)
	if err != nil {
		return wire.Said{}, err
	}
	answer, _, err := c.once.Post(ctx, q.Call)
	if err != nil {
		if a.Effect == wire.Writes && fault.KindOf(err) == fault.Contract {
			err = service.Silent(wire.Writes, err)
		}
		return wire.Said{}, err
	}
	said := wire.Readable(answer, append(a.Secrets(args), q.key, q.sign)...)
	r, _ := c.read(q, answer)
	said.Outcome = outcome(a, args, r)
	return said, nil
}

// Check refuses what Call would refuse before it sends anything.
func (c *Client) Check(action string, args []wire.Arg) error {
	_, _, err := c.ready(action, args)
	return err
}

func (c *Client) ready(action string, args []wire.Arg) (wire.Action, request, error) {
	a, err := find(action)
	if err != nil {
		return a, request{}, err
	}
	var given []wire.Arg
	params := map[string]string{}
	for _, arg := range args {
		if arg.Value != "" {
			given = append(given, arg)
			params[arg.Name] = arg.Value
		}
	}
	if err := a.Check(service, given); err != nil {
		return a, request{}, err
	}
	q, err := c.prepare(action, params)
	return a, q, err
}

// request has passed every check and may leave.
type request struct {
	wire.Call
	effect wire.Effect
	key    string // what its reply is signed with
	sign   string
	codes  []string // secrets among its fields
}

// call sends one request and reads its reply.
func (c *Client) call(ctx context.Context, action string, params map[string]string, without ...string) (Reply, map[string]json.RawMessage) {
	q, err := c.prepare(action, params, without...)
	if err != nil {
		return Reply{Delivery: NotSent, Err: err}, nil
	}
	answer, sent, err := c.once.Post(ctx, q.Call)
	switch {
	case !sent:
		return Reply{Delivery: NotSent, Err: err}, nil
	case fault.KindOf(err) == fault.Contract:
		// Too large to read is an answer, though not one to rely on.
		return Reply{Delivery: Answered, Err: err}, nil
	case err != nil:
		return Reply{Delivery: Silent, Err: err}, nil
	}
	return c.read(q, answer)
}

func (c *Client) read(q request, answer wire.Reply) (Reply, map[string]json.RawMessage) {
	r := Reply{Delivery: Answered, HTTPStatus: answer.Status}
	if r.Err = service.Status(q.effect, answer.Status); r.Err != nil {
		return r, nil
	}
	body, err := service.JSON(answer)
	if err != nil {
		r.Err = err
		return r, nil
	}
	r, fields := decodeReply(body, q.key, c.p.Zone)
	r.HTTPStatus = answer.Status
	for _, said := range []*string{&r.Msg, &r.SubCode, &r.SubMsg} {
		*said = wire.Mask(*said, append(q.codes, q.key, q.sign)...)
	}
	return r, fields
}

// prepare makes the request of an action. Empty values are dropped: the
// vendor's own clients disagree on whether to sign them. So are those of without,
// which are not filled in.
func (c *Client) prepare(action string, params map[string]string, without ...string) (request, error) {
	a, err := find(action)
	if err != nil {
		return request{}, err
	}
	all := maps.Clone(params)
	c.fill(a, all)
	maps.DeleteFunc(all, func(name, value string) bool { return value == "" || slices.Contains(without, name) })
	if err := check(a, all); err != nil {
		return request{}, err
	}
	all["appId"], all["random"] = c.p.AppID, c.p.Random()
	if err := checkValues(all); err != nil {
		return request{}, err
	}
	key, err := c.p.Key()
	if err != nil || key == "" {
		return request{}, service.Fault(fault.Credentials, "key_missing",
			"The key for {service} could not be read; nothing was sent. Enter it again in Settings.", err)
	}
	target, err := c.base.Join(a.Path, nil)
	if err != nil {
		return request{}, err
	}
	signed := sign(all, key)
	form := url.Values{"sign": {signed}}
	for name, value := range all {
		form.Set(name, value)
	}
	var codes []string
	for _, f := range a.Fields {
		if f.Secret {
			codes = append(codes, all[f.Name])
		}
	}
	return request{effect: a.Effect, key: key, sign: signed, codes: codes, Call: wire.Call{
		URL:         target,
		Question:    a.Effect == wire.Reads,
		ContentType: "application/x-www-form-urlencoded;charset=utf-8",
		Body:        []byte(form.Encode()),
	}}, nil
}
