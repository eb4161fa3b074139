package liantuofu

import (
	"context"

	"cashier/services/money"
	"cashier/services/wire"
)

// PayRequest is a payment by the customer's code. The first three fields are
// required; free texts may not hold & or =.
type PayRequest struct {
	OutTradeNo  string // ours, globally unique: 8 to 64 of digits, letters, - and _
	Total       money.Fen
	AuthCode    wire.Secret // what the scanner read; single use
	Subject     string
	OrderRemark string // orderRemark
	OperatorID  string
	DeviceInfo  string
}

// Pay asks for the customer's money (vendor page 651360832965895), once. For
// one OutTradeNo it must never be called again unless the reply says NotSent.
func (c *Client) Pay(ctx context.Context, q PayRequest) Reply {
	r, _ := c.call(ctx, actPay, map[string]string{
		"outTradeNo":  q.OutTradeNo,
		"totalAmount": q.Total.Yuan(),
		"authCode":    string(q.AuthCode),
		"subject":     q.Subject,
		"orderRemark": q.OrderRemark,
		"operatorId":  q.OperatorID,
		"deviceInfo":  q.DeviceInfo,
	})
	return r
}

// Query asks what became of a payment (vendor page 658025876912528). SUCCESS in
// Code only says that the question was understood; OrderStatus answers it. The
// gateway wants at least 2 s between questions about one order (page
// 658024694334178).
func (c *Client) Query(ctx context.Context, outTradeNo string) Reply {
	if outTradeNo == "" { // the gateway would take the wallet's number instead
		return invalid("outTradeNo")
	}
	r, _ := c.call(ctx, actQuery, map[string]string{"outTradeNo": outTradeNo})
	return r
}

// Cancel closes an unpaid payment and gives back a paid one (vendor page
// 658043997851596). Its own answer proves nothing; only a query does.
func (c *Client) Cancel(ctx context.Context, outTradeNo, reason string) Reply {
	r, _ := c.call(ctx, actCancel, map[string]string{"outTradeNo": outTradeNo, "reason": reason})
	return r
}

// Close ends an order that was shown as a QR code and has not been paid
// (vendor page 658047849212386). Its own answer proves nothing: the customer
// may have paid a moment before, so a query must follow.
func (c *Client) Close(ctx context.Context, outTradeNo, reason string) Reply {
	r, _ := c.call(ctx, actClose, map[string]string{"outTradeNo": outTradeNo, "reason": reason})
	return r
}

// RefundRequest gives money of a payment back. RefundNo stays the same for
// every try of one refund, or money goes back twice.
type RefundRequest struct {
	OutTradeNo string
	RefundNo   string
	Amount     money.Fen // at most what the merchant received
	OperatorID string
}

// RefundV2 asks for a refund (vendor page 658055638128508). SUCCESS means
// accepted, not done; FAILED with REFUNDING means not known. Query it with the
// same RefundNo.
func (c *Client) RefundV2(ctx context.Context, q RefundRequest) Reply {
	if q.OutTradeNo == "" {
		return invalid("outTradeNo")
	}
	r, _ := c.call(ctx, actRefund, map[string]string{
		"outTradeNo":   q.OutTradeNo,
		"refundNo":     q.RefundNo,
		"refundAmount": q.Amount.Yuan(),
		"operatorId":   q.OperatorID,
	})
	return r
}

// RefundQueryV2 asks what became of a refund, also of one in progress (vendor
// page 658056893477643): SUCCESS may say only that there is one. RefundDone asks
// whether it is done.
func (c *Client) RefundQueryV2(ctx context.Context, refundNo string) Reply {
	r, _ := c.call(ctx, actRefundQuery, map[string]string{"refundNo": refundNo})
	return r
}

// RefundDone asks about a refund without the wish to see those in progress
// (vendor page 658056893477643: returnRefundType left out), so that SUCCESS is
// about one that is done. One in progress is then REFUNDING or not found.
func (c *Client) RefundDone(ctx context.Context, refundNo string) Reply {
	r, _ := c.call(ctx, actRefundQuery, map[string]string{"refundNo": refundNo}, "returnRefundType")
	return r
}
