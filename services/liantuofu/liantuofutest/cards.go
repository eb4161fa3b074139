package liantuofutest

import (
	"strconv"
	"time"

	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

// card is a times card; a zero end never comes.
type card struct {
	shopdata.TimesCard
	end time.Time
}

// cardDetail is known from client code only: the fields and suplusTimes (so
// spelt) are theirs, whether they stand on top or inside data is not settled.
func (s *Server) cardDetail(c call) result {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.cards[c.form["cardNo"]]
	switch {
	case c.fault.Kind == standin.Refused:
		return failed(subBusiness, "查询失败")
	case k == nil:
		return failed(subNotFound, "次卡不存在")
	}
	fields := []string{
		"cardNo", k.CardNo, "cardName", k.CardName, "memberName", k.MemberName, "memberMobile", k.MemberMobile,
		"endDate", k.EndDate, "suplusTimes", strconv.FormatInt(k.Remaining, 10),
	}
	if !s.p.CardDetailIsNested {
		return success(fields...)
	}
	data := make(map[string]string, len(fields)/2)
	for i := 0; i < len(fields); i += 2 {
		data[fields[i]] = fields[i+1]
	}
	r := success()
	r.fields["data"] = data
	return r
}

// cardConsume takes times off a card. The vendor page has no key, so a repeat
// takes them again, unless RemarkIsIdempotent. The failure has msg alone, as in
// the page's sample.
func (s *Server) cardConsume(c call) result {
	refuse := func(why string) result {
		return result{fields: map[string]any{"code": "FAILED", "msg": why}}
	}
	count, err := strconv.ParseInt(c.form["count"], 10, 32)
	if err != nil || count <= 0 {
		return refuse("核销次数错误")
	}
	if src := c.form["consumeSource"]; src != "0" && src != "1" && src != "2" {
		return refuse("核销来源错误")
	}
	switch c.fault.Kind {
	case standin.Refused:
		return refuse("次卡不可用")
	case standin.ExpiredCode:
		return refuse("核销码已过期，请刷新")
	case standin.Lies:
		return success()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k, now := s.cards[c.form["cardNo"]], s.p.Now()
	if k == nil {
		return refuse("次卡不存在")
	}
	remark := k.CardNo + "\x00" + c.form["remark"]
	switch {
	case s.p.RemarkIsIdempotent && s.remarks[remark]:
		return success()
	case !k.end.IsZero() && now.After(k.end):
		return refuse("次卡已过期")
	case k.Remaining < count:
		return refuse("剩余次数不足")
	}
	k.Remaining -= count
	s.remarks[remark] = true
	s.charges = append(s.charges, standin.Charge{
		Gateway: "liantuofu", Kind: "times-card", Key: c.form["remark"], Account: k.CardNo, Count: count,
		State: standin.Charged, At: now, Last4: standin.Last4(k.CardNo),
	})
	return change(success(), true)
}
