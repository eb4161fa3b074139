package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/scancode"
	"cashier/services/upload"
	"cashier/services/wire"
)

// Uploading reports whether the shop wants its sales at HQ. They are queued
// either way.
func (t *Till) Uploading() bool { return t.Settings.Get("hq.upload") == "on" }

// Uploads is the sender of the upload queue, or why there is none.
func (t *Till) Uploads() (*upload.Sender, error) {
	c, err := t.HQ()
	if err != nil {
		return nil, err
	}
	var rules upload.Rules
	if t.Settings.Get("hq.upload_times_card") == "2" {
		rules.TimesCard = upload.MemberCard
	}
	bills := hqBills{c, t.Settings.Get("hq.upload_device"), t.Settings.Int("hq.upload_stall"), t.Zone}
	if bills.device == "" {
		bills.device = t.Ledger.Till().ID
	}
	return upload.New(upload.Params{Store: t.Ledger, HQ: bills, Rules: rules, Now: time.Now, OnHeld: t.uploadHeld})
}

// RunUploads sends the upload queue until ctx ends, where the shop wants that.
func (t *Till) RunUploads(ctx context.Context) {
	if !t.Uploading() {
		return
	}
	s, err := t.Uploads()
	if err != nil {
		t.uploadHeld(err)
		return
	}
	s.Run(ctx)
}

func (t *Till) uploadHeld(err error) {
	if err != nil {
		t.Log.Warn("the sales wait for HQ", "err", err)
		return
	}
	t.Log.Info("the sales go to HQ again")
}

// RetryUploads lets what HQ refused of a sale, or with "" of all, be sent again.
func (t *Till) RetryUploads(ctx context.Context, saleID string) (int, error) {
	by := t.Actor()
	if err := by.Demand(access.Setup); err != nil {
		return 0, err
	}
	return t.Ledger.RetryUploads(ctx, saleID, checkout.Act{Actor: by, What: "upload.retry", Subject: saleID, At: time.Now()})
}

// AcceptUploads records on a person's word that HQ has what it refused of a sale.
func (t *Till) AcceptUploads(ctx context.Context, saleID, why string) (int, error) {
	by := t.Actor()
	if err := by.Demand(access.Resolve); err != nil {
		return 0, err
	}
	if strings.TrimSpace(why) == "" {
		return 0, fault.New(fault.Invalid, "resolve.no_reason", "Say why: the reason stays in the audit trail.")
	}
	return t.Ledger.AcceptUploads(ctx, saleID, checkout.Act{Actor: by, What: "upload.accept", Subject: saleID, Detail: scancode.MaskText(why), At: time.Now()})
}

// hqBills puts bills into HQ's rows and its replies into the words of package
// upload. It judges nothing.
type hqBills struct {
	c      *hq.Client
	device string
	stall  int64
	zone   *time.Location
}

func (h hqBills) Encode(part upload.Part, b upload.Bill) ([]byte, int, error) {
	if part == upload.Payments {
		return h.payments(b)
	}
	rows := make([]hq.BillSale, len(b.Lines))
	for i, l := range b.Lines {
		rows[i] = hq.BillSale{
			Code: b.Serial, DeviceCode: h.device, ProductID: l.ProductID, Quantity: wire.NewDecimal(l.Quantity),
			Price: yuan(l.Price), Money: yuan(l.Money), IsReturn: b.IsReturn, CreateTime: h.time(b.At),
		}
	}
	body, err := h.c.SaleRows(rows)
	return body, len(rows), err
}

// payments name no card: HQ must not be led to take anything off one, and the
// till keeps its number only sealed.
func (h hqBills) payments(b upload.Bill) ([]byte, int, error) {
	rows := make([]hq.BillPayment, len(b.Payments))
	for i, p := range b.Payments {
		rows[i] = hq.BillPayment{
			Code: b.Serial, RandomCode: b.Random, StallID: h.stall, DeviceCode: h.device, PaymentType: hq.PaymentType(p.Type),
			IsReturn: b.IsReturn, Money: yuan(p.Money), UserName: b.Cashier, PayTime: h.time(p.At), CreateTime: h.time(b.At),
		}
	}
	body, err := h.c.PaymentRows(rows)
	return body, len(rows), err
}

func (h hqBills) time(at time.Time) hq.Time { return hq.Time{Time: at.In(h.zone)} }

func (h hqBills) Send(ctx context.Context, part upload.Part, body []byte) upload.Answer {
	send := h.c.UploadSales
	if part == upload.Payments {
		send = h.c.UploadPayments
	}
	err := send(ctx, body)
	a := upload.Answer{Err: err, Unheard: fault.CodeOf(err) == "hq.silent"}
	var said *hq.StatusError
	if errors.As(err, &said) {
		a.Status, a.Words = int(said.Status), said.Message
	}
	return a
}

const (
	// Sales are reported within seconds; a queue that stands longer is worth a
	// remark, and one that stands for a day a person.
	uploadLate   = time.Hour
	uploadMissed = 24 * time.Hour
)

func late(words string) error {
	return fault.New(fault.Unreachable, "doctor.upload_late", "{what}: `cashierctl upload send` says why", "what", words)
}

// checkUploads says how much waits for HQ, and since when.
func (t *Till) checkUploads(ctx context.Context) Check {
	const name = "upload"
	if t.Ledger == nil {
		return Check{Name: name, State: Green, Reason: "Nothing has been sold here yet."}
	}
	b, err := t.Ledger.UploadBacklog(ctx)
	if err != nil {
		return bad(name, Red, err)
	}
	words := fmt.Sprintf("%d items wait, %d were refused, %d are at HQ", b.Waiting, b.Parked, b.Done)
	if b.Waiting > 0 {
		words += ", the oldest of " + b.Oldest.In(t.Zone).Format(time.DateTime)
	}
	waits := time.Duration(0)
	if b.Waiting > 0 {
		waits = time.Since(b.Oldest)
	}
	switch {
	case !t.Uploading():
		return Check{Name: name, State: Green, Reason: "off (hq.upload); " + words}
	case waits > uploadMissed:
		return bad(name, Red, late(words))
	case b.Parked > 0:
		return said(name, Amber, "doctor.upload_refused", "{what}: `cashierctl upload list` shows what HQ said", "what", words, "n", strconv.Itoa(int(b.Parked)))
	case waits > uploadLate:
		return bad(name, Amber, late(words))
	}
	return Check{Name: name, State: Green, Reason: words}
}

var _ upload.HQ = hqBills{}
