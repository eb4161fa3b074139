package hq

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/wire"
)

// Call does one action of Actions by its name, for diagnosis, and gives HQ's
// reply for a person to read, whatever its verdict: also HTTP 500 or a refusal,
// with what it proves. What the settings say (shopId, shopIds, the first page,
// the login) need not be given; the password cannot be. It is sent as the typed
// method sends it, logging in first and once more if HQ turns the session away.
// Whether to ask a person before a guarded action is for the caller.
//
// Faults: Invalid (action, names or values of args), and those of Client for
// what got no whole reply.
func (c *Client) Call(ctx context.Context, action string, args []wire.Arg) (wire.Said, error) {
	e, args, body, err := c.ready(action, args)
	if err != nil {
		return wire.Said{}, err
	}
	send := func() (wire.Reply, error) {
		if e.Method == http.MethodGet {
			return c.ask(ctx, e, args)
		}
		return c.do(ctx, e, body)
	}
	var heard wire.Reply
	if e.Name == ActionLogin {
		heard, err = send()
	} else {
		heard, err = c.listen(ctx, e.Effect, send)
	}
	if err != nil {
		return wire.Said{}, err
	}
	said := wire.Readable(heard, append(e.Secrets(args), slices.Collect(maps.Values(c.p.Headers))...)...)
	said.Outcome = outcome(e, heard)
	return said, nil
}

// Check refuses what Call would refuse before it sends anything: what the
// settings say counts as given.
func (c *Client) Check(action string, args []wire.Arg) error {
	_, _, _, err := c.ready(action, args)
	return err
}

// listen sends with a login. A reply that turns us away even then is what the
// person wants to read, not a fault.
func (c *Client) listen(ctx context.Context, effect wire.Effect, send func() (wire.Reply, error)) (wire.Reply, error) {
	var last *wire.Reply
	err := c.loggedIn(ctx, func() error {
		last = nil
		reply, err := send()
		if err != nil {
			return err
		}
		if last = &reply; turnedAway(effect, reply) {
			return errNotLoggedIn
		}
		return nil
	})
	// With headers alone there is no fresh login that could have failed instead.
	final := err == nil || fault.CodeOf(err) == service.Code+"."+sessionRefused || c.p.Password == nil
	if last == nil || !final {
		return wire.Reply{}, err
	}
	return *last, nil
}

// ready completes and checks args, and writes the body, which a GET has for
// the check of its values only.
func (c *Client) ready(action string, args []wire.Arg) (entry, []wire.Arg, []byte, error) {
	e, ok := c.actions[strings.ToLower(action)]
	if !ok {
		return e, nil, nil, service.Fault(fault.Invalid, "action_unknown",
			"There is no HQ action “{action}”. Use one of: {actions}.", nil, "action", clip(wire.Redact(action)), "actions", names(c.actions))
	}
	if e.Name == ActionLogin && slices.ContainsFunc(args, func(a wire.Arg) bool { return a.Name == "password" }) {
		return e, nil, nil, service.Fault(fault.Invalid, "argument_secret",
			"“{name}” is secret and is not taken here. Store it in Settings; it is then used by itself.", nil, "name", "password")
	}
	args, err := c.complete(e, args)
	if err != nil {
		return e, nil, nil, err
	}
	if err := e.check(args); err != nil {
		return e, nil, nil, err
	}
	body, err := e.JSON(service, args)
	return e, args, body, err
}

// check refuses args that HQ would take for something else than was meant.
func (e entry) check(args []wire.Arg) error {
	if err := e.Check(service, args); err != nil {
		return err
	}
	for _, f := range e.Fields {
		if f.Required && f.Type == wire.Wholes && !slices.ContainsFunc(args, func(a wire.Arg) bool {
			return a.Name == f.Name && strings.Trim(a.Value, ", ") != ""
		}) {
			return service.Fault(fault.Invalid, "argument_empty", "“{name}” needs at least one whole number.", nil, "name", f.Name)
		}
	}
	for _, a := range args {
		if (a.Name == "price" || a.Name == "memberPrice" || a.Name == "money") && !isPrice(a.Value) {
			return service.Fault(fault.Invalid, "argument_value", "“{name}” cannot be {value}: {why}.", nil,
				"name", a.Name, "value", clip(wire.Redact(a.Value)), "why", "an amount is yuan with at most two decimals, and not below 0")
		}
	}
	return nil
}

// isPrice is stricter than HQ: no till can charge half a fen, or less than
// nothing.
func isPrice(value string) bool {
	d, err := wire.ParseDecimal(value)
	if err != nil {
		return false
	}
	fen, err := money.FenFromDecimal(d)
	return err == nil && fen >= 0
}

// outcome is what a reply proves, by the rules of the typed methods.
func outcome(e entry, reply wire.Reply) wire.Outcome {
	if turnedAway(e.Effect, reply) {
		return wire.Refused
	}
	if o, settled := wire.ByStatus(e.Effect, reply.Status); settled {
		return o
	}
	body, err := answer(e.Effect, reply)
	switch {
	case err != nil:
	case e.Effect == wire.Writes || e.Name == ActionLogin:
		err = decodeResult(e.Effect, body)
	default:
		err = e.answered(body)
	}
	switch {
	case err == nil:
		return wire.Done
	case fault.KindOf(err) == fault.Unknown:
		return wire.Open
	}
	return wire.Refused
}

// answered is nil for anything that may be the answer to a question: which of
// its fields are there is for the person to see.
func (e entry) answered(body []byte) error {
	if one := e.Name == ActionGet || e.Name == ActionGetByProductID; one && string(body) == "null" {
		return errNothing
	}
	var r Result
	if json.Unmarshal(body, &r) == nil {
		return r.fault(wire.Reads)
	}
	if !json.Valid(quoteNumbers(body)) {
		return service.NotJSON(errNothing)
	}
	return nil
}

var errNothing = errors.New("nothing of what was asked for")

// turnedAway is what the typed methods find out while they decode.
func turnedAway(effect wire.Effect, reply wire.Reply) bool {
	if sessionEnded(reply) {
		return true
	}
	r, ok := small(reply)
	return ok && r.notLoggedIn(effect)
}

// small is the result object of a reply that is one.
func small(reply wire.Reply) (Result, bool) {
	const most = 4 << 10 // a result object is small, a page of products is not
	if len(reply.Body) > most {
		return Result{}, false
	}
	body, err := service.JSON(reply)
	if err != nil {
		return Result{}, false
	}
	var r Result
	err = json.Unmarshal(body, &r)
	return r, err == nil
}
