package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"cashier/app"
	"cashier/services/fault"
	"cashier/services/upload"
)

type uploadJSON struct {
	SaleID    string          `json:"saleId"`
	ReceiptNo string          `json:"receiptNo"`
	Part      upload.Part     `json:"part"`
	State     upload.State    `json:"state"`
	Sent      bool            `json:"maybeSent"` // HQ may have it: no answer has told
	Tries     int             `json:"tries"`
	Status    int             `json:"status,omitempty"`
	Words     string          `json:"words,omitempty"`
	Hash      string          `json:"hash,omitempty"`
	At        string          `json:"at"` // when the sale was complete
	Rows      json.RawMessage `json:"rows,omitempty"`
}

func uploadView(i upload.Item) uploadJSON {
	return uploadJSON{
		SaleID: i.Sale.ID, ReceiptNo: i.Sale.ReceiptNo, Part: i.Part, State: i.State, Sent: i.Open, Tries: i.Tries,
		Status: i.Status, Words: i.Words, Hash: i.Hash, At: i.Sale.ClosedAt.UTC().Format(time.RFC3339),
	}
}

var uploadStates = map[string][]upload.State{
	"":        {upload.Waiting, upload.Parked},
	"waiting": {upload.Waiting}, "parked": {upload.Parked}, "done": {upload.Done},
	"all": {upload.Waiting, upload.Parked, upload.Done},
}

func uploadList(ctx context.Context, c *call) (int, error) {
	set := newFlags("upload list")
	state := set.String("state", "", "")
	limit := set.Int("limit", 0, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	states, known := uploadStates[*state]
	if !known || *limit < 0 {
		return 0, usage("--state is waiting, parked, done or all; --limit a number of items, 0 is all of them")
	}
	t, err := c.read(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	items, b := []upload.Item(nil), upload.Backlog{}
	if t.Ledger != nil {
		if items, err = t.Ledger.Uploads(ctx, *limit, states...); err != nil {
			return 0, err
		}
		if b, err = t.Ledger.UploadBacklog(ctx); err != nil {
			return 0, err
		}
	}
	views := make([]uploadJSON, len(items))
	for i, item := range items {
		views[i] = uploadView(item)
	}
	list := map[string]any{"sending": t.Uploading(), "waiting": b.Waiting, "parked": b.Parked, "done": b.Done, "items": views}
	if !b.Oldest.IsZero() {
		list["oldest"] = b.Oldest.UTC().Format(time.RFC3339)
	}
	return Done, c.print(list, func(w io.Writer) {
		for _, v := range views {
			fmt.Fprintf(w, "%s  %s  %-7s  %s  %d tries%s\n", v.At, v.ReceiptNo, v.Part, v.State, v.Tries, wordsOf(v))
		}
		fmt.Fprintf(w, "%d wait, %d were refused, %d are at HQ%s\n", b.Waiting, b.Parked, b.Done, offWords(t))
	})
}

func wordsOf(v uploadJSON) string {
	switch {
	case v.Words == "":
		return ""
	case v.Status != 0:
		return fmt.Sprintf("  %s (%d)", v.Words, v.Status)
	}
	return "  " + v.Words
}

func offWords(t *app.Till) string {
	if t.Uploading() {
		return ""
	}
	return "; hq.upload is off"
}

func uploadSend(ctx context.Context, c *call) (int, error) {
	set := newFlags("upload send")
	dry := set.Bool("dry-run", false, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if *dry {
		return c.uploadPreview(ctx)
	}
	t, err := c.write(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	if !t.Uploading() {
		return 0, fault.New(fault.Refused, "upload.off", "This shop does not report its sales to HQ; nothing was sent. They are queued all the same. Set hq.upload to on to report them.")
	}
	s, err := t.Uploads()
	if err != nil {
		return 0, err
	}
	r, sendErr := s.Flush(ctx)
	b, err := t.Ledger.UploadBacklog(context.WithoutCancel(ctx))
	if err != nil {
		return 0, err
	}
	v := map[string]any{"sent": r.Done - r.Empty, "already": r.Already, "refused": r.Parked, "waiting": b.Waiting, "parked": b.Parked, "done": b.Done}
	if sendErr != nil {
		message, code := words(sendErr)
		v["error"] = map[string]string{"code": code, "message": message}
	}
	err = c.print(v, func(w io.Writer) {
		fmt.Fprintf(w, "%d sent, %d of them were there already; %d refused; %d wait\n", r.Done-r.Empty, r.Already, r.Parked, b.Waiting)
	})
	switch {
	case err != nil:
		return 0, err
	case sendErr != nil:
		return c.complain(sendErr), nil
	case b.Parked > 0:
		return RefusedExit, nil
	}
	return Done, nil
}

// uploadPreview shows the first requests' rows, beside a running till.
func (c *call) uploadPreview(ctx context.Context) (int, error) {
	const most = 40
	t, err := c.readBooks(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	s, err := t.Uploads()
	if err != nil {
		return 0, err
	}
	parcels, err := s.Preview(ctx, most)
	if err != nil {
		return 0, err
	}
	views := make([]uploadJSON, len(parcels))
	for i, p := range parcels {
		views[i] = uploadView(p.Item)
		views[i].Rows = p.Body
	}
	return Done, c.print(map[string]any{"items": views}, func(w io.Writer) {
		for _, v := range views {
			fmt.Fprintf(w, "%s  %s\n%s\n", v.ReceiptNo, v.Part, v.Rows)
		}
	})
}

func uploadRetry(ctx context.Context, c *call) (int, error) {
	args, err := c.flags(newFlags("upload retry"), 1)
	if err != nil {
		return 0, err
	}
	saleID := args[0]
	if saleID == "all" {
		saleID = ""
	}
	return c.uploadDecision(ctx, func(t *app.Till) (int, error) { return t.RetryUploads(ctx, saleID) })
}

func uploadAccept(ctx context.Context, c *call) (int, error) {
	set := newFlags("upload accept")
	reason := set.String("reason", "", "")
	args, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	return c.uploadDecision(ctx, func(t *app.Till) (int, error) { return t.AcceptUploads(ctx, args[0], *reason) })
}

func (c *call) uploadDecision(ctx context.Context, decide func(*app.Till) (int, error)) (int, error) {
	t, err := c.write(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	n, err := decide(t)
	if err != nil {
		return 0, err
	}
	return Done, c.print(map[string]any{"items": n}, func(w io.Writer) { fmt.Fprintf(w, "%d items\n", n) })
}
