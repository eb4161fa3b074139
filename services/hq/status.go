package hq

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"cashier/services/fault"
	"cashier/services/wire"
)

// Status is HQ's own result code (HQ help pages weixin and shopproduct,
// response field status; documented as a string, sampled as a number). One
// list serves cards, payments, uploads and day closing alike.
type Status int

// The documented codes.
const (
	StatusOK               Status = 200
	StatusInternal         Status = 500  // HQ's own fault
	StatusCardUnusable     Status = 601  // 卡不可用
	StatusCardMissing      Status = 602  // 卡不存在
	StatusCardLost         Status = 603  // 卡挂失
	StatusCardVoid         Status = 604  // 卡作废
	StatusCardInsufficient Status = 605  // 卡余额不足
	StatusCardCodeTimeout  Status = 606  // 卡付款码超时
	StatusPointsShort      Status = 607  // 积分不足
	StatusGiftUnusable     Status = 608  // 礼品不可用
	StatusPaid             Status = 701  // 支付成功
	StatusConfirmFailed    Status = 702  // the confirmation failed, perhaps not the payment
	StatusPayUnknown       Status = 703  // 支付状态未知
	StatusPayCodeTimeout   Status = 704  // 付款码超时
	StatusDuplicateSerial  Status = 801  // 流水号重复: on a repeated upload, already stored
	StatusNotSettled       Status = 901  // 未日结
	StatusSettling         Status = 902  // 日结进行中
	StatusSettleBroken     Status = 903  // 日结中断
	StatusSettled          Status = 904  // 日结完成
	StatusSettleChanged    Status = 905  // 日结金额发生变化
	StatusCannotBuy        Status = 1001 // 无法购买
	StatusSoldOut          Status = 1002 // 已售罄
	StatusPayTimeout       Status = 1003 // 支付超时: the outcome is unknown
)

// Result is HQ's answer to every deed, and its way of refusing a question.
type Result struct {
	Status  Status
	Message string
}

// UnmarshalJSON accepts the status as a number or a string. A status that is
// missing, not a number or given twice is an error: it must not pass for a code.
func (r *Result) UnmarshalJSON(b []byte) error {
	fields, err := wire.Fields(b)
	if err != nil {
		return err
	}
	said := 0
	for name := range fields {
		if strings.EqualFold(name, "status") {
			said++
		}
	}
	var w struct {
		Status  wire.Text `json:"status"`
		Message wire.Text `json:"message"`
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(w.Status)))
	if err != nil || said != 1 {
		return fmt.Errorf("a status code was expected")
	}
	*r = Result{Status: Status(n), Message: string(w.Message)}
	return nil
}

// StatusError is the cause of a fault that carries HQ's own code; find it with
// errors.As.
type StatusError struct {
	Status  Status
	Message string // HQ's sentence, redacted
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("HQ status %d: %s", e.Status, e.Message)
}

// fault is nil for 200. A question that is answered with any other code is
// refused, but for HQ's own fault, which is like HTTP 500. A deed is refused by
// the codes that say no; a running day closing is Busy; every other code leaves
// open whether it was done and is of kind Unknown.
func (r Result) fault(effect wire.Effect) error {
	if r.Status == StatusOK {
		return nil
	}
	message := clip(wire.Redact(r.Message))
	cause := &StatusError{Status: r.Status, Message: message}
	kind, code, sentence := fault.Refused, "refused", "HQ refused: {message} ({status}). Correct what it names, then try again."
	switch {
	case effect == wire.Writes && r.uncertain():
		kind, code = fault.Unknown, "uncertain"
		sentence = "HQ is not sure that it was done: {message} ({status}). Look up the result before trying again."
	case r.Status == StatusInternal:
		kind, code = fault.Unreachable, "server"
		sentence = "HQ has a fault of its own ({status}: {message}). Nothing was changed; try again in a moment."
	case r.Status == StatusSettling:
		kind, code = fault.Busy, "settling"
		sentence = "HQ is closing the day: {message} ({status}). Try again when it has finished."
	case effect == wire.Writes && !r.saysNo():
		kind, code = fault.Unknown, "status_unknown"
		sentence = "HQ answered with a status that says neither yes nor no: {message} ({status}). It may have been done; look up the result before trying again."
	}
	if message == "" {
		message = "no reason given"
	}
	e := fault.New(kind, service.Code+"."+code, sentence, "service", service.Name, "message", message, "status", strconv.Itoa(int(r.Status)))
	e.Cause = cause
	return e
}

// uncertain codes leave open whether a deed was done.
func (r Result) uncertain() bool {
	switch r.Status {
	case StatusInternal, StatusConfirmFailed, StatusPayUnknown, StatusPayTimeout:
		return true
	default:
		return false
	}
}

// saysNo is true for the documented codes that refuse a deed. 701 (paid) and
// 801 (already stored) are not among them: they speak of something done.
func (r Result) saysNo() bool {
	switch r.Status {
	case StatusCardUnusable, StatusCardMissing, StatusCardLost, StatusCardVoid, StatusCardInsufficient, StatusCardCodeTimeout,
		StatusPointsShort, StatusGiftUnusable, StatusPayCodeTimeout,
		StatusNotSettled, StatusSettleBroken, StatusSettled, StatusSettleChanged, StatusCannotBuy, StatusSoldOut:
		return true
	default:
		return false
	}
}

// notLoggedIn recognises an ended session in a result object. HQ documents no
// code for it, hence the words; 401 and 403 by analogy with HTTP. A question may
// be asked again on any hint; a deed only where the whole message speaks of the
// login and of nothing that was done.
func (r Result) notLoggedIn(effect wire.Effect) bool {
	switch r.Status {
	case 401, 403:
		return true
	case StatusInternal:
	default:
		if r.Status == StatusOK || r.documented() {
			return false // whatever its words: the request was let in
		}
	}
	said := strings.ToLower(r.Message)
	if effect == wire.Writes {
		said = blank.ReplaceAllString(said, "")
		return said != "" && onlyLogin.MatchString(said)
	}
	for _, words := range []string{"未登录", "未登陆", "请登录", "请先登录", "重新登录", "登录超时", "登录过期", "登录已过期", "登录失效", "not logged in", "login required"} {
		if strings.Contains(said, words) {
			return true
		}
	}
	return false
}

var (
	blank     = regexp.MustCompile(`[\s\p{P}]+`)
	onlyLogin = regexp.MustCompile(`^(?:您|你|用户|当前用户|会话|身份)?(?:还|尚|已)?` +
		`(?:未登[录陆]|登[录陆](?:已)?(?:超时|过期|失效)|会话(?:已)?(?:超时|过期|失效)|notloggedin|loginrequired)?` +
		`(?:请)?(?:先|重新)?(?:登[录陆])?$`)
)

// documented reports a status of HQ's own list.
func (r Result) documented() bool {
	switch r.Status {
	case StatusPaid, StatusConfirmFailed, StatusPayUnknown, StatusDuplicateSerial, StatusSettling, StatusPayTimeout:
		return true
	default:
		return r.saysNo()
	}
}

// clip keeps a foreign sentence fit for a screen.
func clip(s string) string {
	const most = 200
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
