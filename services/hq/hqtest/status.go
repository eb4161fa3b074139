package hqtest

import (
	"strconv"

	"cashier/services/shopdata/standin"
)

// result is {status, message}: 200 is success, 500 everything else this
// stand-in refuses.
type result struct {
	Status  any    `json:"status"`
	Message string `json:"message"`
}

// meanings are the texts of HQ help pages weixin and shopproduct, response
// field status.
var meanings = map[int]string{
	200: "成功", 500: "内部错误",
	601: "卡不可用", 602: "卡不存在", 603: "卡挂失", 604: "卡作废", 605: "卡余额不足", 606: "卡付款码超时", 607: "积分不足", 608: "礼品不可用",
	701: "支付成功", 702: "支付确认失败", 703: "支付状态未知", 704: "付款码超时", 801: "流水号重复",
	901: "未日结", 902: "日结进行中", 903: "日结中断", 904: "日结完成", 905: "日结金额发生变化",
	1001: "无法购买", 1002: "已售罄", 1003: "支付超时",
}

// coded answers with a status of the documents or beyond them.
func (s *Server) coded(status int) outcome {
	message, ok := meanings[status]
	if !ok {
		message = "未知状态"
	}
	return s.result(status, message)
}

func (s *Server) result(status int, message string) outcome {
	if s.Quirks().StatusAsString {
		return outcome{v: result{strconv.Itoa(status), message}}
	}
	return outcome{v: result{status, message}}
}

// problem is how ASP.NET Web API words an error.
type problem struct {
	Message string `json:"message"`
}

func (s *Server) refuse(message string) outcome {
	if status := s.Quirks().ErrorStatus; status != 0 {
		return outcome{http: status, v: problem{message}}
	}
	return s.result(500, message)
}

// done is the success of a writing action.
func (s *Server) done() outcome {
	o := s.result(200, "操作成功")
	o.changed = true
	return o
}

// answer carries the call out, or what its fault leaves of it.
func (s *Server) answer(a action, c call) outcome {
	switch {
	case c.fault.Kind == standin.Refused:
		return s.refuse("内部错误")
	case c.fault.Kind == standin.Lies:
		return s.result(200, "操作成功")
	case c.fault.Kind == standin.Status && !c.fault.Done:
		return s.coded(c.fault.N)
	}
	o := a.run(s, c)
	// A deed that was refused on its own account was not done, and says so.
	if c.fault.Kind == standin.Status && (o.changed || !a.writes()) {
		coded := s.coded(c.fault.N)
		coded.changed = o.changed
		return coded
	}
	return o
}
