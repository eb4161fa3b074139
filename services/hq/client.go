package hq

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"cashier/services/fault"
	"cashier/services/wire"
)

// Client speaks with HQ for one shop. It is safe for concurrent use.
//
// Every method returns faults of package fault: Invalid (our own input),
// Unreachable (nothing happened), Unknown (a deed that may have been done),
// Credentials (login not accepted, even after logging in afresh), Refused (HQ
// said no; *StatusError has its code), Contract (not an answer of HQ's).
type Client struct {
	p       Params
	base    wire.Address
	actions map[string]entry
	read    *wire.ReadClient
	inside  *wire.ReadClient // pictures from HQ's own origin
	outside *wire.ReadClient // those from other origins: no cookie, no header of ours
	once    *wire.MoneyTransport
	jar     http.CookieJar
	auth    authenticator
	origins map[string]bool
}

// New checks the settings and makes a client. Nothing is sent yet: the first
// call logs in. Faults: Invalid.
func New(p Params) (*Client, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	base, err := wire.ParseAddress(service, p.BaseURL, p.AllowInsecure)
	if err != nil {
		return nil, err
	}
	actions, err := p.entries(base)
	if err != nil {
		return nil, err
	}
	origins, err := pictureOrigins(p)
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, service.Fault(fault.Internal, "cookies", "The session store could not be made. Restart the program.", err)
	}
	reads := wire.ReadParams{
		Service: service, AllowInsecure: p.AllowInsecure, Jar: jar, RootCAs: p.RootCAs,
		Connect: p.Connect, TLS: p.TLS, Reply: p.Reply, Backoff: p.Backoff, Attempts: p.Attempts,
		Stumbled: stumbled, Resolver: p.Resolver,
	}
	c := &Client{
		p: p, base: base, actions: actions, jar: jar, origins: origins,
		read:   wire.NewReadClient(reads),
		inside: wire.NewReadClient(forPictures(reads, !insideName(base.URL().Hostname()))), outside: wire.NewReadClient(foreign(reads)),
		once: wire.NewMoneyTransport(wire.MoneyParams{
			Service: service, AllowInsecure: p.AllowInsecure, RootCAs: p.RootCAs,
			Connect: p.Connect, TLS: p.TLS, Reply: p.Reply,
		}),
	}
	c.auth = headerOnly{}
	if p.Password != nil {
		c.auth = &session{login: c.login}
	}
	return c, nil
}

// Insecure reports plain http beyond this machine: a standing warning is due.
func (c *Client) Insecure() bool { return c.base.Insecure() }

// Close frees idle connections.
func (c *Client) Close() {
	c.read.Close()
	c.inside.Close()
	c.outside.Close()
}

// get asks an action, with what the settings add to args, and hands the JSON
// body to decode.
func (c *Client) get(ctx context.Context, action string, args []wire.Arg, decode func([]byte) error) error {
	e := c.actions[action]
	args, err := c.complete(e, args)
	if err != nil {
		return err
	}
	return c.loggedIn(ctx, func() error {
		reply, err := c.ask(ctx, e, args)
		if err != nil {
			return err
		}
		body, err := answer(wire.Reads, reply)
		if err != nil {
			return err
		}
		return decode(body)
	})
}

// post does an action. It is sent at most once per login; a second time only
// after HQ has said that it did not let the first one in.
func (c *Client) post(ctx context.Context, action string, payload any) error {
	e := c.actions[action]
	body, err := json.Marshal(payload)
	if err != nil {
		return service.Fault(fault.Invalid, "payload", "The request to HQ could not be written. Check the values.", err)
	}
	return c.loggedIn(ctx, func() error {
		reply, err := c.do(ctx, e, body)
		if err != nil {
			return err
		}
		said, err := answer(e.Effect, reply)
		if err != nil {
			return err
		}
		return decodeResult(e.Effect, said)
	})
}

