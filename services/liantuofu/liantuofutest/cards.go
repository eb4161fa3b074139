package liantuofutest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

// card is a times card; a zero end never comes.
type card struct {
	shopdata.TimesCard
	end time.Time
}

// cardCode is a dynamic code that a customer's phone shows for a card (次卡动态
// 核销码). It is assumed to be good for one consume within a short time.
type cardCode struct {
	Code   string    `json:"code"`
	CardNo string    `json:"cardNo"`
	Until  time.Time `json:"until"`
	Used   bool      `json:"used,omitempty"`
}

// ErrNoCard is a card the shop does not have, or a tail that is not four
// digits.
var ErrNoCard = errors.New("no such card, or a tail that is not four digits")

// CardCode is a customer's phone that shows a fresh dynamic code of the card:
// 18 digits beginning 91, as card numbers do. Its last four are the tail, and
// so may choose a fault; "" means 0000.
func (s *Server) CardCode(cardNo, tail string) (string, error) {
	if tail == "" {
		tail = "0000"
	}
	s.mu.Lock()
	if s.cards[cardNo] == nil || len(tail) != 4 || strings.Trim(tail, digits) != "" {
		s.mu.Unlock()
		return "", ErrNoCard
	}
	now := s.p.Now()
	for code, c := range s.codes {
		if now.Sub(c.Until) > time.Hour { // by then nobody asks why it is refused
			delete(s.codes, code)
		}
	}
	s.seq++
	code := fmt.Sprintf("91%012d%s", s.seq, tail)
	s.codes[code] = &cardCode{Code: code, CardNo: cardNo, Until: now.Add(s.p.CardCodeTTL)}
	s.mu.Unlock()
	s.p.OnChange(false)
	return code, nil
}

// benchCardCode serves CardCode to whoever runs the stand-in: {"cardNo":…,
// "tail":…} gives {"code":…}, or 400 with {"error":…}.
func (s *Server) benchCardCode(w http.ResponseWriter, r *http.Request) {
	var q struct{ CardNo, Tail string }
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&q)
	code := ""
	if err == nil {
		code, err = s.CardCode(q.CardNo, q.Tail)
	}
	if err != nil {
		benchError(w, err)
		return
	}
	standin.WriteJSON(w, http.StatusOK, map[string]string{"code": code})
}

// cardDetail is known from client code only: the fields and suplusTimes (so
// spelt) are theirs, whether they stand on top or inside data is not settled,
// nor whether a dynamic code finds its card.
func (s *Server) cardDetail(c call) result {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.cards[c.form["cardNo"]]
	if code := s.codes[c.form["cardNo"]]; k == nil && code != nil && s.p.CardDetailByCode {
		k = s.cards[code.CardNo]
	}
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
// takes them again, unless RemarkIsIdempotent or the code was a dynamic one. The
// failure has msg alone, as in the page's sample.
func (s *Server) cardConsume(c call) result {
	count, err := strconv.ParseInt(c.form["count"], 10, 32)
	if err != nil || count <= 0 {
		return cardRefused("核销次数错误")
	}
	if src := c.form["consumeSource"]; src != "0" && src != "1" && src != "2" {
		return cardRefused("核销来源错误")
	}
	switch c.fault.Kind {
	case standin.Refused:
		return cardRefused("次卡不可用")
	case standin.ExpiredCode:
		return cardRefused("核销码已过期，请刷新")
	case standin.Lies:
		return success()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k, code := s.cards[c.form["cardNo"]], s.codes[c.form["cardNo"]]
	if code != nil && k == nil {
		k = s.cards[code.CardNo]
	}
	if k == nil {
		return cardRefused("次卡不存在")
	}
	remark := k.CardNo + "\x00" + c.form["remark"]
	if s.p.RemarkIsIdempotent && s.remarks[remark] {
		return success()
	}
	if why := s.refusesConsume(k, code, count); why != "" {
		return cardRefused(why)
	}
	k.Remaining -= count
	s.remarks[remark] = true
	if code != nil {
		code.Used = true
	}
	s.charges = append(s.charges, standin.Charge{
		Gateway: "liantuofu", Kind: "times-card", Key: c.form["remark"], Account: k.CardNo, Count: count,
		State: standin.Charged, At: s.p.Now(), Last4: standin.Last4(c.form["cardNo"]),
	})
	return change(success(), true)
}

func cardRefused(why string) result {
	return result{fields: map[string]any{"code": "FAILED", "msg": why}}
}

func (s *Server) refusesConsume(k *card, code *cardCode, count int64) string {
	now := s.p.Now()
	switch {
	case code != nil && code.Used:
		return "核销码已使用，请刷新"
	case code != nil && now.After(code.Until):
		return "核销码已过期，请刷新"
	case !k.end.IsZero() && now.After(k.end):
		return "次卡已过期"
	case k.Remaining < count:
		return "剩余次数不足"
	}
	return ""
}
