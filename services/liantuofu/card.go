package liantuofu

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"

	"cashier/services/wire"
)

// CardReply is a Reply with what the gateway knows of a times card. Nothing of
// the card is covered by the reply's signature when it came nested under data.
type CardReply struct {
	Reply
	CardNo       string
	CardName     string
	MemberName   string
	MemberMobile string
	EndDate      string // as written, such as "2026-12-31 23:59:59"
	Remaining    int64  // times left; only with HasRemaining, which no reply with Err has
	HasRemaining bool
}

// CardDetail asks what remains on a times card (timescard/userTimesCardDetail;
// known from independent clients, not from a vendor page). A dynamic code
// instead of the card's number may not be understood.
func (c *Client) CardDetail(ctx context.Context, cardNo string) CardReply {
	if cardNo == "" {
		return CardReply{Reply: invalid("cardNo")}
	}
	r, fields := c.call(ctx, wire.Reads, "timescard/userTimesCardDetail", map[string]string{"cardNo": cardNo})
	if r.Err != nil || r.Code != CodeSuccess {
		return CardReply{Reply: r}
	}
	return decodeCard(r, fields)
}

// decodeCard accepts the card's fields at the top or under data, because no
// page says which; data may be an array of one.
func decodeCard(r Reply, fields map[string]json.RawMessage) CardReply {
	nested, err := cardData(fields["data"])
	f := reader{fields: map[string]json.RawMessage{}, err: err}
	for _, name := range []string{"cardNo", "cardName", "memberName", "memberMobile", "endDate", "suplusTimes", "surplusTimes"} {
		for _, from := range []map[string]json.RawMessage{fields, nested} {
			raw, ok := from[name]
			if _, have := f.fields[name]; ok && !have && string(raw) != "null" {
				f.fields[name] = raw
			}
		}
	}
	card := CardReply{
		CardNo: f.text("cardNo"), CardName: f.text("cardName"),
		MemberName: f.text("memberName"), MemberMobile: f.text("memberMobile"),
		EndDate: f.text("endDate"),
	}
	// The vendor misspells it; a later version may not.
	card.Remaining, card.HasRemaining = f.count("suplusTimes")
	if !card.HasRemaining {
		card.Remaining, card.HasRemaining = f.count("surplusTimes")
	}
	card.Reply = r
	if f.err != nil {
		card.Err = service.NotJSON(f.err)
		card.Remaining, card.HasRemaining = 0, false
	}
	return card
}

func cardData(raw json.RawMessage) (map[string]json.RawMessage, error) {
	raw = bytes.TrimSpace(raw)
	if bytes.HasPrefix(raw, []byte("[")) {
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil || len(items) != 1 {
			return nil, err
		}
		raw = items[0]
	}
	if !bytes.HasPrefix(raw, []byte("{")) {
		return nil, nil
	}
	return wire.Fields(raw)
}

// CardConsumeRequest takes times off a card. Remark is kept by the gateway and
// is our only mark on the consumption; it may not hold & or =.
type CardConsumeRequest struct {
	CardNo string // the card's number or its dynamic code
	Count  int64
	Remark string
}

// CardConsume takes the times, once (timescard/userTimesCardConsume). The
// gateway has no key against repetition, no query and no way back: after
// anything but NotSent it must not be called again for the same redemption.
// After silence, compare CardDetail before and after.
func (c *Client) CardConsume(ctx context.Context, q CardConsumeRequest) Reply {
	switch {
	case q.CardNo == "":
		return invalid("cardNo")
	case q.Count <= 0:
		return invalid("count")
	}
	r, _ := c.call(ctx, wire.Writes, "timescard/userTimesCardConsume", map[string]string{
		"cardNo":              q.CardNo,
		"count":               strconv.FormatInt(q.Count, 10),
		"consumeSource":       c.p.ConsumeSource,
		"consumeMerchantCode": c.p.MerchantCode,
		"consumeEmployeeId":   c.p.EmployeeID,
		"remark":              q.Remark,
	})
	return r
}
