package liantuofu

import (
	"context"
	"encoding/json"
	"strconv"
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
	r, fields := c.call(ctx, actCardDetail, map[string]string{"cardNo": cardNo})
	if r.Err != nil || r.Code != CodeSuccess {
		return CardReply{Reply: r}
	}
	return decodeCard(r, fields)
}

// decodeCard accepts the card's fields at the top or under data, because no
// page says which; data may be an array of one.
func decodeCard(r Reply, fields map[string]json.RawMessage) CardReply {
	nested, err := object(fields["data"])
	f := pick(err, []string{"cardNo", "cardName", "memberName", "memberMobile", "endDate", "suplusTimes", "surplusTimes"}, fields, nested)
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
	r, _ := c.call(ctx, actCardConsume, map[string]string{
		"cardNo": q.CardNo,
		"count":  strconv.FormatInt(q.Count, 10),
		"remark": q.Remark,
	})
	return r
}
