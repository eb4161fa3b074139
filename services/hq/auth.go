package hq

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"cashier/services/fault"
	"cashier/services/wire"
)

// authenticator is everything the rest of the client knows of proving who we
// are. HQ documents a login but not what it gives; that assumption is kept
// here (see docs/contracts.md).
type authenticator interface {
	// ensure makes sure that a login newer than seen exists, sharing one with
	// concurrent callers, and returns its number. seen 0 accepts any.
	ensure(ctx context.Context, seen uint64) (uint64, error)
}

// errNotLoggedIn is HQ turning a request away unexecuted for want of a login.
var errNotLoggedIn = errors.New("not logged in")

// sessionRefused is the code of a request turned away right after a login.
const sessionRefused = "session"

func credentialsRefused(cause error) error {
	var no *StatusError
	if errors.As(cause, &no) && no.Message != "" {
		return service.Fault(fault.Credentials, "credentials",
			"HQ did not accept the login: {message}. Check tenant, login name and password in Settings.", cause, "message", no.Message)
	}
	return service.Fault(fault.Credentials, "credentials",
		"HQ did not accept the login. Check tenant, login name and password in Settings.", cause)
}

// loggedIn runs call with a login, and once more with a fresh one if HQ says
// that the first had ended.
func (c *Client) loggedIn(ctx context.Context, call func() error) (err error) {
	defer func() { err = c.masked(err) }()
	seen, err := c.auth.ensure(ctx, 0)
	if err != nil {
		return err
	}
	if err = call(); !errors.Is(err, errNotLoggedIn) {
		return err
	}
	if _, err = c.auth.ensure(ctx, seen); err != nil {
		return err
	}
	if err = call(); errors.Is(err, errNotLoggedIn) {
		return service.Fault(fault.Credentials, sessionRefused,
			"HQ accepted the login but not the request after it. Check that this login may manage the shop, and the routes in Settings.", err)
	}
	return err
}

// Login logs in now, whatever was before: for a settings screen. Faults:
// Credentials when HQ does not know the login, and those of Client.
func (c *Client) Login(ctx context.Context) error {
	s, ok := c.auth.(*session)
	if !ok {
		return nil
	}
	_, err := s.ensure(ctx, s.last())
	return c.masked(err)
}

// masked takes our secrets out of a fault that quotes HQ, which knows them.
func (c *Client) masked(err error) error {
	if err == nil || errors.Is(err, errNotLoggedIn) {
		return err
	}
	secrets := slices.Collect(maps.Values(c.p.Headers))
	if c.p.Password != nil {
		if password, missing := c.p.Password(); missing == nil {
			secrets = append(secrets, password)
		}
	}
	return wire.MaskFault(err, secrets...)
}

// identity is what a login sends (HQ help page weixin, action login).
func (c *Client) identity() ([]wire.Arg, error) {
	args := []wire.Arg{
		{Name: "tenant", Value: c.p.Tenant}, {Name: "loginName", Value: c.p.Login},
		{Name: "openid", Value: c.p.OpenID}, {Name: "app", Value: c.p.App},
	}
	if c.p.Password == nil {
		return args, nil
	}
	password, err := c.p.Password()
	if err != nil {
		return nil, service.Fault(fault.Credentials, "password_missing",
			"The HQ password could not be read from the keyring. Enter it again in Settings.", err)
	}
	return append(args, wire.Arg{Name: "password", Value: password}), nil
}

// login is one POST of the credentials.
func (c *Client) login(ctx context.Context) error {
	e := c.actions[ActionLogin]
	args, err := c.identity()
	if err != nil {
		return err
	}
	body, err := e.JSON(service, args)
	if err != nil {
		return err
	}
	reply, err := c.do(ctx, e, body)
	if err != nil {
		return err
	}
	said, err := answer(wire.Reads, reply)
	if err == nil {
		err = decodeResult(wire.Reads, said)
	} else if !errors.Is(err, errNotLoggedIn) {
		return err
	}
	var no *StatusError
	if errors.As(err, &no) || errors.Is(err, errNotLoggedIn) {
		return credentialsRefused(err)
	}
	return err
}

// headerOnly is for an HQ that knows us by fixed headers.
type headerOnly struct{}

func (headerOnly) ensure(_ context.Context, seen uint64) (uint64, error) {
	if seen > 0 {
		return 0, credentialsRefused(errNotLoggedIn)
	}
	return 1, nil
}

// session logs in for a cookie, which the client's jar keeps.
type session struct {
	login func(context.Context) error

	mu     sync.Mutex
	number uint64  // successful logins so far
	flight *flight // the login under way, nil if none
}

type flight struct {
	done      chan struct{}
	err       error // this and abandoned are read after done
	abandoned bool  // the caller who flew it gave up: no answer for the others
}

func (s *session) last() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.number
}

func (s *session) ensure(ctx context.Context, seen uint64) (uint64, error) {
	for {
		s.mu.Lock()
		if number := s.number; number > seen {
			s.mu.Unlock()
			return number, nil
		}
		if f := s.flight; f != nil {
			s.mu.Unlock()
			select {
			case <-f.done:
			case <-ctx.Done():
				return 0, service.Silent(wire.Reads, ctx.Err())
			}
			if f.err != nil && !f.abandoned {
				return 0, f.err
			}
			continue
		}
		f := &flight{done: make(chan struct{})}
		s.flight = f
		s.mu.Unlock()
		if number, err := s.fly(ctx, f); err != nil {
			return 0, err
		} else if number > seen {
			return number, nil
		}
	}
}

// fly performs the login that others wait for. The flight ends even if the
// login panics, so that nobody waits for ever.
func (s *session) fly(ctx context.Context, f *flight) (number uint64, err error) {
	err = errors.New("login interrupted")
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err == nil {
			s.number++
		}
		number, s.flight = s.number, nil
		f.err, f.abandoned = err, ctx.Err() != nil
		close(f.done)
	}()
	err = s.login(ctx)
	return 0, err
}
