package zvcms

import (
	"context"
	"net/http"
	"strings"

	"cashier/services/fault"
	"cashier/services/wire"
)

// Actions of the gateway, as version 2 names them. The name of the reversal is
// assumed: on the wire it is Params.ReverseAction.
const (
	ActionConsume = "communal.user.consume"
	ActionReverse = "communal.user.consume-reverse"
	ActionMember  = "communal.user.gether-customer-info"
	ActionCoupons = "user.coupon-new-status"
)

// action is an entry of the contract with where version 3 has it.
type action struct {
	wire.Action
	v3 string
}

// contract is the table from which everything else is drawn. The fields are
// those of the vendor pages 620, 726 and 492; version 3 is assumed to have the
// same. Its paths are those of the doc3 pages; that of the coupons is known
// from independent clients.
func contract() []action {
	return []action{
		{v3: "v3/crm/customer/customerConsume", Action: wire.Action{
			Name: ActionConsume, Method: http.MethodPost, Effect: wire.Writes, Guarded: true, Body: wire.Flat,
			Fields: []wire.Field{
				{Name: "bizId", Required: true}, {Name: "channel"}, {Name: "customerId"},
				{Name: "groupId", Type: wire.Whole}, {Name: "couponsCardList", Type: wire.Strings},
				{Name: "type", Type: wire.Whole}, {Name: "amount"}, {Name: "appType"}, {Name: "deviceSn"},
				{Name: "ip"}, {Name: "opType", Type: wire.Whole}, {Name: "operatorId", Type: wire.Whole},
				{Name: "operatorName"}, {Name: "payPassword"}, {Name: "productName"}, {Name: "reason"},
				{Name: "remark"}, {Name: "usePassword"}, {Name: "points", Type: wire.Whole}, {Name: "multiMark"},
			},
		}},
		{v3: "v3/crm/customer/consumeReverse", Action: wire.Action{
			Name: ActionReverse, Method: http.MethodPost, Effect: wire.Writes, Guarded: true, Body: wire.Flat,
			Fields: []wire.Field{{Name: "bizId", Required: true}, {Name: "customerId"}},
		}},
		{v3: "v3/crm/customer/allCustomerInfo", Action: wire.Action{
			Name: ActionMember, Method: http.MethodPost, Effect: wire.Reads, Body: wire.Flat,
			Fields: []wire.Field{
				{Name: "identifierNumber", Required: true}, {Name: "type", Type: wire.Whole, Required: true}, {Name: "multiMark"},
			},
		}},
		{v3: "v3/crm/coupon/getCustomerCoupons", Action: wire.Action{
			Name: ActionCoupons, Method: http.MethodPost, Effect: wire.Reads, Body: wire.Flat,
			Fields: []wire.Field{{Name: "customerId", Required: true}, {Name: "useStatus", Type: wire.Whole}, {Name: "cardId"}},
		}},
	}
}

// Actions is the whole contract as data, a fresh copy each time. Path is "" for
// all of them: version 2 has one address. What the client fills in by itself
// (OpenId, GrantCode, Token, Timestamp, Nonce, Action) is not among the fields.
func Actions() []wire.Action {
	var all []wire.Action
	for _, a := range contract() {
		all = append(all, a.Action)
	}
	return all
}

// Call sends one action by its name, for diagnosis: as the typed method would,
// but with exactly the fields given, and those that Params know (multiMark,
// operatorId, operatorName) unless given. Said is the reply whatever it says.
//
// The error is only for what never got a whole reply or was refused on this
// side. Faults: Invalid (no such action or field, a value that cannot be sent),
// Refused (the reversal is off), Credentials (our key could not be read),
// Unreachable, Unknown (a deed without an answer), Contract (too large).
func (c *Client) Call(ctx context.Context, name string, args []wire.Arg) (wire.Said, error) {
	a, known := find(name)
	if !known {
		return wire.Said{}, service.Fault(fault.Invalid, "action_unknown",
			"There is no {service} action “{action}”. Use one of: {actions}.", nil,
			"action", wire.Redact(name), "actions", strings.Join(names(), ", "))
	}
	s := c.send(ctx, a, args)
	if s.err != nil {
		return wire.Said{}, s.err
	}
	said := wire.Readable(s.answer)
	said.Body = s.secrets.hide(said.Body)
	return said, nil
}

func find(name string) (action, bool) {
	for _, a := range contract() {
		if a.Name == name {
			return a, true
		}
	}
	return action{}, false
}

func names() []string {
	var all []string
	for _, a := range contract() {
		all = append(all, a.Name)
	}
	return all
}
