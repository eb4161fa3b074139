package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/skip2/go-qrcode"

	"cashier/app"
	"cashier/services/fault"
	"cashier/services/liantuofu"
	"cashier/services/money"
	"cashier/services/wire"
)

// qrPixels is wide enough for a phone to read off a screen.
const qrPixels = 384

// precreate asks for a QR code the customer pays by, and makes a picture of it.
func (c *call) precreate(ctx context.Context, t *app.Till, args []wire.Arg, file string) (int, error) {
	client, err := t.Liantuofu()
	if err != nil {
		return 0, err
	}
	q := liantuofu.PrecreateRequest{}
	for _, a := range args {
		switch a.Name {
		case "outTradeNo":
			q.OutTradeNo = a.Value
		case "totalAmount":
			if q.Total, err = money.ParseFen(a.Value); err != nil {
				return 0, usage("totalAmount=%s: an amount in yuan with at most two decimals", a.Value)
			}
		case "channel":
			q.Channel = a.Value
		case "subject":
			q.Subject = a.Value
		case "orderRemark":
			q.OrderRemark = a.Value
		case "operatorId":
			q.OperatorID = a.Value
		case "tradeType":
			if a.Value != "NATIVE" {
				return 0, usage("tradeType=%s: a till shows NATIVE codes only", a.Value)
			}
		default:
			return 0, usage("--qr takes outTradeNo, totalAmount, channel, subject, orderRemark and operatorId, not %s", a.Name)
		}
	}
	r := client.Precreate(ctx, q)
	switch {
	case r.Err != nil:
		return 0, r.Err
	case r.Code != liantuofu.CodeSuccess:
		return 0, fault.New(fault.Refused, "liantuofu.refused", "Liantuofu refused: {message}. Correct what it names, then try again.", "message", r.Msg+" "+r.SubMsg)
	}
	code, err := qrcode.New(r.QRCode, qrcode.Medium)
	if err != nil {
		return 0, fault.Wrap(err, fault.Contract, "liantuofu.qr", "Liantuofu's code for the customer does not fit a QR picture.")
	}
	png, err := code.PNG(qrPixels)
	if err == nil {
		err = os.WriteFile(file, png, 0o600)
	}
	if err != nil {
		return 0, fault.Wrap(err, fault.Internal, "output.failed", "The picture could not be written: {why}.", "why", err.Error())
	}
	return c.report(Done, map[string]string{"outTradeNo": q.OutTradeNo, "file": file}, func(w io.Writer) {
		fmt.Fprintf(w, "%s\n%s is in %s\n", code.ToSmallString(false), q.OutTradeNo, file)
	})
}
