package zvcms

import (
	"encoding/json"
	"strings"

	"cashier/services/wire"
)

// protocol is one of the gateway's two ways of being asked. Both answer with
// status, code, message and data, so that reading needs no second one.
type protocol interface {
	defaultBase() string
	upperNames(setting bool) bool
	address(base wire.Address, a action) (string, error)
	envelope(q request) any
}

// request is one call before it is put into an envelope.
type request struct {
	openID, grantCode, token string
	stamp                    stamp
	action                   string // as version 2 names it
	params                   json.RawMessage
}

// v2 posts everything to one address and says in the body what is meant (vendor
// page 620). Timestamp and Nonce are texts there.
type v2 struct{}

func (v2) defaultBase() string { return DefaultBaseURL }

func (v2) upperNames(setting bool) bool { return setting }

func (v2) address(base wire.Address, _ action) (string, error) {
	// The address is the whole route, and it has no slash at its end.
	return strings.TrimSuffix(base.URL().String(), "/"), nil
}

func (v2) envelope(q request) any {
	return struct {
		OpenID    string `json:"OpenId"`
		GrantCode string
		Timestamp string
		Nonce     string
		Token     string
		Action    string
		Params    json.RawMessage
	}{q.openID, q.grantCode, q.stamp.timestamp, q.stamp.nonce, q.token, q.action, q.params}
}

// v3 gives each action a path (doc3 pages). nonce and timestamp are numbers
// there, and names are in camelCase.
type v3 struct{}

func (v3) defaultBase() string { return DefaultBaseURLV3 }

// upperNames: the case is an open question of version 2 only.
func (v3) upperNames(bool) bool { return false }

func (v3) address(base wire.Address, a action) (string, error) { return base.Join(a.v3, nil) }

func (v3) envelope(q request) any {
	return struct {
		OpenID    string          `json:"openId"`
		GrantCode string          `json:"grantCode"`
		Nonce     json.Number     `json:"nonce"`
		Timestamp json.Number     `json:"timestamp"`
		Token     string          `json:"token"`
		Params    json.RawMessage `json:"params"`
	}{q.openID, q.grantCode, json.Number(q.stamp.nonce), json.Number(q.stamp.timestamp), q.token, q.params}
}
