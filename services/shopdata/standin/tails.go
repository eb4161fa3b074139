package standin

// Tail is a fault that a payment code, card number, customer number or coupon
// code carries in its last four digits.
type Tail struct {
	Digits string
	Action string // "" for the action that takes the money; "cancel" for the cancel of an order paid by such a code
	Kind   Kind
	Arg    string
}

// Tails is the whole table. It stays in the low 9000s: one code in four hundred
// met by chance would carry one.
var Tails = []Tail{
	{"9001", "", Slow, "2s"},
	{"9002", "", PayingThenPaid, "2"},
	{"9003", "", PayingForever, ""},
	{"9004", "", LostReply, ""},
	{"9005", "", Hang, ""},
	{"9006", "", RequestLost, ""},
	{"9007", "", Refused, ""},
	{"9008", "", ExpiredCode, ""},
	{"9009", "", Garbage, ""},
	{"9010", "", HTML, ""},
	{"9011", "", Error500, ""},
	{"9012", "", WrongAmount, ""},
	{"9013", "", WrongKey, ""},
	{"9014", "", Truncated, ""},
	{"9015", "", Empty, ""},
	{"9016", "", Unsigned, ""},
	{"9017", "", BadSignature, ""},
	{"9018", "", Duplicate, ""},
	{"9019", "", LateMoney, "5s"},
	{"9020", "", LateMoney, "40s"},
	{"9021", "", Error500, "done"},
	{"9022", "", HTML, "done"},
	{"9023", "", Slow, "25s"},
	{"9024", "cancel", Lies, ""},
	{"9025", "cancel", LostReply, ""},
	{"9026", "cancel", RequestLost, ""},
}

// ByTail is the fault the last four characters of a scanned code ask for.
func ByTail(action, scanned string) (Fault, bool) {
	last := Last4(scanned)
	for _, t := range Tails {
		if t.Digits != last || (t.Action == "cancel") != (action == "cancel") {
			continue
		}
		f, err := ParseFault(t.Kind, t.Arg)
		return f, err == nil
	}
	return None, false
}

// Last4 is the end of a code, all that a list of charges may show of it.
func Last4(code string) string {
	if len(code) < 4 {
		return ""
	}
	return code[len(code)-4:]
}
