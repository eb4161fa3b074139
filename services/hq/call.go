package hq

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"cashier/services/fault"
	"cashier/services/wire"
)

// Call does one action of Actions by its name, for diagnosis, and gives HQ's
// reply for a person to read, whatever its verdict: also HTTP 500 or a refusal.
// What the settings say (shopId, shopIds, the first page, the login) need not
// be given; the password cannot be. It is sent as the typed method sends it,
// logging in first and once more if HQ turns the session away. It judges
// nothing: whether to ask a person before a guarded action is for the caller.
//
// Faults: Invalid (action, names or values of args), and those of Client for
// what got no whole reply.
func (c *Client) Call(ctx context.Context, action string, args []wire.Arg) (wire.Said, error) {
	e, ok := c.actions[strings.ToLower(action)]
	if !ok {
		return wire.Said{}, service.Fault(fault.Invalid, "action_unknown",
			"There is no HQ action “{action}”. Use one of: {actions}.", nil, "action", clip(wire.Redact(action)), "actions", names(c.actions))
	}
	args, body, err := c.prepare(e, args)
	if err != nil {
		return wire.Said{}, err
	}
	send := func() (wire.Reply, error) {
		if e.Method == http.MethodGet {
			return c.ask(ctx, e, args)
		}
		return c.do(ctx, e, body)
	}
	if e.Name == ActionLogin {
		reply, err := send()
		if err != nil {
			return wire.Said{}, err
		}
		return wire.Readable(reply), nil
	}
	return c.listen(ctx, send)
}

// listen sends with a login. A reply that turns us away even then is what the
// person wants to read, not a fault.
func (c *Client) listen(ctx context.Context, send func() (wire.Reply, error)) (wire.Said, error) {
	var last *wire.Reply
	err := c.loggedIn(ctx, func() error {
		last = nil
		reply, err := send()
		if err != nil {
			return err
		}
		if last = &reply; turnedAway(reply) {
			return errNotLoggedIn
		}
		return nil
	})
	// With headers alone there is no fresh login that could have failed instead.
	final := err == nil || fault.CodeOf(err) == service.Code+"."+sessionRefused || c.p.Password == nil
	if last == nil || !final {
		return wire.Said{}, err
	}
	return wire.Readable(*last), nil
}

// prepare completes and checks args, and writes the body, which a GET has for
// the check of its values only.
func (c *Client) prepare(e entry, args []wire.Arg) ([]wire.Arg, []byte, error) {
	if e.Name == ActionLogin && slices.ContainsFunc(args, func(a wire.Arg) bool { return a.Name == "password" }) {
		return nil, nil, service.Fault(fault.Invalid, "argument_secret",
			"“{name}” is secret and is not taken here. Store it in Settings; it is then used by itself.", nil, "name", "password")
	}
	args, err := c.complete(e, args)
	if err != nil {
		return nil, nil, err
	}
	if err := e.Check(service, args); err != nil {
		return nil, nil, err
	}
	for _, f := range e.Fields {
		if f.Required && f.Type == wire.Wholes && !slices.ContainsFunc(args, func(a wire.Arg) bool {
			return a.Name == f.Name && strings.Trim(a.Value, ", ") != ""
		}) {
			return nil, nil, service.Fault(fault.Invalid, "argument_empty", "“{name}” needs at least one whole number.", nil, "name", f.Name)
		}
	}
	body, err := e.JSON(service, args)
	return args, body, err
}

// turnedAway is what the typed methods find out while they decode.
func turnedAway(reply wire.Reply) bool {
	if sessionEnded(reply) {
		return true
	}
	r, ok := small(reply)
	return ok && r.notLoggedIn()
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
