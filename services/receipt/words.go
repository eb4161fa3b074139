package receipt

// Languages of a receipt.
const (
	Chinese = "zh"
	English = "en"
)

// words are what is printed, by language. A language that is not known is
// Chinese.
type words struct {
	kind                                               map[string]string
	no, time, cashier, of, reprint, proof, invoice     string
	subtotal, total, refunded, pieces, handed, change  string
	providerNo, ourNo, times, left, until, principal   string
	gift, points, net, perKG, perJin, list, memberCard string
	reason, card                                       string
	method                                             map[string]string
}

var languages = map[string]words{
	Chinese: {
		kind: map[string]string{"refund": "退款小票", "redemption": "次卡核销", "consumption": "会员消费"},
		no:   "单号", time: "时间", cashier: "收银", of: "原单号", reprint: "重印", proof: "本小票非发票", invoice: "扫码开电子发票",
		subtotal: "小计", total: "合计", refunded: "退款合计", pieces: "件数", handed: "收到", change: "找零",
		providerNo: "支付单号", ourNo: "本店单号", times: "次", left: "剩余", until: "有效期至", principal: "本金",
		gift: "赠送", points: "积分", net: "净重", perKG: "公斤", perJin: "斤", list: "原价", memberCard: "会员", reason: "原因", card: "尾号",
		method: map[string]string{"cash": "现金", "other": "其他", "code": "扫码支付", "qr": "二维码支付", "member": "会员账户", "card": "次卡", "refund": "原路退回"},
	},
	English: {
		kind: map[string]string{"refund": "REFUND", "redemption": "Times card redeemed", "consumption": "Member's account"},
		no:   "Receipt", time: "Time", cashier: "Cashier", of: "For receipt", reprint: "重印 REPRINT", proof: "This is not an invoice (非发票)", invoice: "Scan for the e-invoice",
		subtotal: "Subtotal", total: "Total", refunded: "Given back", pieces: "Pieces", handed: "Received", change: "Change",
		providerNo: "Payment no.", ourNo: "Our no.", times: "use(s)", left: "Left", until: "Valid until", principal: "Paid in",
		gift: "Given", points: "Points", net: "Net", perKG: "kg", perJin: "斤", list: "was", memberCard: "Member", reason: "Reason", card: "ending ",
		method: map[string]string{"cash": "Cash", "other": "Other", "code": "Payment code", "qr": "QR code", "member": "Member's account", "card": "Times card", "refund": "To the same account"},
	},
}

func wordsOf(lang string) words {
	if w, ok := languages[lang]; ok {
		return w
	}
	return languages[Chinese]
}
