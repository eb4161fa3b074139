package zvcms

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"cashier/services/fault"
	"cashier/services/money"
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
				{Name: "groupId", Type: wire.Whole},
				{Name: "couponsCardList", Type: wire.Strings, Secret: true, Single: true}, // with type 1 they redeem for whoever shows them
				{Name: "type", Type: wire.Whole}, {Name: "amount"}, {Name: "appType"}, {Name: "deviceSn"},
				{Name: "ip"}, {Name: "opType", Type: wire.Whole}, {Name: "operatorId", Type: wire.Whole},
				{Name: "operatorName"}, {Name: "payPassword", Secret: true}, {Name: "productName"}, {Name: "reason"},
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
// operatorId, operatorName) unless given. Said is the reply whatever it says,
// with what it proves.
//
// The error is only for what never got a whole reply or was refused on this
// side. Faults: Invalid (no such action or field, a value that cannot be sent),
// Refused (the reversal is off), Credentials (our key could not be read),
// Unreachable, Unknown (a deed without an answer, or one too large to read),
// Contract (a question's is too large).
func (c *Client) Call(ctx context.Context, name string, args []wire.Arg) (wire.Said, error) {
	a, err := named(name)
	if err != nil {
		return wire.Said{}, err
	}
	s := c.send(ctx, a, args)
	if s.err != nil {
		if a.Effect == wire.Writes && s.delivery == Answered {
			s.err = service.Silent(wire.Writes, s.err)
		}
		return wire.Said{}, s.err
	}
	said := wire.Readable(s.answer, s.secrets...)
	r, data := s.read(a.Effect)
	said.Outcome = outcome(a, args, r, data)
	return said, nil
}

// Check refuses what Call would refuse before it sends anything.
func (c *Client) Check(name string, args []wire.Arg) error {
	a, err := named(name)
	if err != nil {
		return err
	}
	if _, err = c.ready(a, args); err != nil {
		return err
	}
	_, err = c.key()
	return err
}

// outcome is what a reply proves of a call by name. A consume is done only when
// the gateway names it and the sums that left the account, and both levels of
// its reply say yes (vendor page 620).
func outcome(a action, args []wire.Arg, r Reply, data json.RawMessage) wire.Outcome {
	if o, settled := wire.ByStatus(a.Effect, r.HTTPStatus); settled {
		return o
	}
	yes := r.Err == nil && r.Outer.OK() && (!r.HasInner || r.Inner.OK())
	took := decodeConsume(r, data)
	switch {
	case a.Effect == wire.Reads && yes:
		return wire.Done
	case a.Effect == wire.Reads:
		return wire.Refused
	case yes && (a.Name != ActionConsume || took.proves(args)):
		return wire.Done
	case took.refused():
		return wire.Refused
	}
	return wire.Open
}

// refused is an outer no that nothing inside contradicts: status true with
// another code is the business's, and a bad token never gets to it.
func (r ConsumeReply) refused() bool {
	if r.Err != nil || r.HasInner && r.Inner.OK() || r.BizID != "" && (r.HasGiftTaken || r.HasRechargeTaken) {
		return false
	}
	return r.Outer.KeyOrClock() || r.Outer.Status && r.Outer.Code != "" && !r.Outer.OK()
}

// proves reports a consume's bizId, and as the sum that was taken the one that
// was asked for.
func (r ConsumeReply) proves(args []wire.Arg) bool {
	asked := money.Fen(0)
	if i := slices.IndexFunc(args, func(a wire.Arg) bool { return a.Name == "amount" && a.Value != "" }); i >= 0 {
		fen, err := money.ParseFen(args[i].Value)
		if err != nil {
			return false
		}
		asked = fen
	}
	return r.Err == nil && r.BizID != "" && r.GiftTaken+r.RechargeTaken == asked &&
		(asked == 0 || r.HasGiftTaken || r.HasRechargeTaken)
}

func named(name string) (action, error) {
	if a, known := find(name); known {
		return a, nil
	}
	return action{}, service.Fault(fault.Invalid, "action_unknown",
		"There is no {service} action “{action}”. Use one of: {actions}.", nil,
		"action", wire.Redact(name), "actions", strings.Join(names(), ", "))
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
