package liantuofu

import (
	"context"
	"encoding/json"
	"strings"

	"cashier/services/fault"
	"cashier/services/money"
)

// PrecreateRequest is an order to be paid by scanning a code that the till
// shows. The first three fields are required; free texts and the URL may not
// hold & or =.
type PrecreateRequest struct {
	OutTradeNo  string // ours, globally unique: 8 to 64 of digits, letters, - and _
	Total       money.Fen
	Channel     string // whose wallet: WXPAY, ALIPAY, MPAY, UNIONPAY, BESTPAY or CASH
	Subject     string
	OrderRemark string
	OperatorID  string
	NotifyURL   string // where the gateway reports the payment; a till has none and queries
}

// PrecreateReply is a Reply with what to show the customer.
type PrecreateReply struct {
	Reply
	QRCode string // the text of the code; only with SUCCESS and without Err
}

// maxQRCode is what a QR code can hold legibly on a screen, and far more than
// any wallet's address needs.
const maxQRCode = 2 << 10

// Precreate orders a payment of trade type NATIVE (vendor page
// 633518936832858), once. It moves no money, but from then on the customer may
// pay at any moment: the order must be queried, and closed before it is given
// up. SUCCESS without a usable code has Err of kind Contract; such an order
// must be closed too.
func (c *Client) Precreate(ctx context.Context, q PrecreateRequest) PrecreateReply {
	r, fields := c.call(ctx, actPrecreate, map[string]string{
		"outTradeNo":  q.OutTradeNo,
		"totalAmount": q.Total.Yuan(),
		"channel":     q.Channel,
		"subject":     q.Subject,
		"orderRemark": q.OrderRemark,
		"operatorId":  q.OperatorID,
		"notifyUrl":   q.NotifyURL,
	})
	return decodePrecreate(r, fields, q.OutTradeNo)
}

func decodePrecreate(r Reply, fields map[string]json.RawMessage, outTradeNo string) PrecreateReply {
	if r.Err != nil || r.Code != CodeSuccess {
		return PrecreateReply{Reply: r}
	}
	if r.OutTradeNo != "" && r.OutTradeNo != outTradeNo {
		r.Err = service.Fault(fault.Contract, "other_order",
			"{service} sent a QR code of another order. Do not show it; close this order and take the payment another way.", nil)
		return PrecreateReply{Reply: r}
	}
	f := reader{fields: fields}
	code := f.text("qrCode")
	unusable := strings.ContainsFunc(code, func(r rune) bool { return r < 0x20 || r >= 0x7f && r <= 0x9f || r == '\uFFFD' })
	if code == "" || len(code) > maxQRCode || unusable {
		r.Err = service.Fault(fault.Contract, "qr_code",
			"{service} took the order but sent no usable QR code. Close this order and take the payment another way.", f.err)
		code = ""
	}
	return PrecreateReply{Reply: r, QRCode: code}
}