// ask sends a question. The reply is whole, whatever it says.
func (c *Client) ask(ctx context.Context, e entry, args []wire.Arg) (wire.Reply, error) {
	query := make(url.Values, len(args))
	for _, arg := range args {
		query.Set(arg.Name, arg.Value)
	}
	target, err := c.base.Join(e.Path, query)
	if err != nil {
		return wire.Reply{}, err
	}
	header := c.p.header()
	header.Set("Accept", "application/json") // ASP.NET also speaks XML
	return c.read.Get(ctx, target, header)
}

// do sends a deed through the money transport, because a changed price is
// money too: it tells "never sent" from "perhaps done". Cookies are carried by
// hand, since that transport knows none. The reply is whole, whatever it says.
func (c *Client) do(ctx context.Context, e entry, body []byte) (wire.Reply, error) {
	target, err := c.base.Join(e.Path, nil)
	if err != nil {
		return wire.Reply{}, err
	}
	u, err := url.Parse(target)
	if err != nil {
		return wire.Reply{}, service.Fault(fault.Invalid, "address", "The address of HQ is not usable. Correct it in Settings.", nil)
	}
	carrier := &http.Request{Header: c.p.header()}
	for _, cookie := range c.jar.Cookies(u) {
		carrier.AddCookie(cookie)
	}
	reply, _, err := c.once.Post(ctx, wire.Call{
		URL: target, Question: e.Effect == wire.Reads,
		ContentType: "application/json; charset=utf-8", Header: carrier.Header, Body: body,
	})
	if err != nil {
		if e.Effect == wire.Writes && fault.KindOf(err) == fault.Contract {
			err = service.Silent(wire.Writes, err) // answered, but too long to be read
		}
		return wire.Reply{}, err
	}
	c.jar.SetCookies(u, (&http.Response{Header: reply.Header}).Cookies())
	return reply, nil
}

// answer is the JSON body of a good reply, or the fault of a bad one.
func answer(effect wire.Effect, reply wire.Reply) ([]byte, error) {
	if sessionEnded(reply) {
		return nil, errNotLoggedIn
	}
	if err := service.Status(effect, reply.Status); err != nil {
		if fault.KindOf(err) == fault.Refused {
			return nil, refusedWithReason(reply, err)
		}
		return nil, err
	}
	body, err := service.JSON(reply)
	if err != nil && effect == wire.Writes {
		// 200 without HQ's result: something else may have answered, or HQ did
		// the deed and lost its words.
		return nil, service.Silent(wire.Writes, err)
	}
	return body, err
}

// stumbled sees HQ's own fault in a result object, however good its HTTP status.
func stumbled(reply wire.Reply) bool {
	r, ok := small(reply)
	return ok && r.Status == StatusInternal && !r.notLoggedIn(wire.Reads)
}

// sessionEnded sees 401, 403 and the redirect to a login page of ASP.NET.
func sessionEnded(reply wire.Reply) bool {
	switch reply.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return true
	case http.StatusFound, http.StatusSeeOther:
		return namesLogin(reply.Header.Get("Location"))
	}
	return strings.HasPrefix(reply.Header.Get("Content-Type"), "text/html") && namesLogin(reply.Moved)
}

func namesLogin(location string) bool {
	path, _, _ := strings.Cut(strings.ToLower(location), "?")
	return strings.Contains(path, "login") || strings.Contains(path, "signin")
}

// refusedWithReason adds what ASP.NET says in an error body: {"message": …}.
func refusedWithReason(reply wire.Reply, otherwise error) error {
	body, err := service.JSON(reply)
	if err != nil {
		return otherwise
	}
	var w struct {
		Message wire.Text `json:"message"`
	}
	if json.Unmarshal(body, &w) != nil || w.Message == "" {
		return otherwise
	}
	return Result{Status: Status(reply.Status), Message: string(w.Message)}.fault(wire.Reads)
}
