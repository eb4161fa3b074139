package liantuofu

import (
	"strings"

	"cashier/services/money"
	"cashier/services/wire"
)

// outcome is what a reply proves of a call by name. SUCCESS of a cancel, close
// or refund says that it was accepted, which is all that its reply ever says.
func outcome(a wire.Action, args []wire.Arg, r Reply) wire.Outcome {
	if o, settled := wire.ByStatus(a.Effect, r.HTTPStatus); settled {
		return o
	}
	if a.Effect == wire.Reads {
		if r.Err == nil && r.Code == CodeSuccess {
			return wire.Done
		}
		return wire.Refused
	}
	switch {
	case r.Code == CodeFailed && r.keyRefused():
		return wire.Refused // signed with another key, so that Err complains of it too
	case r.Err != nil, r.speaksOfAnother(args):
		return wire.Open
	case r.Code == CodeFailed && r.leavesOpen():
		return wire.Open
	case r.Code == CodeFailed:
		return wire.Refused
	case a.Name == actPay && (r.OrderStatus != OrderSuccess || r.SubCode != ""):
		return wire.Open
	}
	return wire.Done
}

// Outcome is what the reply proves of an order with our number: Open is one that
// the customer may be able to pay.
func (p PrecreateReply) Outcome(outTradeNo string) wire.Outcome {
	a, _ := find(actPrecreate)
	return outcome(a, []wire.Arg{{Name: "outTradeNo", Value: outTradeNo}}, p.Reply)
}

func (r Reply) keyRefused() bool { return strings.Contains(r.SubCode, "SIGN") }

// leavesOpen recognises a FAILED that is no refusal: the customer or the refund
// is under way, the wallet behind the gateway does not know itself, or the
// number was used before, by a call whose own outcome nobody tells.
func (r Reply) leavesOpen() bool {
	code := strings.ReplaceAll(r.SubCode, "_", "")
	switch code {
	case "USERPAYING", "REFUNDING", "SYSTEMERROR", "BANKERROR":
		return true
	}
	return strings.HasPrefix(code, "WAIT") || strings.Contains(r.Msg+r.SubMsg, "订单已存在")
}

// speaksOfAnother reports a reply about another order or sum than was asked.
func (r Reply) speaksOfAnother(args []wire.Arg) bool {
	for _, arg := range args {
		said := ""
		switch arg.Name {
		case "outTradeNo":
			said = r.OutTradeNo
		case "refundNo":
			said = r.RefundNo
		case "totalAmount":
			asked, err := money.ParseFen(arg.Value)
			if r.HasTotal && (err != nil || asked != r.Total) {
				return true
			}
		}
		if said != "" && said != arg.Value {
			return true
		}
	}
	return false
}
