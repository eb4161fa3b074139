package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

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
// The file is opened first: an order whose code nobody can show must not come
// to be.
func (c *call) precreate(ctx context.Context, t *app.Till, r contract, a wire.Action, args []wire.Arg, name string) (int, error) {
	q, err := precreateRequest(args)
	if err != nil {
		return 0, err
	}
	client, err := t.Liantuofu()
	if err != nil {
		return 0, err
	}
	file, err := openPicture(name)
	if err != nil {
		return 0, err
	}
	defer file.close()
	if err := c.guard(ctx, t, r, a, args); err != nil {
		return 0, err
	}
	reply := client.Precreate(ctx, q)
	switch outcome := reply.Outcome(q.OutTradeNo); {
	case reply.Delivery == liantuofu.NotSent:
		return 0, reply.Err
	case outcome == wire.Refused && reply.Err != nil:
		return 0, reply.Err
	case outcome == wire.Refused:
		return 0, fault.New(fault.Refused, "liantuofu.refused", "Liantuofu refused: {message}. Correct what it names, then try again.", "message", strings.TrimSpace(reply.Msg+" "+reply.SubMsg))
	case reply.Err != nil:
		return 0, leftOpen(q.OutTradeNo, reply.Err)
	case outcome == wire.Open:
		return 0, leftOpen(q.OutTradeNo, fmt.Errorf("%s %s", reply.Msg, reply.SubMsg))
	}
	code, err := qrcode.New(reply.QRCode, qrcode.Medium)
	if err != nil {
		return 0, leftOpen(q.OutTradeNo, err)
	}
	png, err := code.PNG(qrPixels)
	if err == nil {
		err = file.write(png)
	}
	if err != nil {
		return 0, leftOpen(q.OutTradeNo, err)
	}
	return c.report(Done, map[string]string{"outTradeNo": q.OutTradeNo, "file": name}, func(w io.Writer) {
		fmt.Fprintf(w, "%s\n%s is in %s\n", code.ToSmallString(false), q.OutTradeNo, name)
	})
}

// leftOpen is an order that may stand at the gateway without a code to show: a
// customer could still come by one.
func leftOpen(outTradeNo string, why error) error {
	return fault.Wrap(why, fault.Unknown, "liantuofu.qr_open",
		"There is no picture of the code: {why} The order {order} may be open. Close it with `cashierctl liantuofu call close outTradeNo={order}`, then look with `pay/query`.",
		"why", why.Error(), "order", outTradeNo)
}

func precreateRequest(args []wire.Arg) (q liantuofu.PrecreateRequest, err error) {
	for _, a := range args {
		switch a.Name {
		case "outTradeNo":
			q.OutTradeNo = a.Value
		case "totalAmount":
			if q.Total, err = money.ParseFen(a.Value); err != nil {
				return q, usage("totalAmount=%s: an amount in yuan with at most two decimals", a.Value)
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
				return q, usage("tradeType=%s: a till shows NATIVE codes only", a.Value)
			}
		default:
			return q, usage("--qr takes outTradeNo, totalAmount, channel, subject, orderRemark and operatorId, not %s", a.Name)
		}
	}
	return q, nil
}

// picture is a file that is open for writing and as it was until it is written.
type picture struct {
	*os.File
	made, written bool
}

func openPicture(name string) (*picture, error) {
	_, missing := os.Stat(name)
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "output.no_file", "{file} cannot be written: {why}. Nothing was sent.", "file", name, "why", err.Error())
	}
	return &picture{File: file, made: os.IsNotExist(missing)}, nil
}

func (p *picture) write(png []byte) error {
	if err := p.Truncate(0); err != nil && !errors.Is(err, syscall.EINVAL) { // a pipe has nothing to cut
		return err
	}
	if _, err := p.Write(png); err != nil {
		return err
	}
	p.written = true
	return p.Close()
}

// close leaves no empty file behind.
func (p *picture) close() {
	_ = p.Close() // closed already where it was written
	if p.made && !p.written {
		_ = os.Remove(p.Name())
	}
}
